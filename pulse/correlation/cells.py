"""One side's cells made ready: sorted, cut at breaks, with the history before a split (§4.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pulse.correlation.panel import BoolArray, FloatArray, IntArray, Panel
from pulse.correlation.scales import Scale

LEVEL_STEADIED_BY = 50.0
VARIANCE_STEADIED_BY = 20.0
USUAL_VARIANCE = 4.0
LEAST_LEVEL = 0.05
ANTICIPATION = 2


@dataclass(frozen=True)
class Scope:
    """Which rows fixes touch and from when: one entry a fix and place; all arrays (entries,)."""

    fix: IntArray
    place: IntArray
    measure: IntArray
    start: IntArray


@dataclass(frozen=True)
class Cells:
    """Rows are series that compare with themselves throughout: a (place, measure) pair between two breaks.

    place, measure -- (rows,) as in the panel, sorted; `since` -- (rows,) month the series begins
    n -- (rows, months) answers; y -- mean on the side's scale; s2 -- sampling variance of y (1 where no cell)
    ok -- (rows, months) there is a cell, inherited ones included
    free -- (rows, months) an own cell that no fix touches: these alone serve as comparison
    split -- (rows,) month from which the cells are the row's own, 0 where none are inherited
    level, level_se -- (rows,) mean score in points, and its standard error
    """

    scale: Scale
    place: IntArray
    measure: IntArray
    since: IntArray
    n: FloatArray
    y: FloatArray
    s2: FloatArray
    ok: BoolArray
    free: BoolArray
    split: IntArray
    level: FloatArray
    level_se: FloatArray

    @property
    def months(self) -> int:
        """Columns."""
        return int(self.n.shape[1])

    def find(self, place: IntArray, measure: IntArray, month: IntArray) -> IntArray:
        """(asked,) the row of each place and measure whose series holds that month, -1 where none does."""
        if not len(self.place):
            return np.full(len(place), -1)
        held = np.clip(month, 0, self.months)
        wanted = self._address(place, measure) * (self.months + 1) + held
        row = np.searchsorted(self._series, wanted, side="right") - 1
        found = (row >= 0) & (self.place[row] == place) & (self.measure[row] == measure)
        return np.where(found, row, -1)

    def every(self, place: IntArray, measure: IntArray) -> tuple[IntArray, IntArray]:
        """Rows of each place and measure, all its series: (which of the asked, row), both (found,)."""
        asked = self._address(place, measure)
        low = np.searchsorted(self._pairs, asked, side="left")
        high = np.searchsorted(self._pairs, asked, side="right")
        which = np.repeat(np.arange(len(asked)), high - low)
        ahead = np.arange(len(which)) - np.repeat(np.cumsum(high - low) - (high - low), high - low)
        return which, low[which] + ahead

    def _address(self, place: IntArray, measure: IntArray) -> IntArray:
        return np.asarray(place, np.int64) * self._span + np.minimum(measure, self._span - 1)

    @cached_property
    def _span(self) -> int:
        return int(self.measure.max(initial=0)) + 2

    @cached_property
    def _pairs(self) -> IntArray:
        return self._address(self.place, self.measure)

    @cached_property
    def _series(self) -> IntArray:
        return self._pairs * (self.months + 1) + self.since


def ready(panel: Panel, month: int, scale: Scale, scope: Scope) -> Cells:
    """The panel's cells of months 0..month on the side's scale, with what serves as comparison marked."""
    months = min(month + 1, panel.months)
    rows, since, until = series(panel, months)
    place, measure = panel.place[rows], panel.measure[rows]
    inside = (np.arange(months) >= since[:, None]) & (np.arange(months) < until[:, None])
    n = np.where(inside, panel.n[rows, :months], 0.0)
    ok = n > 0
    y = np.where(ok, panel.mean[rows, :months], 0.0)
    answer = answer_variance(n, np.where(ok, panel.variance[rows, :months], 0.0))
    none = np.zeros(len(rows))
    bare = Cells(scale, place, measure, since, n, y, n, ok, ok, since, none, none)
    free = ok & (np.arange(months) < touched_from(bare, scope)[:, None])
    level, level_se = levels(n, y, free, ok, measure, answer)
    if scale.relative:
        y, answer = y / level[:, None], answer / level**2
    s2 = np.where(ok, np.maximum(answer, scale.variance_floor)[:, None] / np.maximum(n, 1.0), 1.0)
    own = Cells(scale, place, measure, since, n, y, s2, ok, free, np.zeros(len(rows), int), level, level_se)
    return inherit(own, panel.came_from)


def series(panel: Panel, months: int) -> tuple[IntArray, IntArray, IntArray]:
    """Rows of the panel sorted by (place, measure) and cut at breaks: (row, first month, month after)."""
    order = np.lexsort((panel.measure, panel.place))
    if panel.broken is None or not panel.broken[:, :months].any():
        return order, np.zeros(len(order), int), np.full(len(order), months)
    row, since = np.nonzero(panel.broken[order, 1:months])
    row, since = np.r_[np.arange(len(order)), row], np.r_[np.zeros(len(order), int), since + 1]
    sort = np.lexsort((since, row))
    row, since = row[sort], since[sort]
    until = np.r_[np.where(row[1:] == row[:-1], since[1:], months), months] if len(row) else since
    return order[row], since, until


def answer_variance(n: FloatArray, variance: FloatArray) -> FloatArray:
    """(rows,) variance of single answers in points^2, steadied by the side's pooled variance."""
    freedom = np.maximum(n - 1.0, 0.0)
    squares = np.einsum("rt,rt->r", freedom, variance)
    each = freedom.sum(1)
    total = float(each.sum())
    pooled = float(squares.sum()) / total if total > 0 else USUAL_VARIANCE
    return (squares + VARIANCE_STEADIED_BY * pooled) / (each + VARIANCE_STEADIED_BY)


