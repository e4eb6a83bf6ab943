"""Rows' levels and what irritants and units share in a month, fitted in turn (§4.4)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from pulse.correlation.cells import Cells
from pulse.correlation.components import Components
from pulse.correlation.panel import FloatArray, IntArray

SWEEPS = 6


@dataclass(frozen=True)
class Fitted:
    """mu -- (rows,) level; irritant_level -- (irritants,) mean level of an irritant's rows;
    gamma -- (irritants, months) what an irritant's rows share;
    unit_sum, unit_weight -- (units, months) weighted sum of what is left in a unit beyond its irritants;
    irritant_sum, irritant_weight -- (irritants, months) the same for irritants, units' own noise counted in.
    """

    mu: FloatArray
    irritant_level: FloatArray
    gamma: FloatArray
    unit_sum: FloatArray
    unit_weight: FloatArray
    irritant_sum: FloatArray
    irritant_weight: FloatArray


def backfit(
    cells: Cells,
    y: FloatArray,
    s2: FloatArray,
    parts: Components,
    unit: IntArray,
    irritant: IntArray,
    by_unit: sparse.csr_array,
    by_irritant: sparse.csr_array,
) -> Fitted:
    """Levels and shared month effects of the free cells by six ridge sweeps.

    y, s2 -- (rows, months) cells without the common month effect, and their sampling variance
    unit, irritant -- (rows,) group of each row; by_unit, by_irritant -- the same as membership matrices
    """
    w = np.where(cells.free, 1.0 / np.maximum(s2 + parts.row.total, 1e-9), 0.0)
    row_weight = w.sum(1)
    irritant_weight, unit_weight = by_irritant @ w, by_unit @ w
    gamma, delta = np.zeros_like(irritant_weight), np.zeros_like(unit_weight)
    mu = np.zeros(len(y))
    for _ in range(SWEEPS):
        left = y - gamma[irritant]
        left -= delta[unit]
        mu = weighted_mean(left, w, row_weight)
        left += gamma[irritant]
        left -= mu[:, None]
        gamma = ridge(by_irritant @ (w * left), irritant_weight, parts.irritant.total)
        left += delta[unit]
        left -= gamma[irritant]
        delta = ridge(by_unit @ (w * left), unit_weight, parts.unit.total)
    known = row_weight > 0
    level = irritant_levels(mu, known, irritant, len(gamma))
    mu = np.where(known, mu, level[irritant])
    left = y - mu[:, None]
    wider = np.where(cells.free, 1.0 / np.maximum(s2 + parts.row.total + parts.unit.total, 1e-9), 0.0)
    irritant_sum, wider_weight = by_irritant @ (wider * left), by_irritant @ wider
    left -= gamma[irritant]
    return Fitted(mu, level, gamma, by_unit @ (w * left), unit_weight, irritant_sum, wider_weight)


def weighted_mean(values: FloatArray, w: FloatArray, total: FloatArray) -> FloatArray:
    """(rows,) weighted mean of each row, 0 where nothing has weight."""
    return np.einsum("rt,rt->r", values, w) / np.where(total > 0, total, 1.0)


def ridge(total: FloatArray, weight: FloatArray, variance: float) -> FloatArray:
    """Sums drawn towards 0 by the prior precision of their effect; 0 where the effect has no variance."""
    return total / (weight + 1.0 / variance) if variance > 0 else np.zeros_like(total)


def irritant_levels(mu: FloatArray, known: np.ndarray, irritant: IntArray, size: int) -> FloatArray:
    """(irritants,) mean level of the rows with free cells; the mean of all where an irritant has none."""
    count = np.bincount(irritant[known], minlength=size)
    total = np.bincount(irritant[known], mu[known], size)
    overall = float(mu[known].mean()) if known.any() else 0.0
    return np.where(count > 0, total / np.maximum(count, 1), overall)
