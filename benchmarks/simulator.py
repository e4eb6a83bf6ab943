"""Companies with known truth, to measure how often the method is right (docs/method.md).

    company("realistic", SIZES["M"], seed=7)

Nothing here is shared with the engine but the shape of its input. A company is drawn from its seed alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from benchmarks import customers, staff
from benchmarks.layout import Layout, layout
from benchmarks.levels import LEVELS, SIZES, Level, Size
from benchmarks.planting import Planted, Row, planted
from benchmarks.staff import Split
from pulse.correlation.panel import Chain, Fix, FloatArray, IntArray, Panel

K = 5  # smaller cells are never measured
MONITORED = 24
VERDICTS = {
    "disp_same": "displaced",
    "disp_hop": "displaced",
    "disp_irr": "displaced",
    "nochange": "ineffective",
}


@dataclass(frozen=True)
class Truth:
    """What a registered fix really did; effects in points of 0..10 at full roll-out.

    kind -- resolved, disp_same, disp_hop, disp_irr, ineffective, backfired or nochange
    customer -- mean over its touchpoints on its irritant; staff -- over its own teams on its irritant
    landing_rows -- (team, irritant) rows where staff are affected; landed -- mean effect on these
    surveyed -- somebody asks at least one of these rows
    """

    code: str
    kind: str
    start: int
    customer: float
    staff: float
    landing_rows: tuple[Row, ...]
    landed: float
    hops: int
    surveyed: bool

    @property
    def verdict(self) -> str:
        """The verdict that is right in the end."""
        return VERDICTS.get(self.kind, self.kind)

    @property
    def displaced(self) -> bool:
        """Customers were relieved at the employees' cost."""
        return self.verdict == "displaced"

    @property
    def staff_pay(self) -> bool:
        """Some staff carry more since, whatever customers gained."""
        return bool(self.landing_rows) and self.kind != "resolved"


@dataclass(frozen=True)
class SimulatedCompany:
    """Both sides' panels (cells under 5 answers left out), the fixes as registered, and what they did.

    unregistered -- staff rows moved by changes that nobody wrote down
    raw -- side -> n, total, squares of every cell, (3, rows, months), small ones included
    """

    level: str
    size: Size
    seed: int
    layout: Layout
    staff: Panel
    customers: Panel
    fixes: tuple[Fix, ...]
    truth: tuple[Truth, ...]
    splits: tuple[Split, ...]
    unregistered: frozenset[Row]
    raw: dict[str, FloatArray]

    @cached_property
    def chain(self) -> Chain:
        """Neighbours on the value chain; teams that came of a split are linked as their parent was."""
        links: list[set[int]] = [set(some) for some in self.layout.neighbours]
        for split in self.splits:
            links += [set(links[split.parent]) for _ in split.children]
            for neighbour in tuple(links[split.parent]):
                links[neighbour] |= set(split.children)
        return Chain(tuple(tuple(sorted(some)) for some in links))

    @cached_property
    def root(self) -> IntArray:
        """(teams,) the team each came of, itself for most."""
        return staff.origins(len(self.layout.asked), self.splits)


def company(level: str = "realistic", size: Size = SIZES["M"], *, seed: int) -> SimulatedCompany:
    """A made-up company of this level ("easy", "realistic" or "hostile") and size."""
    hard = LEVELS[level]
    ground_random, fix_random, staff_random, customer_random, answer_random = (
        np.random.default_rng([seed, part]) for part in range(5)
    )
    ground = layout(size, hard, ground_random)
    fixes = planted(ground, size, hard, fix_random)
    found = staff.splits(ground, size.months, hard, ground_random)
    rows = staff.staff_rows(ground, fixes, size.months, hard, found, size.irritants, staff_random)
    crowd = customers.crowd(ground, fixes, size.months, hard, size.irritants, customer_random)
    teams = len(ground.asked) + 2 * len(found)
    origin = staff.origins(len(ground.asked), found)
    raw = {
        "employee": np.stack(staff.answered(ground, rows, hard, found, answer_random)),
        "customer": np.stack(customers.counted(crowd, answer_random)),
    }
    registered = tuple(fix for fix in fixes if fix.registered)
    return SimulatedCompany(
        level=level,
        size=size,
        seed=seed,
        layout=ground,
        staff=_panel(
            rows.place, rows.irritant, raw["employee"], np.where(origin == np.arange(teams), -1, origin)
        ),
        customers=_panel(crowd.place, crowd.irritant, raw["customer"], np.full(len(ground.met), -1)),
        fixes=tuple(_registered(fix, found) for fix in registered),
        truth=tuple(_truth(fix, rows, crowd, hard, size.months) for fix in registered),
        splits=found,
        unregistered=frozenset(row for fix in fixes if not fix.registered for row in fix.landing),
        raw=raw,
    )


def _panel(place: IntArray, irritant: IntArray, sums: FloatArray, came_from: IntArray) -> Panel:
    """The cells of at least K answers."""
    n, total, squares = np.where(sums[0] >= K, sums, 0.0)
    mean = total / np.maximum(n, 1.0)
    variance = np.maximum(squares - n * mean**2, 0.0) / np.maximum(n - 1.0, 1.0)
    return Panel(place, irritant, n, mean, variance, came_from)


def _registered(fix: Planted, found: tuple[Split, ...]) -> Fix:
    """The fix as the company wrote it down; where a team had split before, its children are in scope."""
    children = {split.parent: split for split in found}
    teams: list[tuple[int, int]] = []
    for team, start in zip(fix.teams, fix.team_starts, strict=True):
        split = children.get(team)
        there = (team,) if split is None or start < split.month else split.children
        teams += [(one, start) for one in there]
    return Fix(
        code=fix.code,
        measure=fix.irritant,
        start=fix.start,
        teams=tuple(team for team, _ in teams),
        team_starts=tuple(start for _, start in teams),
        touchpoints=fix.touchpoints,
        touchpoint_starts=fix.touchpoint_starts,
    )


def _truth(fix: Planted, rows: staff.Rows, crowd: customers.Crowd, hard: Level, months: int) -> Truth:
    """Effects realised by this fix, the others being what they are, over the months it is watched."""
    at = rows.at()
    since, until = fix.start, min(fix.start + MONITORED, months)
    customer_at = {
        pair: i for i, pair in enumerate(zip(crowd.place.tolist(), crowd.irritant.tolist(), strict=True))
    }

    def on_staff(team: int, irritant: int) -> float:
        if (team, irritant) not in fix.landing:
            return 0.0
        worked = fix.worked(until, fix.begins_at_team(team))
        base = (rows.felt[at[team, irritant], :until] - fix.points * worked)[since:]
        with_it, without = (staff.expected_score(felt, hard) for felt in (base + fix.points, base))
        return float((with_it - without).mean())

    def on_customers(point: int) -> float:
        worked = fix.worked(until, fix.begins_at_touchpoint(point))
        row = customer_at[point, fix.irritant]
        base = crowd.bothered[row, :until] / (1.0 + fix.share * worked)
        return float(fix.share * base[since:].mean() * crowd.mean[row, 0])

    seen = [row for row in fix.landing if row in at]
    return Truth(
        code=fix.code,
        kind=fix.kind,
        start=fix.start,
        customer=float(np.mean([on_customers(point) for point in fix.touchpoints])),
        staff=float(np.mean([on_staff(team, fix.irritant) for team in fix.teams])),
        landing_rows=fix.landing,
        landed=float(np.mean([on_staff(*row) for row in seen])) if seen else 0.0,
        hops=fix.hops,
        surveyed=bool(seen) or not fix.landing,
    )
