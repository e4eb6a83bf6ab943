"""Verdict rules at and around their thresholds."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse.correlation.panel import Finding
from pulse.verdicts.rules import Outcome, Reason, judge, no_effect, posterior, prior

CALM = Finding(
    code="f", relief=0.0, worse=0.0, burden=0.0, customer=None, staff=None, landing=None, rival=None,
    unsurveyed=0.0, ceiling=False, answers_customer=500, answers_staff=200, months_after=6, controls=True,
    confounded=False, changed_collection=False, teams=2, months_before=12,
)  # fmt: skip


def said(**given) -> tuple[Outcome, Reason | None]:
    judgement = judge(replace(CALM, **given))
    return judgement.outcome, judgement.reason


RELIEVED, HARMED = math.log(7.0), math.log(20.0)
BURDENED, BURDENED_LATE = math.log(8.0), math.log(50.0)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"worse": HARMED}, (Outcome.BACKFIRED, None)),
        ({"worse": HARMED, "burden": HARMED}, (Outcome.BACKFIRED, Reason.STAFF_PAY)),
        ({"relief": RELIEVED, "burden": BURDENED}, (Outcome.DISPLACED, None)),
        ({"relief": RELIEVED, "burden": BURDENED - 0.01}, (Outcome.UNDETERMINED, Reason.WATCH)),
        ({"relief": RELIEVED, "burden": BURDENED, "months_after": 7}, (Outcome.UNDETERMINED, Reason.WATCH)),
        ({"relief": RELIEVED, "burden": BURDENED_LATE, "months_after": 7}, (Outcome.DISPLACED, None)),
        ({"relief": RELIEVED - 0.01, "burden": 9.0}, (Outcome.UNDETERMINED, Reason.WATCH)),
        ({"relief": math.log(3.0) - 0.01, "burden": 9.0}, (Outcome.UNDETERMINED, Reason.TOO_EARLY)),
        ({"relief": math.log(3.0), "burden": math.log(3.0)}, (Outcome.UNDETERMINED, Reason.WATCH)),
        ({"relief": RELIEVED, "burden": -2.0}, (Outcome.RESOLVED, None)),
        ({"relief": RELIEVED, "burden": -0.5}, (Outcome.UNDETERMINED, Reason.TOO_EARLY)),
        ({"relief": -3.0, "worse": -3.0}, (Outcome.INEFFECTIVE, None)),
        ({"relief": -3.0, "worse": -3.0, "burden": HARMED}, (Outcome.INEFFECTIVE, Reason.STAFF_PAY)),
        ({}, (Outcome.UNDETERMINED, Reason.TOO_EARLY)),
    ],
)
def test_each_rule_of_the_table_holds_from_its_threshold_on(given, expected):
    assert said(**given) == expected


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"months_after": 1, "relief": 9.0, "burden": 9.0}, Reason.TOO_EARLY),
        ({"changed_collection": True}, Reason.COLLECTION_CHANGE),
        ({"confounded": True}, Reason.CONFOUNDED),
        ({"answers_customer": 19}, Reason.TOO_FEW_ANSWERS),
        ({"answers_staff": 19, "relief": 5.0}, Reason.TOO_FEW_ANSWERS),
        ({"answers_staff": 0}, Reason.TOO_EARLY),
        ({"controls": False}, Reason.NO_CONTROLS),
        ({"unsurveyed": 1.0, "relief": 5.0}, Reason.NOT_SURVEYED),
        ({"unsurveyed": 1.0}, Reason.TOO_EARLY),
        ({"unsurveyed": 1.0, "controls": False}, Reason.NO_CONTROLS),
        ({"relief": 5.0, "burden": -3.0, "unsurveyed": 0.26}, Reason.NOT_SURVEYED),
        ({"relief": 5.0, "burden": -3.0, "ceiling": True}, Reason.CEILING),
    ],
)
def test_what_stands_in_the_way_is_named(given, reason):
    assert said(**given) == (Outcome.UNDETERMINED, reason)


def test_a_calm_verdict_waits_for_the_third_month_but_a_warning_does_not():
    assert said(relief=5.0, burden=-3.0, months_after=2) == (Outcome.UNDETERMINED, Reason.TOO_EARLY)
    assert said(relief=5.0, burden=-3.0, months_after=3) == (Outcome.RESOLVED, None)
    assert said(relief=5.0, burden=5.0, months_after=2) == (Outcome.DISPLACED, None)


def test_flags_are_for_displaced_and_backfired_alone():
    flagged = {
        outcome
        for given in ({"worse": 9.0}, {"relief": 9.0, "burden": 9.0}, {"relief": 9.0, "burden": -9.0}, {})
        for outcome in [judge(replace(CALM, **given))] if outcome.flag
    }  # fmt: skip

    assert {judgement.outcome for judgement in flagged} == {Outcome.BACKFIRED, Outcome.DISPLACED}


def test_the_prior_learns_from_finished_fixes():
    assert prior([]) == pytest.approx(0.35)
    assert prior([0.0] * 10) == pytest.approx(0.175)
    assert prior([1.0] * 10) == pytest.approx(0.675)


def test_the_probability_by_hand():
    one_in_twenty_misled = 0.95 * 3.5 / (0.65 + 3.5) + 0.05 * 0.35
    assert judge(replace(CALM, burden=math.log(10.0))).probability == pytest.approx(one_in_twenty_misled)
    assert judge(replace(CALM, burden=0.0), prior=0.5).probability == pytest.approx(0.5)
    assert no_effect(CALM) == pytest.approx(0.3)
    assert no_effect(replace(CALM, relief=math.log(2.0), worse=-80.0)) == pytest.approx(0.3 / 1.5)


@given(st.floats(-2000, 2000), st.floats(0, 1))
def test_probabilities_stay_probabilities(evidence, before):
    assert 0.0 <= posterior(evidence, before) <= 1.0


@given(st.floats(-30, 300), st.floats(-30, 300), st.floats(-30, 300), st.integers(0, 24))
def test_no_flag_without_evidence(relief, worse, burden, months):
    outcome, _ = said(relief=relief, worse=worse, burden=burden, months_after=months)

    if outcome is Outcome.DISPLACED:
        assert relief >= RELIEVED
        assert burden >= (BURDENED if months <= 6 else BURDENED_LATE)
    if outcome is Outcome.BACKFIRED:
        assert worse >= HARMED


def test_after_a_year_it_is_no_longer_too_early_but_there_are_too_few_answers():
    for evidence in ({}, {"relief": RELIEVED, "burden": -0.5}):
        assert said(**evidence, months_after=12) == (Outcome.UNDETERMINED, Reason.TOO_EARLY)
        assert said(**evidence, months_after=13) == (Outcome.UNDETERMINED, Reason.TOO_FEW_ANSWERS)
    assert judge(replace(CALM, months_after=12)).months_missing == 1
    long_enough = replace(CALM, months_after=20, answers_staff=640)
    assert judge(long_enough).months_missing is None, "a burden should have shown by now"


def test_how_long_it_will_take_is_told_where_time_would_help():
    waiting = judge(CALM)
    assert waiting.months_missing == 1
    assert waiting.answers_missing is None, "16 answers a team and month are enough"
    thin = judge(replace(CALM, teams=1, answers_staff=30))
    assert thin.months_missing is None or thin.months_missing > 1
    assert thin.answers_missing is not None
    assert judge(replace(CALM, changed_collection=True)).months_missing is None
    assert judge(replace(CALM, relief=5.0, burden=5.0)).months_missing is None
