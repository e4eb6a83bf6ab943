"""Rule 5 under attack: from one wave to the next exactly one person left a unit; what had this one answered?

The attacker knows who left and that nobody else came, went or fell silent. From one half of all such cases he
learns which answer is the likeliest for what he sees, the level of the first figure and how far the second
is from it, and guesses the other half by it. Chance is what the first figure alone lets him guess, learned
the same way. Only what is guessed beyond chance by more than three standard errors counts as success; waves
up to three months apart, which the rule remembers, and waves further apart are judged by themselves.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from math import sqrt
from typing import NamedTuple

import numpy as np

from benchmarks.attacking.made_up import LABELS, NOBODY
from benchmarks.attacking.scraped import Seen
from pulse.ledger.disclosure import Extent, line
from pulse.ledger.steadiness import REMEMBERED
from pulse.months import between

REACH = 6  # waves back that are held beside a wave


class Case(NamedTuple):
    """A leaver's answer, the level of the first figure in answers, and how far below it the second is."""

    answer: int
    level: int
    apart: int


Estimate = Callable[[Seen, int], float | None]


def leavers(scraped: Sequence[Seen]) -> tuple[int, int]:
    """(tried, succeeded): a unit's figure beside its figure of an earlier wave."""
    return _guessed(scraped, _read)


def leavers_by_subtraction(scraped: Sequence[Seen]) -> tuple[int, int]:
    """(tried, succeeded): what is left of a unit above, when all else in it is taken away, beside it."""
    return _guessed(scraped, _subtracted)


def _read(seen: Seen, unit: int) -> float | None:
    """The total of a unit's answers as its own figure has it."""
    figure = seen.shown.get((unit, Extent.OWN))
    return None if figure is None else figure.score * seen.people[unit]


def _subtracted(seen: Seen, unit: int) -> float | None:
    """The same from the lowest figure above, less all fresh figures that do not hold the unit."""
    for above in line(seen.month.parents, unit):
        whole = seen.fresh.get((above, Extent.WHOLE))
        if whole is None or unit not in whole:
            continue
        left, total = whole, float(seen.shown[above, Extent.WHOLE].score * seen.size(whole))
        for key, part in seen.inside[above]:
            if part < whole and unit not in part and part <= left:
                left, total = left - part, total - seen.shown[key].score * seen.size(part)
        return total if left == frozenset({unit}) else None
    return None


def _guessed(scraped: Sequence[Seen], second: Estimate) -> tuple[int, int]:
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
    return len(near) + len(far), _beyond_chance(near) + _beyond_chance(far)


def _cases(before: Seen, now: Seen, second: Estimate) -> Iterator[Case]:
    for unit, answer, people in _one_left(before, now):
        then, later = _read(before, unit), second(now, unit)
        if then is not None and later is not None:
            apart = min(max(round((then - later) / LABELS), -4), 8)
            yield Case(answer, round(then / people / LABELS), apart)


def _one_left(before: Seen, now: Seen) -> list[tuple[int, int, int]]:
    """(unit, what the leaver had answered, how many answered then) wherever nothing else happened."""
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
        (int(was[p]), int(gave[p]), int(n[was[p]]))
        for p in np.flatnonzero(left & (gave != NOBODY))
        if alone[was[p]]
    ]


def _beyond_chance(cases: Sequence[Case]) -> int:
    """How many more guesses came true than chance explains: 0 within three standard errors."""
    more = differ = 0
    for half in (0, 1):
        learned, tried = cases[half::2], cases[1 - half :: 2]
        seeing, blind = _learned(learned, both=True), _learned(learned, both=False)
        for case in tried:
            chance = blind.get(case.level)
            hit, luck = seeing.get((case.level, case.apart), chance) == case.answer, chance == case.answer
            more, differ = more + hit - luck, differ + (hit != luck)
    return more if more > 3 * sqrt(differ) else 0


def _learned(cases: Iterable[Case], *, both: bool) -> dict[object, int]:
    """The commonest answer for everything that can be seen."""
    seen: dict[object, Counter[int]] = defaultdict(Counter)
    for case in cases:
        seen[(case.level, case.apart) if both else case.level][case.answer] += 1
    return {key: max(sorted(answers), key=answers.__getitem__) for key, answers in seen.items()}
