"""A scope's months with what was to be expected without the fix, for a chart."""

from __future__ import annotations

import numpy as np

from pulse.correlation.candidates import Candidate, places
from pulse.correlation.contrast import CHUNK, Contrast, contrast
from pulse.correlation.panel import FloatArray, Path
from pulse.correlation.side import Side


def paths(side: Side, candidates: list[Candidate]) -> list[Path]:
    """One path a candidate: its cells' mean by answers, and what the months before foretell."""
    table = places(side, candidates)
    found = []
    for at in range(0, len(candidates), CHUNK):
        batch = contrast(side, table.part(at, min(at + CHUNK, len(candidates))))
        found += [path(side, c, batch, i) for i, c in enumerate(candidates[at : at + CHUNK])]
    return found


def path(side: Side, candidate: Candidate, batch: Contrast, which: int) -> Path:
    """The path of one candidate within a batch of contrasts."""
    rows = np.array(candidate.rows, int)
    observed = observed_mean(side, rows)
    level = float(side.cells.level[rows].mean()) if side.scale.relative else 1.0
    surprise, spread = forecast(batch, which, min(candidate.starts))
    expected = observed - level * surprise
    band = 1.96 * level * spread
    return Path(observed, expected, np.maximum(expected - band, 0.0), expected + band)


def observed_mean(side: Side, rows: np.ndarray) -> FloatArray:
    """(months,) mean score in points over the rows' own cells, NaN where there is none."""
    cells = side.cells
    own = cells.ok[rows] & (np.arange(side.months) >= cells.split[rows][:, None])
    n = np.where(own, cells.n[rows], 0.0)
    points = cells.y[rows] * (cells.level[rows][:, None] if side.scale.relative else 1.0)
    count = n.sum(0)
    return np.where(count > 0, (n * points).sum(0) / np.where(count > 0, count, 1.0), np.nan)


def forecast(batch: Contrast, which: int, start: int) -> tuple[FloatArray, FloatArray]:
    """(months,) how far the series lies from what months before the start foretell, and its s.d.

    The sampling noise of a month is no part of what foretells it, but of its range.
    """
    covariance, noise = batch.covariance[which], batch.noise[which]
    before = np.arange(len(noise)) < start
    smooth = covariance - np.diag(noise)
    rest = batch.rest[which]
    if not before.any():
        return rest, np.sqrt(np.diag(covariance))
    known = np.linalg.solve(
        covariance[np.ix_(before, before)], np.column_stack([rest[before], smooth[before]])
    )
    foretold = smooth[:, before] @ known
    variance = np.diag(smooth) - np.diag(foretold[:, 1:]) + noise
    return rest - foretold[:, 0], np.sqrt(np.maximum(variance, 0.0))
