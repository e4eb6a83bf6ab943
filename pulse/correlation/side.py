"""One side prepared for a look: cells without the common month, components, levels, scopes (§4.1-4.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pulse.correlation.backfit import Fitted, backfit
from pulse.correlation.cells import Cells, Scope, ready
from pulse.correlation.components import Component, Components, components, membership
from pulse.correlation.month_effect import common_month
from pulse.correlation.panel import FloatArray, IntArray, Panel
from pulse.correlation.scales import Scale

FEWEST_MONTHS = 4
RECENTLY = 12


@dataclass(frozen=True)
class Side:
    """All a candidate place needs, shared by every fix.

    y, s2 -- (rows, months) cells without the common month effect theta, and their sampling variance
    unit, irritant -- (rows,) group of each row; irritants -- (groups,) their measures, sorted
    others -- (units,) rows with free cells in each unit
    scope -- which rows fixes touch; touched_row, touched_fix, touched_start -- the same by row, sorted by row
    scope_sum, scope_weight -- (fixes, months) the scopes' own share of their irritant's sums
    came_from -- (places,) the place each split from, or -1
    """

    cells: Cells
    theta: FloatArray
    y: FloatArray
    s2: FloatArray
    parts: Components
    fitted: Fitted
    unit: IntArray
    irritant: IntArray
    irritants: IntArray
    others: FloatArray
    scope: Scope
    touched_row: IntArray
    touched_fix: IntArray
    touched_start: IntArray
    scope_sum: FloatArray
    scope_weight: FloatArray
    came_from: IntArray

    @property
    def scale(self) -> Scale:
        """The side's constants."""
        return self.cells.scale

    @property
    def months(self) -> int:
        """Months the look uses."""
        return self.cells.months

    @property
    def usual_weight(self) -> float:
        """Mean weight of a free cell in its irritant's sums."""
        cells = float(self.cells.free.sum())
        return float(self.fitted.irritant_weight.sum()) / cells if cells > 0 else 1.0

    @cached_property
    def last_cell(self) -> IntArray:
        """(rows,) month of the last cell, -1 where the row has none."""
        ok = self.cells.ok
        return np.where(ok.any(1), self.months - 1 - ok[:, ::-1].argmax(1), -1)

    @cached_property
    def free_between(self) -> tuple[IntArray, IntArray]:
        """(rows,) first and last month with a cell that no fix touches; out of reach where there is none."""
        free = self.cells.free
        any_free = free.any(1)
        last = self.months - 1 - free[:, ::-1].argmax(1)
        return np.where(any_free, free.argmax(1), self.months), np.where(any_free, last, -1)

    def known(self, row: int, start: int) -> bool:
        """Whether the row was measured within a year before the start, or since."""
        return bool(self.last_cell[row] >= max(start - RECENTLY, 0))

    def latest(self, rows: dict[int, int]) -> dict[int, int]:
        """Rows by place, without places whose months live on in rows of places that split from them."""
        heirs = [place for place, row in rows.items() if self.cells.split[row] > 0]
        gone = {int(self.came_from[place]) for place in heirs}
        return {place: row for place, row in rows.items() if place not in gone} if gone else rows

    def rows_of(self, place: int, month: int) -> range | list[int]:
        """Rows of one place, in the series that hold a month."""
        low, high = np.searchsorted(self.cells.place, [place, place + 1])
        if not self._cut:
            return range(int(low), int(high))
        rows = np.arange(low, high)
        held = self.cells.find(np.full(len(rows), place), self.cells.measure[rows], np.full(len(rows), month))
        return [int(r) for r in np.unique(held[held >= 0])]

    @cached_property
    def _cut(self) -> bool:
        return bool(self.cells.since.any())

    def spread(self, rows: IntArray) -> tuple[FloatArray, FloatArray]:
        """(m, months) weight and weighted deviation from level of rows as their irritant's sums hold them."""
        tau = self.parts.row.total + self.parts.unit.total
        w = np.where(self.cells.free[rows], 1.0 / np.maximum(self.s2[rows] + tau, 1e-9), 0.0)
        return w, w * (self.y[rows] - self.fitted.mu[rows][:, None])

    def within(self, rows: IntArray) -> tuple[FloatArray, FloatArray]:
        """(m, months) weight and weighted rest of rows as their unit's sums hold them."""
        tau = self.parts.row.total
        w = np.where(self.cells.free[rows], 1.0 / np.maximum(self.s2[rows] + tau, 1e-9), 0.0)
        rest = self.y[rows] - self.fitted.mu[rows][:, None] - self.fitted.gamma[self.irritant[rows]]
        return w, w * rest


