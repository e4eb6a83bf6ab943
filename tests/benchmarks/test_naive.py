"""The naive procedures against reference implementations, and what they see in plain cases."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from benchmarks import naive
from benchmarks.levels import SIZES
from benchmarks.simulator import SimulatedCompany, company
from pulse.correlation.panel import Panel


@pytest.fixture(scope="module")
def made() -> SimulatedCompany:
    return company("realistic", SIZES["M"], seed=9)


def test_welch_on_monthly_means_is_welchs_test(made: SimulatedCompany) -> None:
    rise, fall = naive.welch_means(made.customers, made, True)
    monthly = naive.monthly(made.customers, made, True)
    start = made.fixes[0].start
    after, before = monthly[0, start : start + 5], monthly[0, max(0, start - naive.BEFORE) : start]

    found = stats.ttest_ind(after, before, equal_var=False, alternative="greater").pvalue

    assert rise[0, start + 4] == pytest.approx(found)
    assert fall[0, start + 4] == pytest.approx(1 - found)


def test_correlation_is_pearsons_over_the_best_of_four_lags(made: SimulatedCompany) -> None:
    p, _ = naive.correlation(made)
    customers, staff = (
        naive.monthly(panel, made, side)[0] for panel, side in ((made.customers, True), (made.staff, False))
    )
    start = made.fixes[0].start
    window = np.arange(max(0, start - naive.BEFORE), start + 6)
    each = []
    for lag in range(naive.LAGS):
        usable = window[window >= lag]
        each.append(stats.pearsonr(customers[usable - lag], staff[usable], alternative="less").pvalue)

    assert p[0, start + 5] == pytest.approx(min(each))


def test_a_look_uses_no_later_month(made: SimulatedCompany) -> None:
    cut = made.fixes[0].start + 4
    blind = np.arange(made.size.months) <= cut
    shorter = replace(made, staff=_until(made.staff, blind), customers=_until(made.customers, blind))

    early = naive.procedures(shorter)
    for name, judged in naive.procedures(made).items():
        mine, theirs = judged[0].said, early[name][0].said
        assert [said for said in mine if said.month <= 5] == [said for said in theirs if said.month <= 5]


def _until(panel: Panel, there: np.ndarray) -> Panel:
    return replace(panel, n=panel.n * there)


def test_differences_are_zero_when_everybody_moves_alike() -> None:
    change = np.array([[0.5], [0.5], [0.4], [0.6]])

    rise, fall = naive._two_groups(change, np.array([True, True, False, False]))

    assert rise[0] == pytest.approx(0.5, abs=1e-6)
    assert fall[0] == pytest.approx(0.5, abs=1e-6)


def test_differences_need_two_others_and_take_their_spread_for_a_single_unit() -> None:
    change = np.array([[2.0], [0.1], [-0.1], [0.0]])
    alone = np.array([True, False, False, False])

    assert naive._two_groups(change, alone)[0, 0] < 0.001
    assert naive._two_groups(change[:2], alone[:2])[0, 0] == 1.0
