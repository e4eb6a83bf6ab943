"""What dashboards do instead: before against after, correlation, difference-in-differences.

Each tests the fix's own teams and touchpoints on its irritant, at every month from the second after the
start. All arrays are (fixes, months) unless said otherwise; a look at month t uses months up to t alone.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import stats

from benchmarks.scoring import Judged, Said
from benchmarks.simulator import MONITORED, SimulatedCompany
from pulse.correlation.panel import BoolArray, FloatArray, IntArray, Panel

LEVEL = 0.025  # one-sided
BEFORE = 12  # months
LAGS = 4

Tests = tuple[FloatArray, FloatArray]  # (fixes, months) one-sided p of a rise and of a fall


def procedures(made: SimulatedCompany) -> dict[str, list[Judged]]:
    """Each procedure's verdict on every fix at every look."""
    answers, means = (both(made, test) for test in (welch_answers, welch_means))
    customers, staff = answers
    return {
        "before/after, all answers": said(made, customers, staff),
        "before/after, monthly means": said(made, *means),
        "correlation, best of 4 lags": said(made, customers, correlation(made)),
        "difference-in-differences": said(made, *both(made, differences)),
    }


def both(
    made: SimulatedCompany, test: Callable[[Panel, SimulatedCompany, bool], Tests]
) -> tuple[Tests, Tests]:
    """The same test on customers and on staff."""
    return test(made.customers, made, True), test(made.staff, made, False)


def said(made: SimulatedCompany, customers: Tests, staff: Tests) -> list[Judged]:
    """Verdicts by the usual reading: customers down and staff up is displaced, and so on."""
    better, worse = customers[1] < LEVEL, customers[0] < LEVEL
    pay = staff[0] < LEVEL
    names = np.select([worse, better & pay, better], ["backfired", "displaced", "resolved"], "ineffective")
    found = []
    for i, truth in enumerate(made.truth):
        last = min(made.size.months, truth.start + MONITORED)
        looks = tuple(Said(t - truth.start + 1, str(names[i, t])) for t in range(truth.start + 1, last))
        found.append(Judged(truth, made.size.months - truth.start, looks))
    return found


def scopes(panel: Panel, made: SimulatedCompany, customer: bool) -> BoolArray:
    """(fixes, rows) whether a row is in the fix's scope, teams that came of a split included."""
    place = panel.place if customer else made.root[panel.place]
    found = np.zeros((len(made.fixes), len(panel.place)), bool)
    for i, fix in enumerate(made.fixes):
        mine = np.array(fix.touchpoints) if customer else made.root[list(fix.teams)]
        found[i] = np.isin(place, mine) & (panel.measure == fix.measure)
    return found


def windows(made: SimulatedCompany) -> tuple[BoolArray, BoolArray]:
    """(fixes, months) the twelve months before each start, and all months from it on."""
    start = np.array([fix.start for fix in made.fixes])[:, None]
    month = np.arange(made.size.months)
    return (month < start) & (month >= start - BEFORE), month >= start


def welch_answers(panel: Panel, made: SimulatedCompany, customer: bool) -> Tests:
    """Welch's test on all single answers before against after."""
    inside = scopes(panel, made, customer).astype(float)
    total = panel.n * panel.mean
    squares = panel.variance * np.maximum(panel.n - 1, 0) + panel.n * panel.mean**2
    return _welch(inside @ panel.n, inside @ total, inside @ squares, *windows(made))


def welch_means(panel: Panel, made: SimulatedCompany, customer: bool) -> Tests:
    """Welch's test on the scope's monthly means."""
    mean = monthly(panel, made, customer)
    there = ~np.isnan(mean)
    mean = np.where(there, mean, 0.0)
    return _welch(there.astype(float), mean, mean**2, *windows(made))


def monthly(panel: Panel, made: SimulatedCompany, customer: bool) -> FloatArray:
    """(fixes, months) the scope's mean over answers, NaN without any."""
    inside = scopes(panel, made, customer).astype(float)
    n, total = inside @ panel.n, inside @ (panel.n * panel.mean)
    return np.divide(total, n, out=np.full_like(total, np.nan), where=n > 0)


def _welch(
    n: FloatArray, total: FloatArray, squares: FloatArray, before: BoolArray, after: BoolArray
) -> Tests:
    """From sums by month: all values before against all values from the start to each month."""
    past = [np.where(before, values, 0.0).sum(1, keepdims=True) for values in (n, total, squares)]
    since = [np.where(after, values, 0.0).cumsum(1) for values in (n, total, squares)]
    (n0, mean0, var0), (n1, mean1, var1) = (_moments(*sums) for sums in (past, since))
    with np.errstate(divide="ignore", invalid="ignore"):
        a, b = var0 / n0, var1 / n1
        freedom = (a + b) ** 2 / (a**2 / (n0 - 1) + b**2 / (n1 - 1))
        return _tails((mean1 - mean0) / np.sqrt(a + b), freedom)


