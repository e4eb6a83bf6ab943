"""Time as a weapon: rolling windows, a year to date, the same request again, a wave closed a second time."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from sqlalchemy.exc import IntegrityError

from benchmarks.attacking.families import Result
from benchmarks.attacking.keeping import publish, sums
from benchmarks.attacking.made_up import Month
from pulse.db import Database
from pulse.ledger.figures import Figure, figures
from pulse.ledger.readers import EVERYTHING
from pulse.organisation.models import Side


def windows(database: Database, months: Sequence[Month]) -> Result:
    """Every window of months, asked for twice: succeeds where it brings anything its months alone do not."""
    days = [month.month for month in months]
    with database.reading() as session:

        def between(first: int, last: int) -> list[Figure]:
            return figures(
                session, EVERYTHING, Side.EMPLOYEE, measures=[1], first=days[first], last=days[last]
            )

        alone = [between(at, at) for at in range(len(days))]
        tried = succeeded = 0
        for first in range(len(days)):
            for last in range(first, len(days)):
                known = [figure for at in range(first, last + 1) for figure in alone[at]]
                tried += 1
                succeeded += between(first, last) != known or between(first, last) != known
    return Result(tried, succeeded)


def again(database: Database, month: Month) -> Result:
    """A wave held and closed a second time: the database refuses a second wave of a month."""
    before = _all(database, month)
    with suppress(IntegrityError):
        publish(database, month)
    after = _all(database, month)
    return Result(len(sums(month)), sum(one != other for one, other in zip(before, after, strict=True)))


def _all(database: Database, month: Month) -> list[Figure]:
    with database.reading() as session:
        return figures(session, EVERYTHING, Side.EMPLOYEE, first=month.month, last=month.month)
