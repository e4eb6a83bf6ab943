"""The size of a change and its standard error (§4.11)."""

from __future__ import annotations

import numpy as np

from pulse.correlation.contrast import TEMPLATE_WEIGHTS
from pulse.correlation.panel import Effect, FloatArray

BEGUN = 0.05


def estimate(score: FloatArray, information: FloatArray) -> tuple[float, float] | None:
    """Estimate and standard error at full roll-out, averaged over delays and ramps; None without information.

    score, information -- (templates,) a_j and b_j of one place. Each template's a/b counts by how likely it
    makes the series; their disagreement is added to the variance. Templates with less than a twentieth of the
    best one's information have hardly begun and are left out: what little they saw, blown up to full
    roll-out, would fit best of all (while a scope starts place by place, a change of 1 point read as 4).
    """
    told = information > max(1e-9, BEGUN * float(information.max(initial=0.0)))
    if not told.any():
        return None
    a, b = score[told], information[told]
    value, variance = a / b, 1.0 / b
    log_weight = np.log(TEMPLATE_WEIGHTS[told]) + a**2 / (2.0 * b) - 0.5 * np.log(b)
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    mean = float(weight @ value)
    return mean, float(np.sqrt(weight @ (variance + (value - mean) ** 2)))


def in_points(share: tuple[float, float], level: float, level_se: float) -> Effect:
    """A share of the level as points, the error of the level included (variance of a product).

    level_se -- how far the mean taken may lie from the level the effect works on, drift since included
    """
    value, se = share
    return Effect.of(value * level, float(np.hypot(np.hypot(level * se, value * level_se), se * level_se)))
