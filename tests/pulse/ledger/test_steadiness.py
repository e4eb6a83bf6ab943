"""Joiners and leavers: counted by unit, and the last figure stands where a new one would tell of them."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from pulse.ledger.disclosure import Extent
from pulse.ledger.release import Address, Ground, Last, Release, releases
from pulse.ledger.rounding import Shown
from pulse.ledger.steadiness import Moves, Roster, moves
from pulse.ledger.store import Sum

K, WAIT = 5, 1
OCTOBER = date(2026, 10, 1)
TREE = {1: None, 2: 1, 3: 1}
BEFORE = Shown(10, 400, 50)


def roster(parents: dict[int, int | None] | None = None, **people: int) -> Roster:
    return Roster({ord(name): unit for name, unit in people.items()}, parents or TREE)


def test_a_leaver_is_counted_in_the_unit_and_in_those_above():
    found = moves(roster(a=2, b=2, c=3), roster(a=2, c=3))
    assert found == Moves({2: 1}, {2: 1, 1: 1})


def test_who_moves_between_two_teams_joins_and_leaves_these_but_not_the_unit_that_holds_both():
    found = moves(roster(a=2, b=3), roster(a=3, b=3))
    assert found == Moves({2: 1, 3: 1}, {2: 1, 3: 1})


def test_a_team_that_reports_elsewhere_moves_its_people_in_the_units_above_alone():
    deep = {1: None, 2: 1, 3: 2}
    found = moves(roster(a=3, b=3), roster(deep, a=3, b=3))
    assert found == Moves({}, {2: 2})


people = st.dictionaries(st.integers(0, 12), st.integers(1, 3))


@given(people, people)
def test_moves_are_the_people_in_one_of_the_two_rosters_alone(before, after):
    found = moves(Roster(before, TREE), Roster(after, TREE))
    for unit in TREE:
        here, there = ({p for p, u in some.items() if u == unit} for some in (before, after))
        assert found.own.get(unit, 0) == len(here ^ there)
    assert found.whole.get(1, 0) == len(before.keys() ^ after.keys())


def released(
    answers: dict[int, int], moved: Moves, *last: tuple[int, Extent]
) -> dict[tuple[int, str], Release]:
    """What is released of these answers (all 6.3) after an October in which these figures were 4.0."""
    known = {Address(WAIT, place, extent): Last(OCTOBER, BEFORE) for place, extent in last}
    cells = [Sum(WAIT, place, n, 630 * n, 630 * 630 * n) for place, n in answers.items()]
    found = releases(cells, Ground(TREE, K, {OCTOBER: moved}, known))
    return {(one.address.place_id, one.address.extent.value): one for one in found}


def test_where_one_person_left_a_small_team_its_last_band_stands():
    found = released({2: 8, 3: 30}, Moves({2: 1}, {2: 1, 1: 1}), (2, Extent.OWN))
    assert (found[2, "own"].figure, found[2, "own"].fresh) == (BEFORE, False)
    assert (found[3, "own"].figure, found[3, "own"].fresh) == (Shown(30, 630, 10), True)


def test_no_new_figure_above_is_made_where_subtraction_would_give_the_small_teams():
    left = Moves({2: 1}, {2: 1, 1: 1})
    assert (1, "whole") not in released({2: 8, 3: 30}, left, (2, Extent.OWN))
    found = released({2: 8, 3: 30}, left, (2, Extent.OWN), (1, Extent.WHOLE))
    assert (found[1, "whole"].figure, found[1, "whole"].fresh) == (BEFORE, False)


def test_a_large_unit_above_is_blurred_instead_and_a_very_large_one_need_not_be():
    left = Moves({2: 1}, {2: 1, 1: 1})
    found = released({2: 8, 3: 330}, left, (2, Extent.OWN))
    assert (found[1, "whole"].figure, found[1, "whole"].fresh) == (Shown(338, 650, 50), True)
    assert released({2: 8, 3: 1530}, left, (2, Extent.OWN))[1, "whole"].figure == Shown(1538, 630, 10)


def test_what_a_unit_without_a_new_figure_holds_counts_for_the_next_one_above():
    tree = {1: None, 2: 1, 3: 2, 4: 2, 5: 1}
    cells = [Sum(WAIT, place, n, 630 * n, 630 * 630 * n) for place, n in {3: 8, 4: 30, 5: 40}.items()]
    known = {Address(WAIT, 3, Extent.OWN): Last(OCTOBER, BEFORE)}
    for joined in (0, 4):  # in the team beside: five moved people are a crowd, one is not
        moved = Moves({3: 1 + joined}, dict.fromkeys((3, 2, 1), 1 + joined))
        found = releases(cells, Ground(tree, K, {OCTOBER: moved}, known))
        wholes = {one.address.place_id for one in found if one.address.extent is Extent.WHOLE}
        assert wholes == (set() if not joined else {1, 2})


def test_five_joiners_and_leavers_are_a_crowd_and_none_is_no_news():
    for moved in (Moves({2: 5}, {2: 5, 1: 5}), Moves()):
        found = released({2: 8, 3: 30}, moved, (2, Extent.OWN))
        assert all(one.fresh for one in found.values())


def test_a_team_that_had_no_figure_lately_gets_one():
    assert released({2: 8}, Moves({2: 1}, {2: 1, 1: 1}))[2, "own"].fresh


def test_twenty_answers_hide_a_leaver():
    assert released({2: 20}, Moves({2: 1}, {2: 1, 1: 1}), (2, Extent.OWN))[2, "own"].fresh
