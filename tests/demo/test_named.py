"""The method reads the planted truth back from the made-up company's answers."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest

from demo import Company, company
from demo.answers import LABELS, Counted, customer_answers, staff_answers
from demo.truth import Rows
from pulse.correlation.engine import look
from pulse.correlation.panel import Chain, Fix, Panel
from pulse.verdicts.rules import Outcome, judge
from tests.demo.conftest import LAST_MONTH

FEWEST = 5


def panel(rows: Rows, drawn: Iterable[Counted], came_from: list[int]) -> Panel:
    shape = (*rows.expected.shape, len(LABELS))
    counts = np.zeros(shape)
    for counted in drawn:
        counts[counted.rows, counted.month] = counted.counts
    n = counts.sum(axis=2)
    counts[n < FEWEST] = 0
    n = np.where(n < FEWEST, 0, n)
    mean = counts @ LABELS / np.maximum(n, 1)
    spread = counts @ LABELS**2 - n * mean**2
    variance = np.where(n > 1, np.maximum(spread, 0) / np.maximum(n - 1, 1), 0.0)
    return Panel(rows.place, rows.irritant, n, mean, variance, np.array(came_from))


def customer_panel(made: Company) -> Panel:
    rows = made.customers
    read = panel(rows, customer_answers(made), [-1] * len(rows.places))
    broken = np.zeros(rows.expected.shape, dtype=bool)
    for noted in made.breaks:
        at = (rows.place == rows.places.index(noted.place)) & (
            rows.irritant == rows.irritants.index(noted.irritant)
        )
        broken[at, noted.month] = True
    return replace(read, broken=broken)


def chain(made: Company) -> Chain:
    index = {team.code: i for i, team in enumerate(made.teams)}
    same = defaultdict(list)
    for team in made.teams:
        same[team.split_from or team.code].append(index[team.code])
    near: dict[int, set[int]] = defaultdict(set)
    for supplier, customer in made.structure.links:
        for one in same[supplier]:
            for other in same[customer] if customer != "CUSTOMERS" else ():
                near[one].add(other)
                near[other].add(one)
    return Chain(tuple(tuple(sorted(near[i])) for i in range(len(index))))


def registered(made: Company) -> list[Fix]:
    teams = {code: i for i, code in enumerate(made.staff.places)}
    points = {code: i for i, code in enumerate(made.customers.places)}
    return [
        Fix(
            code=fix.code,
            measure=made.staff.irritants.index(fix.irritant),
            start=fix.started,
            teams=tuple(teams[team] for team in fix.teams),
            team_starts=tuple(fix.start(team) for team in fix.teams),
            touchpoints=tuple(points[point] for point in fix.touchpoints),
            touchpoint_starts=tuple(fix.start(point) for point in fix.touchpoints),
        )
        for fix in made.fixes
    ]


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5, 7])
def test_every_resolved_fix_and_every_burden_on_own_teams_is_named(seed: int) -> None:
    made = company(seed=seed, last_month=LAST_MONTH)
    index = {code: i for i, code in enumerate(made.staff.places)}
    came_from = [index.get(team.split_from, -1) for team in made.teams]
    staff = panel(made.staff, staff_answers(made), came_from)
    findings = look(
        staff,
        customer_panel(made),
        registered(made),
        chain(made),
        month=made.months - 1,
        monitored=made.months,
        charts=False,
    )
    judged = {finding.code: judge(finding).outcome for finding in findings}
    for fix in made.fixes:
        if fix.kind in ("resolved", "disp_same"):
            assert judged[fix.code] is Outcome(fix.verdict), fix.code
        elif fix.verdict != "displaced":
            assert judged[fix.code] is not Outcome.DISPLACED, fix.code
