"""Planning: how small an effect a survey would show and when (§7), and who is asked what (§8)."""

from __future__ import annotations

import hashlib
import math
from bisect import bisect, bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import NamedTuple

ANSWER_VARIANCE = 3.9
TEAM_VARIANCE = 0.05
COMMON_VARIANCE = 0.01
OWN_TEAMS, ELSEWHERE = 3.7, 4.5
LONGEST = 24

FEWEST_QUESTIONS, MOST_QUESTIONS = 4, 6
MOST_FOR_FIXES = 3
FAR = 3  # hops: as far as this or further, a unit is no place a fix's burden is looked for, but its control
CONTROLS = 5  # units that keep answering about a fix from far away
WANTED = {0: 12.0, 1: 12.0, 2: 8.0, FAR: 5.0}  # answers a month, by hops from the fix's teams
FEWEST_ANSWERS = WANTED[FAR]
PLACE_WEIGHT = {0: 0.44, 1: 0.20, 2: 0.12, FAR: 0.05}


def planned_se(answers: float, teams: int, before: float, after: float) -> float:
    """Standard error in points of a staff effect, measured formula of method.md §7.

    answers -- per team, irritant and month; teams -- pooled; before, after -- months on each side
    """
    if min(answers, teams, before, after) <= 0:
        return math.inf
    per_team = ANSWER_VARIANCE / answers * (1.0 / after + 1.0 / before) + TEAM_VARIANCE
    return math.sqrt(per_team / teams + COMMON_VARIANCE)


def detectable(answers: float, teams: int, before: float, after: float, *, elsewhere: bool = False) -> float:
    """Smallest staff effect in points found with 80 % power, in the fix's own teams or elsewhere."""
    return (ELSEWHERE if elsewhere else OWN_TEAMS) * planned_se(answers, teams, before, after)


def months_needed(
    effect: float, answers: float, teams: int, before: float, *, elsewhere: bool = False
) -> int | None:
    """Months after the start until an effect of that many points would show, None beyond two years."""
    for after in range(1, LONGEST + 1):
        if detectable(answers, teams, before, after, elsewhere=elsewhere) <= effect:
            return after
    return None


def answers_needed(
    effect: float, teams: int, before: float, after: float, *, elsewhere: bool = False
) -> int | None:
    """Answers per team, irritant and month for an effect to show in so many months, None if never."""
    if min(teams, before, after, effect) <= 0:
        return None
    wanted = (effect / (ELSEWHERE if elsewhere else OWN_TEAMS)) ** 2
    spare = (wanted - COMMON_VARIANCE) * teams - TEAM_VARIANCE
    return math.ceil(ANSWER_VARIANCE * (1.0 / after + 1.0 / before) / spare) if spare > 0 else None


def months_to_go(effect: float, *, teams: int, before: float, after: float, monthly: float) -> int | None:
    """Further months until so many points would show in the fix's own teams, None beyond two years.

    before, after -- answers per team so far, on each side of the start; monthly -- per team from now on
    """
    if min(teams, before, monthly) <= 0:
        return None
    for months in range(1, LONGEST + 1):
        answers = after + monthly * months
        per_team = ANSWER_VARIANCE * (1.0 / answers + 1.0 / before) + TEAM_VARIANCE
        if OWN_TEAMS * math.sqrt(per_team / teams + COMMON_VARIANCE) <= effect:
            return months
    return None


@dataclass(frozen=True)
class Watched:
    """A fix whose irritant a unit should answer.

    hops -- of the unit from the fix's teams: 0, 1, 2, or FAR for one of its controls
    settled -- probability already known that the matter is settled either way (0 = nothing known)
    """

    irritant: str
    hops: int
    settled: float = 0.0


class Past(NamedTuple):
    """The month in which a unit was asked about an irritant last, and how many times it has been asked."""

    last: float
    times: int


NEVER = Past(-math.inf, 0)


