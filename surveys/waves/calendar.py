"""When a month's wave opens and closes."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pulse.months import last_day
from pulse.outbox.hours import SATURDAY

TUESDAY = 1
OPENING = time(10)


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
