"""How right a procedure was: what it said at each look, held against what each fix really did.

The figures, as docs/method.md prints them. A fix's month n is the look n months after its start, the month of
the start being the first. Harmless = every fix that displaces nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from math import inf, sqrt

import numpy as np

from benchmarks.planting import Row
from benchmarks.simulator import Truth

Interval = tuple[float, float]
DEFINITE = ("resolved", "displaced", "ineffective", "backfired")
BINS = np.array([0.2, 0.4, 0.6, 0.8])
POINTS = (0.3, 0.8, 1.2, 1.6, 2.1)
PLACES = {  # where it landed -> kind, fewest and most landing rows
    "own team, one": ("disp_same", 1, 1),
    "own teams, 2-3": ("disp_same", 2, 3),
    "own teams, 4+": ("disp_same", 4, 999),
    "neighbours, 1-2": ("disp_hop", 1, 2),
    "other irritant, one": ("disp_irr", 1, 1),
    "other irritant, 2-3": ("disp_irr", 2, 3),
    "other irritant, 4+": ("disp_irr", 4, 999),
}


@dataclass(frozen=True)
class Said:
    """What a procedure says about a fix at one look.

    month -- months since the start, the start's month being 1; outcome -- a verdict code
    probability -- that staff pay; customer, staff -- 95 % intervals in points
    landing -- rows where it puts the burden, by the teams they came of; reason -- what the verdict adds
    """

    month: int
    outcome: str
    probability: float | None = None
    customer: Interval | None = None
    staff: Interval | None = None
    landing: tuple[Row, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class Judged:
    """One fix: what it really did, the months of data it had, and all that was said, in order of months."""

    truth: Truth
    months: int
    said: tuple[Said, ...]

    def at(self, month: int) -> Said | None:
        """What was said in the n-th month, or None."""
        return next((one for one in self.said if one.month == month), None)

    @property
    def flagged(self) -> Said | None:
        """The first time it was called displaced, or None."""
        return next((one for one in self.said if one.outcome == "displaced"), None)

    def flagged_within(self, month: int) -> bool:
        """Called displaced in the n-th month or before."""
        return self.flagged is not None and self.flagged.month <= month


Company = Sequence[Judged]


@dataclass(frozen=True)
class Share:
    """A share with its Monte Carlo standard error (jackknife over companies) and what it is a share of."""

    value: float
    error: float
    count: int

    def __str__(self) -> str:
        return "-" if not self.count else f"{self.value:.3f}±{self.error:.3f}"


@dataclass(frozen=True)
class Figures:
    """Every figure of the table for one procedure."""

    harmless: int
    displaced: int
    false: Share
    false_resolved: Share
    companies: Share
    power: dict[int, Share]
    ever: Share
    median: float
    place: Share
    exact_place: Share
    right: Share
    given: Share
    covered_customer: Share
    covered_staff: Share
    calibration: float
    by_kind: dict[str, Share] = field(default_factory=dict)


def figures(companies: Sequence[Company]) -> Figures:
    """All figures of one procedure over companies."""
    everything = [one for company in companies for one in company]
    return Figures(
        harmless=sum(not one.truth.displaced for one in everything),
        displaced=sum(one.truth.displaced for one in everything),
        false=share(companies, _flagged, lambda one: not one.truth.displaced),
        false_resolved=share(companies, _flagged, lambda one: one.truth.kind == "resolved"),
        companies=_accused(companies),
        power={n: _power(companies, n) for n in (3, 6, 12)},
        ever=share(companies, _flagged, lambda one: one.truth.displaced),
        median=_median(everything),
        place=share(companies, lambda one: _place(one) > 0, _rightly_flagged),
        exact_place=share(companies, lambda one: _place(one) >= 0.5, _rightly_flagged),
        right=share(companies, _right_at_six, _definite_at_six),
        given=share(companies, _definite_at_six, lambda one: one.at(6) is not None),
        covered_customer=share(companies, _covers("customer"), _has("customer")),
        covered_staff=share(companies, _covers("staff"), _has("staff")),
        calibration=calibration(everything),
        by_kind={kind: _power(companies, 6, kind) for kind in ("disp_same", "disp_hop", "disp_irr")},
    )


def _power(companies: Sequence[Company], month: int, kind: str = "") -> Share:
    """Displaced fixes (of a kind) flagged by their n-th month, among those with so many months of data."""

    def flagged(one: Judged) -> bool:
        return one.flagged_within(month)

    def counts(one: Judged) -> bool:
        return one.truth.displaced and one.months >= month and kind in ("", one.truth.kind)

    return share(companies, flagged, counts)


def share(
    companies: Sequence[Company], hit: Callable[[Judged], bool], counts: Callable[[Judged], bool]
) -> Share:
    """The share of the fixes that count which are hits."""
    table = np.array(
        [[sum(hit(o) for o in some if counts(o)), sum(counts(o) for o in some)] for some in companies], float
    )
    return _jackknifed(table)


def _jackknifed(table: np.ndarray) -> Share:
    """Of (companies, 2) hits and counts: their ratio, its error when companies are what is drawn."""
    hits, count = table.sum(0)
    if not count:
        return Share(float("nan"), float("nan"), 0)
    left = table.sum(0) - table
    value = hits / count
    without = np.divide(left[:, 0], left[:, 1], out=np.full(len(table), value), where=left[:, 1] > 0)
    return Share(value, sqrt((1 - 1 / len(table)) * ((without - value) ** 2).sum()), int(count))


def _flagged(one: Judged) -> bool:
    return one.flagged is not None


def _rightly_flagged(one: Judged) -> bool:
    return one.truth.displaced and one.flagged is not None and bool(one.flagged.landing)


def _accused(companies: Sequence[Company]) -> Share:
    """Companies with at least one wrong flag in their life."""
    wrong = [any(one.flagged and not one.truth.displaced for one in some) for some in companies]
    return _jackknifed(np.array([[hit, 1] for hit in wrong], float))


def _median(everything: Sequence[Judged]) -> float:
    """Months to the flag over displaced fixes with six months or more; infinite where not within twelve."""
    times = [
        one.flagged.month if one.flagged and one.flagged.month <= 12 else inf
        for one in everything
        if one.truth.displaced and one.months >= 6
    ]
    return float(np.sort(times)[len(times) // 2]) if times else inf


def _place(one: Judged) -> float:
    """Overlap of the rows named in the first flag with the true ones: those in both, over those in either."""
    assert one.flagged is not None
    named, true = set(one.flagged.landing), set(one.truth.landing_rows)
    return len(named & true) / len(named | true)


def _definite_at_six(one: Judged) -> bool:
    said = one.at(6)
    return said is not None and said.outcome in DEFINITE


def _right_at_six(one: Judged) -> bool:
    said = one.at(6)
    return said is not None and said.outcome == one.truth.verdict


def _has(side: str) -> Callable[[Judged], bool]:
    return lambda one: (said := one.at(6)) is not None and getattr(said, side) is not None


def _covers(side: str) -> Callable[[Judged], bool]:
    def covers(one: Judged) -> bool:
        low, high = getattr(one.at(6), side)
        return bool(low <= getattr(one.truth, side) <= high)

    return covers


def _stated(everything: Sequence[Judged], month: int) -> tuple[np.ndarray, np.ndarray]:
    """The probabilities stated at a month, and whether staff did pay, (fixes,) each."""
    pairs = [
        (said.probability, one.truth.staff_pay)
        for one in everything
        if (said := one.at(month)) is not None and said.probability is not None
    ]
    stated, true = np.array(pairs, float).reshape(-1, 2).T
    return stated, true


def calibration(everything: Sequence[Judged], month: int = 6) -> float:
    """Mean distance between stated probability and what came true, over five bins of the probability."""
    bins = reliability(everything, month)
    count = sum(n for _, _, n in bins)
    return sum(abs(stated - true) * n for stated, true, n in bins) / count if count else float("nan")


def reliability(everything: Sequence[Judged], month: int = 6) -> list[tuple[float, float, int]]:
    """Per bin of the stated probability: its mean, the share that came true, how many fixes."""
    stated, true = _stated(everything, month)
    which = np.digitize(stated, BINS)
    return [
        (float(stated[which == i].mean()), float(true[which == i].mean()), int((which == i).sum()))
        for i in range(len(BINS) + 1)
        if (which == i).any()
    ]


def by_effect(companies: Sequence[Company], month: int) -> dict[tuple[str, str], Share]:
    """Share flagged by a month, by where it landed and realised points a row; a year of data, surveyed."""
    return {
        (place, f"{low:.1f}-{high:.1f}"): share(
            companies, lambda one: one.flagged_within(month), _landed(place, low, high)
        )
        for place in PLACES
        for low, high in pairwise(POINTS)
    }


def _landed(place: str, low: float, high: float) -> Callable[[Judged], bool]:
    kind, fewest, most = PLACES[place]

    def counts(one: Judged) -> bool:
        true, rows = one.truth, len(one.truth.landing_rows)
        return (
            true.kind == kind
            and fewest <= rows <= most
            and low <= true.landed < high
            and one.months >= 12
            and true.surveyed
        )

    return counts


def precision_and_recall(companies: Sequence[Company], month: int) -> dict[str, tuple[Share, Share]]:
    """Per definite verdict at a month: how often it is right when said, how often said when right."""

    def says(one: Judged, outcome: str) -> bool:
        said = one.at(month)
        return said is not None and said.outcome == outcome

    def is_so(one: Judged, outcome: str) -> bool:
        return one.at(month) is not None and one.truth.verdict == outcome

    found = {}
    for outcome in DEFINITE:
        said, true = partial(says, outcome=outcome), partial(is_so, outcome=outcome)
        found[outcome] = share(companies, true, said), share(companies, said, true)
    return found