def _moments(
    n: FloatArray, total: FloatArray, squares: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total / n
        return n, mean, np.maximum(squares - n * mean**2, 1e-9) / (n - 1)


def _tails(t: FloatArray, freedom: FloatArray) -> Tests:
    """p of a rise and of a fall; 1 where there is no test."""
    usable = np.isfinite(t) & np.isfinite(freedom) & (freedom > 0)
    t, freedom = np.where(usable, t, 0.0), np.where(usable, freedom, 1.0)
    rise, fall = stats.t.sf(t, freedom), stats.t.cdf(t, freedom)
    return np.where(usable, rise, 1.0), np.where(usable, fall, 1.0)


def correlation(made: SimulatedCompany) -> Tests:
    """Pearson's r of staff on customers 0 to 3 months earlier: p of the most negative one."""
    customers, staff = monthly(made.customers, made, True), monthly(made.staff, made, False)
    before, after = windows(made)
    p = np.ones(staff.shape)
    for lag in range(LAGS):
        led = np.full_like(customers, np.nan)
        led[:, lag:] = customers[:, : customers.shape[1] - lag]
        p = np.minimum(p, _negative(led, staff, before | after))
    return p, np.ones_like(p)


def _negative(x: FloatArray, y: FloatArray, window: BoolArray) -> FloatArray:
    """One-sided p of a negative correlation over the window up to each month."""
    usable = window & ~np.isnan(x) & ~np.isnan(y)
    x, y = np.where(usable, x, 0.0), np.where(usable, y, 0.0)
    n = usable.cumsum(1).astype(float)
    sx, sy, sxx, syy, sxy = (v.cumsum(1) for v in (x, y, x * x, y * y, x * y))
    with np.errstate(divide="ignore", invalid="ignore"):
        r = (sxy - sx * sy / n) / np.sqrt((sxx - sx**2 / n) * (syy - sy**2 / n))
        return _tails(r * np.sqrt((n - 2) / (1 - r**2)), n - 2)[1]


def differences(panel: Panel, made: SimulatedCompany, customer: bool) -> Tests:
    """Difference-in-differences of units' changes, scope against the irritant's other units.

    Errors by unit with Welch's freedom, which is what CR2 with Bell-McCaffrey freedom comes to for two groups
    of clusters (Imbens & Kolesár 2016, Rev. Econ. Stat. 98, 701); a single unit in scope takes the spread of
    the others.
    """
    inside = scopes(panel, made, customer)
    before, after = windows(made)
    p = np.ones((2, len(made.fixes), made.size.months))
    for i, fix in enumerate(made.fixes):
        rows = np.flatnonzero(panel.measure == fix.measure)
        change = _changes(panel, rows, before[i], after[i], relative=customer)
        p[:, i] = _two_groups(change, inside[i, rows])
    return p[0], p[1]


def _changes(
    panel: Panel, rows: IntArray, before: BoolArray, after: BoolArray, *, relative: bool
) -> FloatArray:
    """(rows, months) mean from the start to each month against the mean before, NaN where one is missing."""
    n, total = panel.n[rows], panel.n[rows] * panel.mean[rows]
    with np.errstate(divide="ignore", invalid="ignore"):
        past = (total * before).sum(1, keepdims=True) / (n * before).sum(1, keepdims=True)
        change = (total * after).cumsum(1) / (n * after).cumsum(1) - past
        return change / past if relative else change


def _two_groups(change: FloatArray, mine: BoolArray) -> FloatArray:
    """(2, months) p of a rise and of a fall of the scope's mean change beyond the others'."""
    (n1, mean1, var1), (n0, mean0, var0) = (_unit_moments(change[some]) for some in (mine, ~mine))
    var1 = np.where(n1 > 1, var1, var0)
    with np.errstate(divide="ignore", invalid="ignore"):
        a, b = var1 / n1, var0 / n0
        freedom = (a + b) ** 2 / (a**2 / np.maximum(n1 - 1, 1e9 * (n1 <= 1)) + b**2 / (n0 - 1))
        t = np.where((n1 > 0) & (n0 > 1), (mean1 - mean0) / np.sqrt(a + b), np.nan)
    return np.stack(_tails(t, freedom))


def _unit_moments(change: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Count, mean and variance of the units with a change, (months,) each."""
    there = ~np.isnan(change)
    values = np.where(there, change, 0.0)
    return _moments(there.sum(0).astype(float), values.sum(0), (values**2).sum(0))
