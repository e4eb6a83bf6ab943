"""The whole look on small companies with known truth."""

from __future__ import annotations

import pytest

from pulse.correlation.engine import look
from pulse.verdicts.rules import Outcome, judge
from tests.pulse.correlation.company import Company


@pytest.fixture(scope="module", params=[1, 2, 3])
def company(request: pytest.FixtureRequest) -> Company:
    made = Company(seed=request.param)
    made.fix("resolved", irritant=0, start=14, teams=(0, 1), touchpoints=(0, 1, 2), relief=0.5)
    made.fix("same", irritant=1, start=16, teams=(4, 5), touchpoints=(3, 4, 5), relief=0.5, burden=1.8)
    made.fix(
        "hop", irritant=2, start=15, teams=(9, 10), touchpoints=(1, 2, 3), relief=0.5, burden=2.0,
        lands=((11,), 2),
    )  # fmt: skip
    made.fix(
        "irritant", irritant=3, start=18, teams=(13, 14), touchpoints=(4, 6), relief=0.5, burden=2.0,
        lands=((13, 14), 6),
    )  # fmt: skip
    made.fix("nothing", irritant=4, start=18, teams=(2, 3), touchpoints=(1, 2, 3))
    made.fix("backfired", irritant=5, start=18, teams=(6, 7), touchpoints=(1, 2, 3), relief=-0.5)
    return made


@pytest.fixture(scope="module")
def findings(company: Company) -> dict:
    found = look(company.staff(), company.customer(), company.fixes, company.chain, month=35)
    return {finding.code: finding for finding in found}


def test_clear_cases_get_the_right_verdict(findings):
    verdicts = {code: judge(finding).outcome for code, finding in findings.items()}

    assert verdicts == {
        "resolved": Outcome.RESOLVED,
        "same": Outcome.DISPLACED,
        "hop": Outcome.DISPLACED,
        "irritant": Outcome.DISPLACED,
        "nothing": Outcome.INEFFECTIVE,
        "backfired": Outcome.BACKFIRED,
    }


def test_a_landing_is_named_with_team_irritant_and_hops(findings):
    named = {code: (f.landing.places, f.landing.measure, f.landing.hops) for code, f in findings.items()}

    assert named["same"] == ((4, 5), 1, 0)
    assert named["hop"] == ((11,), 2, 1)
    assert named["irritant"] == ((13, 14), 6, 0)


def test_a_single_neighbour_is_named_and_not_all_neighbours_together():
    named = 0
    for seed in range(6):
        made = Company(teams=14, touchpoints=6, irritants=6, months=30, answers=40, seed=seed)
        made.fix(
            "a",
            irritant=1,
            start=12,
            teams=(5, 6),
            touchpoints=(0, 1),
            relief=0.5,
            burden=2.0,
            lands=((7,), 1),
        )
        (finding,) = look(made.staff(), made.customer(), made.fixes, made.chain, month=27)
        named += finding.landing.places == (7,)
        assert finding.landing.effect.low < 2.0 < finding.landing.effect.high

    assert named == 6