def side(panel: Panel, month: int, scale: Scale, scope: Scope, fixes: int) -> Side | None:
    """A side prepared from the months 0..month, or None below four months or without any cell.

    scope -- every place of every fix on this side; fixes -- how many fixes scope counts
    """
    cells = ready(panel, month, scale, scope)
    if cells.months < FEWEST_MONTHS or not cells.ok.any():
        return None
    unit = np.unique(cells.place, return_inverse=True)[1]
    irritants, irritant = np.unique(cells.measure, return_inverse=True)
    by_unit, by_irritant = membership(unit, int(unit.max()) + 1), membership(irritant, len(irritants))
    theta = common_month(cells)
    y = np.where(cells.ok, cells.y - theta, 0.0)
    parts = components(cells, y, by_unit, by_irritant)
    s2, parts = shared_noise(cells, parts)
    fitted = backfit(cells, y, s2, parts, unit, irritant, by_unit, by_irritant)
    which, row = cells.every(scope.place, scope.measure)
    order = np.lexsort((scope.fix[which], row))
    half = Side(
        cells=cells, theta=theta, y=y, s2=s2, parts=parts, fitted=fitted, unit=unit, irritant=irritant,
        irritants=irritants, others=by_unit @ cells.free.any(1).astype(float), scope=scope,
        touched_row=row[order], touched_fix=scope.fix[which][order], touched_start=scope.start[which][order],
        scope_sum=np.zeros((fixes, cells.months)), scope_weight=np.zeros((fixes, cells.months)),
        came_from=panel.came_from,
    )  # fmt: skip
    sum_scopes(half)
    return half


def sum_scopes(mine: Side) -> None:
    """Fill each fix's own share of its irritant's sums, in place."""
    w, we = mine.spread(mine.touched_row)
    np.add.at(mine.scope_weight, mine.touched_fix, w)
    np.add.at(mine.scope_sum, mine.touched_fix, we)


def shared_noise(cells: Cells, parts: Components) -> tuple[FloatArray, Components]:
    """Sampling variances corrected where rows move less than they say; the row's white part is then 0.

    Answers of one person to several irritants share noise, which lies in the unit's component.
    """
    if parts.row.white >= 0 or not cells.free.any():
        return cells.s2, parts
    usual = float(cells.s2[cells.free].mean())
    factor = float(np.clip(1.0 + parts.row.white / usual, 0.4, 1.0))
    row = parts.row
    still = Component(0.0, row.fading, row.memory, row.walk, row.season)
    return cells.s2 * factor, Components(parts.unit, parts.irritant, still)


def scope_of(fixes: Sequence[tuple[int, Sequence[int], Sequence[int], int]]) -> Scope:
    """The scope of fixes given as (measure, places, starts of these places, start where none is given)."""
    entries = sorted(
        {
            (f, place, measure, starts[i] if i < len(starts) else start)
            for f, (measure, places, starts, start) in enumerate(fixes)
            for i, place in enumerate(places)
        }
    )
    table = np.array(entries, int).reshape(-1, 4)
    return Scope(table[:, 0], table[:, 1], table[:, 2], table[:, 3])
