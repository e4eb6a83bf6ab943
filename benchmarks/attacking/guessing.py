"""Rule 5 under attack: from one wave to the next exactly one person left a unit; what had this one answered?

The attacker knows who left, that nobody else came or went, and supposes that the others answer as before.
Chance is what the first wave's figure alone lets one guess: the label next to the mean. Only what is guessed
beyond chance by more than three standard errors counts as success.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from math import sqrt

import numpy as np

from benchmarks.attacking.made_up import LABELS, NOBODY
from benchmarks.attacking.scraped import Seen
from pulse.ledger.disclosure import Extent, line
from pulse.months import between

REACH = 6  # waves back that are held beside a wave
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
    hits, chances = [], []
    for waves in by_measure.values():
        for now in waves.values():
            for before in waves.values():
                if 1 <= between(before.month.month, now.month.month) <= REACH:
                    for unit, answer, people in _one_left(before, now):
                        then, later = _read(before, unit), second(now, unit)
                        if then is None or later is None:
                            continue
                        chances.append(_label(then / people) == answer)
                        hits.append(_label(then - later) == answer)
    return len(hits), _beyond_chance(hits, chances)


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


def _label(score: float) -> int:
    return int(min(max(round(score / LABELS), 0), 4)) * LABELS


def _beyond_chance(hits: list[bool], chances: list[bool]) -> int:
    """How many more guesses came true than chance explains: 0 within three standard errors."""
    more = sum(hits) - sum(chances)
    differ = sum(hit != chance for hit, chance in zip(hits, chances, strict=True))
    return more if more > 3 * sqrt(differ) else 0
