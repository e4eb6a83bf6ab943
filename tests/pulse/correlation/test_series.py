"""Series of any unit go through the estimator of fixes: the same figures, moved with zero and unit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pulse.correlation.cells import answer_variance
from pulse.correlation.engine import look
from pulse.correlation.series import NEVER, Series, Unanswerable, effect_on
from tests.pulse.correlation.company import Company


def drawn(seed: int, rows: int = 7, periods: int = 18, change: float = 0.0) -> np.ndarray:
    """Rows with levels, a shared drift and noise; the first two change in period 12."""
    rng = np.random.default_rng(seed)
    table = rng.normal(0, 1.0, (rows, 1)) + np.cumsum(rng.normal(0, 0.1, periods))
    table = table + rng.normal(0, 0.4, (rows, periods))
    table[:2, 12:] += change
    return table


def starts(rows: int = 7) -> list[int]:
    return [12, 12] + [NEVER] * (rows - 2)


def figures(effect) -> np.ndarray:
    return np.array([effect.value, effect.low, effect.high, effect.se])


def test_a_panel_of_scores_gets_the_figures_its_fix_gets():
    made = Company(teams=8, touchpoints=1, irritants=4, months=8, seed=5)
    fix = made.fix("a", irritant=1, start=4, teams=(2, 3, 6), burden=1.4)
    staff = made.staff()
    (finding,) = look(staff, None, [fix], made.chain, month=7, charts=False)

    known = answer_variance(staff.n, staff.variance)[:, None] / staff.n
    begun = np.where((staff.measure == 1) & np.isin(staff.place, (2, 3, 6)), 4, NEVER)
    series = Series.of(staff.mean, known, place=staff.place, measure=staff.measure)

    assert figures(effect_on(series, begun, point=1.0)) == pytest.approx(figures(finding.staff), rel=1e-9)


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    shift=st.floats(-1e3, 1e3, allow_nan=False),
    scale=st.floats(1e-3, 1e4, allow_nan=False),
)
def test_an_estimate_moves_with_the_zero_and_the_unit(seed, shift, scale):
    table = drawn(seed, change=0.8)
    once = effect_on(Series.of(table, 0.05), starts())
    anew = effect_on(Series.of((table + shift) * scale, 0.05 * scale**2), starts())

    assert figures(anew) / scale == pytest.approx(figures(once), rel=1e-5, abs=1e-7)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10**6), order=st.permutations(range(7)))
def test_an_estimate_does_not_depend_on_the_order_of_rows(seed, order):
    table, begun = drawn(seed, change=0.8), np.array(starts())
    once = effect_on(Series.of(table, 0.05), begun)
    anew = effect_on(Series.of(table[order], 0.05), begun[order])

    assert figures(anew) == pytest.approx(figures(once), rel=1e-6)


def test_intervals_of_series_in_thousands_cover_what_was_added():
    found = [effect_on(Series.of(1000 * drawn(s, change=0.7) + 50_000), starts()) for s in range(40)]
    off = np.array([(f.value - 700) / f.se for f in found])

    assert abs(off.mean()) < 3.5 / np.sqrt(len(off))
    assert (np.abs(off) < 1.96).mean() > 0.85


def test_a_row_left_out_with_a_start_is_no_comparison_for_the_others():
    table = drawn(3)
    table[1, 12:] += 50.0
    begun = starts()

    kept = effect_on(Series.of(table), begun, [0])
    control = effect_on(Series.of(table), [12] + [NEVER] * 6, [0])

    assert kept.low < 0 < kept.high
    assert control.se > 10 * kept.se


def test_missing_figures_are_gaps_and_not_zeros():
    table = drawn(4, change=0.8)
    table[0, [3, 14]] = np.nan
    table[5, :6] = np.nan
    far = effect_on(Series.of(table + 1000.0), starts())

    assert figures(far) == pytest.approx(figures(effect_on(Series.of(table), starts())), rel=1e-5)
    assert far.low < 0.8 < far.high


def test_a_figure_with_a_large_variance_says_less():
    table = drawn(6, change=0.8)
    sure = effect_on(Series.of(table, 0.01), starts())
    unsure = effect_on(Series.of(table, 1.0), starts())

    assert unsure.se > 1.3 * sure.se


@pytest.mark.parametrize("periods", [2, 3, 13, 14])
def test_two_periods_or_less_than_three_since_the_start_say_nothing(periods):
    begun = [min(12, periods - 1)] * 2 + [NEVER] * 5

    assert effect_on(Series.of(drawn(1)[:, :periods]), begun) is None


def test_series_that_never_move_or_that_nobody_knows_say_nothing():
    still = np.full((3, 12), 4.0)

    assert effect_on(Series.of(still), [6, NEVER, NEVER]) is None
    assert effect_on(Series.of(drawn(1), 1e6), starts()) is None


def test_an_event_before_the_first_period_is_no_obstacle():
    assert effect_on(Series.of(drawn(1)), [0, -3] + [NEVER] * 5).se > 0.5


@pytest.mark.parametrize(
    ("begun", "rows", "point"),
    [
        ([12] * 6, None, None),
        ([NEVER] * 7, None, None),
        ([18] + [NEVER] * 6, None, None),
        ([12] + [NEVER] * 6, [1], None),
        ([12] * 7, [0, 6], None),
        ([12] + [NEVER] * 6, None, 0.0),
    ],
)
def test_questions_that_do_not_fit_are_refused(begun, rows, point):
    series = Series.of(drawn(1), measure=["a"] * 6 + ["b"])

    with pytest.raises(Unanswerable):
        effect_on(series, begun, rows, point=point)


@pytest.mark.parametrize(
    "given",
    [
        {"mean": [1.0, 2.0]},
        {"mean": [[]]},
        {"mean": [[1.0, np.inf]]},
        {"mean": [[1.0, 2.0]], "variance": -1.0},
        {"mean": [[1.0, 2.0]], "variance": np.nan},
        {"mean": [[1.0, 2.0]], "variance": [1.0, 2.0, 3.0]},
        {"mean": [[1.0], [2.0]], "place": [0]},
        {"mean": [[1.0], [2.0]], "place": ["a", "a"]},
    ],
)
def test_tables_that_make_no_sense_are_refused(given):
    with pytest.raises(Unanswerable):
        Series.of(**given)


def test_others_of_another_measure_are_left_out_too():
    table = np.vstack([drawn(2), drawn(3)])
    places, measures = list(range(7)) * 2, [0] * 7 + [1] * 7
    begun = starts() + starts()
    series = Series.of(table, place=places, measure=measures)

    effect = effect_on(series, begun, [0, 1])

    assert effect.low < 0 < effect.high
