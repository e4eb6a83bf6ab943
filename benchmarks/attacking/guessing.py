"""Rule 5 under attack: from one wave to another exactly one person left a unit; what had this one answered?

The attacker knows who left, that nobody else came, went or fell silent, and how many answered. For both waves
he works out the unit's total as exactly as figures allow, from its own figure or by subtraction from a unit
above; the difference is the leaver's answer, blurred by rounding and by what the others changed. He weighs
the five possible answers by this difference and by how often leavers of such a level gave each, and guesses
the likeliest. How often, and how much others change, he learns from leavers of the other half: no person is
in the half one learns from and in the half one guesses.

He has gained something where, over all leavers, the true answers were the likelier ones with the second
figure than without it: the logarithms of how much likelier are added up by person, because one person's
answers are alike and count as one draw. A sum that is too high for luck means that the figures leak: fewer
than one in a hundred draws, divided among all guesses made, come out as high when each person's sum keeps or
changes its sign by chance. Then every guess that came true beyond those by the first figure alone counts as a
success, at least one; else none does.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from benchmarks.attacking.made_up import LABELS, NOBODY
from benchmarks.attacking.scraped import Key, Seen
from pulse.ledger.disclosure import Extent, line
from pulse.ledger.rounding import HIGHEST
from pulse.ledger.steadiness import REMEMBERED
from pulse.months import between

REACH = 6  # waves back that are held beside a wave
ANSWERS = range(0, HIGHEST + 1, LABELS)
LUCK = 0.01 / 4  # two ways to work the second figure out, near and far: four guesses
DRAWS = 10_000


class Estimate(NamedTuple):
    """A unit's total in hundredths as figures tell it, and the variance that their rounding leaves."""

    total: float
    blur: float


class Case(NamedTuple):
    """A leaver's answer, what the first figure says, and how far below it the second is, with its blur.

    apart -- None where nothing new is shown
    """

    person: int
    answer: int
    level: int
    people: int
    apart: float | None
    blur: float


class Learned(NamedTuple):
    """How often leavers gave each answer, at all and by level, and how much one person changes (variance)."""

    overall: Counter[int]
    by_level: dict[int, Counter[int]]
    change: float


Floats = npt.NDArray[np.float64]
Way = Callable[[Seen, int], Estimate | None]


def leavers(scraped: Sequence[Seen]) -> tuple[int, int]:
    """(tried, succeeded): a unit's own figures of two waves."""
    return _guessed(scraped, _read)


def leavers_by_subtraction(scraped: Sequence[Seen]) -> tuple[int, int]:
    """(tried, succeeded): its first figure beside what is left of a unit above without all else."""
    return _guessed(scraped, _subtracted)


def _rounded(seen: Seen, key: Key) -> Estimate:
    n, step = seen.size(seen.fresh[key]), seen.shown[key].step
    return Estimate(seen.shown[key].score * n, (step * n) ** 2 / 12)


def _read(seen: Seen, unit: int) -> Estimate | None:
    """The total of a unit's answers as its own figure has it."""
    key = (unit, Extent.OWN)
    return _rounded(seen, key) if key in seen.fresh else None


def _subtracted(seen: Seen, unit: int) -> Estimate | None:
    """The same from the lowest figure above, less all fresh figures that do not hold the unit."""
    for above in line(seen.month.parents, unit):
        whole = seen.fresh.get((above, Extent.WHOLE))
        if whole is None or unit not in whole:
            continue
        left, (total, blur) = whole, _rounded(seen, (above, Extent.WHOLE))
        for key, part in seen.inside[above]:
            if part < whole and unit not in part and part <= left:
                less = _rounded(seen, key)
                left, total, blur = left - part, total - less.total, blur + less.blur
        return Estimate(total, blur) if left == frozenset({unit}) else None
    return None


def _guessed(scraped: Sequence[Seen], second: Way) -> tuple[int, int]:
    by_measure: dict[int, dict[date, Seen]] = defaultdict(dict)
    for seen in scraped:
        by_measure[seen.measure][seen.month.month] = seen
    near: list[Case] = []
    far: list[Case] = []
    for waves in by_measure.values():
        for now in waves.values():
            for before in waves.values():
                apart = between(before.month.month, now.month.month)
                if 1 <= apart <= REACH:
                    (near if apart <= REMEMBERED else far).extend(_cases(before, now, second))
    return len(near) + len(far), beyond_chance(near) + beyond_chance(far)


