"""A candidate place as one series against what its units and its irritant do elsewhere (§4.6)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pulse.correlation.panel import BoolArray, FloatArray, IntArray
from pulse.correlation.side import Side

NO_DATA = 1e6
JITTER = 1e-6
CHUNK = 64
MONTHS_FOR_A_GAP = 6

TEMPLATES = np.array([(0, 1), (0, 2), (0, 4), (1, 1), (2, 1), (2, 3)], float)
TEMPLATE_WEIGHTS = np.array([0.30, 0.20, 0.15, 0.15, 0.10, 0.10])
OVERLAPS = np.array([(0, 1), (1, 3)], float)


@dataclass(frozen=True)
class Places:
    """Candidate places, each a set of rows of one irritant.

    row, owner -- (entries,) rows and the candidate each belongs to, sorted by candidate, none empty
    start, fresh, stop -- (entries,) month of the start at that row; first month whose cells count as after;
                          first month without the fix
    scope -- (places,) the fix whose whole scope is taken out of the irritant's other units, -1 = none
    apart -- (places,) the candidate's own rows are to be taken out as well
    other_entry, other_fix, other_start -- (overlaps,) entries that another fix touches, which, and when
    """

    row: IntArray
    owner: IntArray
    start: IntArray
    fresh: IntArray
    stop: IntArray
    scope: IntArray
    apart: BoolArray
    other_entry: IntArray
    other_fix: IntArray
    other_start: IntArray

    def __len__(self) -> int:
        return len(self.scope)

    def part(self, first: int, last: int) -> Places:
        """Candidates first..last-1 alone, renumbered from 0."""
        low, high = np.searchsorted(self.owner, [first, last])
        below, above = np.searchsorted(self.other_entry, [low, high])
        mine, others = slice(low, high), slice(below, above)
        return Places(
            self.row[mine], self.owner[mine] - first, self.start[mine], self.fresh[mine], self.stop[mine],
            self.scope[first:last], self.apart[first:last],
            self.other_entry[others] - low, self.other_fix[others], self.other_start[others],
        )  # fmt: skip


@dataclass(frozen=True)
class Contrast:
    """Candidates' series with what is expected of them.

    rest -- (places, months) pooled deviation from level beyond the control series
    covariance -- (places, months, months) of rest under no effect; months without data have a huge variance
    noise -- (places, months) sampling variance of the pooled mean
    templates -- (places, templates, months) what a full effect of 1 adds
    controls -- (places, months) bool, some control series has data
    rivalry -- (places,) largest share of the rows that another fix moved within two months of the start
    """

    rest: FloatArray
    covariance: FloatArray
    noise: FloatArray
    templates: FloatArray
    controls: BoolArray
    rivalry: FloatArray


def ramp(month: IntArray, delay: float, length: float) -> FloatArray:
    """Share of the full effect a number of months after the start, 0..1."""
    return np.clip((month - delay + 1.0) / length, 0.0, 1.0)


def contrast(side: Side, places: Places) -> Contrast:
    """Every candidate's series, covariance and templates (§4.6); the caller keeps batches small (CHUNK)."""
    pool = Pool.of(side, places)
    months, parts = side.months, side.parts
    z_unit, e_unit = same_unit(side, places, pool)
    z_irritant, e_irritant = same_irritant(side, places, pool)
    row, unit = parts.row.covariance(months), parts.unit.covariance(months)
    shrink = 1.0 / np.sqrt(pool.rows_worth[:, :, None] * pool.rows_worth[:, None, :])
    level = (side.scale.level_sd**2 / pool.size)[:, None, None]
    mine = row * shrink + level
    d = unit * shrink
    g = np.broadcast_to(parts.irritant.covariance(months), d.shape)
    enough = np.maximum(pool.sum(side.others[side.unit[places.row]] - 1.0) / pool.size, 0.5)
    e1 = 0.5 * row * shrink / enough[:, None, None] + level
    e2 = 0.5 * (row + unit) / controls_worth(side, e_irritant)[:, None, None] + level
    taken_d, kept_d = explained(d, e1, e_unit, z_unit)
    taken_g, kept_g = explained(g, e2, e_irritant, z_irritant)
    covariance = mine + kept_d + kept_g
    diagonal = np.arange(months)
    covariance[:, diagonal, diagonal] += pool.noise + JITTER
    rivalry = add_overlaps(covariance, side, places, pool)
    add_splits(covariance, side, places, pool)
    return Contrast(
        rest=pool.x - taken_d - taken_g,
        covariance=covariance,
        noise=np.where(pool.noise >= NO_DATA, 0.0, pool.noise),
        templates=templates(places, pool, months),
        controls=(e_unit < NO_DATA / 2) | (e_irritant < NO_DATA / 2),
        rivalry=rivalry,
    )


