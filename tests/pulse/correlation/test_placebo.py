"""Fixes that never were: how far months scatter beyond the model, and how often rows shift by themselves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pulse.correlation.contrast import Places
from pulse.correlation.evidence import evidence
from pulse.correlation.placebo import LARGEST, inexperience, placebo, placebo_factor, share_that_shifted
from pulse.correlation.scales import CUSTOMERS, STAFF
from pulse.correlation.side import Side, scope_of, side
from tests.pulse.correlation.company import panel

NO_FIX = scope_of([])


def quiet(seed: int = 1, *, shifts: float = 0.0, size: float = 1.2) -> Side:
    """Forty teams, ten irritants, thirty months; a share of the rows shifts for good at some month."""
    rng = np.random.default_rng(seed)
    mean = np.full((40, 10, 30), 4.0) + rng.normal(0, 0.1, (40, 1, 30))
    shifting = rng.random((40, 10, 1)) < shifts
    month = rng.integers(4, 26, (40, 10, 1))
    mean = mean + np.where(shifting & (np.arange(30) >= month), size, 0.0)
    made = side(panel(mean, np.full(mean.shape, 12.0), 2.0, rng), 29, STAFF, NO_FIX, 0)
    assert made is not None
    return made


def test_a_side_that_scatters_as_the_model_says_is_hardly_inflated():
    found = placebo(quiet(), [3, 5])

    assert 1.0 <= found.factor < 1.25
    assert found.jumpiness * 29 < 0.02


def test_rows_that_shift_by_themselves_are_counted():
    few, many = (placebo(quiet(shifts=share, size=3.0), [3, 5]).jumpiness for share in (0.03, 0.10))

    assert 0.01 < few * 29 < many * 29 < 0.25


def test_the_factor_by_hand_and_its_bounds():
    score = np.r_[np.full(70, 0.5), np.full(30, 3.0)] * 2.0
    information = np.full(100, 4.0)

    # the 95 % quantile is 3: (3 / 1.96)^2 weighs 60 against 20 of 1.1
    assert placebo_factor(score, information, 60) == pytest.approx(((3 / 1.96) ** 2 * 60 + 22) / 80)
    assert placebo_factor(score * 0.1, information, 60) == 1.0
    assert placebo_factor(score * 10, information, 60) == LARGEST
    assert placebo_factor(score, np.zeros(100), 60) == 1.1


def test_the_share_of_shifts_is_drawn_to_a_fiftieth_by_twenty_rows():
    assert share_that_shifted(np.ones(0)) == pytest.approx(0.02)
    assert share_that_shifted(np.full(20, 1e6)) == pytest.approx((20 + 0.4) / 40, abs=1e-3)


def lone(made: Side, start: int) -> Places:
    none = np.zeros(0, int)
    at = np.array([start])
    return Places(
        row=np.array([7]), owner=np.array([0]), start=at, fresh=at, stop=at + 99, scope=np.array([-1]),
        apart=np.array([True]), other_entry=none, other_fix=none, other_start=none,
    )  # fmt: skip


def shifted(month: int) -> Side:
    rng = np.random.default_rng(3)
    mean = np.full((30, 8, 30), 4.0)
    mean[0, 7, month:] += 2.0
    made = side(panel(mean, np.full(mean.shape, 12.0), 2.0, rng), 29, STAFF, NO_FIX, 0)
    assert made is not None
    return made


def test_a_shift_in_the_month_of_the_fix_keeps_its_weight_where_rows_shift_by_themselves():
    made = shifted(15)
    calm, jumpy = (evidence(made, lone(made, 15), 1.0, chance).more[0] for chance in (0.0, 0.003))

    assert calm > jumpy > 5


def test_a_shift_long_after_the_start_loses_its_weight_where_rows_shift_by_themselves():
    made = shifted(22)
    calm, jumpy = (evidence(made, lone(made, 12), 1.0, chance).more[0] for chance in (0.0, 0.003))

    assert jumpy < min(calm, 0.0) + 1.0
    assert jumpy < calm - 2


def test_customers_intervals_are_wider_while_few_months_are_known():
    made = quiet()

    assert inexperience(made) == 1.0
    theirs = replace(made, cells=replace(made.cells, scale=CUSTOMERS))
    assert inexperience(theirs) == pytest.approx(1 + (11 / 30) ** 3)
    known = placebo(theirs, [1])
    assert known.caution == inexperience(theirs)
    assert known.factor < 1.2
