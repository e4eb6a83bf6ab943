"""The effect of an event on measured series of any kind and unit, by the estimator that judges fixes (§4.11).

    effect_on(Series.of(np.log(deaths), 1 / deaths), starts=[169, 169, NEVER])

The series are brought to a scale like that of scores and go through the look every fix goes through: common
month, variance components, levels, control series, ways to begin, estimate. Published cases can so be held
against the very code whose figures HR reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pulse.correlation.cells import USUAL_VARIANCE
from pulse.correlation.engine import conclude, measure, prepare
from pulse.correlation.panel import BoolArray, Chain, Effect, Fix, FloatArray, IntArray, Panel
from pulse.correlation.scales import STAFF

NEVER = 10**6
LEAST_VARIANCE = 1e-4
ASKED, ELSEWHERE = "asked", "elsewhere"


class Unanswerable(ValueError):
    """The question does not fit the series; the message says what is wrong."""


@dataclass(frozen=True)
class Series:
    """Figures of several rows over the same consecutive periods, all in one unit; periods count from 0.

    mean -- (rows, periods) the figures, NaN = none
    variance -- (rows, periods) sampling variance of each figure, unit^2: s^2/n for a mean of n answers, 1/n
                for the logarithm of a count n, 0 where unknown (what periods scatter by is then estimated
                from the rows themselves)
    place, measure -- (rows,) numbers from 0: rows of one place share its good and bad spells, rows of one
                      measure those of the measure; a pair occurs once
    """

    mean: FloatArray
    variance: FloatArray
    place: IntArray
    measure: IntArray

    @classmethod
    def of(
        cls,
        mean: npt.ArrayLike,
        variance: npt.ArrayLike = 0.0,
        *,
        place: npt.ArrayLike | None = None,
        measure: npt.ArrayLike | None = None,
    ) -> Series:
        """The series of a table (rows, periods); by default each row is a place, all on one measure.

        variance -- anything that broadcasts to the table; place, measure -- (rows,) labels of any kind
        Raises Unanswerable where shapes do not fit, a figure or variance is infinite, a variance negative or
        missing, or two rows are of one place and measure.
        """
        table = np.array(mean, float)
        if table.ndim != 2 or not table.size:
            raise Unanswerable("the figures are no table of rows and periods")
        try:
            noise = np.broadcast_to(np.asarray(variance, float), table.shape)
        except ValueError:
            raise Unanswerable("the variances do not fit the figures") from None
        there = ~np.isnan(table)
        if np.isinf(table).any() or not (np.isfinite(noise) & (noise >= 0))[there].all():
            raise Unanswerable("a figure or a variance is no finite number, or a variance is negative")
        rows = len(table)
        places = _numbered(np.arange(rows) if place is None else place, rows)
        measures = _numbered(np.zeros(rows) if measure is None else measure, rows)
        if len(set(zip(places.tolist(), measures.tolist(), strict=True))) < rows:
            raise Unanswerable("two rows are of one place and measure")
        return cls(table, np.where(there, noise, 0.0), places, measures)

    @property
    def periods(self) -> int:
        """Columns."""
        return int(self.mean.shape[1])


def effect_on(
    series: Series,
    starts: npt.ArrayLike,
    rows: Sequence[int] | None = None,
    *,
    point: float | None = None,
) -> Effect | None:
    """The change at full roll-out with its 95 % interval, in the unit of the series; None = nothing is said.

    starts -- (rows,) period in which the event began at each row, NEVER where it did not: only such rows, and
              the others up to three periods before, serve as comparison
    rows -- the rows asked about, of one measure and pooled; by default every row at which it began. A row
            left out with a start counts as touched by the same event: neither asked about nor a comparison
    point -- how much of the unit is worth one point of 0..10. By default the standard deviation of all
             untouched figures is 1.2 points, the spread levels of scores have. Estimates move with the zero
             and the unit of the series (shift and scale).

    Nothing is said below four periods, below three since the start, where the figures since tell less than
    twenty ordinary answers would (sampling variance 4 points^2 each), or where nothing ever moves. A figure
    is never taken to be known better than to a hundredth of a point.
    Raises Unanswerable where starts do not fit the rows, the event began at none or not at a row asked about,
    rows of several measures are asked about, or a point is worth nothing.
    Source: method.md §4.1 to 4.4, 4.6, 4.8, 4.11.
    """
    begun = _starts(series, starts)
    asked = _asked(series, begun, rows)
    free = np.arange(series.periods) < (begun - 2)[:, None]
    if point is not None and not point > 0:
        raise Unanswerable("a point must be worth something")
    scale = point or _point(series, free)
    if not scale:
        return None
    fixes = _events(series, begun, asked)
    last = series.periods - 1
    prepared = prepare(
        _panel(series, free, scale), None, fixes, Chain(), month=last, monitored=2 * NEVER
    )  # fmt: skip
    (mine,) = (index for index in prepared.live if prepared.fixes[index].code == ASKED)
    (finding,) = conclude(prepared, [measure(prepared, [mine])], charts=False)
    found = finding.staff
    return None if found is None else Effect.of(found.value * scale, found.se * scale)


def _numbered(labels: npt.ArrayLike, rows: int) -> IntArray:
    """(rows,) each label's rank."""
    given = np.asarray(labels)
    if given.shape != (rows,):
        raise Unanswerable("places or measures do not fit the rows")
    return np.asarray(np.unique(given, return_inverse=True)[1], np.int64)


