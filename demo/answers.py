"""Who is asked what, who answers, and which of the five labels they tick; one month at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from math import erf, sqrt

import numpy as np
from numpy.typing import NDArray

from demo.company import Company
from demo.truth import FloatArray, IntArray

LABELS = np.array([0.0, 2.5, 5.0, 7.5, 10.0])
ASKED = 6  # irritants a team is asked about in a month
LEAD, FOLLOW_UP = (
    6,
    12,
)  # a fix's irritant is asked every month from 6 before to 12 after its start
STYLE = 0.8  # points: how differently people of one team use the same scale, for as long as they stay
OPINION = 0.5  # points: what one person thinks of one irritant more or less than the team does, for good
MOOD = 1.25  # points: how differently one person answers the same question from month to month
CUSTOMERS_DIFFER = 4.0  # points; so wide that about half of them tick "not at all"
LEAVING = 0.006  # share of people replaced in a month
SKIPPED = 0.04  # share of questions left out by people who answer


@dataclass(frozen=True)
class Counted:
    """How often each label was ticked in one month, for the rows that got answers."""

    month: int
    rows: IntArray  # (some rows,)
    counts: IntArray  # (some rows, 5)


def staff_answers(company: Company) -> Iterator[Counted]:
    """Each month's employee answers, drawn person by person: styles and habits of answering last."""
    random = np.random.default_rng([company.seed, 10])
    inner = _hidden(company.staff.expected, sqrt(STYLE**2 + OPINION**2 + MOOD**2))
    crew = _Crew.hired(company, random)
    asking = _Asking(company)
    for month in range(company.months):
        crew.move_on(month, random)
        yield _asked_month(month, inner[:, month], crew, asking.rows(month), random)


def _asked_month(
    month: int, inner: FloatArray, crew: "_Crew", asked: IntArray, random: np.random.Generator
) -> Counted:
    """asked -- (teams, ASKED) rows put to each team, -1 = none."""
    here = np.flatnonzero(random.random(len(crew.team)) < crew.answering)
    counts = np.zeros((len(inner), len(LABELS)), dtype=np.int64)
    for question in range(asked.shape[1]):
        row = asked[crew.team[here], question]
        given = (row >= 0) & (random.random(len(here)) >= SKIPPED)
        row, who = row[given], here[given]
        felt = inner[row] + crew.felt(who, row) + random.normal(0.0, MOOD, len(who))
        ticked = np.clip(np.round(felt / 2.5), 0, 4).astype(np.int64)
        counts += np.bincount(row * 5 + ticked, minlength=counts.size).reshape(counts.shape)
    rows = np.flatnonzero(counts.sum(axis=1))
    return Counted(month, rows, counts[rows])


@dataclass
class _Crew:
    """Everybody at work this month: team, style and opinions (points), and how often they answer."""

    team: IntArray
    style: FloatArray
    opinion: NDArray[np.float32]  # (people, irritants of the longest list)
    first_row: IntArray  # (teams,) row of the first irritant on the team's list
    answering: FloatArray
    half: IntArray  # 0 or 1: where each goes when the team splits
    splits: dict[int, tuple[int, int, int]]  # team -> (month, first child, second child)

    @classmethod
    def hired(cls, company: Company, random: np.random.Generator) -> "_Crew":
        index = {team.code: i for i, team in enumerate(company.teams)}
        sizes = [0 if team.split_from else team.headcount for team in company.teams]
        team = np.repeat(np.arange(len(sizes)), sizes)
        usual = random.uniform(0.59, 0.71, len(sizes))[team]
        splits = {
            index[parent]: (month, index[first], index[second])
            for parent, (month, (first, second)) in _splits(company).items()
        }
        longest = int(np.bincount(company.staff.place).max())
        half = np.concatenate([np.arange(size) % 2 for size in sizes])
        return cls(
            team,
            random.normal(0.0, STYLE, len(team)),
            _opinions(len(team), longest, random),
            np.searchsorted(company.staff.place, np.arange(len(sizes))),
            np.clip(usual + random.normal(0.0, 0.12, len(team)), 0.2, 0.97),
            half,
            splits,
        )

    def felt(self, who: IntArray, row: IntArray) -> FloatArray:
        """(who,) how far these people stand from their team's mean on these rows, mood of the day apart."""
        return self.style[who] + self.opinion[who, row - self.first_row[self.team[who]]]

    def move_on(self, month: int, random: np.random.Generator) -> None:
        """Some leave and others come, with styles and opinions of their own; teams that split, split."""
        new = np.flatnonzero(random.random(len(self.team)) < LEAVING)
        self.style[new] = random.normal(0.0, STYLE, len(new))
        self.opinion[new] = _opinions(len(new), self.opinion.shape[1], random)
        for parent, (when, first, second) in self.splits.items():
            if month == when:
                there = self.team == parent
                self.team[there] = np.where(self.half[there] == 0, first, second)


