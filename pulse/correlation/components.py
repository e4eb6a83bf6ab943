"""How much units, irritants and single rows move by themselves over the months (§4.3)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy import sparse

from pulse.correlation.cells import Cells
from pulse.correlation.panel import BoolArray, FloatArray, IntArray

LONGEST_LAG = 12
LAGS_FOR_A_SEASON = 9
FADING = (0.3, 0.5, 0.7, 0.85)
OUTLIER = 5.0


@dataclass(frozen=True)
class Component:
    """A stationary and a wandering part: white noise, fading memory, random walk, yearly season (variances).

    white may be negative as fitted; as a covariance it counts as 0.
    """

    white: float = 0.0
    fading: float = 0.0
    memory: float = 0.5
    walk: float = 0.0
    season: float = 0.0

    @property
    def total(self) -> float:
        """Variance a single month carries, walk counted as three months' worth."""
        return max(self.white, 0.0) + self.fading + 3.0 * self.walk + self.season

    def covariance(self, months: int) -> FloatArray:
        """(months, months) covariance between months."""
        t = np.arange(months)
        lag = np.abs(t[:, None] - t[None, :])
        return (
            max(self.white, 0.0) * (lag == 0)
            + self.fading * self.memory**lag
            + self.walk * np.minimum(t[:, None], t[None, :])
            + self.season * np.cos(np.pi * lag / 6.0)
        )


@dataclass(frozen=True)
class Components:
    """Components of unit-months, irritant-months and row-months on the side's scale."""

    unit: Component
    irritant: Component
    row: Component


def membership(group: IntArray, size: int) -> sparse.csr_array:
    """(size, rows) 1 where the row belongs to the group: times an array (rows, months) it sums groups."""
    rows = len(group)
    return sparse.csr_array((np.ones(rows), (group, np.arange(rows))), shape=(size, rows))


def components(
    cells: Cells, y: FloatArray, by_unit: sparse.csr_array, by_irritant: sparse.csr_array
) -> Components:
    """Variance components from variograms of the free cells.

    y -- (rows, months) cells without the common month effect
    by_unit, by_irritant -- membership of the rows
    """
    lags = np.arange(1, min(LONGEST_LAG, cells.months - 2) + 1)
    if not len(lags) or not cells.free.any():
        return Components(Component(), Component(), Component())
    middle = float(np.median(cells.s2[cells.free]))
    found = np.array([variogram(cells, y, int(h), middle, by_unit, by_irritant) for h in lags])
    (total, unit, irritant), weights = found[:, :3].T, found[:, 3:].T
    row = np.where(weights[0] > 0, total - unit - irritant, 0.0)
    return Components(
        unit=fit(lags, unit, weights[1]), irritant=fit(lags, irritant, weights[2]),
        row=fit(lags, row, weights[0]),
    )  # fmt: skip


def variogram(
    cells: Cells,
    y: FloatArray,
    lag: int,
    middle: float,
    by_unit: sparse.csr_array,
    by_irritant: sparse.csr_array,
) -> tuple[float, float, float, float, float, float]:
    """Half the mean squared change over a lag, beyond sampling noise: of all, shared in units, in irritants.

    Returns the three values and their weights (0 where nothing tells).
    """
    pair: BoolArray = cells.free[:, lag:] & cells.free[:, :-lag]
    noise = cells.s2[:, lag:] + cells.s2[:, :-lag]
    w = np.where(pair, 1.0 / (noise + middle), 0.0)
    weight = float(w.sum())
    if weight <= 0:
        return 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    change = y[:, lag:] - y[:, :-lag]
    limit = OUTLIER * float(np.sqrt((w * change**2).sum() / weight))
    change = np.clip(change, -limit, limit)
    wd = w * change
    own, alone = float((wd**2).sum()), float((w**2).sum())
    total = float((wd * change).sum() - (w * noise).sum()) / (2.0 * weight)
    unit, unit_weight = shared(by_unit, wd, w, own, alone)
    irritant, irritant_weight = shared(by_irritant, wd, w, own, alone)
    return total, unit, irritant, weight, unit_weight, irritant_weight


def shared(
    by_group: sparse.csr_array, wd: FloatArray, w: FloatArray, own: float, alone: float
) -> tuple[float, float]:
    """The part of squared changes that rows of one group have in common in a month, and its weight."""
    pairs = float(((by_group @ w) ** 2).sum()) - alone
    if pairs <= 1e-9 * max(alone, 1.0):
        return 0.0, 0.0
    return (float(((by_group @ wd) ** 2).sum()) - own) / (2.0 * pairs), pairs


def fit(lags: IntArray, values: FloatArray, weights: FloatArray) -> Component:
    """The component whose variogram comes nearest, by weighted least squares over every subset of terms."""
    use = weights > 0
    if use.sum() < 2:
        return Component(white=float(values[use].mean()) if use.any() else 0.0)
    h, v = lags[use].astype(float), values[use]
    root = np.sqrt(weights[use] / weights[use].sum())
    best, least = Component(), np.inf
    for memory, terms in choices(len(h)):
        curves = {
            "fading": 1.0 - memory**h, "walk": h / 2.0, "season": 1.0 - np.cos(np.pi * h / 6.0)
        }  # fmt: skip
        design = np.column_stack([np.ones(len(h)), *(curves[term] for term in terms)])
        size, *_ = np.linalg.lstsq(design * root[:, None], v * root, rcond=None)
        if (size[1:] < 0).any():
            continue
        rss = float((((v - design @ size) * root) ** 2).sum()) * (1.0 + 0.01 * len(terms))
        if rss < least:
            least = rss
            best = Component(
                white=float(size[0]), memory=memory,
                **{term: float(s) for term, s in zip(terms, size[1:], strict=True)},
            )  # fmt: skip
    return best


def choices(lags: int) -> list[tuple[float, tuple[str, ...]]]:
    """Memory and terms of every curve that is tried; a season needs enough lags to show."""
    found = []
    for fading, walk, season in product((False, True), repeat=3):
        if season and lags < LAGS_FOR_A_SEASON:
            continue
        terms = tuple(t for t, on in (("fading", fading), ("walk", walk), ("season", season)) if on)
        if len(terms) + 1 > lags:
            continue
        found += [(memory, terms) for memory in (FADING if fading else FADING[1:2])]
    return found