def _cases(before: Seen, now: Seen, second: Way) -> Iterator[Case]:
    for person, unit, answer, people in _one_left(before, now):
        then = _read(before, unit)
        if then is None:
            continue
        later = second(now, unit)
        if later is None and second is not _read:
            continue
        apart, blur = (None, 0.0) if later is None else (then.total - later.total, then.blur + later.blur)
        yield Case(person, answer, round(then.total / people / LABELS), people, apart, blur)


def _one_left(before: Seen, now: Seen) -> list[tuple[int, int, int, int]]:
    """(person, unit, what this leaver had answered, how many answered then) where nothing else happened."""
    was, then = before.month.unit_of(), now.month.unit_of()
    at = before.measure - 1
    gave, gives = before.month.answers[:, at], now.month.answers[:, at]
    left = (was != NOBODY) & (then != was)
    joined = (then != NOBODY) & (then != was)
    silent = (was == then) & (was != NOBODY) & ((gave == NOBODY) != (gives == NOBODY))
    size = max(was.max(), then.max()) + 1
    gone, come, other = (
        np.bincount(units, minlength=size)
        for units in (was[left & (gave != NOBODY)], then[joined & (gives != NOBODY)], was[silent])
    )
    n = np.bincount(was[gave != NOBODY], minlength=size)
    alone = (gone == 1) & (come == 0) & (other == 0) & (n < 20)
    return [
        (int(p), int(was[p]), int(gave[p]), int(n[was[p]]))
        for p in np.flatnonzero(left & (gave != NOBODY))
        if alone[was[p]]
    ]


def beyond_chance(cases: Sequence[Case]) -> int:
    """How many more guesses came true than the first figure alone gives; 0 where luck may explain it."""
    more, gained = 0, dict[int, float]()
    for half in (0, 1):
        learned = _learned([case for case in cases if case.person % 2 != half])
        for case in cases:
            if case.person % 2 == half and case.apart is not None:
                seen, (blind, seeing) = ANSWERS.index(case.answer), _chances(learned, case)
                more += int(seeing.argmax() == seen) - int(blind.argmax() == seen)
                likelier = float(np.log(seeing[seen]) - np.log(blind[seen]))
                gained[case.person] = gained.get(case.person, 0.0) + likelier
    return max(1, more) if luck(list(gained.values())) < LUCK else 0


def luck(gains: Sequence[float]) -> float:
    """How likely gains add up to as much when the sign of each is drawn: one-sided, exact up to draws."""
    each = np.array([gain for gain in gains if gain], dtype=float)
    if not len(each):
        return 1.0
    random, high = np.random.default_rng(0), 0
    for _ in range(DRAWS // 500):
        high += int((random.choice((-1.0, 1.0), (500, len(each))) @ each >= each.sum()).sum())
    return (1 + high) / (1 + DRAWS)


def _learned(cases: Sequence[Case]) -> Learned:
    by_level: dict[int, Counter[int]] = defaultdict(Counter)
    for case in cases:
        by_level[case.level][case.answer] += 1
    seen = [(case.apart - case.answer) ** 2 - case.blur for case in cases if case.apart is not None]
    people = sum(case.people - 1 for case in cases if case.apart is not None)
    change = max(sum(seen) / people if people else 0.0, LABELS**2 / 20)
    return Learned(Counter(case.answer for case in cases), by_level, change)


def _chances(learned: Learned, case: Case) -> tuple[Floats, Floats]:
    """The chance of each answer by the first figure alone, and with the second; never nothing."""
    common, here = learned.overall, learned.by_level.get(case.level, Counter())
    whole = sum(common.values())
    first = np.array([here[a] + (common[a] + 1) / (whole + len(ANSWERS)) for a in ANSWERS])
    assert case.apart is not None
    variance = learned.change * (case.people - 1) + case.blur
    second = first * np.exp(-((case.apart - np.array(ANSWERS)) ** 2) / (2 * variance)) + 1e-9
    return first / first.sum(), second / second.sum()