def touched_from(cells: Cells, scope: Scope) -> IntArray:
    """(rows,) first month from which a fix may move the row, two months before its start."""
    first = np.full(len(cells.place), cells.months + 1)
    which, row = cells.every(scope.place, scope.measure)
    np.minimum.at(first, row, scope.start[which] - ANTICIPATION)
    return first


def levels(
    n: FloatArray, y: FloatArray, free: BoolArray, ok: BoolArray, measure: IntArray, answer: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """(rows,) mean score in points over free cells, drawn towards the irritant's, and its standard error."""
    weight = np.where(free, n, 0.0)
    count, total = weight.sum(1), np.einsum("rt,rt->r", weight, y)
    size = int(measure.max(initial=-1)) + 1
    by_count = np.bincount(measure, count, size)
    by_total = np.bincount(measure, total, size)
    everything = float((n * y).sum() / max(n.sum(), 1.0))
    common = np.where(by_count > 0, by_total / np.maximum(by_count, 1.0), everything)[measure]
    level = (total + LEVEL_STEADIED_BY * common) / (count + LEVEL_STEADIED_BY)
    spread = np.einsum("rt,rt->r", weight**2, (y - level[:, None]) ** 2)
    error = np.sqrt(spread + answer * LEVEL_STEADIED_BY) / (count + LEVEL_STEADIED_BY)
    return np.maximum(level, LEAST_LEVEL), error


def inherit(cells: Cells, came_from: IntArray) -> Cells:
    """The cells with the months before a split filled from the place each place split from.

    Inherited cells tell a row's level; they are never free, so they count once as a comparison.
    """
    if not len(cells.place) or not (came_from >= 0).any():
        return cells
    n, y, s2 = cells.n.copy(), cells.y.copy(), cells.s2.copy()
    ok, split = cells.ok.copy(), cells.split.copy()
    for generation in generations(came_from):
        child = np.flatnonzero(np.isin(cells.place, generation) & cells.ok.any(1))
        first = cells.ok[child].argmax(1)
        parent = cells.find(came_from[cells.place[child]], cells.measure[child], np.maximum(first - 1, 0))
        known = parent >= 0
        child, first, parent = child[known], first[known], parent[known]
        past = ok[parent] & (np.arange(cells.months) < first[:, None])
        past &= np.arange(cells.months) >= cells.since[child][:, None]
        for mine in (n, y, s2):
            mine[child] = np.where(past, mine[parent], mine[child])
        s2[child] = np.where(past, 2.0 * s2[child], s2[child])  # shared with the other parts of the split
        ok[child] |= past
        split[child] = np.where(past.any(1), first, split[child])
    return Cells(
        cells.scale, cells.place, cells.measure, cells.since, n, y, s2, ok, cells.free, split,
        cells.level, cells.level_se,
    )  # fmt: skip


def generations(came_from: IntArray) -> Sequence[IntArray]:
    """Places that split from another, parents' generation first; a ring of splits is left out."""
    depth = np.where(came_from < 0, 0, -1)
    found: list[IntArray] = []
    while True:
        next_ones = np.flatnonzero((depth < 0) & (depth[np.maximum(came_from, 0)] >= 0))
        if not len(next_ones):
            return found
        depth[next_ones] = depth[came_from[next_ones]] + 1
        found.append(next_ones)
