"""Thin, odd and broken input: no crash, no flag without evidence, a reason a person understands (§4.12)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pulse.correlation.engine import look
from pulse.correlation.panel import Chain, Finding, Fix, Panel
from pulse.verdicts.rules import Outcome, Reason, judge
from tests.pulse.correlation.company import Company


def displacing(start: int = 14, **given) -> Company:
    made = Company(teams=12, touchpoints=6, irritants=6, months=24, **given)
    made.fix("a", irritant=0, start=start, teams=(0, 1, 2), touchpoints=(0, 1, 2), relief=0.5, burden=1.8)
    return made


def only(found: list[Finding]) -> Finding:
    (finding,) = found
    return finding


def seen(company: Company, staff: Panel | None, customer: Panel | None, month: int = 23) -> Finding:
    return only(look(staff, customer, company.fixes, company.chain, month=month))


def keep(panel: Panel, rows: np.ndarray) -> Panel:
    return replace(
        panel, place=panel.place[rows], measure=panel.measure[rows], n=panel.n[rows], mean=panel.mean[rows],
        variance=panel.variance[rows],
    )  # fmt: skip


def no_accusation(finding: Finding) -> None:
    assert judge(finding).outcome not in (Outcome.DISPLACED, Outcome.BACKFIRED)


@pytest.mark.parametrize("months", [1, 2, 3])
def test_below_four_months_nothing_is_said(months):
    made = displacing(start=0)
    finding = seen(made, made.staff(), made.customer(), month=months - 1)

    assert (finding.relief, finding.burden, finding.landing) == (0.0, 0.0, None)
    assert judge(finding).outcome is Outcome.UNDETERMINED


@pytest.mark.parametrize("start", [-5, 0])
def test_without_months_before_the_start_nothing_is_known(start):
    made = displacing(start=start)
    finding = seen(made, made.staff(), made.customer(), month=17)

    no_accusation(finding)
    assert finding.months_after == 18 - start


@pytest.mark.parametrize("side", ["staff", "customers", "neither"])
def test_a_company_with_one_side_only_is_never_accused(side):
    made = displacing()
    staff = made.staff() if side == "staff" else None
    customer = made.customer() if side == "customers" else None
    finding = seen(made, staff, customer)

    no_accusation(finding)
    if side == "customers":
        assert finding.relief > 2
        assert judge(finding).reason is Reason.NOT_SURVEYED
    if side == "staff":
        assert finding.burden > 2
        assert finding.customer is None


def test_one_team_and_one_irritant_work_on_variances_alone():
    made = Company(teams=1, touchpoints=1, irritants=1, months=24)
    made.fix("a", irritant=0, start=12, teams=(0,), touchpoints=(0,), relief=0.6, burden=2.0)
    finding = seen(made, made.staff(), made.customer())

    assert not finding.controls
    assert finding.customer.value < 0 < finding.staff.value


def test_a_company_without_controls_is_told_so():
    made = Company(teams=3, touchpoints=2, irritants=1, months=16, seed=3, customers=10)
    made.fix("a", irritant=0, start=12, teams=(0, 1, 2), touchpoints=(0, 1))
    finding = seen(made, made.staff(), made.customer(), month=15)

    no_accusation(finding)
    assert not finding.controls


def test_empty_rows_and_missing_months_are_no_obstacle():
    made = displacing()
    staff, customer = made.staff(), made.customer()
    staff.n[:, [3, 9, 16]] = 0
    staff.n[staff.place == 7] = 0
    staff.mean[staff.n == 0] = np.nan
    customer.n[:, :2] = 0
    customer.mean[customer.n == 0] = np.nan

    finding = seen(made, staff, customer)

    assert judge(finding).outcome is Outcome.DISPLACED
    assert np.isfinite(finding.burden)


def test_answers_without_any_variance_are_no_certainty():
    made = displacing()
    staff, customer = made.staff(), made.customer()
    staff.mean[:] = 3.0
    staff.variance[:] = 0.0
    customer.mean[:] = 2.0
    customer.variance[:] = 0.0
    finding = seen(made, staff, customer)

    no_accusation(finding)
    assert finding.staff.value == pytest.approx(0.0, abs=1e-6)


def test_nobody_answers_at_all():
    made = displacing()
    staff, customer = made.staff(), made.customer()
    staff.n[:] = 0
    customer.n[:] = 0
    finding = seen(made, staff, customer)

    assert (finding.relief, finding.burden, finding.customer, finding.staff) == (0.0, 0.0, None, None)
    assert judge(finding).reason is Reason.TOO_FEW_ANSWERS


@pytest.mark.parametrize(
    "scope", [{"teams": (), "team_starts": ()}, {"touchpoints": (), "touchpoint_starts": ()}]
)
def test_a_fix_without_a_scope_on_one_side_carries_no_evidence_there(scope):
    made = displacing()
    made.fixes[0] = replace(made.fixes[0], **scope)
    finding = seen(made, made.staff(), made.customer())

    no_accusation(finding)
    if "teams" in scope:
        assert (finding.burden, finding.landing) == (0.0, None)
    else:
        assert finding.relief == 0.0


def test_places_and_irritants_that_do_not_exist_are_left_out():
    made = displacing()
    made.fixes[0] = replace(made.fixes[0], measure=77, teams=(99,), team_starts=(14,), touchpoints=(88,))
    finding = seen(made, made.staff(), made.customer())

    assert (finding.relief, finding.staff, finding.teams) == (0.0, None, 0)
    assert finding.unsurveyed > 0.25


def test_the_same_fix_registered_twice_cannot_be_told_apart():
    made = displacing()
    made.fixes.append(replace(made.fixes[0], code="b"))
    found = look(made.staff(), made.customer(), made.fixes, made.chain, month=19)

    for finding in found:
        assert finding.confounded
        alone = only(look(made.staff(), made.customer(), made.fixes[:1], made.chain, month=19))
        assert finding.relief < alone.relief
        assert finding.staff.se > 1.5 * alone.staff.se


def test_two_fixes_two_months_apart_on_the_same_teams_cannot_be_told_apart():
    made = displacing()
    made.fix("b", irritant=0, start=16, teams=(0, 1, 2), touchpoints=(0, 1, 2))
    found = look(made.staff(), made.customer(), made.fixes, made.chain, month=18)

    assert all(finding.confounded for finding in found)
    second = judge(found[1])
    assert second.outcome is Outcome.UNDETERMINED
    assert second.reason in (Reason.CONFOUNDED, Reason.WATCH)


def test_two_fixes_ten_months_apart_on_the_same_teams_can():
    made = Company(teams=12, touchpoints=6, irritants=6, months=30)
    made.fix("a", irritant=0, start=10, teams=(0, 1, 2), touchpoints=(0, 1, 2), relief=0.5, burden=1.8)
    made.fix("b", irritant=0, start=20, teams=(0, 1, 2), touchpoints=(0, 1, 2))
    found = look(made.staff(), made.customer(), made.fixes, made.chain, month=29)

    assert judge(found[0]).outcome is Outcome.DISPLACED
    no_accusation(found[1])
    assert not found[0].confounded


def break_at(panel: Panel, month: int) -> Panel:
    broken = np.zeros(panel.n.shape, bool)
    broken[:, month:][:, :1] = True
    mean = panel.mean.copy()
    mean[:, month:] += 2.0
    return replace(panel, mean=mean, broken=broken)


def test_a_change_of_the_questionnaire_at_the_start_ends_every_comparison():
    made = displacing()
    finding = seen(made, break_at(made.staff(), 14), break_at(made.customer(), 14))

    assert finding.changed_collection
    judgement = judge(finding)
    assert (judgement.outcome, judgement.reason) == (Outcome.UNDETERMINED, Reason.COLLECTION_CHANGE)
    assert judgement.months_missing is None


def test_a_break_long_before_the_start_leaves_the_later_months_to_compare():
    made = displacing()
    finding = seen(made, break_at(made.staff(), 5), break_at(made.customer(), 5))

    assert not finding.changed_collection
    assert judge(finding).outcome is Outcome.DISPLACED


def test_a_break_after_the_start_hides_what_follows_it():
    made = displacing()
    staff, customer = made.staff(), made.customer()
    finding = seen(made, break_at(staff, 20), break_at(customer, 20))
    before = seen(made, staff, customer, month=19)

    assert finding.changed_collection
    assert finding.answers_staff == before.answers_staff
    assert finding.staff.value == pytest.approx(before.staff.value, abs=0.4)


def test_a_stopped_fix_is_judged_on_the_months_it_ran():
    made = displacing()
    made.fixes[0] = replace(made.fixes[0], stop=20)
    staff, customer = made.staff(), made.customer()
    finding = seen(made, staff, customer)

    assert finding.months_after == 6
    assert finding.answers_staff == seen(made, staff, customer, month=19).answers_staff


def test_a_start_found_from_the_data_is_judged_on_fresh_months_only():
    made = displacing()
    staff, customer = made.staff(), made.customer()
    plain = seen(made, staff, customer)
    made.fixes[0] = replace(made.fixes[0], registered=20)
    late = seen(made, staff, customer)

    assert late.months_after == 4
    assert late.answers_staff < plain.answers_staff
    assert 0 < late.relief < plain.relief


def test_teams_near_the_top_of_the_scale_cannot_show_a_rise():
    made = Company(teams=12, touchpoints=6, irritants=6, months=24)
    made.fix("a", irritant=0, start=12, teams=(0, 1), touchpoints=(0, 1), relief=0.6)
    staff = made.staff()
    own = (staff.measure == 0) & (staff.place < 2)
    staff.mean[own] += 9.0 - staff.mean[own].mean()
    finding = seen(made, staff, made.customer())

    assert finding.ceiling
    assert judge(finding).outcome is not Outcome.RESOLVED


def test_neighbours_nobody_asks_keep_a_fix_from_being_called_resolved():
    made = Company(teams=12, touchpoints=6, irritants=6, months=30, answers=40, team_noise=0.05, seed=2)
    made.fix("a", irritant=0, start=12, teams=(3, 4), touchpoints=(0, 1), relief=0.6)
    staff, customer = made.staff(), made.customer()
    asked = seen(made, staff, customer, month=29)
    near = (staff.measure == 0) & np.isin(staff.place, [1, 2, 5, 6])
    blind = seen(made, keep(staff, np.flatnonzero(~near)), customer, month=29)

    assert judge(asked).outcome is Outcome.RESOLVED
    assert asked.unsurveyed == 0.0
    assert blind.unsurveyed == pytest.approx(0.32)
    assert (judge(blind).outcome, judge(blind).reason) == (Outcome.UNDETERMINED, Reason.NOT_SURVEYED)


@pytest.mark.parametrize("teams", [(0, 1, 2), (0, 1, 12)])
def test_a_team_that_splits_after_the_start_hands_scope_and_evidence_down(teams):
    made = displacing()
    staff = made.staff()
    # team 2 becomes team 12 in month 9: same people, same scores, another name
    old = staff.place == 2
    child = keep(staff, np.flatnonzero(old))
    child = replace(child, place=np.full(len(child.place), 12))
    child.n[:, :9] = 0
    staff.n[old, 9:] = 0
    names = ("place", "measure", "n", "mean", "variance")
    rows = {name: np.concatenate([getattr(staff, name), getattr(child, name)]) for name in names}
    both = Panel(**rows, came_from=np.r_[np.full(12, -1), 2])
    made.fixes[0] = replace(made.fixes[0], teams=teams)

    finding = seen(made, both, made.customer())

    assert judge(finding).outcome is Outcome.DISPLACED
    assert finding.teams == 3
    assert finding.landing.places == (0, 1, 12)
    assert finding.staff.low < 1.8 < finding.staff.high


def test_monitoring_ends_after_two_years():
    made = Company(teams=6, touchpoints=4, irritants=4, months=34)
    made.fix("a", irritant=0, start=8, teams=(0, 1), touchpoints=(0, 1))
    staff, customer = made.staff(), made.customer()

    assert len(look(staff, customer, made.fixes, made.chain, month=31)) == 1
    assert look(staff, customer, made.fixes, made.chain, month=32) == []


def test_no_fix_no_finding():
    made = displacing()

    assert look(made.staff(), made.customer(), [], Chain(), month=23) == []
    assert look(None, None, [Fix("x", 0, 3)], Chain(), month=23)[0].relief == 0.0


def test_series_beside_a_scope_are_counted_where_no_fix_touched_them():
    made = displacing()
    finding = seen(made, made.staff(), made.customer())
    assert (finding.touchpoints, finding.teams) == (3, 3)
    # The irritant in the other places, and the other irritants of the scope's own.
    assert finding.compared_customers == 3 + 3 * 5
    assert finding.compared_staff == 9 + 3 * 5

    made.fix("b", irritant=0, start=14, teams=(5,), touchpoints=(5,))
    found = {f.code: f for f in look(made.staff(), made.customer(), made.fixes, made.chain, month=23)}
    assert (found["a"].compared_customers, found["a"].compared_staff) == (17, 23)


def test_a_scope_without_any_other_series_has_nothing_beside_it():
    made = Company(teams=1, touchpoints=1, irritants=1, months=24)
    made.fix("a", irritant=0, start=12, teams=(0,), touchpoints=(0,), relief=0.6, burden=2.0)
    finding = seen(made, made.staff(), made.customer())
    assert (finding.compared_customers, finding.compared_staff) == (0, 0)
