"""Changes nobody registered: "something changed around March; register it?" (§10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from pulse.correlation.contrast import TEMPLATES, Contrast, Places, contrast, ramp
from pulse.correlation.evidence import log_e_value
from pulse.correlation.panel import FloatArray, IntArray
from pulse.correlation.side import Side

REPORTED_FROM = 20.0
LOG_PRIOR_OF_A_MONTH = -float(np.log(60.0))
FIRST_START = 3
FEWEST_BEFORE, FEWEST_AFTER = 6, 2  # months on either side of a beginning, its own counting as after
RANGE = 0.9
BATCH = 64
FOREVER = 10**6


@dataclass(frozen=True)
class Change:
    """A level shift of one irritant that no registered fix explains; months are column indices.

    month -- the likeliest first month; earliest, latest -- the shortest stretch that holds it with 90 %
    more -- scores rose; log_evidence -- natural log of the e-value against "nothing changed"
    """

    measure: int
    month: int
    earliest: int
    latest: int
    more: bool
    log_evidence: float


def changes(side: Side, busy: Sequence[int], *, factor: float = 1.0) -> list[Change]:
    """Changes worth asking about, one an irritant at most, strongest first.

    busy -- measures with a fix under monitoring, which are left out; factor -- the side's placebo factor

    All free rows of an irritant are pooled; the e-value averages over start months with prior 1/60 each and
    over both directions, so at most one irritant in twenty is ever reported falsely (§4.7); how many are is
    measured by benchmarks.unregistered (docs/unregistered.md). Beyond method.md, the likeliest month has six
    months before it and one after it: a third of the false reports were a single month out of the way, or
    the first months of all. The month was chosen from the data: what is registered from it needs fresh
    months as evidence (Fix.registered).
    """
    groups = [
        rows
        for irritant, measure in enumerate(side.irritants)
        if int(measure) not in set(busy) and len(rows := pooled_rows(side, irritant))
    ]
    found: list[Change] = []
    for at in range(0, len(groups), BATCH):
        batch = groups[at : at + BATCH]
        series = contrast(side, whole_irritants(side, batch))
        found += [
            change
            for i, rows in enumerate(batch)
            if (change := strongest(side, series, i, int(side.cells.measure[rows[0]]), factor)) is not None
        ]
    return sorted(found, key=lambda change: (-change.log_evidence, change.measure))


def pooled_rows(side: Side, irritant: int) -> IntArray:
    """Rows of an irritant that no fix touches."""
    mine = np.flatnonzero((side.irritant == irritant) & side.cells.free.any(1))
    return mine[~np.isin(mine, side.touched_row)]


def whole_irritants(side: Side, groups: Sequence[IntArray]) -> Places:
    """Each group of rows as one place that starts after the last month: every month is before."""
    count = [len(rows) for rows in groups]
    owner = np.repeat(np.arange(len(groups)), count)
    row = np.concatenate(groups)
    later, none = np.full(len(row), FOREVER), np.zeros(0, int)
    return Places(
        row=row, owner=owner, start=later, fresh=later, stop=later, scope=np.full(len(groups), -1),
        apart=np.ones(len(groups), bool), other_entry=none, other_fix=none, other_start=none,
    )  # fmt: skip


def strongest(side: Side, series: Contrast, which: int, measure: int, factor: float) -> Change | None:
    """The change of one irritant; None below evidence of 20, or with too few months on a side."""
    months = np.arange(FIRST_START, side.months)
    if not len(months):
        return None
    more, less = by_month(side, series, which, months, factor)
    both = np.logaddexp(more, less) - np.log(2.0)
    evidence = float(logsumexp(both) + LOG_PRIOR_OF_A_MONTH)
    chance = np.exp(both - logsumexp(both))
    best = int(chance.argmax())
    settled = FEWEST_BEFORE <= months[best] <= side.months - FEWEST_AFTER
    if evidence < np.log(REPORTED_FROM) or not settled:
        return None
    first, last = shortest(chance)
    rose = bool(logsumexp(more) > logsumexp(less))
    return Change(measure, int(months[best]), int(months[first]), int(months[last]), rose, evidence)


def by_month(
    side: Side, series: Contrast, which: int, months: IntArray, factor: float
) -> tuple[FloatArray, FloatArray]:
    """(starts,) log e-value of a rise and of a fall from each month on."""
    since = np.arange(side.months)[None, :] - months[:, None]
    shapes = np.stack([ramp(since, delay, length) for delay, length in TEMPLATES.tolist()], axis=1)
    flat = shapes.reshape(-1, side.months)
    whitened = np.linalg.solve(series.covariance[which], flat.T)
    score = (whitened.T @ series.rest[which] / factor).reshape(shapes.shape[:2])
    information = (np.einsum("jt,tj->j", flat, whitened) / factor).reshape(shapes.shape[:2])
    sizes, odds = side.scale.sizes, side.scale.odds
    return log_e_value(score, information, sizes, odds), log_e_value(-score, information, sizes, odds)


def shortest(chance: FloatArray) -> tuple[int, int]:
    """First and last index of the shortest stretch that holds 90 % of the chance."""
    total = np.r_[0.0, np.cumsum(chance)]
    wanted = RANGE * total[-1] - 1e-12
    last = np.searchsorted(total, total[:-1] + wanted)
    width = np.where(last < len(total), last - np.arange(len(chance)), len(chance) + 1)
    first = int(width.argmin())
    return first, int(last[first]) - 1
