"""Shades, units and arrows: what may be told of a figure and of its change."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse.dashboards.scales import BOTHER, BURDEN, NET, SATISFACTION, Scale, latest_move, move
from pulse.ledger.disclosure import Extent
from pulse.ledger.figures import Figure
from pulse.months import between, shifted

MONTH = date(2026, 6, 1)
scales = st.sampled_from([BURDEN, BOTHER, SATISFACTION, NET])


@st.composite
def figures(draw: st.DrawFn, *, month: date | None = None) -> Figure:
    """Any figure that rounding may make."""
    few = draw(st.booleans())
    step = 50 if few else 10
    return Figure(
        1,
        1,
        Extent.OWN,
        month or shifted(MONTH, -draw(st.integers(0, 12))),
        draw(st.sampled_from([5, 10, 15]) if few else st.integers(20, 3000)),
        draw(st.integers(1, 1000 // step - 1)) * step,
        step,
        draw(st.booleans()),
    )


def figure(score: int, *, n: int = 400, back: int = 0, fresh: bool = True) -> Figure:
    """A figure of so many answers, so many months ago."""
    return Figure(1, 1, Extent.OWN, shifted(MONTH, -back), n, score, 10 if n >= 20 else 50, fresh)


@given(figures(), st.one_of(st.none(), figures()), scales)
def test_no_arrow_without_two_fresh_figures_that_rounding_keeps_apart(now, before, scale: Scale):
    moved = move(now, before, scale)
    if before is None or not (now.fresh and before.fresh):
        assert moved is None
    if moved is not None:
        assert before is not None
        assert now.low > before.high or now.high < before.low
        assert moved.by == pytest.approx(now.points - before.points)
        assert moved.since == before.month


@given(st.lists(figures(), min_size=1, max_size=12, unique_by=lambda one: one.month), scales)
def test_a_figure_is_held_against_a_fresh_one_of_three_to_five_months_before(found, scale: Scale):
    newest_first = sorted(found, key=lambda one: one.month, reverse=True)
    moved = latest_move(newest_first, scale)
    near = [one for one in found if one.fresh and 3 <= between(one.month, newest_first[0].month) <= 5]
    if not near:
        assert moved is None
    elif moved is not None:
        assert moved.since == max(one.month for one in near)


@given(figures(), figures(), scales)
def test_shades_follow_the_scores(one, other, scale: Scale):
    lower, higher = sorted((one.score, other.score))
    shades = (scale.shade(lower), scale.shade(higher))
    assert all(1 <= shade <= 5 for shade in shades)
    assert shades == tuple(sorted(shades, reverse=scale.better_up))


def test_a_change_counts_from_what_chance_explains_once_in_a_hundred_times():
    # 2.58 x 2 points x sqrt(1/400 + 1/400) = 0.365: three tenths may be luck, four are not.
    assert move(figure(430), figure(400, back=3), BURDEN) is None
    assert move(figure(440), figure(400, back=3), BURDEN) is not None
    assert move(figure(400, n=10), figure(250, n=10, back=3), BURDEN) is None
    assert move(figure(700, n=10), figure(250, n=10, back=3), BURDEN) is not None


def test_a_net_score_is_told_from_minus_to_plus_a_hundred():
    assert [NET.value(points) for points in (0, 5, 10)] == [-100, 0, 100]
    assert NET.difference(0.5) == 10
    assert [NET.shade(score) for score in (390, 400, 500, 600, 700)] == [5, 4, 3, 2, 1]
    assert [BURDEN.shade(score) for score in (199, 200, 300, 400, 500)] == [1, 2, 3, 4, 5]
