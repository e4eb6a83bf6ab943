"""What the works council checks of a wave: that nothing shown gives fewer than k people away (rule 9)."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from pulse.ledger import store
from pulse.ledger.disclosure import Extent, Released, remainders
from pulse.ledger.models import ReleasedCell
from pulse.organisation.models import Side


@dataclass(frozen=True)
class Audit:
    """What became of one wave.

    figures -- how many figures are shown; standing -- how many of these are an earlier wave's (rule 5)
    smallest -- people of the smallest set that the figures give away by subtraction; None without figures
    digest -- SHA-256 of all figures as they are shown: two people who see the same one see the same figures
    """

    figures: int
    standing: int
    smallest: int | None
    digest: str


def audit(session: Session, month: date, parents: Mapping[int, int | None]) -> Audit:
    """What the figures shown of employees in a month give away, under the night's role.

    Counted anew from the exact cells and the figures as they stand in the database, not from what the
    closing intended. Of a figure that stands for want of a new one, nothing of this month can be learned.
    """
    answers: dict[int, dict[int, int]] = defaultdict(dict)
    for cell in store.cells(session, Side.EMPLOYEE, month):
        answers[cell.measure_id][cell.place_id] = cell.n
    shown = list(
        session.scalars(
            select(ReleasedCell).where(ReleasedCell.side == Side.EMPLOYEE, ReleasedCell.month == month)
        )
    )
    by_measure: dict[int, list[ReleasedCell]] = defaultdict(list)
    for figure in shown:
        if figure.fresh:
            by_measure[figure.measure_id].append(figure)
    sizes = [
        size
        for measure, some in by_measure.items()
        for size in remainders(parents, answers[measure], _names(some))
    ]
    standing = sum(not figure.fresh for figure in shown)
    return Audit(len(shown), standing, min(sizes, default=None), digest(shown))


def _names(figures: Iterable[ReleasedCell]) -> Released:
    places: dict[Extent, set[int]] = {extent: set() for extent in Extent}
    for figure in figures:
        places[figure.extent].add(figure.place_id)
    return Released(frozenset(places[Extent.OWN]), frozenset(places[Extent.WHOLE]))


def digest(figures: Iterable[ReleasedCell]) -> str:
    """A fingerprint of figures as they are shown, whatever order they come in."""
    lines = sorted(
        f"{f.measure_id},{f.place_id},{f.extent.value},{f.n},{f.score},{f.step},{f.fresh:d}" for f in figures
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
