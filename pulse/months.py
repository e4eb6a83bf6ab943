"""Calendar months: the only unit of time that answers know. A month is the date of its first day."""

import re
from datetime import date, timedelta

MONTH = re.compile(r"(\d{4})-(\d{2})\Z")


def month_of(day: date) -> date:
    """The month that contains a day."""
    return day.replace(day=1)


def shifted(month: date, by: int) -> date:
    """The month so many months later (earlier when negative)."""
    year, zero_based = divmod(month.year * 12 + month.month - 1 + by, 12)
    return date(year, zero_based + 1, 1)


def between(first: date, last: date) -> int:
    """How many months lie from the first to the last; 0 for the same month."""
    return (last.year - first.year) * 12 + last.month - first.month


def last_day(month: date) -> date:
    """The last day of a month."""
    return shifted(month, 1) - timedelta(days=1)


def parsed(text: str) -> date:
    """The month written as YYYY-MM; raises ValueError where there is no such month."""
    match = MONTH.match(text)
    if match is None:
        raise ValueError(text)
    return date(int(match[1]), int(match[2]), 1)


def written(month: date) -> str:
    """The month as YYYY-MM."""
    return f"{month.year:04d}-{month.month:02d}"
