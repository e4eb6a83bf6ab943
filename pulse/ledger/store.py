"""The ledger: contributions are replaced whole, months are closed, and cells follow from both."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from pulse.ledger import disclosure, touchpoints, trees
from pulse.ledger.models import (
    ClosedMonth,
    Contribution,
    MeasuredCell,
    ParticipationBand,
    ReleasedCell,
    Source,
)
from pulse.ledger.release import Address, Ground, Last, Release, releases
from pulse.ledger.rounding import Shown, participation
from pulse.ledger.trees import Tree
from pulse.organisation.models import Side

BATCH = 5000


class Sum(NamedTuple):
    """The answers of one place about one measure in one month, in hundredths of a point."""

    measure_id: int
    place_id: int
    n: int
    total: int
    squares: int


class TooFew(Exception):
    """A threshold below the smallest one there is: it is only ever raised."""


@dataclass(frozen=True)
class Closing:
    """What closing a month came to."""

    measured: int
    released: int


def replace(session: Session, side: Side, month: date, source: Source, sums: Iterable[Sum]) -> None:
    """Make these sums all that a source contributes to a side and month. Counting twice changes nothing."""
    session.execute(
        delete(Contribution).where(
            Contribution.side == side, Contribution.month == month, Contribution.source == source
        )
    )
    _add(
        session, Contribution, ({**s._asdict(), "side": side, "month": month, "source": source} for s in sums)
    )


def contributed(session: Session, side: Side, month: date, source: Source) -> list[Sum]:
    """What a source contributes to a side and month, by measure and place."""
    rows = (
        select(*(getattr(Contribution, name) for name in Sum._fields))
        .where(Contribution.side == side, Contribution.month == month, Contribution.source == source)
        .order_by(Contribution.measure_id, Contribution.place_id)
    )
    return [Sum(*row) for row in session.execute(rows)]


def cells(session: Session, side: Side, month: date) -> list[Sum]:
    """The cells of a side and month: all sources together, by measure and place."""
    by = (Contribution.measure_id, Contribution.place_id)
    sums = (func.sum(getattr(Contribution, name)) for name in ("n", "total", "squares"))
    rows = (
        select(*by, *sums)
        .where(Contribution.side == side, Contribution.month == month)
        .group_by(*by)
        .order_by(*by)
    )
    return [Sum(m, p, int(n), int(total), int(squares)) for m, p, n, total, squares in session.execute(rows)]


def close(
    session: Session, side: Side, month: date, *, k: int, now: datetime, tree: Tree | None = None
) -> Closing:
    """Freeze a month: work out which cells are measured and which figures may be shown.

    k -- the smallest group shown; raises TooFew below disclosure.SCORES
    tree -- of a wave, frozen at its opening; None = of a month without a wave, or of customers

    Closing a month again (an erasure, replaced history) works both out again; the digest tells whether
    anything that verdicts rest on has changed.
    """
    if k < disclosure.SCORES:
        raise TooFew(k)
    found = [cell for cell in cells(session, side, month) if cell.n > 0]
    measured = [cell for cell in found if cell.n >= k]
    shown = list(_releases(session, side, month, found, k, tree))
    where = {"side": side, "month": month}
    for table in (MeasuredCell, ReleasedCell):
        session.execute(delete(table).where(table.side == side, table.month == month))
    _add(session, MeasuredCell, ({**cell._asdict(), **where} for cell in measured))
    _add(session, ReleasedCell, ({**_row(release), **where} for release in shown))
    session.merge(ClosedMonth(**where, closed_at=now, digest=digest(measured)))
    return Closing(len(measured), len(shown))


def _releases(
    session: Session, side: Side, month: date, found: Iterable[Sum], k: int, tree: Tree | None
) -> Iterator[Release]:
    """The figures of one side and month."""
    if side is Side.CUSTOMER:
        few = touchpoints.served_by_few(session, month, k)
        found = (cell for cell in found if cell.place_id not in few)
        return releases(found, Ground({}, k, {}, {}))
    grown = trees.standing(session, month) if tree is None else tree
    return releases(found, Ground(grown.parents, k, grown.moves, _last(session, month, grown)))


def _last(session: Session, month: date, tree: Tree) -> dict[Address, Last]:
    """The last fresh figure of every address in the recent waves that a tree remembers."""
    rows = (
        select(ReleasedCell)
        .where(
            ReleasedCell.side == Side.EMPLOYEE,
            ReleasedCell.month.in_(since for since in tree.moves if since < month),
            ReleasedCell.fresh,
        )
        .order_by(ReleasedCell.month)
    )
    return {
        Address(cell.measure_id, cell.place_id, cell.extent): Last(
            cell.month, Shown(cell.n, cell.score, cell.step)
        )
        for cell in session.scalars(rows)
    }


def _row(release: Release) -> dict[str, object]:
    return {**release.address._asdict(), **asdict(release.figure), "fresh": release.fresh}


def note_participation(session: Session, month: date, units: Mapping[int, tuple[int, int]]) -> None:
    """Keep which share of each ballot unit took part in a closed wave, as bands; replaces what was kept.

    units -- ballot unit's id to (people invited, people who drew a ballot)
    """
    bands = {unit: participation(invited, drew) for unit, (invited, drew) in units.items()}
    session.execute(delete(ParticipationBand).where(ParticipationBand.month == month))
    _add(
        session,
        ParticipationBand,
        (
            {"place_id": unit, "month": month, "band": band}
            for unit, band in sorted(bands.items())
            if band is not None
        ),
    )


def digest(measured: Iterable[Sum]) -> str:
    """A fingerprint of measured cells: equal exactly when verdicts would see the same month."""
    lines = "\n".join(",".join(map(str, cell)) for cell in sorted(measured))
    return hashlib.sha256(lines.encode()).hexdigest()


def closed_months(session: Session, side: Side) -> dict[date, str]:
    """The closed months of a side with the digest of each, earliest first."""
    rows = select(ClosedMonth.month, ClosedMonth.digest).where(ClosedMonth.side == side)
    return dict(session.execute(rows.order_by(ClosedMonth.month)).all())


def measured(
    session: Session, side: Side, first: date, last: date
) -> Iterator[tuple[int, int, date, int, int, int]]:
    """Measured cells as (measure_id, place_id, month, n, total, squares), for the night alone."""
    rows = select(
        MeasuredCell.measure_id,
        MeasuredCell.place_id,
        MeasuredCell.month,
        MeasuredCell.n,
        MeasuredCell.total,
        MeasuredCell.squares,
    ).where(MeasuredCell.side == side, MeasuredCell.month.between(first, last))
    yield from session.execute(rows.execution_options(yield_per=BATCH))


def _add(
    session: Session,
    table: type[Contribution | MeasuredCell | ReleasedCell | ParticipationBand],
    rows: Iterable[dict[str, object]],
) -> None:
    batch: list[dict[str, object]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            session.execute(insert(table), batch)
            batch.clear()
    if batch:
        session.execute(insert(table), batch)
