"""Planning: how small an effect a survey would show and when (§7), and who is asked what (§8)."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

ANSWER_VARIANCE = 3.9
TEAM_VARIANCE = 0.05
COMMON_VARIANCE = 0.01
OWN_TEAMS, ELSEWHERE = 3.7, 4.5
LONGEST = 24

FEWEST_QUESTIONS, MOST_QUESTIONS = 4, 6
MOST_FOR_FIXES = 3
FEWEST_ANSWERS = 5
WANTED_NEAR, WANTED_FAR = 12.0, 8.0
PLACE_WEIGHT = {0: 0.44, 1: 0.20, 2: 0.12}


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


@dataclass(frozen=True)
class Watched:
    """A fix whose irritant a unit should answer: hops of the unit from the fix's teams (0, 1 or 2), and the
    probability already known that the matter is settled either way (0 = nothing known, 1 = settled)."""

    irritant: str
    hops: int
    settled: float = 0.0


def allocate(
    unit: str,
    month: int,
    respondents: float,
    asked: Sequence[str],
    watched: Sequence[Watched] = (),
    *,
    questions: int = MOST_QUESTIONS,
) -> tuple[str, ...]:
    """The irritants everybody in a ballot unit is asked in a month: 4 to 6, or all where the list is shorter.

    unit, month -- whose turn; the same two always give the same questions
    respondents -- answers expected from the unit; asked -- the unit's list
    watched -- running fixes, from registration to twelve months after the start, near the unit

    Fixes take at most three questions. Since everyone in a unit answers the same questions, an irritant has
    as many answers as the unit has respondents in the months it is asked: it is asked as often as it takes
    to come to 12 answers a month on average for the fix's own teams and their neighbours, 8 two hops away.
    The rest of the list rotates, so that a burden that moved to another irritant is seen (§8).
    """
    listed = tuple(dict.fromkeys(asked))
    size = max(FEWEST_QUESTIONS, min(questions, MOST_QUESTIONS))
    if len(listed) <= size:
        return listed
    first = for_fixes(unit, month, respondents, listed, watched)
    rest = [irritant for irritant in listed if irritant not in first]
    return tuple(first) + tuple(turn(unit, month, rest, size - len(first)))


def for_fixes(
    unit: str, month: int, respondents: float, listed: Sequence[str], watched: Sequence[Watched]
) -> list[str]:
    """Irritants of running fixes due in this unit and month, the most telling first, at most three."""
    worth: dict[str, float] = {}
    often: dict[str, float] = {}
    for fix in watched:
        if fix.irritant not in listed or fix.hops not in PLACE_WEIGHT:
            continue
        weight = math.sqrt(PLACE_WEIGHT[fix.hops] * max(1.0 - fix.settled, 0.0))
        worth[fix.irritant] = max(worth.get(fix.irritant, 0.0), weight)
        wanted = WANTED_FAR if fix.hops == 2 else WANTED_NEAR
        often[fix.irritant] = max(often.get(fix.irritant, 0.0), min(wanted / max(respondents, 1.0), 1.0))
    due = [i for i in worth if worth[i] > 0 and is_due(often[i], month, draw(unit, i))]
    due.sort(key=lambda irritant: (-worth[irritant], draw(unit, str(month), irritant)))
    if len(due) <= MOST_FOR_FIXES:
        return due
    return fair_share(unit, month, due, worth)


def is_due(often: float, month: int, offset: float) -> bool:
    """Whether a question asked in a share of the months is due now; offset -- where counting begins."""
    return math.floor((month + 1) * often + offset) > math.floor(month * often + offset)


def fair_share(unit: str, month: int, due: Sequence[str], worth: Mapping[str, float]) -> list[str]:
    """Three of the irritants due, over the months in proportion to their worth (systematic sample)."""
    share = inclusion([worth[irritant] for irritant in due], MOST_FOR_FIXES)
    at = draw(unit, str(month), "fixes")
    chosen, total = [], 0.0
    for irritant, part in zip(due, share, strict=True):
        before, total = total, total + part
        if math.floor(total - at + 1e-9) > math.floor(before - at + 1e-9):
            chosen.append(irritant)
    return chosen[:MOST_FOR_FIXES]


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


def turn(unit: str, month: int, rest: Sequence[str], places: int) -> list[str]:
    """The irritants whose turn it is: a shuffled list walked through, a few a month."""
    if places <= 0 or not rest:
        return []
    order = sorted(rest, key=lambda irritant: draw(unit, irritant))
    first = int(draw(unit) * len(order)) + month * places
    return [order[(first + i) % len(order)] for i in range(min(places, len(order)))]


def draw(*words: str) -> float:
    """A number in [0, 1) that the words alone decide, the same on every machine."""
    digest = hashlib.sha256("\x1f".join(words).encode()).digest()
    return int.from_bytes(digest[:7], "big") / 2.0**56
