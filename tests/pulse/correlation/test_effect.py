"""Effects, intervals and the path a chart shows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pulse.correlation.effect import estimate, in_points
from pulse.correlation.engine import look
from pulse.correlation.panel import Effect
from tests.pulse.correlation.company import Company


def test_templates_that_agree_give_their_common_estimate():
    value, se = estimate(np.full(6, 8.0), np.full(6, 4.0))

    assert value == pytest.approx(2.0)
    assert se == pytest.approx(0.5)


def test_templates_that_disagree_widen_the_interval():
    value, se = estimate(np.array([8.0, 4.0, 8.0, 8.0, 8.0, 8.0]), np.full(6, 4.0))

    assert 1.0 < value < 2.0
    assert se > 0.5


def test_a_template_that_has_hardly_begun_is_left_out():
    score, information = np.full(6, 8.0), np.full(6, 4.0)
    unseen = score.copy(), information.copy()
    score[5], information[5] = 0.8, 0.1
    unseen[0][5], unseen[1][5] = 0.0, 0.0

    assert estimate(score, information) == estimate(*unseen)


def test_a_scope_that_starts_place_by_place_is_not_blown_up_to_many_times_its_effect():
    off = []
    for seed in range(20):
        made = Company(teams=16, touchpoints=4, irritants=6, months=15, seed=seed)
        fix = made.fix("a", irritant=0, start=12, teams=tuple(range(6)))
        starts = tuple(range(12, 18))
        for team, start in enumerate(starts):
            made.staff_mean[team, 0, start:] += 1.0
        slow = replace(fix, team_starts=starts)
        (finding,) = look(made.staff(), None, [slow], made.chain, month=14, charts=False)
        assert finding.staff.low < 1.0 < finding.staff.high
        off.append(finding.staff.value - 1.0)

    assert np.sqrt(np.mean(np.square(off))) < 2.0, "it was 4 points off after three months"


def test_without_information_there_is_no_estimate():
    assert estimate(np.zeros(6), np.zeros(6)) is None


def test_a_share_becomes_points_with_the_error_of_the_level_in_it():
    effect = in_points((-0.5, 0.1), 4.0, 0.3)

    assert effect.value == pytest.approx(-2.0)
    assert effect.se**2 == pytest.approx(0.4**2 + 0.15**2 + 0.03**2)
    assert effect.low == pytest.approx(effect.value - 1.96 * effect.se)


def test_an_effect_of_a_value_and_its_error():
    assert Effect.of(1.0, 0.5) == Effect(1.0, 1.0 - 0.98, 1.0 + 0.98, 0.5)


@pytest.fixture(scope="module")
def many():
    """Effects of the same fix in sixty companies: relief of half of the level, burden of 1.5 points."""
    found = []
    for seed in range(60):
        made = Company(teams=10, touchpoints=6, irritants=5, months=20, seed=seed)
        level = made.customer_mean[:3, 0, :].mean(1).copy()
        made.fix("a", irritant=0, start=12, teams=(0, 1, 2), touchpoints=(0, 1, 2), relief=0.5, burden=1.5)
        seen = look(made.staff(), made.customer(), made.fixes, made.chain, month=19, charts=False)[0]
        found.append((seen, -0.5 * level.mean()))
    return found


def test_estimates_are_unbiased_and_their_intervals_cover(many):
    staff = np.array([(f.staff.value - 1.5) / f.staff.se for f, _ in many])
    customer = np.array([(f.customer.value - truth) / f.customer.se for f, truth in many])

    for z in (staff, customer):
        assert abs(z.mean()) < 3.5 / np.sqrt(len(z))
        assert 0.6 < z.std() < 1.35
        assert (np.abs(z) < 1.96).mean() > 0.85


def test_a_path_leaves_its_expectation_at_the_start_and_only_then():
    made = Company(teams=12, touchpoints=8, irritants=6, months=30)
    made.fix("a", irritant=0, start=16, teams=(0, 1, 2, 3), touchpoints=(0, 1, 2), relief=0.6, burden=2.0)
    finding = look(made.staff(), made.customer(), made.fixes, made.chain, month=29)[0]

    staff, customer = finding.staff_path, finding.customer_path
    assert staff.observed.shape == (30,)
    assert np.mean(staff.observed[17:] > staff.high[17:]) > 0.8
    assert np.mean(customer.observed[17:] < customer.low[17:]) > 0.8
    inside = (staff.observed[:14] >= staff.low[:14]) & (staff.observed[:14] <= staff.high[:14])
    assert inside.mean() > 0.85
    gap = (staff.observed - staff.expected)[16:].mean()
    assert gap == pytest.approx(finding.staff.value, abs=0.35)
    assert (customer.low >= 0).all()


def test_a_month_without_answers_is_a_gap_in_the_path():
    made = Company(teams=6, touchpoints=4, irritants=4, months=20)
    made.fix("a", irritant=0, start=10, teams=(0, 1), touchpoints=(0, 1))
    staff = made.staff()
    staff.n[:, 4] = 0
    finding = look(staff, made.customer(), made.fixes, made.chain, month=19)[0]

    assert np.isnan(finding.staff_path.observed[4])
    assert np.isfinite(np.delete(finding.staff_path.observed, 4)).all()


def test_few_answers_or_months_are_told_in_words_only():
    made = Company(teams=6, touchpoints=4, irritants=4, months=20)
    made.fix("a", irritant=0, start=10, teams=(0,), touchpoints=(0,), relief=0.5, burden=2.0)
    staff, customer = made.staff(), made.customer()

    early = look(staff, customer, made.fixes, made.chain, month=11)[0]
    assert (early.customer, early.staff, early.landing.effect) == (None, None, None)
    staff.n[:] = np.where(staff.n > 0, 5, 0)
    third = look(staff, customer, made.fixes, made.chain, month=12)[0]
    assert third.customer is not None
    assert third.staff is None, "15 answers after the start are too few"