@dataclass(frozen=True)
class Unit:
    """A ballot unit as the allocation sees it; nothing of it depends on who the people are.

    respondents -- answers expected a month; asked -- its list; watched -- running fixes near it
    bound -- it is asked about nothing that is not on its list
    """

    code: str
    respondents: float
    asked: tuple[str, ...]
    watched: tuple[Watched, ...] = ()
    bound: bool = False


def allocate(
    unit: str,
    month: int,
    respondents: float,
    asked: Sequence[str],
    watched: Sequence[Watched] = (),
    *,
    questions: int = MOST_QUESTIONS,
    past: Mapping[str, Past] | None = None,
) -> tuple[str, ...]:
    """The irritants everybody in a ballot unit is asked in a month: 4 to 6, or all where the list is shorter.

    unit, month -- whose turn; the same arguments always give the same questions
    respondents -- answers expected from the unit; asked -- the unit's list
    watched -- running fixes, from registration to twelve months after the start, near the unit
    past -- when the unit was asked about an irritant before; one left out: never

    Fixes take at most three questions, and at most half of an even number. Since everyone in a unit answers
    the same questions, an irritant has as many answers as the unit has respondents in the months it is
    asked: it is asked as often as it takes to come to 12 answers a month on average for the fix's own teams
    and their neighbours, 8 two hops away, 5 in a control. The other places go to what was not asked about
    for longest, so that a burden that moved to another irritant is seen (method.md, section 8): with p of
    them, everything on a list of n comes back within n / p months, rounded up.
    """
    listed = tuple(dict.fromkeys(asked))
    size = max(FEWEST_QUESTIONS, min(questions, MOST_QUESTIONS))
    if len(listed) <= size:
        return listed
    first = for_fixes(unit, month, respondents, listed, watched, places_for_fixes(size))
    rest = [irritant for irritant in listed if irritant not in first]
    return tuple(first) + tuple(turn(unit, rest, size - len(first), past or {}))


