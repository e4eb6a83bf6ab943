"""Fixes that never were: how far real months scatter beyond the model (§4.8), and how often a row shifts.

Spontaneous shifts go beyond method.md: where rows are seen to shift for good by themselves, a shift at a
single row speaks for a fix only as far as its month does (evidence.spontaneous).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pulse.correlation.contrast import CHUNK, Places, contrast
from pulse.correlation.evidence import inverse, step_evidence, steps
from pulse.correlation.panel import BoolArray, FloatArray, IntArray
from pulse.correlation.side import Side

PLACEBOS = 400
FIRST_START = 6
SHORTEST = FIRST_START + 2  # months in which no placebo fix can start and be followed
STEADIED_BY = 20.0
EXPECTED = 1.1
LARGEST = 3.0
PRIOR_SHARE, PRIOR_WORTH = 0.02, 20.0
ROUNDS = 50


@dataclass(frozen=True)
class Placebo:
    """What fixes that never were tell of a side.

    factor -- what variances are multiplied with, at least 1, so that placebo fixes scatter as the model says
    jumpiness -- chance a month that a single row shifts for good without any fix
    caution -- what intervals' and harm's variances are multiplied with besides, see inexperience
    """

    factor: float
    jumpiness: float
    caution: float = 1.0


def placebo(side: Side, sizes: Sequence[int], *, seed: int = 0) -> Placebo:
    """The placebo factor and the jumpiness of a side.

    sizes -- numbers of rows in the scopes of real fixes
    Draws depend on the rows' answers, not on their order, so renumbering places changes nothing. Where the
    months would do but a fix touches every row, nothing tells how far months scatter: the largest factor is
    taken (of 100 harmless organisations with a single drifting row, 10 were accused with the expected one, 3
    so).
    """
    drawn = draw(side, sorted(sizes) or [1], np.random.default_rng(seed))
    if drawn is None:
        return Placebo(LARGEST if side.months > SHORTEST else EXPECTED, 0.0, inexperience(side))
    places, distinct = drawn
    parts = [
        scatter(side, places.part(at, min(at + CHUNK, len(places)))) for at in range(0, len(places), CHUNK)
    ]
    score, information, step_score, step_information = (
        np.concatenate(found) for found in zip(*parts, strict=True)
    )
    factor = placebo_factor(score, information, min(distinct, 3 * len(side.irritants)))
    alone = np.flatnonzero(np.bincount(places.owner) == 1)
    row = places.row[np.searchsorted(places.owner, alone)]
    once = alone[np.unique(row, return_index=True)[1]]
    shifted = step_evidence(side, step_score[once] / factor, step_information[once] / factor)[:, 1:]
    ratio = np.exp(np.minimum(shifted, 600.0)).mean(1)
    return Placebo(factor, share_that_shifted(ratio) / (side.months - 1), inexperience(side))


def inexperience(side: Side) -> float:
    """What variances are multiplied with because they are judged from few months.

    Customers' 1.8 at twelve months, 1.2 at twenty, 1.03 at 36; staff's 1. Before a year and a half is known,
    seasons, passing shocks and lasting shifts have hardly been seen, and placebos, which live in the same
    months, cannot tell either. Fitted on simulated companies, where (estimate - truth) / s.e. of customers'
    effects half a year after the start had a standard deviation of 1.23 for starts in the first twelve
    months and of 1.08 later (staff: 1.04 and 0.98).
    """
    return 1.0 + (side.scale.telling_months / side.months) ** 3


def scatter(side: Side, places: Places) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Score and information (places,) of a change at the start, and (places, months) of any step."""
    found = contrast(side, places)
    precision = inverse(found)
    at_once = found.templates[:, 0]
    whitened = np.einsum("pt,ptu->pu", at_once, precision)
    score = np.einsum("pt,pt->p", whitened, found.rest)
    return score, np.einsum("pt,pt->p", whitened, at_once), *steps(precision, found.rest)


def placebo_factor(score: FloatArray, information: FloatArray, worth: int) -> float:
    """The factor that makes placebo z-values scatter as they should, drawn to 1.1 by twenty of them.

    worth -- how many independent placebos there are
    """
    told = information > 1e-6
    if not told.any():
        return EXPECTED
    z = np.abs(score[told] / np.sqrt(information[told]))
    middle, outer = np.quantile(z, [0.68, 0.95])
    observed = max((middle / 0.994) ** 2, (outer / 1.96) ** 2)
    factor = (observed * worth + EXPECTED * STEADIED_BY) / (worth + STEADIED_BY)
    return float(np.clip(factor, 1.0, LARGEST))


def share_that_shifted(ratio: FloatArray) -> float:
    """Share of rows that shifted for good, from each row's likelihood ratio of a shift to none.

    Empirical Bayes by EM (Dempster, Laird & Rubin 1977), drawn to PRIOR_SHARE by PRIOR_WORTH rows.
    """
    share = PRIOR_SHARE
    for _ in range(ROUNDS):
        chance = share * ratio / (share * ratio + 1.0 - share)
        share = float((chance.sum() + PRIOR_SHARE * PRIOR_WORTH) / (len(ratio) + PRIOR_WORTH))
    return share


def draw(side: Side, sizes: Sequence[int], rng: np.random.Generator) -> tuple[Places, int] | None:
    """Placebo places, half single rows and half of real sizes, with the number of distinct sets of rows."""
    months = side.months
    if months <= SHORTEST:
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
