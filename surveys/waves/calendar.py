"""When a month's wave opens and closes, and when a mail may reach somebody at work."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pulse.months import last_day

TUESDAY, SATURDAY = 1, 5
OPENING = time(10)
WORKING_HOURS = time(9), time(18)


def opening(month: date, zone: ZoneInfo) -> datetime:
    """The month's first Tuesday at 10:00 by the organisation's clock, in UTC."""
    tuesday = month + timedelta(days=(TUESDAY - month.weekday()) % 7)
    return datetime.combine(tuesday, OPENING, zone).astimezone(UTC)


def closing(month: date, zone: ZoneInfo) -> datetime:
    """The end of the month by the organisation's clock, in UTC."""
    return ending(last_day(month), zone)


def ending(day: date, zone: ZoneInfo) -> datetime:
    """The end of a day by the organisation's clock, in UTC: the first moment of the next."""
    return datetime.combine(day + timedelta(days=1), time(0), zone).astimezone(UTC)


def last_working_days(closes_at: datetime, zone: ZoneInfo, number: int) -> list[date]:
    """The last so many days from Monday to Friday before a wave ends, earliest first."""
    day = (closes_at - timedelta(seconds=1)).astimezone(zone).date()
    found: list[date] = []
    while len(found) < number:
        if day.weekday() < SATURDAY:
            found.append(day)
        day -= timedelta(days=1)
    return found[::-1]


def in_working_hours(moment: datetime, zone: ZoneInfo) -> datetime:
    """This moment, or the next one from Monday to Friday, 9:00 to 18:00: nobody's evening is for mails."""
    here = moment.astimezone(zone)
    begin, end = WORKING_HOURS
    if here.weekday() < SATURDAY and begin <= here.time() < end:
        return moment
    day = here.date() + timedelta(days=0 if here.time() < begin else 1)
    while day.weekday() >= SATURDAY:
        day += timedelta(days=1)
    return datetime.combine(day, begin, zone).astimezone(UTC)
