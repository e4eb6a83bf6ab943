"""The planted truth: every class, clear effects, and fixes that cannot be mistaken for each other."""

from collections import Counter

import pytest

from demo import Company, company
from demo.folder import effects_of
from tests.demo.conftest import LAST_MONTH, Tables

SEEDS = (1, 2, 3, 4, 5, 7)


@pytest.fixture(scope="module", params=SEEDS)
def planned(request: pytest.FixtureRequest) -> Company:
    return company(seed=request.param, last_month=LAST_MONTH)


def test_every_class_is_planted_several_times(planned: Company) -> None:
    counts = Counter(fix.kind for fix in planned.fixes)
    assert counts["resolved"] >= 3
    assert counts["disp_same"] >= 3
    assert all(counts[kind] >= 2 for kind in ("disp_hop", "disp_irr", "ineffective", "backfired", "nochange"))
    assert 14 <= len(planned.fixes) <= 24


def test_there_is_time_before_and_after_each_start(planned: Company) -> None:
    for fix in planned.fixes:
        assert fix.started >= 8
        assert planned.months - max(month for _, month in fix.starts) >= 10


def test_some_fixes_are_rolled_out_in_steps_and_some_take_months_to_work() -> None:
    fixes = [fix for seed in SEEDS for fix in company(seed=seed, last_month=LAST_MONTH).fixes]
    assert any(len({month for _, month in fix.starts}) > 1 for fix in fixes)
    assert {fix.ramp for fix in fixes} == {1, 2, 3}


def test_planted_effects_are_clear(planned: Company) -> None:
    for fix in planned.fixes:
        customers, own = effects_of(planned, fix)
        level = customers / fix.customer_share if fix.customer_share else 0.0
        if fix.kind in ("resolved", "disp_same", "disp_hop", "disp_irr"):
            assert -0.7 * level <= customers <= -0.4 * level < 0
        elif fix.kind == "backfired":
            assert 0.4 * level <= customers <= 0.7 * level
        else:
            assert customers == own == 0.0
        if fix.landing_rows:
            assert 1.5 <= planned.staff.effect(sorted(fix.landing_rows), fix.full) <= 2.5
        assert (own > 0) == (fix.kind == "disp_same")
        assert (own < 0) == (fix.kind == "resolved")


def test_fix_teams_have_fifteen_to_forty_people(planned: Company) -> None:
    sizes = {team.code: team.headcount for team in planned.teams}
    assert all(15 <= sizes[team] <= 40 for fix in planned.fixes for team in fix.teams)


def test_no_two_fixes_touch_the_same_rows(planned: Company) -> None:
    touched = Counter(
        row for fix in planned.fixes for row in (*fix.customer_rows, *(fix.staff_rows | fix.landing_rows))
    )
    assert max(touched.values()) == 1


def test_burdens_land_where_their_class_says(planned: Company) -> None:
    for fix in planned.fixes:
        one, two = planned.structure.within(fix.teams)
        if fix.kind == "disp_hop":
            assert set(fix.landing_teams) <= one | two
            assert fix.landing_irritant == fix.irritant
        elif fix.kind == "disp_irr":
            assert fix.landing_teams == fix.teams
            assert fix.landing_irritant != fix.irritant
        elif fix.kind == "disp_same":
            assert (fix.landing_teams, fix.landing_irritant) == (fix.teams, fix.irritant)
        else:
            assert not fix.landing_rows
        assert all(row[1] in planned.lists[row[0]] for row in fix.landing_rows | fix.staff_rows)


def test_every_irritant_with_a_fix_keeps_places_to_compare_with(planned: Company) -> None:
    rows = planned.customers
    shared = Counter(rows.irritants[k] for k in rows.irritant.tolist())
    heard = Counter(irritant for listed in planned.lists.values() for irritant in listed)
    for irritant in {fix.irritant for fix in planned.fixes}:
        fixes = [fix for fix in planned.fixes if fix.irritant == irritant]
        assert 2 * sum(len(fix.touchpoints) for fix in fixes) <= shared[irritant]
        assert 2 * sum(len(fix.teams) for fix in fixes) <= heard[irritant]


def test_truth_says_what_the_company_does(railway: Company, written: Tables) -> None:
    truth = {row["fix"]: row for row in written["truth"]}
    for fix in railway.fixes:
        row = truth[fix.code]
        customers, own = effects_of(railway, fix)
        assert row["verdict"] == fix.verdict
        assert (float(row["customer_effect"]), float(row["staff_effect"])) == (
            pytest.approx(customers, abs=0.005),
            pytest.approx(own, abs=0.005),
        )
        assert row["landing_teams"] == "|".join(fix.landing_teams)


def test_nothing_that_did_nothing_is_called_anything_but_ineffective(written: Tables) -> None:
    verdicts = {(row["class"], row["verdict"]) for row in written["truth"]}
    assert verdicts == {
        ("resolved", "resolved"),
        ("disp_same", "displaced"),
        ("disp_hop", "displaced"),
        ("disp_irr", "displaced"),
        ("ineffective", "ineffective"),
        ("backfired", "backfired"),
        ("nochange", "ineffective"),
    }


def test_a_company_too_young_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 6 months"):
        company(months=5)
