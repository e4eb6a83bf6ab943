"""How strongly a place's series speaks for a change since the start: e-values (§4.7)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import logsumexp

from pulse.correlation.contrast import CHUNK, TEMPLATE_WEIGHTS, Contrast, Places, contrast
from pulse.correlation.panel import BoolArray, FloatArray, IntArray
from pulse.correlation.side import Side


@dataclass(frozen=True)
class Evidence:
    """Sufficient figures of places, one row a place.

    score, information -- (places, templates) a_j and b_j: likelihood of an effect d is exp(d a - d^2 b / 2)
    more, less -- (places,) log e-value of an increase, of a decrease
    by_itself -- (places,) what they were lowered by because the row may have shifted by itself, or with
                 another fix (beside)
    controls -- (places,) some control series has data both before and after
    rivalry -- (places,) see Contrast
    """

    score: FloatArray
    information: FloatArray
    more: FloatArray
    less: FloatArray
    by_itself: FloatArray
    controls: BoolArray
    rivalry: FloatArray

    def __len__(self) -> int:
        return len(self.more)

    @property
    def here(self) -> FloatArray:
        """(places,) log likelihood ratio of an increase at this place, to compare places and fixes by.

        Given that there is a burden, that rows also shift by themselves does not tell where it lies.
        """
        return self.more + self.by_itself

    def replaced(self, at: list[int], anew: Evidence) -> Evidence:
        """This evidence with that at some places exchanged."""
        fields = {}
        for name in ("score", "information", "more", "less", "by_itself"):
            fields[name] = getattr(self, name).copy()
            fields[name][at] = getattr(anew, name)
        return replace(self, **fields)

    def beside(self, others: FloatArray) -> Evidence:
        """This evidence where other causes may explain the increases as well; where they lie stays as likely.

        others -- (places,) log likelihood ratio of these, each by its chance, to nothing; -inf = none
        """
        by_itself = np.logaddexp(self.by_itself, others)
        return replace(self, more=self.here - by_itself, by_itself=by_itself)


def evidence(side: Side, places: Places, inflation: float = 1.0, jumpiness: float = 0.0) -> Evidence:
    """The evidence at every place.

    inflation -- placebo factor the variances are multiplied with
    jumpiness -- chance a month that a single row shifts for good by itself; a change at a single row counts
                 only by as much as it is likelier to have come with the fix than at another time
    """
    if not len(places):
        none, nothing = np.zeros((0, len(TEMPLATE_WEIGHTS))), np.zeros(0)
        return Evidence(none, none, nothing, nothing, nothing, np.zeros(0, bool), nothing)
    parts = [
        scored(side, places.part(at, min(at + CHUNK, len(places))), inflation, jumpiness)
        for at in range(0, len(places), CHUNK)
    ]
    score, information, by_itself, controls, rivalry = (
        np.concatenate(found) for found in zip(*parts, strict=True)
    )
    more = log_e_value(score, information, side.scale.sizes, side.scale.odds) - by_itself
    less = log_e_value(-score, information, side.scale.sizes, side.scale.odds) - by_itself
    return Evidence(score, information, more, less, by_itself, controls, rivalry)


def scored(
    side: Side, places: Places, inflation: float, jumpiness: float
) -> tuple[FloatArray, FloatArray, FloatArray, BoolArray, FloatArray]:
    """Scores, information, log ratio of a shift at another time, controls over the start, rivalry."""
    found = contrast(side, places)
    precision = inverse(found) / inflation
    whitened = found.templates @ precision
    score = np.einsum("pjt,pt->pj", whitened, found.rest)
    information = np.maximum(np.einsum("pjt,pjt->pj", whitened, found.templates), 0.0)
    begun = found.templates[:, 0] > 0
    after, before = (found.controls & begun).any(1), (found.controls & ~begun).any(1)
    by_itself = np.zeros(len(places))
    alone = np.flatnonzero(np.bincount(places.owner, minlength=len(places)) == 1)
    if jumpiness > 0 and len(alone):
        start = places.start[np.searchsorted(places.owner, alone)]
        by_itself[alone] = spontaneous(side, precision[alone], found.rest[alone], start, jumpiness)
    return score, information, by_itself, np.logical_and(after, before), found.rivalry


def inverse(found: Contrast) -> FloatArray:
    """(places, months, months) inverse of the covariance."""
    return np.asarray(np.linalg.inv(found.covariance), np.float64)


def spontaneous(
    side: Side, precision: FloatArray, rest: FloatArray, start: IntArray, jumpiness: float
) -> FloatArray:
    """(places,) log likelihood ratio of a shift by itself at another time being possible, at least 0."""
    both = step_evidence(side, *steps(precision, rest))
    month = np.arange(both.shape[1])
    elsewhen = (month > 0) & ((month < start[:, None] - 2) | (month > start[:, None] + 3))
    odds = jumpiness * np.where(elsewhen, np.exp(np.minimum(both, 600.0)), 0.0).sum(1)
    return np.log(np.maximum(1.0 - jumpiness * elsewhen.sum(1) + odds, 1.0))


def steps(precision: FloatArray, rest: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(places, months) score and information of a lasting step in each month."""
    score = np.cumsum(np.einsum("ptu,pu->pt", precision, rest)[:, ::-1], axis=1)[:, ::-1]
    corner = np.cumsum(np.cumsum(precision[:, ::-1, ::-1], axis=1), axis=2)
    return score, np.maximum(np.einsum("ptt->pt", corner)[:, ::-1], 0.0)


def step_evidence(side: Side, score: FloatArray, information: FloatArray) -> FloatArray:
    """(places, months) log e-value of a lasting step, up or down, in each month."""
    sizes = np.r_[side.scale.sizes, -side.scale.sizes]
    weight = np.log(np.r_[side.scale.odds, side.scale.odds] / 2.0)
    ratio = score[:, :, None] * sizes - information[:, :, None] * sizes**2 / 2.0
    return np.asarray(logsumexp(ratio + weight, axis=2), np.float64)


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
