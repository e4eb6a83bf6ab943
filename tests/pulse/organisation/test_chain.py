"""The value chain: how far from customers, who is beside whom, and circles that must not be."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pulse.organisation import chain

LINKS: list[chain.Link[str]] = [
    ("desk", None),
    ("trains", None),
    ("workshop", "trains"),
    ("stores", "workshop"),
    ("stores", "desk"),
    ("archive", "vault"),
]


def test_hops_are_the_shortest_way_to_the_final_customer():
    assert chain.hops(LINKS) == {"desk": 1, "trains": 1, "workshop": 2, "stores": 2}


def test_a_team_without_a_way_to_customers_is_cut_off():
    assert chain.cut_off(["archive", "desk", "vault", "new"], LINKS) == ["archive", "vault", "new"]


def test_a_ring_of_suppliers_changes_no_distance():
    ring: list[chain.Link[str]] = [("a", "b"), ("b", "c"), ("c", "a"), ("a", None)]
    assert chain.hops(ring) == {"a": 1, "c": 2, "b": 3}


def test_neighbours_are_found_in_both_directions_and_never_through_the_customers():
    beside = chain.neighbours(LINKS)
    assert beside["desk"] == {"stores"}
    assert beside["stores"] == {"workshop", "desk"}
    assert "desk" not in beside["trains"]


def test_within_counts_links_from_the_nearest_start():
    beside = chain.neighbours(LINKS)
    assert chain.within(["trains"], beside, reach=2) == {"trains": 0, "workshop": 1, "stores": 2}
    assert chain.within(["trains"], beside) == {"trains": 0, "workshop": 1, "stores": 2, "desk": 3}
    assert chain.within(["unknown"], beside) == {"unknown": 0}


def test_every_circle_of_a_tree_is_named_once():
    above = {"a": "b", "b": "a", "c": "b", "top": None, "own": "own", "leaf": "top"}
    assert chain.circles(above) == [["a", "b", "a"], ["own", "own"]]


def test_a_tail_that_leads_into_a_circle_is_no_part_of_it():
    assert chain.circles({"leaf": "x", "x": "y", "y": "x"}) == [["x", "y", "x"]]


numbers = st.integers(0, 7)
links = st.lists(st.tuples(numbers, st.none() | numbers), max_size=20)


@given(links)
def test_each_hop_is_one_more_than_that_of_the_nearest_customer_team(found: list[chain.Link[int]]):
    hops = chain.hops(found)
    for supplier, customer in found:
        if customer is None:
            assert hops[supplier] == 1
        elif customer in hops:
            assert hops[supplier] <= hops[customer] + 1


@given(links)
def test_being_beside_each_other_is_mutual(found: list[chain.Link[int]]):
    beside = chain.neighbours(found)
    assert all(one in beside[other] for one, others in beside.items() for other in others)


@given(st.dictionaries(numbers, st.none() | numbers))
def test_a_tree_has_circles_exactly_when_climbing_it_never_ends(above: dict[int, int | None]):
    def ends(team: int) -> bool:
        at: int | None = team
        for _ in range(len(above) + 1):
            at = above.get(at) if at is not None else None
        return at is None

    found = chain.circles(above)
    assert (found == []) == all(ends(team) for team in above)
    for circle in found:
        assert circle[0] == circle[-1]
        assert all(above[one] == other for one, other in pairwise(circle))
