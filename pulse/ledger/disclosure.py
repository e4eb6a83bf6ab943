"""What may be shown without giving anybody's answer away (privacy.md §3). Pure: numbers in, numbers out."""

from collections.abc import Mapping
from dataclasses import dataclass

FEW = 20  # answers under which a figure is shown as a half-point band and its n rounded to 5
BAND, DECIMAL = 50, 10  # steps in hundredths of a point


@dataclass(frozen=True)
class Shown:
    """A figure as everybody may see it: n, and the score in hundredths of a point rounded to step."""

    n: int
    score: int
    step: int


@dataclass(frozen=True)
class Released:
    """Which figures of one measure and month may be shown: teams by themselves, units as a whole."""

    own: frozenset[int]
    whole: frozenset[int]


def released(parents: Mapping[int, int | None], answers: Mapping[int, int], k: int) -> Released:
    """The figures that may be shown together, hiding as few respondents as possible.

    parents -- every team's parent in the reporting tree
    answers -- people who answered, by the team they belong to (a unit's own: those attached to it directly)
    k       -- the smallest group that may be shown

    The remainder rule: what is left of a shown unit when its shown descendants are taken away is empty
    or at least k people, because everybody can do that subtraction. A team's own figure is shown from k
    people on; where the rest of a unit would be too few, the unit's figure is dropped and the rest counts
    for the next unit above: so no team ever loses its figure for an ancestor's.
    """
    depth = _depths(parents, answers)
    rest = dict.fromkeys(depth, 0)
    own, whole = set(), set()
    has_below: set[int] = set()
    for team in sorted(depth, key=lambda t: (-depth[t], t)):
        if answers.get(team, 0) >= k:
            own.add(team)
        else:
            rest[team] += answers.get(team, 0)
        if team in has_below and (rest[team] == 0 or rest[team] >= k):
            whole.add(team)
            rest[team] = 0
        parent = parents.get(team)
        if parent is not None:
            has_below.add(parent)
            rest[parent] += rest[team]
    return Released(frozenset(own), frozenset(whole))


def _depths(parents: Mapping[int, int | None], answers: Mapping[int, int]) -> dict[int, int]:
    """How deep each team that answered, and each unit above one, lies in the tree."""
    depth: dict[int, int] = {}
    for team, n in answers.items():
        path: list[int] = []
        above: int | None = team if n > 0 else None
        while above is not None and above not in depth:
            path.append(above)
            above = parents.get(above)
        base = depth[above] + 1 if above is not None else 0
        for step, unit in enumerate(reversed(path)):
            depth[unit] = base + step
    return depth


def shown(n: int, total: int) -> Shown:
    """How a figure of n >= 1 answers adding up to total hundredths is shown: rounded half up, banded if few.

    The mean and spread of five exact answers give most sets away, so under FEW answers the score is a
    half-point band and n is rounded to 5; no spread is ever shown.
    """
    step = DECIMAL if n >= FEW else BAND
    score = (2 * total + step * n) // (2 * step * n) * step
    return Shown(n if n >= FEW else (n + 2) // 5 * 5, score, step)


def remainders(parents: Mapping[int, int | None], answers: Mapping[int, int], figures: Released) -> list[int]:
    """How many people each set has that the shown figures give away by subtraction, empty sets left out.

    For the audit of a wave: the smallest of them must be at least k.
    """
    apart = [answers[team] for team in figures.own]
    return [n for n in apart + [_rest(unit, parents, answers, figures) for unit in figures.whole] if n > 0]


def _rest(unit: int, parents: Mapping[int, int | None], answers: Mapping[int, int], figures: Released) -> int:
    """The people of a shown unit who are in no shown figure below it."""
    return sum(
        n
        for team, n in answers.items()
        if team not in figures.own and _holder(team, parents, figures) == unit
    )


def _holder(team: int, parents: Mapping[int, int | None], figures: Released) -> int | None:
    """The lowest shown unit a team's answers are part of."""
    above: int | None = team
    while above is not None and above not in figures.whole:
        above = parents.get(above)
    return above
