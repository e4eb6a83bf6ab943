"""Which figures may be shown together (privacy.md §3, rules 1 and 2). Pure: numbers in, names out."""

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

SCORES = 5  # people that every score shown is at least about; a wave may ask for more, never for fewer
COMMENTS = 10  # the same for comments and distributions


class Extent(enum.Enum):
    """Whom a figure is about."""

    OWN = "own"  # the people attached to the team itself
    WHOLE = "whole"  # the unit with everything below it


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

    A respondent is hidden who is in no shown figure. Those left over at a top, fewer than k, are taken in
    by showing the top in place of the smallest unit whose rest makes up the number: so nobody at all is
    hidden unless fewer than k people of a whole tree are in teams too small for a figure of their own. The
    units between the two, whose figures only add up others, go with it.
    """
    climb = _Climb(parents, answers, k)
    for team in climb.upward():
        climb.visit(team)
    climb.take_in_the_left_over()
    return Released(frozenset(climb.own), frozenset(climb.whole))


class _Climb:
    """One way up the tree: the figures shown so far, and what each unit leaves for the next one above."""

    def __init__(self, parents: Mapping[int, int | None], answers: Mapping[int, int], k: int) -> None:
        self.parents, self.answers, self.k = parents, answers, k
        self.depth = _depths(parents, answers)
        self.rest = dict.fromkeys(self.depth, 0)
        self.own: set[int] = set()
        self.whole: dict[int, int] = {}  # shown units, and how many people their rest has
        self.has_below: set[int] = set()

    def upward(self) -> list[int]:
        return sorted(self.depth, key=lambda team: (-self.depth[team], team))

    def visit(self, team: int) -> None:
        n, rest = self.answers.get(team, 0), self.rest[team]
        if n >= self.k:
            self.own.add(team)
        else:
            rest += n
        if team in self.has_below and (rest == 0 or rest >= self.k):
            self.whole[team], rest = rest, 0
        self.rest[team] = rest
        parent = self.parents.get(team)
        if parent is not None:
            self.has_below.add(parent)
            self.rest[parent] += rest

    def take_in_the_left_over(self) -> None:
        short = {top for top in self.depth if self.parents.get(top) is None and 0 < self.rest[top] < self.k}
        if not short:
            return
        sizes = below(self.parents, self.answers)
        ways = [[unit, *self._above(unit)] for unit, rest in self.whole.items() if rest]
        for unit, *above in sorted(ways, key=lambda way: (len(way), sizes[way[0]], way[0])):
            top = list(line(self.parents, unit))[-1]
            if top in short:
                short.remove(top)
                self.whole[top] = self.rest[top] + self.whole.pop(unit)
                self.rest[top] = 0
                for other in above:  # whose rest is empty, or it would have come before
                    del self.whole[other]

    def _above(self, unit: int) -> list[int]:
        """The shown units above a unit: what it leaves would be taken for theirs, if they stayed."""
        return [above for above in line(self.parents, unit) if above in self.whole and above != unit]


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


def line(parents: Mapping[int, int | None], team: int) -> Iterator[int]:
    """A team and the units above it, one after another."""
    above: int | None = team
    while above is not None:
        yield above
        above = parents.get(above)


def below(parents: Mapping[int, int | None], own: Mapping[int, int]) -> dict[int, int]:
    """Each unit's number with everything below it added; units without any are left out."""
    sums: dict[int, int] = {}
    for team, number in own.items():
        for unit in line(parents, team) if number else ():
            sums[unit] = sums.get(unit, 0) + number
    return sums


def remainders(parents: Mapping[int, int | None], answers: Mapping[int, int], figures: Released) -> list[int]:
    """How many people each set has that the shown figures give away by subtraction, empty sets left out.

    For the audit of a wave: the smallest of them must be at least k. Everything else that can be worked out
    is a union of these sets, because they do not overlap and every shown figure is such a union.
    """
    apart = [answers[team] for team in figures.own]
    together = (sum(answers[team] for team in rest) for rest in rests(parents, answers, figures).values())
    return [n for n in (*apart, *together) if n > 0]


def rests(
    parents: Mapping[int, int | None], answers: Mapping[int, int], figures: Released
) -> dict[int, list[int]]:
    """The teams whose answers each shown unit's figure holds and no shown figure below it does."""
    found: dict[int, list[int]] = {}
    for team, n in answers.items():
        holder = _holder(team, parents, figures) if n and team not in figures.own else None
        if holder is not None:
            found.setdefault(holder, []).append(team)
    return found


def _holder(team: int, parents: Mapping[int, int | None], figures: Released) -> int | None:
    """The lowest shown unit a team's answers are part of."""
    return next((unit for unit in line(parents, team) if unit in figures.whole), None)


def hidden(parents: Mapping[int, int | None], answers: Mapping[int, int], figures: Released) -> int:
    """How many respondents are in no shown figure."""
    return sum(
        n
        for team, n in answers.items()
        if team not in figures.own and _holder(team, parents, figures) is None
    )
