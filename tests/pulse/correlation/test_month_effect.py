"""What all rows share in a month is taken out only where it can be told from what a few rows do."""

from __future__ import annotations

import numpy as np
import pytest

from pulse.correlation.cells import ready
from pulse.correlation.engine import look
from pulse.correlation.month_effect import FEWEST_ROWS, common_month
from pulse.correlation.panel import Chain, Fix, Panel
from pulse.correlation.scales import STAFF
from pulse.correlation.side import scope_of
from pulse.verdicts.rules import Outcome, judge
from tests.pulse.correlation.company import panel


def drifting(rows: int, seed: int, *, months: int = 24, n: int = 100, level: float = 3.0) -> Panel:
    """Rows on one irritant that share a drift and have one of their own."""
    rng = np.random.default_rng(seed)
    shared = np.cumsum(rng.normal(0, 0.08, months))
    own = np.cumsum(rng.normal(0, 0.08, (rows, months)), axis=1) + rng.normal(0, 0.12, (rows, months))
    mean = np.clip(level + shared + own, 0.3, 9.7)[:, None, :]
    return panel(mean, np.full(mean.shape, float(n)), 2.4, rng)


@pytest.mark.parametrize("rows", [1, FEWEST_ROWS - 1, FEWEST_ROWS])
def test_a_few_rows_keep_their_months_and_many_share_them(rows):
    cells = ready(drifting(rows, 1), 23, STAFF, scope_of([]))

    assert common_month(cells).any() == (rows >= FEWEST_ROWS)


def test_a_common_month_that_no_row_carries_after_the_start_is_not_taken_out_before_it_either():
    places = tuple(range(12))
    cells = ready(drifting(12, 1), 23, STAFF, scope_of([(0, places, (14,) * 12, 14)]))

    assert not common_month(cells).any()


def test_without_any_row_there_is_no_common_month():
    made = drifting(2, 1)
    made.n[:] = 0

    assert not common_month(ready(made, 23, STAFF, scope_of([]))).any()


def test_the_drift_of_a_lone_touchpoint_and_team_is_seldom_taken_for_harm():
    alone = Fix("a", 0, 14, None, (0,), (14,), (0,), (14,))
    outcomes, far = [], 0
    for seed in range(40):
        staff, customers = drifting(1, seed, n=20), drifting(1, 1000 + seed, n=150)
        (finding,) = look(staff, customers, [alone], Chain(), month=23, charts=False)
        outcomes.append(judge(finding).outcome)
        far += abs(finding.staff.value) > 1.96 * finding.staff.se

    blamed = sum(outcome in (Outcome.BACKFIRED, Outcome.DISPLACED) for outcome in outcomes)
    assert blamed <= 5, "seventeen were blamed when a lone row's movement was taken out with the month"
    assert far <= 10, "half of the intervals missed then"