def places_for_fixes(questions: int) -> int:
    """How many of so many questions running fixes may take at most: 2 of 4, 3 of 5 and of 6."""
    return min(MOST_FOR_FIXES, (questions + 1) // 2)


def for_fixes(
    unit: str,
    month: int,
    respondents: float,
    listed: Sequence[str],
    watched: Sequence[Watched],
    places: int = MOST_FOR_FIXES,
) -> list[str]:
    """Irritants of running fixes due in this unit and month, the most telling first, as there are places."""
    worth: dict[str, float] = {}
    often: dict[str, float] = {}
    for fix in watched:
        if fix.irritant not in listed or fix.hops not in PLACE_WEIGHT:
            continue
        weight = math.sqrt(PLACE_WEIGHT[fix.hops] * max(1.0 - fix.settled, 0.0))
        worth[fix.irritant] = max(worth.get(fix.irritant, 0.0), weight)
        often[fix.irritant] = max(
            often.get(fix.irritant, 0.0), min(WANTED[fix.hops] / max(respondents, 1.0), 1.0)
        )
    due = [i for i in worth if worth[i] > 0 and is_due(often[i], month, draw(unit, i))]
    due.sort(key=lambda irritant: (-worth[irritant], draw(unit, str(month), irritant)))
    if len(due) <= places:
        return due
    return fair_share(unit, month, due, worth, places)


def is_due(often: float, month: int, offset: float) -> bool:
    """Whether a question asked in a share of the months is due now; offset -- where counting begins."""
    return math.floor((month + 1) * often + offset) > math.floor(month * often + offset)


def fair_share(
    unit: str, month: int, due: Sequence[str], worth: Mapping[str, float], places: int
) -> list[str]:
    """As many of the irritants due as there are places, over the months in proportion to their worth.

    A systematic sample: exactly so many every month.
    """
    share = inclusion([worth[irritant] for irritant in due], places)
    at = draw(unit, str(month), "fixes")
    chosen, total = [], 0.0
    for irritant, part in zip(due, share, strict=True):
        before, total = total, total + part
        if math.floor(total - at + 1e-9) > math.floor(before - at + 1e-9):
            chosen.append(irritant)
    return chosen[:places]


def inclusion(worth: Sequence[float], places: int) -> list[float]:
    """Chance of each to be among so many places, in proportion to worth and never above 1."""
    certain: set[int] = set()
    while True:
        open_ones = [i for i in range(len(worth)) if i not in certain]
        left, total = places - len(certain), sum(worth[i] for i in open_ones)
        if left <= 0 or total <= 0:
            return [1.0 if i in certain else 0.0 for i in range(len(worth))]
        over = {i for i in open_ones if worth[i] * left >= total}
        if not over:
            return [1.0 if i in certain else worth[i] * left / total for i in range(len(worth))]
        certain |= over


def turn(unit: str, rest: Sequence[str], places: int, past: Mapping[str, Past]) -> list[str]:
    """The irritants not asked about for longest, those never asked first; among equals the less often asked,
    then by lot."""
    order = sorted(rest, key=lambda irritant: (*past.get(irritant, NEVER), draw(unit, irritant)))
    return order[: max(places, 0)]


def with_controls(units: Sequence[Unit]) -> list[Unit]:
    """The same units, five of them far from each running fix made to answer about it too (method.md, 8.3).

    They show what happens where the fix is not, and whether its burden went further than anybody looks.
    Units stand in a ring by lot; each irritant starts at a place of its own and takes the first that can be
    its control: one that has it on the list already if there is any, none that answers too few to be
    measured or watches three fixes already unless there is no other. So controls stay the same from month
    to month, and a unit that comes or goes moves few of them.
    """
    near: dict[str, set[str]] = {}
    for unit in units:
        for fix in unit.watched:
            near.setdefault(fix.irritant, set()).add(unit.code)
    placed = sorted(
        (draw(unit.code), unit.code, unit) for unit in units if unit.respondents >= FEWEST_ANSWERS
    )
    ring = [unit for *_, unit in placed]
    asking: dict[str, list[int]] = {}
    for at, unit in enumerate(ring):
        for irritant in unit.asked:
            asking.setdefault(irritant, []).append(at)
    duties: dict[str, list[str]] = {unit.code: [] for unit in units}
    for irritant in sorted(near, key=draw):
        start = bisect(placed, (draw(irritant),))
        those = asking.get(irritant, [])
        first = bisect_left(those, start)
        asked_there = [ring[at] for at in those[first:] + those[:first]]
        around = chain(ring[start:], ring[:start])
        for code in _controls(irritant, near[irritant], asked_there, around, duties):
            duties[code].append(irritant)
    return [_with_duties(unit, duties[unit.code]) for unit in units]


def _controls(
    irritant: str,
    near: set[str],
    asking: Sequence[Unit],
    around: Iterable[Unit],
    duties: Mapping[str, list[str]],
) -> list[str]:
    """The units that become a fix's controls: idle before busy, and of these those asking before others.

    asking, around -- in the order of the ring: those that have the irritant on their list, and all
    """

    def busy(unit: Unit) -> bool:
        return len(unit.watched) + len(duties[unit.code]) >= MOST_FOR_FIXES

    far = [unit for unit in asking if unit.code not in near]
    there = {unit.code for unit in far}
    found = [unit.code for unit in far if not busy(unit)]
    missing = max(CONTROLS - len(found), 0)
    free = (unit for unit in around if not unit.bound and unit.code not in near and unit.code not in there)
    others: list[str] = []
    later: list[str] = []
    while len(others) < missing and (unit := next(free, None)) is not None:
        (later if busy(unit) else others).append(unit.code)
    ranked = found + others + [unit.code for unit in far if busy(unit)] + later
    return ranked[:CONTROLS]


def _with_duties(unit: Unit, irritants: Sequence[str]) -> Unit:
    if not irritants:
        return unit
    more = tuple(irritant for irritant in irritants if irritant not in unit.asked)
    watched = (*unit.watched, *(Watched(irritant, FAR) for irritant in irritants))
    return replace(unit, asked=unit.asked + more, watched=watched)


def draw(*words: str) -> float:
    """A number in [0, 1) that the words alone decide, the same on every machine."""
    digest = hashlib.sha256("\x1f".join(words).encode()).digest()
    return int.from_bytes(digest[:7], "big") / 2.0**56
