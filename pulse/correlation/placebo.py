"""How far real months scatter beyond the model: fixes that never were, where nothing happened (§4.8)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pulse.correlation.contrast import Places
from pulse.correlation.evidence import evidence
from pulse.correlation.panel import BoolArray, FloatArray, IntArray
from pulse.correlation.side import Side

PLACEBOS = 400
FIRST_START = 6
STEADIED_BY = 20.0
EXPECTED = 1.1
LARGEST = 3.0


def placebo_factor(side: Side, sizes: Sequence[int], *, seed: int = 0) -> float:
    """The factor variances are multiplied with, 1..3, so that placebo fixes scatter as the model says.

    sizes -- numbers of rows in the scopes of real fixes
    Draws depend on the rows' answers, not on their order, so renumbering places changes nothing.
    """
    drawn = draw(side, sorted(sizes) or [1], np.random.default_rng(seed))
    if drawn is None:
        return EXPECTED
    places, distinct = drawn
    found = evidence(side, places)
    score, information = found.score[:, 0], found.information[:, 0]
    told = information > 1e-6
    if not told.any():
        return EXPECTED
    z = np.abs(score[told] / np.sqrt(information[told]))
    middle, outer = np.quantile(z, [0.68, 0.95])
    observed = max((middle / 0.994) ** 2, (outer / 1.96) ** 2)
    worth = min(distinct, 3 * len(side.irritants))
    factor = (observed * worth + EXPECTED * STEADIED_BY) / (worth + STEADIED_BY)
    return float(np.clip(factor, 1.0, LARGEST))


def draw(side: Side, sizes: Sequence[int], rng: np.random.Generator) -> tuple[Places, int] | None:
    """Placebo places, half single rows and half of real sizes, with the number of distinct sets of rows."""
    months = side.months
    if months <= FIRST_START + 2:
        return None
    order = untouched(side)
    if not len(order):
        return None
    by_irritant = grouped(side.irritant[order], order, side)
    rows: list[int] = []
    owner: list[int] = []
    start: list[int] = []
    sets: set[tuple[int, ...]] = set()
    for number in range(PLACEBOS):
        mine = by_irritant[int(rng.integers(len(by_irritant)))]
        size = 1 if number % 2 else int(sizes[int(rng.integers(len(sizes)))])
        chosen = rng.permutation(len(mine))[: min(size, len(mine))]
        month = int(rng.integers(FIRST_START, months - 1))
        rows.extend(mine[chosen])
        owner.extend([number] * len(chosen))
        start.extend([month] * len(chosen))
        sets.add(tuple(sorted(int(r) for r in mine[chosen])))
    begun, none = np.array(start, int), np.zeros(0, int)
    return Places(
        row=np.array(rows, int), owner=np.array(owner, int), start=begun, fresh=begun,
        stop=np.full(len(rows), months), scope=np.full(PLACEBOS, -1), apart=np.ones(PLACEBOS, bool),
        other_entry=none, other_fix=none, other_start=none,
    ), len(sets)  # fmt: skip


def untouched(side: Side) -> IntArray:
    """Rows that no fix touches, with cells in at least half of the months, in an order their answers give."""
    cells = side.cells
    barred = np.zeros(len(cells.place), bool)
    barred[side.touched_row] = True
    measured = cells.free.sum(1)
    usable = np.flatnonzero(~barred & (2 * measured >= min(side.months, int(measured.max(initial=0)))))
    return usable[by_content(cells.n[usable], cells.y[usable], cells.free[usable])]


def by_content(n: FloatArray, y: FloatArray, free: BoolArray) -> IntArray:
    """Order of rows by their answers alone."""
    weight = np.where(free, n, 0.0)
    return np.lexsort(((weight * y).sum(1), (weight**2).sum(1), weight.sum(1)))


def grouped(group: IntArray, rows: IntArray, side: Side) -> list[IntArray]:
    """Rows of each irritant, irritants in an order their answers give."""
    found = [rows[group == g] for g in np.unique(group)]
    total = np.array([side.cells.n[mine].sum() for mine in found])
    score = np.array([(side.cells.n[mine] * side.cells.y[mine]).sum() for mine in found])
    return [found[i] for i in np.lexsort((score, total))]
