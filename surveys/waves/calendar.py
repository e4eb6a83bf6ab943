"""When a month's wave opens and closes, and when a mail may reach somebody at work."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pulse.months import shifted

TUESDAY, SATURDAY = 1, 5
OPENING = time(10)
WORKING_HOURS = time(9), time(18)


def opening(month: date, zone: ZoneInfo) -> datetime:
    """The month's first Tuesday at 10:00 by the organisation's clock, in UTC."""
    tuesday = month + timedelta(days=(TUESDAY - month.weekday()) % 7)
    return datetime.combine(tuesday, OPENING, zone).astimezone(UTC)


def closing(month: date, zone: ZoneInfo) -> datetime:
    """The end of the month by the organisation's clock, in UTC."""
    return datetime.combine(shifted(month, 1), time(0), zone).astimezone(UTC)


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
