"""Nobody answers in a crowd of fewer than ten, whatever the tree looks like."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from surveys.waves.units import FEWEST, ballot_units


@st.composite
def trees(draw: st.DrawFn) -> tuple[dict[int, int | None], dict[int, int]]:
    """A random forest of up to 25 teams, and how many people each has of its own."""
    size = draw(st.integers(1, 25))
    parents: dict[int, int | None] = {}
    for team in range(size):
        above = st.sampled_from(range(team)) if team else st.nothing()
        parents[team] = draw(st.none() | above) if team else None
    people = draw(st.lists(st.integers(0, 14), min_size=size, max_size=size))
    shuffled = draw(st.permutations(list(parents)))
    return {team: parents[team] for team in shuffled}, dict(enumerate(people))


def crowds(units: dict[int, int], people: dict[int, int]) -> Counter[int]:
    found: Counter[int] = Counter()
    for team, unit in units.items():
        found[unit] += people[team]
    return found


@given(trees())
def test_every_unit_has_ten_people_or_everybody_is_one_unit(tree):
    parents, people = tree
    sizes = crowds(ballot_units(parents, people), people)
    assert len(sizes) == 1 or min(sizes.values()) >= FEWEST


@given(trees())
def test_every_team_has_a_unit_and_every_unit_is_one_of_its_own_teams(tree):
    parents, people = tree
    units = ballot_units(parents, people)
    assert units.keys() == parents.keys()
    assert all(units[unit] == unit for unit in units.values())


@given(trees())
def test_a_team_of_ten_answers_under_its_own_name(tree):
    parents, people = tree
    units = ballot_units(parents, people)
    assert all(units[team] == team for team in parents if people[team] >= FEWEST)


@given(trees())
def test_the_same_tree_gives_the_same_units(tree):
    parents, people = tree
    assert ballot_units(parents, people) == ballot_units(dict(parents), dict(people))


def test_a_small_team_joins_its_smallest_sibling():
    parents = {"head": None, "large": "head", "small": "head", "tiny": "head"}
    units = ballot_units(parents, {"head": 0, "large": 30, "small": 12, "tiny": 3})
    assert units == {"head": "small", "large": "large", "small": "small", "tiny": "small"}


def test_small_teams_that_are_enough_together_answer_for_their_parent():
    parents = {"head": None, "a": "head", "b": "head", "large": "head"}
    units = ballot_units(parents, {"head": 1, "a": 4, "b": 5, "large": 30})
    assert units == {"head": "head", "a": "head", "b": "head", "large": "large"}


def test_small_teams_without_a_unit_near_go_upward():
    parents = {"top": None, "left": "top", "right": "top", "l1": "left", "r1": "right"}
    units = ballot_units(parents, {"left": 2, "l1": 4, "right": 1, "r1": 6, "top": 0})
    assert set(units.values()) == {"top"}


def test_a_manager_of_large_teams_joins_the_smallest_of_them():
    units = ballot_units({"head": None, "a": "head", "b": "head"}, {"head": 1, "a": 40, "b": 20})
    assert units["head"] == "b"


def test_everybody_is_one_unit_in_a_company_of_seven():
    assert set(ballot_units({"top": None, "a": "top"}, {"top": 2, "a": 5}).values()) == {"top"}


def test_a_lonely_top_without_people_of_its_own_joins_the_smallest_unit_of_all():
    units = ballot_units({"one": None, "two": None, "three": None}, {"one": 40, "two": 15, "three": 2})
    assert units == {"one": "one", "two": "two", "three": "two"}


def test_a_company_without_anybody_has_one_unit_and_no_error():
    assert ballot_units({"top": None}, {}) == {"top": "top"}
    assert ballot_units({}, {}) == {}


def test_a_reporting_line_longer_than_the_stack_is_no_problem():
    line = {0: None} | {team: team - 1 for team in range(1, 5000)}
    assert set(ballot_units(line, {4999: 12, 0: 1}).values()) == {4999}
