"""When a mail may reach somebody at work."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

SATURDAY = 5
WORKING_HOURS = time(9), time(18)


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
