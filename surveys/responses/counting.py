"""Counting customers' responses into the ledger: whole months by GROUP BY, replaced, never incremented.

Answers by invitation and answers through open links are two sources. The latter count only at touchpoints
where an analyst said so; answers that are held count nowhere.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, delete, func, or_, select
from sqlalchemy.orm import Session

from pulse.ledger import store
from pulse.ledger.models import ClosedMonth, Contribution, Source
from pulse.months import shifted
from pulse.organisation.models import Side
from surveys.invitations.models import TouchpointSurvey
from surveys.responses.models import Door, Recount, Response, ResponseScore

DAYS_AFTER = 3  # a customer month closes so many days after its end: late corrections find it open
SOURCES = {Door.INVITED: Source.RESPONSES, Door.OPEN: Source.OPEN}

Counts = dict[tuple[date, Source], list[store.Sum]]


def open_counts(session: Session) -> Counts:
    """The sums of every customer month not closed that has responses, or had some when last counted."""
    closed = select(ClosedMonth.month).where(ClosedMonth.side == Side.CUSTOMER)
    counted = select(Contribution.month, Contribution.source).where(
        Contribution.side == Side.CUSTOMER,
        Contribution.source.in_(SOURCES.values()),
        Contribution.month.not_in(closed),
    )
    found: Counts = defaultdict(
        list, {(month, source): [] for month, source in session.execute(counted.distinct())}
    )
    wanted = select(TouchpointSurvey.touchpoint_id).where(TouchpointSurvey.open_counts)
    for month, source, cell in _sums(session, Response.month.not_in(closed), wanted):
        found[month, source].append(cell)
    return dict(found)


def _sums(
    session: Session, which: ColumnElement[bool], open_at: Select[int]
) -> Iterator[tuple[date, Source, store.Sum]]:
    """The sums of these responses by month and source; through open links, at these touchpoints alone."""
    by = (Response.month, Response.door, ResponseScore.measure_id, Response.touchpoint_id)
    rows = (
        select(
            *by,
            func.count(),
            func.sum(ResponseScore.score),
            func.sum(ResponseScore.score * ResponseScore.score),
        )
        .join(ResponseScore, ResponseScore.response_id == Response.id)
        .where(
            which,
            Response.held.is_(None),
            or_(Response.door == Door.INVITED, Response.touchpoint_id.in_(open_at)),
        )
        .group_by(*by)
        .order_by(*by)
    )
    for month, door, measure, touchpoint, n, total, squares in session.execute(rows):
        yield month, SOURCES[door], store.Sum(measure, touchpoint, n, int(total), int(squares))


def post(session: Session, counts: Counts) -> None:
    """Make these sums what responses contribute to their months, unless a month has been closed meanwhile."""
    closed = store.closed_months(session, Side.CUSTOMER)
    for (month, source), sums in counts.items():
        if month not in closed:
            store.replace(session, Side.CUSTOMER, month, source, sums)


def is_over(month: date, now: datetime, zone: ZoneInfo) -> bool:
    """Whether a customer month is to be closed by now."""
    return now.astimezone(zone).date() >= shifted(month, 1) + timedelta(days=DAYS_AFTER)


def close_due(session: Session, now: datetime, *, zone: ZoneInfo, k: int) -> list[date]:
    """Count the months that are over a last time and close them; which.

    A month without responses is left alone: a company folder may still bring it.
    """
    counts = open_counts(session)
    months = sorted({month for (month, _), sums in counts.items() if sums and is_over(month, now, zone)})
    post(session, {key: sums for key, sums in counts.items() if key[0] in months})
    for month in months:
        store.close(session, Side.CUSTOMER, month, k=k, now=now)
    return months


def asked_again(session: Session) -> dict[date, datetime]:
    """The closed months that are to be counted again, with the moment when that was last asked for.

    A month that is still open waits: it is counted anyway, and may be closed by a count that began before.
    """
    closed = select(ClosedMonth.month).where(ClosedMonth.side == Side.CUSTOMER)
    rows = select(Recount.month, Recount.asked_at).where(Recount.month.in_(closed)).order_by(Recount.month)
    return dict(session.execute(rows).all())


def closed_counts(session: Session, month: date) -> Counts:
    """The sums of a closed month, as its responses are now.

    Through open links they count where they counted when the month was closed: to change that for the
    months to come must not change what was concluded from those that are over.
    """
    counted = select(Contribution.place_id).where(
        Contribution.side == Side.CUSTOMER, Contribution.month == month, Contribution.source == Source.OPEN
    )
    found: Counts = {(month, source): [] for source in SOURCES.values()}
    for _, source, cell in _sums(session, Response.month == month, counted):
        found[month, source].append(cell)
    return found


def count_again(
    session: Session, months: Mapping[date, datetime], counts: Counts, now: datetime, *, k: int
) -> None:
    """Replace what responses contribute to closed months, and work out again what follows from it.

    months -- when each was asked for: what is asked for after that stays to be done
    """
    for (month, source), sums in counts.items():
        store.replace(session, Side.CUSTOMER, month, source, sums)
    for month, asked_at in months.items():
        store.close(session, Side.CUSTOMER, month, k=k, now=now)
        session.execute(delete(Recount).where(Recount.month == month, Recount.asked_at == asked_at))