def _starts(series: Series, starts: npt.ArrayLike) -> IntArray:
    begun = np.asarray(starts, np.int64)
    if begun.shape != series.place.shape:
        raise Unanswerable("starts do not fit the rows")
    return begun


def _asked(series: Series, begun: IntArray, rows: Sequence[int] | None) -> IntArray:
    """Rows asked about, sorted."""
    there = begun < series.periods
    asked = np.flatnonzero(there) if rows is None else np.unique(np.asarray(rows, np.int64))
    if not len(asked) or not there[asked].all():
        raise Unanswerable("the event did not begin at the rows asked about")
    if len(np.unique(series.measure[asked])) > 1:
        raise Unanswerable("rows of several measures cannot be pooled; ask about one at a time")
    return asked


def _point(series: Series, free: BoolArray) -> float:
    """The unit's worth of a point: the spread of untouched figures is that of scores' levels."""
    for which in (free, np.ones_like(free)):
        figures = series.mean[which & ~np.isnan(series.mean)]
        spread = float(np.std(figures)) if len(figures) else 0.0
        if spread > 0:
            return spread / STAFF.level_sd
    return 0.0


def _events(series: Series, begun: IntArray, asked: IntArray) -> list[Fix]:
    """The event as a fix of the rows asked about, and one a measure of all others it touched."""
    left = np.setdiff1d(np.flatnonzero(begun < NEVER), asked)
    groups = [(ASKED, asked)]
    groups += [
        (f"{ELSEWHERE} {number}", left[series.measure[left] == number])
        for number in np.unique(series.measure[left])
    ]
    return [
        Fix(
            code=code,
            measure=int(series.measure[rows[0]]),
            start=int(begun[rows].min()),
            teams=tuple(series.place[rows].tolist()),
            team_starts=tuple(begun[rows].tolist()),
        )
        for code, rows in groups
    ]


def _panel(series: Series, free: BoolArray, point: float) -> Panel:
    """The series as cells of scores: as many ordinary answers each as make its sampling variance."""
    there = ~np.isnan(series.mean)
    middle = series.mean[there & free] if (there & free).any() else series.mean[there]
    noise = np.maximum(series.variance / point**2, LEAST_VARIANCE)
    return Panel(
        place=series.place,
        measure=series.measure,
        n=np.where(there, USUAL_VARIANCE / noise, 0.0),
        mean=np.where(there, (series.mean - np.mean(middle)) / point, 0.0),
        variance=np.where(there, USUAL_VARIANCE, 0.0),
        came_from=np.full(int(series.place.max()) + 1, -1),
    )
