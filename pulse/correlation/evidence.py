"""How strongly a place's series speaks for a change since the start: e-values (§4.7)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from pulse.correlation.contrast import CHUNK, TEMPLATE_WEIGHTS, Contrast, Places, contrast
from pulse.correlation.panel import BoolArray, FloatArray
from pulse.correlation.side import Side


@dataclass(frozen=True)
class Evidence:
    """Sufficient figures of places, one row a place.

    score, information -- (places, templates) a_j and b_j: likelihood of an effect d is exp(d a - d^2 b / 2)
    more, less -- (places,) log e-value of an increase, of a decrease
    controls -- (places,) some control series has data both before and after
    rivalry -- (places,) see Contrast
    """

    score: FloatArray
    information: FloatArray
    more: FloatArray
    less: FloatArray
    controls: BoolArray
    rivalry: FloatArray

    def __len__(self) -> int:
        return len(self.more)


def evidence(side: Side, places: Places, inflation: float = 1.0) -> Evidence:
    """The evidence at every place; inflation -- placebo factor the variances are multiplied with."""
    if not len(places):
        none = np.zeros((0, len(TEMPLATE_WEIGHTS)))
        return Evidence(none, none, np.zeros(0), np.zeros(0), np.zeros(0, bool), np.zeros(0))
    parts = [
        scored(contrast(side, places.part(at, min(at + CHUNK, len(places)))))
        for at in range(0, len(places), CHUNK)
    ]
    score, information, controls, rivalry = (np.concatenate(found) for found in zip(*parts, strict=True))
    score, information = score / inflation, information / inflation
    more = log_e_value(score, information, side.scale.sizes, side.scale.odds)
    less = log_e_value(-score, information, side.scale.sizes, side.scale.odds)
    return Evidence(score, information, more, less, controls, rivalry)


def scored(found: Contrast) -> tuple[FloatArray, FloatArray, BoolArray, FloatArray]:
    """Scores and information (places, templates), whether controls reach over the start, and rivalry."""
    whitened = np.linalg.solve(found.covariance, found.templates.transpose(0, 2, 1))
    score = np.einsum("ptj,pt->pj", whitened, found.rest)
    information = np.einsum("pjt,ptj->pj", found.templates, whitened)
    begun = found.templates[:, 0] > 0
    after, before = (found.controls & begun).any(1), (found.controls & ~begun).any(1)
    return score, np.maximum(information, 0.0), np.logical_and(after, before), found.rivalry


def log_e_value(
    score: FloatArray, information: FloatArray, sizes: FloatArray, odds: FloatArray
) -> FloatArray:
    """(places,) log of the mixture likelihood ratio of an increase against no change.

    Its expectation is 1 when nothing changed and the covariance is right, at any look, so it ever reaches c
    with probability at most 1/c (Ville 1939; Howard et al. 2021, Ann. Statist. 49, 1055).
    """
    ratio = score[:, :, None] * sizes - information[:, :, None] * sizes**2 / 2.0
    weight = np.log(TEMPLATE_WEIGHTS)[:, None] + np.log(odds)
    return logsumexp(ratio + weight, axis=(1, 2)) if len(score) else np.zeros(0)
