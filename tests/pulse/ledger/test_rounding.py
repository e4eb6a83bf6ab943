"""How exactly figures are shown: see test_disclosure for scores; here for participation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse.ledger.rounding import Participation, participation, shown


@pytest.mark.parametrize(
    ("invited", "took_part", "band"),
    [
        (9, 9, None),
        (10, 2, Participation.UNDER_25),
        (12, 3, Participation.TO_50),
        (10, 4, Participation.TO_50),
        (10, 5, Participation.TO_75),
        (12, 9, Participation.TO_75),
        (10, 8, Participation.OVER_75),
    ],
)
def test_participation_is_told_in_quarters_and_for_ten_people_at_least(invited, took_part, band):
    assert participation(invited, took_part) is band


@given(st.integers(10, 500))
def test_no_band_says_that_nobody_or_that_everybody_took_part(invited):
    told = [participation(invited, number) for number in range(invited + 1)]
    assert told.count(told[0]) > 1
    assert told.count(told[-1]) > 1


def test_a_coarse_figure_is_a_band_however_many_answered():
    assert (shown(40, 40 * 443).score, shown(40, 40 * 443, coarse=True).score) == (440, 450)