def _opinions(people: int, irritants: int, random: np.random.Generator) -> NDArray[np.float32]:
    return random.standard_normal((people, irritants), dtype=np.float32) * np.float32(OPINION)


def _splits(company: Company) -> dict[str, tuple[int, list[str]]]:
    found: dict[str, tuple[int, list[str]]] = {}
    for team in company.teams:
        if team.split_from:
            found.setdefault(team.split_from, (team.opened or 0, []))[1].append(team.code)
    return found


class _Asking:
    """Which irritants a team is asked about in a month: those of fixes nearby first, the rest in rotation."""

    def __init__(self, company: Company) -> None:
        self.listed: list[list[int]] = [[] for _ in company.teams]
        for row, team in enumerate(company.staff.place):
            self.listed[team].append(row)
        self.spans = self._spans(company)
        self.spells = [(team.opened or 0, team.closed) for team in company.teams]

    def _spans(self, company: Company) -> dict[int, list[tuple[bool, int, int]]]:
        """Row -> (only near the fix, first month, last month) for each fix that wants it asked."""
        codes = company.staff.irritants
        at = {
            (company.teams[t].code, codes[k]): row
            for row, (t, k) in enumerate(zip(company.staff.place, company.staff.irritant, strict=True))
        }
        spans: dict[int, list[tuple[bool, int, int]]] = {}
        for fix in company.fixes:
            near, _ = company.structure.within(fix.teams)
            for team in sorted({*fix.teams, *near}):
                row = at.get((team, fix.irritant))
                if row is not None:
                    span = (team in near, fix.started - LEAD, fix.started + FOLLOW_UP)
                    spans.setdefault(row, []).append(span)
        return spans

    def rows(self, month: int) -> IntArray:
        """(teams, ASKED) rows asked this month, -1 where a team is not there or has a shorter list."""
        asked = np.full((len(self.listed), ASKED), -1)
        for team, (opened, closed) in enumerate(self.spells):
            if opened <= month and (closed is None or month < closed):
                chosen = self._of_team(team, month)
                asked[team, : len(chosen)] = chosen
        return asked

    def _of_team(self, team: int, month: int) -> list[int]:
        listed = self.listed[team]
        wanted = {row: self._wanted(row, month) for row in listed}
        first = sorted((row for row in listed if wanted[row]), key=lambda row: min(wanted[row]))[: ASKED // 2]
        others = [row for row in listed if row not in first]
        free = min(ASKED - len(first), len(others))
        begin = (month * free + team) % len(others) if others else 0
        return first + [others[(begin + i) % len(others)] for i in range(free)]

    def _wanted(self, row: int, month: int) -> list[tuple[bool, int]]:
        """The fixes that want this row asked now by rank: own teams before near ones, new before old."""
        return [(near, -begin) for near, begin, end in self.spans.get(row, ()) if begin <= month <= end]


def customer_answers(company: Company) -> Iterator[Counted]:
    """Each month's customer answers: dozens to hundreds a row, about half of them "not at all"."""
    random = np.random.default_rng([company.seed, 11])
    rows = np.arange(len(company.customers.place))
    for month in range(company.months):
        inner = _hidden(company.customers.expected[:, month], CUSTOMERS_DIFFER)
        chances = _chances(inner, CUSTOMERS_DIFFER)
        yield Counted(month, rows, random.multinomial(random.poisson(company.crowds[:, month]), chances))


def _hidden(expected: NDArray[np.float64], spread: float) -> FloatArray:
    """The mean of what people feel that makes the mean of what they tick exactly `expected` (same shape)."""
    felt, ticked = _ticking(spread)
    return np.interp(expected, ticked, felt)


@cache
def _ticking(spread: float) -> tuple[FloatArray, FloatArray]:
    """A fine grid of mean feelings, and the expected score ticked for each, both in points."""
    felt = np.linspace(-4 * spread - 2, 12 + 4 * spread, 4001)
    return felt, _chances(felt, spread) @ LABELS


def _chances(felt: FloatArray, spread: float) -> FloatArray:
    """(rows, 5) chance of each label, where feelings around these means are cut to 0..10 and rounded."""
    between = np.array([1.25, 3.75, 6.25, 8.75])
    below = _normal((between - felt[:, None]) / spread)
    edges = np.hstack([np.zeros((len(felt), 1)), below, np.ones((len(felt), 1))])
    return np.diff(edges, axis=1)


_error = np.vectorize(erf, otypes=[float])


def _normal(z: FloatArray) -> FloatArray:
    return 0.5 * (1.0 + _error(z / sqrt(2.0)))
