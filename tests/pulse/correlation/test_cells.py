"""Cells made ready for a look: sorted, cut at breaks, with a history before a split."""

from __future__ import annotations

import numpy as np
import pytest

from pulse.correlation.cells import answer_variance, generations, ready, series
from pulse.correlation.panel import Panel
from pulse.correlation.scales import CUSTOMERS, STAFF
from pulse.correlation.side import scope_of

NO_FIX = scope_of([])


def small(mean: list[list[float]], *, n: float = 10.0, **given) -> Panel:
    """One irritant, one row a place."""
    values = np.array(mean, float)
    known = ~np.isnan(values)
    rows = len(values)
    return Panel(
        place=np.arange(rows), measure=np.zeros(rows, int), n=np.where(known, n, 0.0), mean=values,
        variance=np.full(values.shape, 4.0), came_from=given.get("came_from", np.full(rows, -1)),
        broken=given.get("broken"),
    )  # fmt: skip


def test_a_break_makes_two_series_of_a_row():
    broken = np.zeros((2, 6), bool)
    broken[1, 3] = True

    row, since, until = series(small([[1] * 6, [2] * 6], broken=broken), 6)

    assert row.tolist() == [0, 1, 1]
    assert since.tolist() == [0, 0, 3]
    assert until.tolist() == [6, 3, 6]


def test_a_break_in_the_first_month_cuts_nothing():
    broken = np.zeros((1, 5), bool)
    broken[0, 0] = True

    assert len(series(small([[1] * 5], broken=broken), 5)[0]) == 1


def test_a_row_is_found_in_the_series_that_holds_the_month():
    broken = np.zeros((2, 6), bool)
    broken[1, 3] = True
    cells = ready(small([[1] * 6, [2] * 6], broken=broken), 5, STAFF, NO_FIX)

    found = cells.find(np.array([1, 1, 0, 7]), np.array([0, 0, 0, 0]), np.array([2, 3, 5, 1]))

    assert found.tolist() == [1, 2, 0, -1]
    which, rows = cells.every(np.array([1, 9]), np.array([0, 0]))
    assert which.tolist() == [0, 0]
    assert rows.tolist() == [1, 2]


def test_months_after_the_look_are_not_seen():
    cells = ready(small([[1, 2, 3, 4, 5, 99]]), 4, STAFF, NO_FIX)

    assert cells.months == 5
    assert cells.y.max() == 5


def test_a_part_of_a_split_team_begins_with_the_past_of_the_whole():
    nan = np.nan
    panel = small(
        [[3, 3, 3, nan, nan, nan], [nan, nan, nan, 4, 4, 4]], came_from=np.array([-1, 0])
    )  # fmt: skip

    cells = ready(panel, 5, STAFF, NO_FIX)

    assert cells.y[1].tolist() == [3, 3, 3, 4, 4, 4]
    assert cells.split.tolist() == [0, 3]
    assert cells.free[1].tolist() == [False] * 3 + [True] * 3, "the past is no second witness"


def test_a_grandchild_inherits_through_its_parent_and_a_ring_of_splits_ends():
    nan = np.nan
    panel = small([[1, 1, nan, nan], [nan, nan, 2, nan], [nan, nan, nan, 3]], came_from=np.array([-1, 0, 1]))

    assert ready(panel, 3, STAFF, NO_FIX).y[2].tolist() == [1, 1, 2, 3]
    assert generations(np.array([1, 0, -1])) == []


def test_cells_a_fix_may_move_are_no_comparison_from_two_months_before_its_start():
    scope = scope_of([(0, (0,), (4,), 4)])

    cells = ready(small([[1] * 6, [1] * 6]), 5, STAFF, scope)

    assert cells.free[0].tolist() == [True, True, False, False, False, False]
    assert cells.free[1].all()


def test_the_variance_of_answers_is_drawn_towards_that_of_all_rows():
    n = np.array([[11.0, 0.0], [11.0, 11.0]])
    variance = np.array([[1.0, 0.0], [4.0, 4.0]])

    # pooled (10 + 40 + 40) / 30 = 3; rows (10 + 60) / 30 and (80 + 60) / 40
    assert answer_variance(n, variance) == pytest.approx([70 / 30, 140 / 40])


def test_without_any_variance_a_usual_one_is_taken_and_zero_is_floored():
    assert answer_variance(np.ones((1, 3)), np.zeros((1, 3))) == pytest.approx([4.0])
    flat = small([[2] * 5])
    flat.variance[:] = 0.0
    assert (ready(flat, 4, STAFF, NO_FIX).s2 == 0.01).all()


def test_customers_are_measured_in_shares_of_their_level():
    cells = ready(small([[2.0] * 6, [4.0] * 6], n=1e6), 5, CUSTOMERS, NO_FIX)

    assert cells.level == pytest.approx([2.0, 4.0], rel=1e-4)
    assert cells.y == pytest.approx(np.ones((2, 6)), rel=1e-4)


def test_an_empty_panel_is_ready_too():
    none = np.zeros((0, 5))
    panel = Panel(np.zeros(0, int), np.zeros(0, int), none, none, none, np.zeros(0, int))

    assert ready(panel, 4, STAFF, NO_FIX).y.shape == (0, 5)
