"""Proposals stay who they are from night to night, and what was decided stays decided."""

from hypothesis import given
from hypothesis import strategies as st

from surveys.proposals.carrying import FEWEST, carried


def shapes(groups, known, decided=()):
    return [(each.proposal, each.members) for each in carried(groups, known, decided)]


def test_groups_of_the_first_night_are_new_proposals_unless_they_are_too_small():
    assert shapes([(1, 2, 3), (4, 5)], {}) == [(None, (1, 2, 3))]


def test_the_same_groups_again_are_the_same_proposals():
    assert shapes([(1, 2, 3), (4, 5, 6)], {7: {4, 5, 6}, 9: {1, 2, 3}}) == [(9, (1, 2, 3)), (7, (4, 5, 6))]


def test_a_proposal_grows_and_loses_what_went_elsewhere():
    assert shapes([(1, 2, 9, 10)], {7: {1, 2, 3}}) == [(7, (1, 2, 9, 10))]


def test_of_two_halves_the_larger_one_goes_on_and_the_other_is_new():
    assert shapes([(1, 2, 3), (4, 5, 6, 7)], {7: {1, 2, 3, 4, 5, 6, 7}}) == [
        (None, (1, 2, 3)),
        (7, (4, 5, 6, 7)),
    ]


def test_two_proposals_that_became_one_go_on_as_the_larger():
    assert shapes([(1, 2, 3, 4, 5, 6, 7)], {7: {1, 2, 3}, 8: {4, 5, 6, 7}}) == [(8, (1, 2, 3, 4, 5, 6, 7))]


def test_what_was_dismissed_takes_in_more_of_the_same_and_does_not_come_up_again():
    assert shapes([(1, 2, 3, 4, 5, 6)], {7: {1, 2, 3}}, {7}) == [(7, (4, 5, 6))]


def test_a_small_dismissed_one_does_not_swallow_a_large_group():
    group = tuple(range(1, 21))
    assert shapes([group], {7: {1, 2, 3}}, {7}) == [(None, group[3:])]


def test_what_was_decided_lets_nothing_go():
    assert shapes([(1, 2, 8, 9, 10, 11, 12, 13)], {7: {1, 2, 3}}, {7}) == [(None, (8, 9, 10, 11, 12, 13))]


partitions = st.lists(st.integers(0, 6), max_size=30).map(
    lambda labels: [
        group
        for wanted in range(7)
        if (group := tuple(at for at, label in enumerate(labels) if label == wanted))
    ]
)


@st.composite
def nights(draw):
    known = {10 + at: set(group) for at, group in enumerate(draw(partitions))}
    return draw(partitions), known, {proposal for proposal in known if draw(st.booleans())}


@given(nights())
def test_every_answer_belongs_to_one_proposal_at_most(night):
    groups, known, decided = night
    members = [member for each in carried(groups, known, decided) for member in each.members]
    bound = {member for proposal in decided for member in known[proposal]}
    assert len(members) == len(set(members))
    assert not bound & set(members)


@given(nights())
def test_no_open_proposal_is_two_groups_and_none_is_too_small(night):
    found = carried(*night)
    going_on = [each.proposal for each in found if each.proposal not in {None, *night[2]}]
    assert len(going_on) == len(set(going_on))
    assert all(len(each.members) >= FEWEST for each in found if each.proposal not in night[2])


@given(nights())
def test_a_second_night_with_the_same_groups_changes_nothing(night):
    groups, known, decided = night
    after = {proposal: set(known[proposal]) for proposal in decided}
    for number, each in enumerate(carried(groups, known, decided)):
        key = each.proposal or 100 + number
        after[key] = after.get(key, set()) | set(each.members)
    again = carried(groups, after, decided)
    for each in again:
        assert each.proposal in after
        assert set(each.members) <= after[each.proposal]
