"""Comments are shown ten at least together, and each in one list only."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pulse.ledger.comments import TooFew, shown_together

COMPANY = {1: None, 2: 1, 3: 1, 4: 2, 5: 2}


def test_a_unit_with_ten_comments_has_its_own_list_and_smaller_ones_share_one():
    assert shown_together(COMPANY, {4: 12, 5: 4, 3: 6}) == {1: (3, 5), 4: (4,)}


def test_nine_comments_in_all_are_shown_to_nobody():
    assert shown_together(COMPANY, {4: 5, 5: 4}) == {}


def test_the_threshold_is_only_ever_raised():
    with pytest.raises(TooFew):
        shown_together(COMPANY, {4: 12}, 9)


@given(st.fixed_dictionaries({unit: st.integers(0, 25) for unit in COMPANY}), st.integers(10, 20))
@example({1: 0, 2: 0, 3: 0, 4: 0, 5: 10}, 10)  # units that wrote nothing make no list
def test_every_list_is_long_enough_and_no_comment_is_in_two(wrote, k):
    lists = shown_together(COMPANY, wrote, k)
    told = [unit for units in lists.values() for unit in units]
    assert all(sum(wrote[unit] for unit in units) >= k for units in lists.values())
    assert len(told) == len(set(told))
