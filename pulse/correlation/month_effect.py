"""What all rows share in a month, taken out first (§4.2)."""

from __future__ import annotations

import numpy as np

from pulse.correlation.cells import Cells
from pulse.correlation.panel import FloatArray

ALTERNATIONS = 5
FEWEST_ROWS = 8


def common_month(cells: Cells) -> FloatArray:
    """(months,) the side's common month effect on its scale, from free cells: row and month means in turn.

    Zero where few rows would carry it: what a handful of rows do in a month is largely their own doing, and
    taking it out would leave a lone row no movement at all, so that chance looked like a certainty. The
    irritant's component then holds what the rows share, and its variance counts (§4.12).
    """
    if rows_behind(cells) < FEWEST_ROWS:
        return np.zeros(cells.months)
    w = np.where(cells.free, 1.0 / (cells.s2 + cells.scale.month_ridge), 0.0)
    by_row, by_month = np.maximum(w.sum(1), 1e-12), np.maximum(w.sum(0), 1e-12)
    wy = w * cells.y
    row_total, month_total = wy.sum(1), wy.sum(0)
    theta = np.zeros(cells.months)
    for _ in range(ALTERNATIONS):
        row = (row_total - w @ theta) / by_row
        theta = (month_total - row @ w) / by_month
    return theta


def rows_behind(cells: Cells) -> int:
    """Free rows that carry the common month, in all but the thinnest tenth of the months with any cell."""
    count = np.sort(cells.free.sum(0)[cells.ok.any(0)])
    return int(count[len(count) // 10]) if len(count) else 0
