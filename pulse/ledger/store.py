"""The ledger: contributions are replaced whole, months are closed, and cells follow from both."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from pulse.ledger import disclosure
from pulse.ledger.models import ClosedMonth, Contribution, Extent, MeasuredCell, ReleasedCell, Source
from pulse.organisation.models import Side, Team

BATCH = 5000


class Sum(NamedTuple):
    """The answers of one place about one measure in one month, in hundredths of a point."""

    measure_id: int
    place_id: int
    n: int
    total: int
    squares: int


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


def close(session: Session, side: Side, month: date, *, k: int, now: datetime) -> Closing:
    """Freeze a month: work out which cells are measured and which figures may be shown.

    Closing a month again (an erasure, replaced history) works both out again; the digest tells whether
    anything that verdicts rest on has changed.
    """
    found = [cell for cell in cells(session, side, month) if cell.n > 0]
    parents = dict(session.execute(select(Team.id, Team.parent_id)).all()) if side is Side.EMPLOYEE else {}
    measured = [cell for cell in found if cell.n >= k]
    released = list(_released(found, parents, k))
    where = {"side": side, "month": month}
    for table in (MeasuredCell, ReleasedCell):
        session.execute(delete(table).where(table.side == side, table.month == month))
    _add(session, MeasuredCell, ({**cell._asdict(), **where} for cell in measured))
    _add(session, ReleasedCell, ({**row, **where} for row in released))
    session.merge(ClosedMonth(**where, closed_at=now, digest=digest(measured)))
    return Closing(len(measured), len(released))


def _released(found: Iterable[Sum], parents: Mapping[int, int | None], k: int) -> Iterator[dict[str, object]]:
    """The rows of the released cells of one side and month."""
    by_measure: dict[int, dict[int, Sum]] = defaultdict(dict)
    for cell in found:
        by_measure[cell.measure_id][cell.place_id] = cell
    for measure_id, own in by_measure.items():
        figures = disclosure.released(parents, {place: cell.n for place, cell in own.items()}, k)
        for place in sorted(figures.own):
            yield _row(measure_id, place, Extent.OWN, own[place].n, own[place].total)
        wholes = _below(own, parents, figures.whole)
        for place in sorted(figures.whole):
            yield _row(measure_id, place, Extent.WHOLE, *wholes[place])


def _below(
    own: Mapping[int, Sum], parents: Mapping[int, int | None], units: frozenset[int]
) -> dict[int, tuple[int, int]]:
    """Answers and total of each unit with everything below it."""
    sums = dict.fromkeys(units, (0, 0))
    for place, cell in own.items():
        above: int | None = place
        while above is not None:
            if above in sums:
                n, total = sums[above]
                sums[above] = n + cell.n, total + cell.total
            above = parents.get(above)
    return sums


def _row(measure_id: int, place_id: int, extent: Extent, n: int, total: int) -> dict[str, object]:
    figure = disclosure.shown(n, total)
    return {
        "measure_id": measure_id,
        "place_id": place_id,
        "extent": extent,
        "n": figure.n,
        "score": figure.score,
        "step": figure.step,
    }


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
    table: type[Contribution | MeasuredCell | ReleasedCell],
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
