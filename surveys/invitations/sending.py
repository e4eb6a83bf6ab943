"""When a message may reach a customer: in the organisation's hours, on its days."""

from collections.abc import Collection
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


def next_moment(now: datetime, zone: ZoneInfo, hours: tuple[int, int], days: Collection[int]) -> datetime:
    """This moment, or the next one within the hours of one of the days, in UTC.

    hours -- from the first full hour to before the last (9, 20), by the wall clock; (0, 24) = all day
    days -- of the week, 0 = Monday; at least one
    """
    here = now.astimezone(zone)
    if _fits(here, hours, days):
        return now.astimezone(UTC)
    begins = time(hours[0])
    day = here.date() + timedelta(days=0 if here.time() < begins else 1)
    while True:
        # Through UTC and back: an hour that summer time leaves out is no moment of that day.
        moment = datetime.combine(day, begins, zone).astimezone(UTC)
        if moment >= now and _fits(moment.astimezone(zone), hours, days):
            return moment
        day += timedelta(days=1)


def _fits(here: datetime, hours: tuple[int, int], days: Collection[int]) -> bool:
    return here.weekday() in days and hours[0] <= here.hour < hours[1]
