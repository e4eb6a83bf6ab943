"""Counting customers' responses into the ledger: whole months by GROUP BY, replaced, never incremented."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pulse.ledger import store
from pulse.ledger.models import ClosedMonth, Contribution, Source
from pulse.months import shifted
from pulse.organisation.models import Side
from surveys.responses.models import Response, ResponseScore

DAYS_AFTER = 3  # a customer month closes so many days after its end: late corrections find it open

Counts = dict[date, list[store.Sum]]


def open_counts(session: Session) -> Counts:
    """The sums of every customer month not closed that has responses, or had some when last counted."""
    closed = select(ClosedMonth.month).where(ClosedMonth.side == Side.CUSTOMER)
    counted = select(Contribution.month).where(
        Contribution.side == Side.CUSTOMER,
        Contribution.source == Source.RESPONSES,
        Contribution.month.not_in(closed),
    )
    found: Counts = defaultdict(list, {month: [] for month in session.scalars(counted.distinct())})
    rows = (
        select(
            Response.month,
            ResponseScore.measure_id,
            Response.touchpoint_id,
            func.count(),
            func.sum(ResponseScore.score),
            func.sum(ResponseScore.score * ResponseScore.score),
        )
        .join(ResponseScore, ResponseScore.response_id == Response.id)
        .where(Response.month.not_in(closed))
        .group_by(Response.month, ResponseScore.measure_id, Response.touchpoint_id)
        .order_by(Response.month, ResponseScore.measure_id, Response.touchpoint_id)
    )
    for month, measure, touchpoint, n, total, squares in session.execute(rows):
        found[month].append(store.Sum(measure, touchpoint, n, int(total), int(squares)))
    return dict(found)


def post(session: Session, counts: Counts) -> None:
    """Make these sums what responses contribute to their months, unless a month has been closed meanwhile."""
    closed = store.closed_months(session, Side.CUSTOMER)
    for month, sums in counts.items():
        if month not in closed:
            store.replace(session, Side.CUSTOMER, month, Source.RESPONSES, sums)


def is_over(month: date, now: datetime, zone: ZoneInfo) -> bool:
    """Whether a customer month is to be closed by now."""
    return now.astimezone(zone).date() >= shifted(month, 1) + timedelta(days=DAYS_AFTER)


def close_due(session: Session, now: datetime, *, zone: ZoneInfo, k: int) -> list[date]:
    """Count the months that are over a last time and close them; which.

    A month without responses is left alone: a company folder may still bring it.
    """
    counts = {
        month: sums for month, sums in open_counts(session).items() if sums and is_over(month, now, zone)
    }
    post(session, counts)
    for month in counts:
        store.close(session, Side.CUSTOMER, month, k=k, now=now)
    return sorted(counts)
