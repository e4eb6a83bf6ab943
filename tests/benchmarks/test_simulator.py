"""Simulated companies are what docs/method.md says they are."""

import numpy as np
import pytest

from benchmarks.levels import LEVELS, SIZES
from benchmarks.simulator import K, SimulatedCompany, company
from benchmarks.staff import expected_score


@pytest.fixture(scope="module")
def made() -> SimulatedCompany:
    return company("realistic", SIZES["S"], seed=5)


def test_a_company_depends_on_its_seed_alone(made: SimulatedCompany) -> None:
    again, other = (company("realistic", SIZES["S"], seed=seed) for seed in (5, 6))

    assert again.fixes == made.fixes
    assert again.truth == made.truth
    assert np.array_equal(again.staff.mean, made.staff.mean)
    assert not np.array_equal(other.customers.mean[:50], made.customers.mean[:50])


def test_cells_under_five_answers_are_never_measured(made: SimulatedCompany) -> None:
    for side, panel in (("employee", made.staff), ("customer", made.customers)):
        n = made.raw[side][0]
        assert ((panel.n == 0) | (panel.n >= K)).all()
        assert np.array_equal(panel.n > 0, n >= K)
    assert (made.raw["employee"][0] == 3).any()


@pytest.mark.parametrize("level", LEVELS)
def test_teams_of_twenty_give_eight_answers_a_cell_or_so(level: str) -> None:
    n = company(level, SIZES["M"], seed=2).raw["employee"][0]

    least, most = {"easy": (8, 11), "realistic": (7, 9), "hostile": (4, 8)}[level]
    assert least <= np.median(n[n > 0]) <= most


def test_answers_are_whole_points_of_the_scale(made: SimulatedCompany) -> None:
    for n, total, squares in made.raw.values():
        assert np.array_equal(total, np.rint(total))
        assert (total <= 10 * n).all()
        assert (squares <= 10 * total).all()
        assert (squares * n >= total**2 - 1e-9).all()


def test_every_class_of_fix_is_planted_and_the_truth_says_what_it_did() -> None:
    truth = [one for seed in range(4) for one in company("realistic", SIZES["M"], seed=seed).truth]

    kinds = {"resolved", "disp_same", "disp_hop", "disp_irr", "ineffective", "backfired", "nochange"}
    assert {one.kind for one in truth} == kinds
    for one in truth:
        if one.displaced:
            assert one.customer < 0
            assert one.landed > 0 or not one.surveyed
        if one.kind == "nochange":
            assert one.customer == one.staff == 0.0
        if one.kind == "backfired":
            assert one.customer > 0
        if one.kind == "disp_hop":
            assert one.hops in (1, 2)
            assert one.staff == 0.0
    assert any(one.landed < 0 for one in truth if one.kind == "resolved")
    assert any(one.staff_pay for one in truth if one.kind == "ineffective")


def test_a_burden_shows_in_the_answers_as_large_as_the_truth_says() -> None:
    """Over many companies, the landing rows' change against the irritant's other rows is the true effect."""
    gaps = []
    for seed in range(12):
        made = company("easy", SIZES["M"], seed=100 + seed)
        last = made.size.months
        for one in made.truth:
            if one.kind != "disp_same" or one.start > last - 12:
                continue
            fixed = {row for other in made.truth for row in other.landing_rows}
            pairs = list(zip(made.staff.place.tolist(), made.staff.measure.tolist(), strict=True))
            mine = np.array([pair in one.landing_rows for pair in pairs])
            calm = np.array([pair[1] == one.landing_rows[0][1] and pair not in fixed for pair in pairs])
            if not calm.any():
                continue
            gaps.append(_change(made, mine, one.start) - _change(made, calm, one.start) - one.landed)

    assert len(gaps) > 20
    assert np.median(gaps) == pytest.approx(0.0, abs=0.15)  # other fixes on the same rows make outliers


def _change(made: SimulatedCompany, rows: np.ndarray, start: int) -> float:
    n, mean = made.staff.n[rows], made.staff.mean[rows]
    before, after = slice(0, start - 2), slice(start + 7, None)
    return float(
        np.average(mean[:, after], weights=n[:, after]) - np.average(mean[:, before], weights=n[:, before])
    )


def test_rounding_and_cutting_bend_scores_only_near_the_ends() -> None:
    felt = np.array([-3.0, 0.0, 5.0, 10.0, 13.0])

    low, zero, middle, ten, high = expected_score(felt, LEVELS["realistic"])

    assert middle == pytest.approx(5.0, abs=1e-6)
    assert zero == pytest.approx(10.0 - ten, abs=1e-6)
    assert 0.0 < low < zero < 2.0
    assert 8.0 < ten < high < 10.0


def test_teams_that_split_hand_their_people_over() -> None:
    made = company("hostile", SIZES["M"], seed=1)
    split = made.splits[0]
    n = made.raw["employee"][0]
    parent, child = (made.staff.place == one for one in (split.parent, split.children[0]))

    assert n[parent, : split.month].sum() > 0
    assert n[parent, split.month :].sum() == 0
    assert n[child, : split.month].sum() == 0
    assert n[child, split.month :].sum() > 0
    assert made.staff.came_from[list(split.children)].tolist() == [split.parent] * 2
    assert set(made.chain.neighbours[split.children[0]]) == set(made.chain.neighbours[split.parent])
