"""Evidence: e-values keep their promise, and nothing depends on order, shift or scale."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pulse.correlation.contrast import TEMPLATES, ramp
from pulse.correlation.engine import conclude, look, measure, prepare
from pulse.correlation.evidence import Evidence, log_e_value
from pulse.correlation.panel import Chain, Finding, Fix, Panel
from pulse.correlation.scales import CUSTOMERS, STAFF, Scale
from pulse.verdicts.rules import judge
from tests.pulse.correlation.company import Company, shuffled


def eventful(seed: int = 4) -> Company:
    made = Company(teams=12, touchpoints=6, irritants=6, months=24, seed=seed)
    made.fix("a", irritant=0, start=10, teams=(0, 1, 2), touchpoints=(0, 1, 2), relief=0.5, burden=1.6)
    made.fix("b", irritant=1, start=12, teams=(5, 6), touchpoints=(2, 3), relief=0.4)
    made.fix("c", irritant=2, start=14, teams=(8,), touchpoints=(1,), relief=0.5, burden=2.0, lands=((9,), 2))
    return made


COMPANY = eventful()
STAFF_PANEL, CUSTOMER_PANEL = COMPANY.staff(), COMPANY.customer()
FOUND = look(STAFF_PANEL, CUSTOMER_PANEL, COMPANY.fixes, COMPANY.chain, month=23)


def same(found: list[Finding], other: list[Finding]) -> None:
    """Both say the same, but for the last digits."""
    for one, two in zip(found, other, strict=True):
        assert (one.code, one.rival, judge(one).outcome) == (two.code, two.rival, judge(two).outcome)
        for name in ("relief", "worse", "burden", "unsurveyed"):
            assert getattr(one, name) == pytest.approx(getattr(two, name), rel=1e-5, abs=1e-5)
        assert one.staff.value == pytest.approx(two.staff.value, rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("scale", [STAFF, CUSTOMERS])
def test_with_a_known_covariance_the_expected_e_value_without_a_change_is_one(scale: Scale):
    rng = np.random.default_rng(7)
    t = np.arange(12)
    covariance = 0.5 * 0.6 ** np.abs(t[:, None] - t) + 2.0 * np.eye(12) + 1.0
    shapes = np.stack([ramp(t - 7, delay, length) for delay, length in TEMPLATES.tolist()])
    whitened = np.linalg.solve(covariance, shapes.T)
    series = rng.multivariate_normal(np.zeros(12), covariance, 60_000)
    information = np.broadcast_to(np.einsum("jt,tj->j", shapes, whitened), (60_000, 6))

    value = np.exp(log_e_value(series @ whitened, information, scale.sizes, scale.odds))

    error = value.std() / np.sqrt(len(value))
    assert error < 0.05
    assert value.mean() <= 1.0 + 3 * error
    assert value.mean() >= 1.0 - 4 * error, "and it wastes none"


def test_watched_month_by_month_an_e_value_reaches_ten_in_less_than_a_tenth_of_the_cases():
    rng = np.random.default_rng(8)
    t = np.arange(24)
    covariance = 0.3 * 0.6 ** np.abs(t[:, None] - t) + 0.3 * np.eye(24) + 1.4
    series = rng.multivariate_normal(np.zeros(24), covariance, 4_000)
    shapes = np.stack([ramp(t - 10, delay, length) for delay, length in TEMPLATES.tolist()])
    reached = np.zeros(4_000, bool)
    for month in range(11, 24):
        seen = slice(0, month + 1)
        whitened = np.linalg.solve(covariance[seen, seen], shapes[:, seen].T)
        information = np.einsum("jt,tj->j", shapes[:, seen], whitened)
        score = series[:, seen] @ whitened
        value = log_e_value(score, np.broadcast_to(information, score.shape), STAFF.sizes, STAFF.odds)
        reached |= value >= np.log(10)

    assert reached.mean() <= 0.1


def test_a_hand_worked_e_value():
    one = np.full((1, 6), 0.8)
    none = np.zeros((1, 6))
    by_hand = sum(p * np.exp(0.8 * d - 0.5 * d**2 / 2) for d, p in zip(STAFF.sizes, STAFF.odds, strict=True))

    assert log_e_value(one, np.full((1, 6), 0.5), STAFF.sizes, STAFF.odds) == pytest.approx(np.log(by_hand))
    assert log_e_value(none, none, STAFF.sizes, STAFF.odds) == pytest.approx([0.0]), "no data, no evidence"


def test_the_weights_of_sizes_add_up():
    assert STAFF.odds.sum() == pytest.approx(1.0)
    assert CUSTOMERS.odds.sum() == pytest.approx(1.0)


@settings(max_examples=8, deadline=None)
@given(st.floats(-1.5, 1.5))
def test_a_shift_of_all_staff_scores_changes_nothing(shift):
    moved = replace(STAFF_PANEL, mean=STAFF_PANEL.mean + shift)

    same(look(moved, CUSTOMER_PANEL, COMPANY.fixes, COMPANY.chain, month=23), FOUND)


@settings(max_examples=8, deadline=None)
@given(st.floats(0.4, 1.6))
def test_a_scaling_of_customers_levels_changes_no_verdict(scale):
    scaled = replace(
        CUSTOMER_PANEL, mean=CUSTOMER_PANEL.mean * scale, variance=CUSTOMER_PANEL.variance * scale**2
    )
    found = look(STAFF_PANEL, scaled, COMPANY.fixes, COMPANY.chain, month=23)

    same(found, FOUND)
    for one, two in zip(found, FOUND, strict=True):
        assert one.customer.value == pytest.approx(scale * two.customer.value, rel=1e-4)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 1000))
def test_the_order_of_rows_changes_nothing(seed):
    found = look(
        shuffled(STAFF_PANEL, seed), shuffled(CUSTOMER_PANEL, seed), COMPANY.fixes, COMPANY.chain, month=23
    )

    for one, two in zip(found, FOUND, strict=True):
        assert (one.relief, one.burden, one.customer, one.staff) == (
            two.relief,
            two.burden,
            two.customer,
            two.staff,
        )


@settings(max_examples=8, deadline=None)
@given(st.permutations(range(12)))
def test_renumbering_teams_changes_nothing(new):
    names = np.array(new)
    renamed = replace(STAFF_PANEL, place=names[STAFF_PANEL.place])
    fixes = [replace(fix, teams=tuple(int(names[t]) for t in fix.teams)) for fix in COMPANY.fixes]
    neighbours: list[tuple[int, ...]] = [()] * 12
    for team, near in enumerate(COMPANY.chain.neighbours):
        neighbours[names[team]] = tuple(int(names[v]) for v in near)

    same(look(renamed, CUSTOMER_PANEL, fixes, Chain(tuple(neighbours)), month=23), FOUND)


def test_the_order_of_fixes_changes_nothing():
    found = look(STAFF_PANEL, CUSTOMER_PANEL, COMPANY.fixes[::-1], COMPANY.chain, month=23)

    assert [f.burden for f in found[::-1]] == [f.burden for f in FOUND]


@pytest.mark.parametrize("parts", [[[0], [1], [2]], [[2, 0], [1]], [[], [0, 1, 2]]])
def test_sharing_the_work_changes_nothing(parts):
    prepared = prepare(STAFF_PANEL, CUSTOMER_PANEL, COMPANY.fixes, COMPANY.chain, month=23)
    shared = conclude(prepared, [measure(prepared, part) for part in parts])

    for one, two in zip(shared, FOUND, strict=True):
        assert (one.relief, one.worse, one.burden) == (two.relief, two.worse, two.burden)
        assert (one.customer, one.staff, one.landing) == (two.customer, two.staff, two.landing)


def test_later_months_do_not_reach_back():
    def cut(panel: Panel, months: int) -> Panel:
        return replace(
            panel, n=panel.n[:, :months], mean=panel.mean[:, :months], variance=panel.variance[:, :months]
        )

    early = look(cut(STAFF_PANEL, 18), cut(CUSTOMER_PANEL, 18), COMPANY.fixes, COMPANY.chain, month=17)
    late = look(STAFF_PANEL, CUSTOMER_PANEL, COMPANY.fixes, COMPANY.chain, month=17)

    assert [(f.relief, f.burden, f.staff) for f in early] == [(f.relief, f.burden, f.staff) for f in late]


def test_a_fix_that_starts_later_is_not_judged_and_does_not_matter():
    later = Fix("later", 0, 22, None, (3,), (22,), (4,), (22,))
    found = look(STAFF_PANEL, CUSTOMER_PANEL, [*COMPANY.fixes, later], COMPANY.chain, month=20)

    assert [f.code for f in found] == ["a", "b", "c"]
    plain = look(STAFF_PANEL, CUSTOMER_PANEL, COMPANY.fixes, COMPANY.chain, month=20)
    assert [f.burden for f in found] == [f.burden for f in plain]


def test_workers_say_the_same_as_one():
    with ThreadPoolExecutor(2) as workers:
        shared = look(STAFF_PANEL, CUSTOMER_PANEL, COMPANY.fixes, COMPANY.chain, month=23, executor=workers)

    assert [(f.burden, f.staff, f.landing) for f in shared] == [(f.burden, f.staff, f.landing) for f in FOUND]


def test_what_a_worker_needs_and_returns_can_travel():
    prepared = prepare(STAFF_PANEL, CUSTOMER_PANEL, COMPANY.fixes, COMPANY.chain, month=23)
    there = pickle.loads(pickle.dumps(prepared))
    back = pickle.loads(pickle.dumps(measure(there, there.live)))

    assert [f.burden for f in conclude(prepared, [back])] == [f.burden for f in FOUND]


@given(
    st.lists(st.floats(-5, 200), min_size=1, max_size=5), st.floats(0, 20),
    st.one_of(st.just(-np.inf), st.floats(-50, 200)),
)  # fmt: skip
def test_another_explanation_lowers_evidence_and_moves_no_place(
    more: list[float], shifts: float, other: float
):
    nothing = np.zeros(len(more))
    found = Evidence(
        nothing, nothing, np.array(more), nothing, nothing + shifts, np.zeros(len(more), bool), nothing
    )
    beside = found.beside(nothing + other)

    assert (beside.more <= found.more + 1e-9).all()
    assert beside.here == pytest.approx(found.here)
    assert (beside.more <= np.maximum(found.here - other, -np.inf) + 1e-9).all(), "at most likelier by this"
    if other == -np.inf:
        assert beside.more == pytest.approx(found.more)
