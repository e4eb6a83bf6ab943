"""The skeleton of a simulated company: touchpoints, teams in three tiers, the chain, who is asked what."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from benchmarks.levels import Level, Size
from pulse.correlation.panel import Chain

FRONT, MIDDLE = 0.40, 0.35  # shares of the teams; the rest stand behind the middle
TOUCHPOINTS_PER_IRRITANT = 0.75
MOST_TOUCHPOINTS = 10  # of one irritant


@dataclass(frozen=True)
class Layout:
    """Who meets which customers, who supplies whom, who is asked what. All indices count from 0.

    met -- touchpoint -> irritants customers meet there
    serving -- touchpoint -> front-line teams
    supplies -- team -> the teams it supplies; none for the front line, which supplies customers
    asked -- team -> irritants it is asked about
    """

    met: tuple[tuple[int, ...], ...]
    serving: tuple[tuple[int, ...], ...]
    supplies: tuple[tuple[int, ...], ...]
    asked: tuple[tuple[int, ...], ...]

    @cached_property
    def neighbours(self) -> tuple[tuple[int, ...], ...]:
        """Team -> the teams one link away, in either direction."""
        found: list[set[int]] = [set() for _ in self.supplies]
        for team, customers in enumerate(self.supplies):
            for customer in customers:
                found[team].add(customer)
                found[customer].add(team)
        return tuple(tuple(sorted(some)) for some in found)

    @cached_property
    def chain(self) -> Chain:
        """The links as the engine takes them."""
        return Chain(self.neighbours)

    @cached_property
    def places(self) -> dict[int, tuple[int, ...]]:
        """Irritant -> the touchpoints where customers meet it."""
        found: dict[int, list[int]] = {}
        for touchpoint, irritants in enumerate(self.met):
            for irritant in irritants:
                found.setdefault(irritant, []).append(touchpoint)
        return {irritant: tuple(some) for irritant, some in found.items()}


def layout(size: Size, level: Level, random: np.random.Generator) -> Layout:
    """A company's skeleton; teams stand in the order front line, middle, back."""
    points = max(2, round(TOUCHPOINTS_PER_IRRITANT * size.irritants))
    front = max(1, round(FRONT * size.teams))
    middle = max(1, round(MIDDLE * size.teams))
    met = _met(size.irritants, points, random)
    serving = _serving(points, front, random)
    supplies = _supplies(size.teams, front, middle, random)
    return Layout(met, serving, supplies, _asked(met, serving, supplies, level.list_length, random))


def _met(irritants: int, points: int, random: np.random.Generator) -> tuple[tuple[int, ...], ...]:
    """Each irritant at 1 to 10 touchpoints, five or so as a rule."""
    at: list[list[int]] = [[] for _ in range(points)]
    for irritant in range(irritants):
        count = int(np.clip(random.poisson(5.4), 1, min(MOST_TOUCHPOINTS, points)))
        for point in random.choice(points, count, replace=False):
            at[int(point)].append(irritant)
    for some in at:
        if not some:
            some.append(int(random.integers(irritants)))
    return tuple(tuple(some) for some in at)


def _serving(points: int, front: int, random: np.random.Generator) -> tuple[tuple[int, ...], ...]:
    """Front-line teams of each touchpoint; three teams in ten serve a second one."""
    at: list[set[int]] = [set() for _ in range(points)]
    order = random.permutation(points)
    for team in range(max(front, points)):
        at[int(order[team % points])].add(team % front)
    for twice in np.flatnonzero(random.random(front) < 0.3).tolist():
        at[int(random.integers(points))].add(twice)
    return tuple(tuple(sorted(some)) for some in at)


def _supplies(
    teams: int, front: int, middle: int, random: np.random.Generator
) -> tuple[tuple[int, ...], ...]:
    """The middle supplies one to three front-line teams each, the back one to three of the middle."""
    found: list[tuple[int, ...]] = [()] * teams
    for team in range(front, teams):
        low, high = (0, front) if team < front + middle else (front, front + middle)
        count = min(int(random.integers(1, 4)), high - low)
        found[team] = tuple(sorted((low + random.choice(high - low, count, replace=False)).tolist()))
    return tuple(found)


def _asked(
    met: tuple[tuple[int, ...], ...],
    serving: tuple[tuple[int, ...], ...],
    supplies: tuple[tuple[int, ...], ...],
    length: int,
    random: np.random.Generator,
) -> tuple[tuple[int, ...], ...]:
    """Each team's list: irritants of the touchpoints its work reaches, about `length` of them."""
    near: list[list[int]] = [[] for _ in supplies]
    for point, served_by in enumerate(serving):
        for team in served_by:
            near[team] += met[point]
    for team, customers in enumerate(supplies):  # suppliers stand after those they supply
        for customer in customers:
            near[team] += near[customer]
    return tuple(_list(some, length, random) for some in near)


def _list(near: list[int], length: int, random: np.random.Generator) -> tuple[int, ...]:
    """Irritants drawn without repetition, those met more often sooner."""
    irritants, times = np.unique(np.array(near, int), return_counts=True)
    count = min(len(irritants), max(3, length + int(random.integers(-1, 3))))
    odds = times / times.sum()
    return tuple(sorted(random.choice(irritants, count, replace=False, p=odds).tolist())) if count else ()