@dataclass(frozen=True)
class Pool:
    """Candidates' rows pooled by precision: x (places, months), its sampling variance (NO_DATA where none
    counts), how many rows' worth of information each month holds, and each row's share (entries, months)."""

    first: IntArray
    size: FloatArray
    x: FloatArray
    noise: FloatArray
    rows_worth: FloatArray
    share: FloatArray

    def sum(self, values: FloatArray) -> FloatArray:
        """Entries summed by candidate, along the first axis."""
        return np.add.reduceat(values, self.first, axis=0)

    @classmethod
    def of(cls, side: Side, places: Places) -> Pool:
        """The rows pooled, each month within reach of anticipation or of a late registration left out."""
        first = np.flatnonzero(np.r_[True, places.owner[1:] != places.owner[:-1]])
        size = np.diff(np.r_[first, len(places.owner)]).astype(float)
        t = np.arange(side.months)
        start, fresh, stop = (a[:, None] for a in (places.start, places.fresh, places.stop))
        s2 = side.s2[places.row]
        w = np.where(
            side.cells.ok[places.row] & (t < stop), 1.0 / (s2 + max(side.parts.row.total, 1e-9)), 0.0
        )
        quiet = np.where(start >= MONTHS_FOR_A_GAP, start - 2, start)
        told = np.where((t >= quiet) & (t < fresh), 0.0, w)

        def pooled(values: FloatArray) -> FloatArray:
            return np.add.reduceat(values, first, axis=0)

        before = np.where(t < quiet, w, 0.0)
        y = side.y[places.row]
        prior = side.fitted.irritant_level[side.irritant[places.row]] / side.scale.level_sd**2
        level = (np.einsum("rt,rt->r", before, y) + prior) / (before.sum(1) + side.scale.level_sd**-2)
        counted = pooled(told) > 0
        w = np.where(counted[places.owner], told, w)
        total = pooled(w)
        known = total > 0
        total = np.where(known, total, 1.0)
        share = w / total[places.owner]
        squares = pooled(share**2)
        return cls(
            first=first,
            size=size,
            x=pooled(share * (y - level[:, None])),
            noise=np.where(counted, pooled(share**2 * s2), NO_DATA),
            rows_worth=np.where(known, 1.0 / np.where(known, squares, 1.0), 1.0),
            share=share,
        )


def same_unit(side: Side, places: Places, pool: Pool) -> tuple[FloatArray, FloatArray]:
    """(places, months) the same units' other irritants, and the variance of their mean's noise."""
    own_weight, own_sum = side.within(places.row)
    unit = side.unit[places.row]
    weight = side.fitted.unit_weight[unit] - own_weight
    there = weight > 1e-9
    weight = np.where(there, weight, 1.0 / NO_DATA)
    value = np.where(there, (side.fitted.unit_sum[unit] - own_sum) / weight, 0.0)
    return pool.sum(pool.share * value), np.where(
        pool.sum(pool.share) > 0, pool.sum(pool.share**2 / weight), NO_DATA
    )


