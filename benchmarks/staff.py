"""What a simulated company's employees would say, and the cells their answers make."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from benchmarks import waves
from benchmarks.layout import Layout
from benchmarks.levels import Level
from benchmarks.planting import Planted, Row
from pulse.correlation.panel import FloatArray, IntArray

TEAM_SIZE, LEAST_PEOPLE, MOST_PEOPLE = 20.0, 8, 45


@dataclass(frozen=True)
class Split:
    """A team that became two in a month: it answers no more, its people are shared out."""

    parent: int
    month: int
    children: tuple[int, int]


@dataclass(frozen=True)
class Rows:
    """What is felt, cell by cell. Rows are (place, irritant), in order; arrays (rows, months), points.

    felt -- mean before rounding and cutting, with all fixes; without -- the same had there been none
    """

    place: IntArray
    irritant: IntArray
    felt: FloatArray
    without: FloatArray

    def at(self) -> dict[Row, int]:
        """The row of each (place, irritant)."""
        pairs = zip(self.place.tolist(), self.irritant.tolist(), strict=True)
        return {pair: row for row, pair in enumerate(pairs)}


def splits(ground: Layout, months: int, level: Level, random: np.random.Generator) -> tuple[Split, ...]:
    """Teams that split, some time in the middle half; children are numbered after all others."""
    teams = len(ground.asked)
    parents = np.flatnonzero(random.random(teams) < level.splits)
    when = random.integers(months // 4, max(months // 4 + 1, 3 * months // 4), len(parents))
    return tuple(
        Split(int(parent), int(month), (teams + 2 * i, teams + 2 * i + 1))
        for i, (parent, month) in enumerate(zip(parents, when, strict=True))
    )


def origins(teams: int, found: tuple[Split, ...]) -> IntArray:
    """(all teams,) the team each came of, itself for most."""
    root = np.arange(teams + 2 * len(found))
    for split in found:
        root[list(split.children)] = split.parent
    return root


def staff_rows(
    ground: Layout,
    fixes: tuple[Planted, ...],
    months: int,
    level: Level,
    found: tuple[Split, ...],
    irritants: int,
    random: np.random.Generator,
) -> Rows:
    """Every team's rows, children's after the others' with the parent's history behind them."""
    root = origins(len(ground.asked), found)
    own = [(team, k) for team, listed in enumerate(ground.asked) for k in listed]
    number = {pair: i for i, pair in enumerate(own)}
    pairs = [(team, k) for team in range(len(root)) for k in ground.asked[root[team]]]
    source = np.array([number[int(root[team]), k] for team, k in pairs], int)
    team, irritant = (np.array(side, int) for side in zip(*own, strict=True))
    without = (
        random.uniform(2.2, 5.0, irritants)[irritant][:, None]
        + random.normal(0.0, 0.5, len(ground.asked))[team][:, None]
        + random.normal(0.0, 0.5, len(own))[:, None]
        + _drift(len(ground.asked), irritants, months, team, irritant, level, random)
    )
    change = np.zeros_like(without)
    for fix in fixes:
        for landed, k in fix.landing:
            if (landed, k) in number:
                change[number[landed, k]] += fix.points * fix.worked(months, fix.begins_at_team(landed))
    place, measure = (np.array(side, int) for side in zip(*pairs, strict=True))
    return Rows(place, measure, (without + change)[source], without[source])


def _drift(
    teams: int,
    irritants: int,
    months: int,
    team: IntArray,
    irritant: IntArray,
    level: Level,
    random: np.random.Generator,
) -> FloatArray:
    """(rows, months) everything that moves and is no fix."""
    of_irritant = (
        waves.seasons(irritants, months, level.season, level.trend, random)
        + waves.spells(irritants, months, level.irritant_wave, level.memory, random)
        + waves.shocks(irritants, months, level.shocks, level.shock, random)
        + waves.shifts(irritants, months, level.shifts / 3, level.shift, random)
    )
    of_team = (
        waves.spells(teams, months, level.team_wave, level.memory, random)
        + waves.shocks(teams, months, level.shocks, level.shock, random)
        + waves.shifts(teams, months, level.shifts / 3, level.shift, random)
    )
    of_row = waves.spells(len(team), months, level.row_wave, level.memory, random) + waves.shifts(
        len(team), months, level.shifts, level.shift, random
    )
    return of_irritant[irritant] + of_team[team] + of_row


@dataclass
class People:
    """All who were there: team, half (which way they go in a split), style, tastes, readiness to answer."""

    team: IntArray
    half: IntArray
    style: FloatArray
    taste: FloatArray  # (people, list places)
    ready: FloatArray


def answered(
    ground: Layout, rows: Rows, level: Level, found: tuple[Split, ...], random: np.random.Generator
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """n, total and squares of every row and month, (rows, months) each, small cells included."""
    months = rows.felt.shape[1]
    listed = _listed(rows, int(rows.place.max()) + 1)
    people = _people(len(ground.asked), listed.shape[1], level, random)
    sums = np.zeros((3, len(rows.place), months))
    for month in range(months):
        _move_on(people, month, level, found, random)
        row = listed[people.team]
        score = _scores(people, rows, row, month, level, random)
        chosen = _chosen(row >= 0, level.asked, random)
        chosen &= (random.random(len(row)) < _willing(people, rows, row, month, level))[:, None]
        for i, value in enumerate((np.ones_like(score), score, score**2)):
            sums[i, :, month] = np.bincount(row[chosen], value[chosen], len(rows.place))
    return sums[0], sums[1], sums[2]


def _listed(rows: Rows, teams: int) -> IntArray:
    """(teams, longest list) rows of each team, -1 beyond its list."""
    count = np.bincount(rows.place, minlength=teams)
    found = np.full((teams, int(count.max())), -1)
    first = np.concatenate([[0], np.cumsum(count)[:-1]])
    found[rows.place, np.arange(len(rows.place)) - first[rows.place]] = np.arange(len(rows.place))
    return found


def _people(teams: int, longest: int, level: Level, random: np.random.Generator) -> People:
    size = np.clip(random.lognormal(np.log(TEAM_SIZE), 0.22, teams).round(), LEAST_PEOPLE, MOST_PEOPLE)
    team = np.repeat(np.arange(teams), size.astype(int))
    usual = np.log(level.response / (1.0 - level.response))
    return People(
        team=team,
        half=np.arange(len(team)) % 2,
        style=random.normal(0.0, level.style, len(team)),
        taste=random.normal(0.0, level.taste, (len(team), longest)),
        ready=1.15 * usual
        + random.normal(0.0, 0.8, len(team)),  # 1.15: spread draws a mean share to the middle
    )


def _move_on(
    people: People, month: int, level: Level, found: tuple[Split, ...], random: np.random.Generator
) -> None:
    """Some leave and others come in their place; teams that split, split."""
    new = np.flatnonzero(random.random(len(people.team)) < level.leaving)
    people.style[new] = random.normal(0.0, level.style, len(new))
    people.taste[new] = random.normal(0.0, level.taste, (len(new), people.taste.shape[1]))
    for split in found:
        if split.month == month:
            there = people.team == split.parent
            people.team[there] = np.array(split.children)[people.half[there]]


def _scores(
    people: People, rows: Rows, row: IntArray, month: int, level: Level, random: np.random.Generator
) -> FloatArray:
    """(people, list places) what each would answer: whole points of 0..10."""
    person = people.style + random.normal(0.0, level.mood, len(people.team))
    inner = rows.felt[row, month] + person[:, None] + people.taste
    scores: FloatArray = np.clip(np.rint(inner + random.normal(0.0, level.noise, row.shape)), 0.0, 10.0)
    return scores


def _willing(people: People, rows: Rows, row: IntArray, month: int, level: Level) -> FloatArray:
    """(people,) chance of answering at all: falls with the burden that fixes put on the team, and style."""
    carried = np.where(row >= 0, rows.felt[row, month] - rows.without[row, month], 0.0).sum(1)
    willing: FloatArray = 1.0 / (1.0 + np.exp(level.evasion * (carried + 0.5 * people.style) - people.ready))
    return willing


def _chosen(possible: np.ndarray, asked: int, random: np.random.Generator) -> np.ndarray:
    """(people, list places) bool, at most `asked` of each person's list, drawn anew each month."""
    key = np.where(possible, random.random(possible.shape), 2.0)
    if key.shape[1] <= asked:
        return possible
    limit = np.partition(key, asked - 1, axis=1)[:, asked - 1]
    return possible & (key <= limit[:, None])


def expected_score(felt: FloatArray, level: Level) -> FloatArray:
    """The mean score over all people where the mean of what they feel is `felt`; any shape, points."""
    grid, scored = _scale(float(np.sqrt(level.style**2 + level.taste**2 + level.mood**2 + level.noise**2)))
    return np.interp(felt, grid, scored)


@cache
def _scale(spread: float) -> tuple[FloatArray, FloatArray]:
    """A fine grid of mean feelings and the mean of normal feelings around each, rounded and cut to 0..10."""
    grid = np.linspace(-5.0, 15.0, 801)
    offset = np.linspace(-5.0, 5.0, 2001)
    weight = np.exp(-(offset**2) / 2)
    scored = np.clip(np.rint(grid[:, None] + spread * offset), 0.0, 10.0) @ (weight / weight.sum())
    return grid, scored
