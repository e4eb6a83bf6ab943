"""Time series that have nothing to do with any fix: seasons, trends, good and bad spells, shocks, shifts."""

from __future__ import annotations

import numpy as np

from pulse.correlation.panel import FloatArray

YEARS_OF_SHOCKS = 3.0


def spells(count: int, months: int, spread: float, memory: float, random: np.random.Generator) -> FloatArray:
    """(count, months) first-order autoregressions of this standard deviation."""
    fresh = random.normal(0.0, spread * np.sqrt(1.0 - memory**2), (count, months))
    fresh[:, :1] = random.normal(0.0, spread, (count, 1))
    for month in range(1, months):
        fresh[:, month] += memory * fresh[:, month - 1]
    return fresh


def seasons(count: int, months: int, swing: float, trend: float, random: np.random.Generator) -> FloatArray:
    """(count, months) a yearly wave of up to `swing` and a straight line of up to `trend` a year."""
    month = np.arange(months)
    size, phase = random.uniform(0.0, swing, count), random.uniform(0.0, 12.0, count)
    slope = random.uniform(-trend, trend, count) / 12.0
    return size[:, None] * np.sin(2 * np.pi * (month - phase[:, None]) / 12) + slope[:, None] * month


def shocks(count: int, months: int, each: float, spread: float, random: np.random.Generator) -> FloatArray:
    """(count, months) passing shocks of 1 to 3 months, `each` per series in three years."""
    found = np.zeros((count, months))
    expected = each * months / (12 * YEARS_OF_SHOCKS)
    for series in np.repeat(np.arange(count), random.poisson(expected, count)):
        begin, length = int(random.integers(months)), int(random.integers(1, 4))
        found[series, begin : begin + length] += random.normal(0.0, spread)
    return found


def shifts(count: int, months: int, share: float, spread: float, random: np.random.Generator) -> FloatArray:
    """(count, months) permanent changes of level in a share of the series, each in a month of its own."""
    found = np.zeros((count, months))
    for series in np.flatnonzero(random.random(count) < share):
        found[series, int(random.integers(2, max(3, months))) :] += random.normal(0.0, spread)
    return found
