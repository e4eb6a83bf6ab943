"""The only door to figures: what may be shown, to whom. Nothing else reads released cells (privacy.md §3).

A figure that is hidden, that nobody answered for, that does not exist or that is not this reader's looks
the same from here: it is not in the list.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import TypedDict, Unpack

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from pulse.ledger.disclosure import Extent
from pulse.ledger.models import ParticipationBand, ReleasedCell
from pulse.ledger.readers import Reader
from pulse.ledger.rounding import HIGHEST, Participation
from pulse.organisation.models import Side

# What a figure is made of, in its order. Read by columns: whole rows as objects take several times as long.
SHOWN = (
    ReleasedCell.measure_id,
    ReleasedCell.place_id,
    ReleasedCell.extent,
    ReleasedCell.month,
    ReleasedCell.n,
    ReleasedCell.score,
    ReleasedCell.step,
    ReleasedCell.fresh,
)


@dataclass(frozen=True)
class Figure:
    """One figure as everybody who may read it sees it.

    extent -- the people of the team itself, or the unit with everything below it
    n -- answers, rounded to 5 under 20
    score, step -- hundredths of a point, and what they are rounded to; the lowest and the highest are open
    fresh -- made from this month's answers; if not, the last band stands: no change may be told (rule 5)
    """

    measure_id: int
    place_id: int
    extent: Extent
    month: date
    n: int
    score: int
    step: int
    fresh: bool

    @property
    def points(self) -> float:
        """The score in points of 0..10."""
        return self.score / 100

    @property
    def low(self) -> float:
        """Where the band begins, in points; the lowest one begins at 0."""
        return 0.0 if self.score <= self.step else (self.score - self.step / 2) / 100

    @property
    def high(self) -> float:
        """Where the band ends, in points; the highest one ends at 10."""
        return 10.0 if self.score >= HIGHEST - self.step else (self.score + self.step / 2) / 100


class Choice(TypedDict, total=False):
    """Which figures of a side; what is not said = all. See figures()."""

    measures: Collection[int] | None
    places: Collection[int] | None
    extent: Extent | None
    first: date | None
    last: date | None


def figures(session: Session, reader: Reader, side: Side, **choice: Unpack[Choice]) -> list[Figure]:
    """What a reader may see of a side, by month, place, extent and measure.

    measures, places -- ids; None = all
    extent -- OWN or WHOLE; None = both
    first, last -- months, both included; None = from the first, to the last

    There is no other choice, and there will be none: a figure is of one measure, one unit of the wave's
    tree and one calendar month, or it is not shown (rules 3 and 7).
    """
    order = (ReleasedCell.month, ReleasedCell.place_id, ReleasedCell.extent, ReleasedCell.measure_id)
    rows = select(*SHOWN).where(*_chosen(reader, side, choice)).order_by(*order)
    return [Figure(*row) for row in session.execute(rows)]


def leafed(
    session: Session, reader: Reader, side: Side, *, skip: int, limit: int, **choice: Unpack[Choice]
) -> list[Figure]:
    """So many of the same figures, the newest month first: for tables that are leafed through."""
    order = (ReleasedCell.month.desc(), ReleasedCell.place_id, ReleasedCell.extent, ReleasedCell.measure_id)
    rows = select(*SHOWN).where(*_chosen(reader, side, choice)).order_by(*order)
    return [Figure(*row) for row in session.execute(rows.offset(skip).limit(limit))]


def number(session: Session, reader: Reader, side: Side, **choice: Unpack[Choice]) -> int:
    """How many figures a reader may see of a choice."""
    rows = select(func.count()).select_from(ReleasedCell).where(*_chosen(reader, side, choice))
    return session.scalar(rows) or 0


def _chosen(reader: Reader, side: Side, choice: Choice) -> list[ColumnElement[bool]]:
    # Of a few places, by their own index: SQLite would walk through everybody's months for the side's sake.
    few = choice.get("places") is not None
    of_side = func.coalesce(ReleasedCell.side, ReleasedCell.side) if few else ReleasedCell.side
    chosen: list[ColumnElement[bool]] = [of_side == side]
    if (measures := choice.get("measures")) is not None:
        chosen.append(ReleasedCell.measure_id.in_(measures))
    if (places := choice.get("places")) is not None:
        chosen.append(ReleasedCell.place_id.in_(places))
    if (extent := choice.get("extent")) is not None:
        chosen.append(ReleasedCell.extent == extent)
    if (first := choice.get("first")) is not None:
        chosen.append(ReleasedCell.month >= first)
    if (last := choice.get("last")) is not None:
        chosen.append(ReleasedCell.month <= last)
    if side is Side.EMPLOYEE and not reader.reads_all:
        chosen.append(_of(reader))
    return chosen


def _of(reader: Reader) -> ColumnElement[bool]:
    whole = ReleasedCell.place_id.in_(reader.around) & (ReleasedCell.extent == Extent.WHOLE)
    return or_(ReleasedCell.place_id.in_(reader.line), whole)


def newest(session: Session, side: Side, *, before: date | None = None) -> date | None:
    """The last month (before another one, where given) that has a figure of a side at all."""
    month = select(func.max(ReleasedCell.month)).where(ReleasedCell.side == side)
    return session.scalar(month if before is None else month.where(ReleasedCell.month < before))


def participation(
    session: Session, reader: Reader, month: date, *, places: Collection[int] | None = None
) -> dict[int, Participation]:
    """Which share of each ballot unit took part in a month's wave, for the units a reader may read.

    Units of fewer than 10 invited people are not in it, nor are units made of others.
    """
    rows = select(ParticipationBand).where(ParticipationBand.month == month)
    if places is not None:
        rows = rows.where(ParticipationBand.place_id.in_(places))
    if not reader.reads_all:
        rows = rows.where(ParticipationBand.place_id.in_(reader.line))
    return {row.place_id: row.band for row in session.scalars(rows.order_by(ParticipationBand.place_id))}
