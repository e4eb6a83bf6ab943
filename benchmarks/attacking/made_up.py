"""Made-up organisations to attack: a reporting tree, two years of waves, joiners, movers, leavers and one
re-organisation. Everything is drawn from a seed; nothing here knows the rule that is attacked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from pulse.months import shifted
from surveys.waves.units import ballot_units

FIRST = date(2024, 1, 1)
MEASURES, ASKED = 8, 4  # there are, and asked about in a unit and month
LABELS = 250  # hundredths of a point between two of the five labelled answers
NOBODY = -1
SPAN = 6  # units below a unit, about

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Shape:
    """How an organisation lives; shares are of people and month.

    answer, habit -- share of people who answer as a habit, and how often these do; the others hardly ever
    same -- share of answers that are as a month ago; the others are drawn anew from the person's own level
    """

    people: int
    waves: int = 24
    size: float = 14.0  # people of a team, about
    leave: float = 0.012
    move: float = 0.006
    answer: float = 0.62
    habit: float = 0.97
    skip: float = 0.02
    same: float = 0.85


@dataclass(frozen=True)
class Month:
    """One wave as it truly was.

    parents, units -- the tree and every team's ballot unit
    team -- (people,) where each person belongs, or NOBODY
    answers -- (people, measures) hundredths of a point, or NOBODY where not asked or not answered
    """

    month: date
    parents: dict[int, int | None]
    units: dict[int, int]
    team: Ints
    answers: Ints

    def unit_of(self) -> Ints:
        """(people,) the ballot unit of each person, or NOBODY."""
        table = np.full(max(self.units) + 1, NOBODY)
        table[list(self.units)] = list(self.units.values())
        return np.where(self.team == NOBODY, NOBODY, table[self.team])


@dataclass(frozen=True)
class Organisation:
    """An organisation and all its waves; team numbers begin at 1 and are never used again."""

    shape: Shape
    teams: int
    months: tuple[Month, ...]


def organisation(shape: Shape, seed: int) -> Organisation:
    """The organisation of a seed."""
    return _Life(shape, np.random.default_rng([seed, shape.people])).lived()


class _Life:
    """An organisation while it is being made up, month after month."""

    def __init__(self, shape: Shape, random: np.random.Generator) -> None:
        self.shape, self.random = shape, random
        self.parents = self._tree(max(3, round(shape.people / (shape.size + 1))))
        self.teams = len(self.parents)
        room = round(shape.people * (1 + shape.leave * shape.waves * 1.2)) + 10
        self.team = np.full(room, NOBODY)
        self.team[: shape.people] = self._places(shape.people)
        self.hired = shape.people
        self.level = 400 + 120 * random.standard_normal(room)
        self.habit = np.where(random.random(room) < shape.answer, shape.habit, 1 - shape.habit)
        self.last = np.full((room, MEASURES), NOBODY)

    def _tree(self, leaves: int) -> dict[int, int | None]:
        """Teams under units under units, about SPAN to each; numbered from the top down."""
        layers = [leaves]
        while layers[-1] > 1:
            layers.append(-(-layers[-1] // SPAN))
        parents: dict[int, int | None] = {1: None}
        above = [1]
        for count in reversed(layers[:-1]):
            first = len(parents) + 1
            here = list(range(first, first + count))
            owners = np.sort(self.random.integers(0, len(above), count))
            parents |= {team: above[owner] for team, owner in zip(here, owners.tolist(), strict=True)}
            above = here
        return parents

    def _places(self, people: int) -> Ints:
        """Where so many people belong: mostly in teams without others below, a few directly in units."""
        units = {parent for parent in self.parents.values() if parent is not None}
        teams = np.array(sorted(self.parents))
        weight = np.array([0.25 if team in units else 1.0 for team in teams.tolist()])
        weight = weight * self.random.lognormal(0.0, 0.5, len(teams))
        return self.random.choice(teams, people, p=weight / weight.sum())

    def lived(self) -> Organisation:
        months = tuple(self._month(number) for number in range(self.shape.waves))
        return Organisation(self.shape, self.teams, months)

    def _month(self, number: int) -> Month:
        if number:
            self._turn_over()
        if number == self.shape.waves // 2:
            self._reorganise()
        here = self.team != NOBODY
        people = np.bincount(self.team[here], minlength=self.teams + 1)
        units = ballot_units(self.parents, {team: int(people[team]) for team in self.parents})
        found = Month(
            shifted(FIRST, number),
            dict(self.parents),
            units,
            self.team.copy(),
            np.full((len(self.team), MEASURES), NOBODY),
        )
        found.answers[:] = self._answers(number, found.unit_of())
        return found

    def _turn_over(self) -> None:
        draw = self.random.random(len(self.team))
        here = self.team != NOBODY
        moving = here & (draw < self.shape.move)
        self.team[moving] = self._places(int(moving.sum()))
        leaving = here & (draw > 1 - self.shape.leave)
        self.team[leaving] = NOBODY
        joining = min(int(leaving.sum()), len(self.team) - self.hired)
        self.team[self.hired : self.hired + joining] = self._places(joining)
        self.hired += joining

    def _reorganise(self) -> None:
        """A seventh of the teams report elsewhere, a few are dissolved into a neighbour."""
        leaves = sorted(set(self.parents) - {p for p in self.parents.values() if p is not None})
        heads = sorted({self.parents[leaf] for leaf in leaves} - {None}, key=str)
        for leaf in self.random.choice(leaves, max(1, len(leaves) // 7), replace=False).tolist():
            self.parents[leaf] = heads[int(self.random.integers(len(heads)))]
        for leaf in self.random.choice(leaves, max(1, len(leaves) // 40), replace=False).tolist():
            others = [team for team in leaves if team != leaf and team in self.parents]
            if leaf in self.parents and others:
                del self.parents[leaf]
                self.team[self.team == leaf] = others[int(self.random.integers(len(others)))]

    def _answers(self, number: int, unit: Ints) -> Ints:
        """(people, measures) what everybody answers this month."""
        shape, random, size = self.shape, self.random, (len(self.team), MEASURES)
        drawn = self.level[:, None] + 250 * random.standard_normal(size)
        fresh = np.clip(np.round(drawn / LABELS), 0, 4).astype(np.int64) * LABELS
        keeps = (random.random(size) < shape.same) & (self.last != NOBODY)
        self.last = np.where(keeps, self.last, fresh)
        asked = (np.arange(MEASURES)[None, :] + unit[:, None] + number) % MEASURES < ASKED
        takes_part = (random.random(len(unit)) < self.habit) & (unit != NOBODY)
        given = asked & takes_part[:, None] & (random.random(size) >= shape.skip)
        return np.where(given, self.last, NOBODY)