def same_irritant(side: Side, places: Places, pool: Pool) -> tuple[FloatArray, FloatArray]:
    """(places, months) the same irritant in other units, and the variance of its mean's noise."""
    own_weight, own_sum = side.spread(places.row)
    irritant = side.irritant[places.row[pool.first]]
    scope = np.maximum(places.scope, 0)
    whole, apart = (places.scope >= 0)[:, None], places.apart[:, None]
    weight = side.fitted.irritant_weight[irritant]
    total = side.fitted.irritant_sum[irritant]
    if len(side.scope_weight):
        weight = weight - np.where(whole, side.scope_weight[scope], 0.0)
        total = total - np.where(whole, side.scope_sum[scope], 0.0)
    weight = weight - np.where(apart, pool.sum(own_weight), 0.0)
    total = total - np.where(apart, pool.sum(own_sum), 0.0)
    there = weight > 1e-6 * np.maximum(side.fitted.irritant_weight[irritant], 1.0)
    weight = np.where(there, weight, 1.0 / NO_DATA)
    return np.where(there, total / weight, 0.0), 1.0 / weight


def controls_worth(side: Side, noise: FloatArray) -> FloatArray:
    """(places,) how many rows' worth of controls the irritant has elsewhere, at least 0.5."""
    weight = np.where(noise < NO_DATA / 2, 1.0 / noise, 0.0)
    return np.maximum(weight.mean(1) / side.usual_weight, 0.5)


def explained(
    shared: FloatArray, error: FloatArray, noise: FloatArray, series: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """What a control series explains of a shared component, and the covariance of what it leaves.

    shared, error -- (places, months, months) covariance of the component and of the series' own error
    noise -- (places, months) the series' sampling variance; series -- (places, months)
    """
    both = shared + error
    diagonal = np.arange(series.shape[1])
    both[:, diagonal, diagonal] += noise + JITTER
    solved = np.linalg.solve(both, np.concatenate([shared, series[:, :, None]], axis=2))
    predicted = shared @ solved
    left = shared - predicted[:, :, :-1]
    return predicted[:, :, -1], 0.5 * (left + left.transpose(0, 2, 1))


def templates(places: Places, pool: Pool, months: int) -> FloatArray:
    """(places, templates, months) share of the full effect each month holds under each delay and ramp."""
    since = np.arange(months) - places.start[:, None]
    each = [pool.sum(pool.share * ramp(since, delay, length)) for delay, length in TEMPLATES.tolist()]
    return np.stack(each, axis=1)


def add_overlaps(covariance: FloatArray, side: Side, places: Places, pool: Pool) -> FloatArray:
    """Let another fix on the same rows have moved them, at once or slowly; returns rivalry (places,)."""
    rivalry = np.zeros(len(places))
    if not len(places.other_entry):
        return rivalry
    months = side.months
    owner = places.owner[places.other_entry]
    pair, which = np.unique(np.column_stack([owner, places.other_fix]), axis=0, return_inverse=True)
    which = which.reshape(-1)
    share = pool.share[places.other_entry]
    since = np.arange(months) - places.other_start[:, None]
    for delay, length in OVERLAPS.tolist():
        u = np.zeros((len(pair), months))
        np.add.at(u, which, share * ramp(since, delay, length))
        u *= np.sqrt(0.5) * side.scale.overlap_sd
        np.add.at(covariance, pair[:, 0], u[:, :, None] * u[:, None, :])
    near = np.abs(places.other_start - places.start[places.other_entry]) <= 2
    part = np.zeros(len(pair))
    np.add.at(part, which, near / pool.size[owner])
    np.maximum.at(rivalry, pair[:, 0], part)
    return rivalry


def add_splits(covariance: FloatArray, side: Side, places: Places, pool: Pool) -> None:
    """Let a row's level differ from that of the place it split from."""
    split = side.cells.split[places.row]
    if not split.any():
        return
    after = (np.arange(side.months) >= split[:, None]) & (split > 0)[:, None]
    u = side.scale.split_sd * pool.sum(np.where(after, pool.share, 0.0))
    covariance += u[:, :, None] * u[:, None, :]
