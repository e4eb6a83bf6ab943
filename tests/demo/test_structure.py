"""Teams, tree, value chain and touchpoints at every size."""

import networkx
import numpy as np
import pytest

from demo.structure import FEWEST_PEOPLE, MOST_PEOPLE, Structure, structure

SIZES = (60, 137, 500, 1000, 2000, 3000, 20_000)


def built(people: int) -> Structure:
    return structure(people, np.random.default_rng(1))


@pytest.mark.parametrize("people", SIZES)
def test_teams_form_one_tree(people: int) -> None:
    made = built(people)
    tree = networkx.DiGraph([(team.parent, team.code) for team in made.teams if team.parent])
    assert networkx.is_arborescence(tree)
    assert set(tree) == set(made.by_code)


@pytest.mark.parametrize("people", SIZES)
def test_head_counts_add_up(people: int) -> None:
    assert sum(team.headcount for team in built(people).working) == people


@pytest.mark.parametrize("people", SIZES)
def test_units_have_teams_and_only_teams_have_people(people: int) -> None:
    made = built(people)
    parents = {team.parent for team in made.teams}
    for team in made.teams:
        assert bool(team.role) == (team.code not in parents)
        assert bool(team.headcount) == bool(team.role)


@pytest.mark.parametrize("people", SIZES)
def test_the_value_chain_has_no_cycle_and_leads_everybody_to_customers_in_three_hops(people: int) -> None:
    made = built(people)
    chain = networkx.DiGraph(made.links)
    assert networkx.is_directed_acyclic_graph(chain)
    hops = networkx.single_source_shortest_path_length(chain.reverse(), "CUSTOMERS")
    assert {team.code for team in made.working} == set(hops) - {"CUSTOMERS"}
    assert max(hops.values()) <= 4


@pytest.mark.parametrize("people", SIZES)
def test_touchpoints_are_served_by_the_teams_that_face_customers(people: int) -> None:
    made = built(people)
    serving = {code for point in made.touchpoints for code in point.teams}
    assert serving == {supplier for supplier, customer in made.links if customer == "CUSTOMERS"}


def test_two_thousand_people_are_a_believable_railway() -> None:
    made = built(2000)
    assert len(made.touchpoints) == 10
    assert 40 <= len(made.working) <= 50
    assert all(8 <= team.headcount <= 60 for team in made.working)
    front = [made.by_code[code].headcount for point in made.touchpoints for code in point.teams]
    assert all(15 <= size <= 40 for size in front)


def test_the_largest_company_still_has_towns_of_its_own() -> None:
    made = built(MOST_PEOPLE)
    assert len(made.by_code) == len(made.teams)
    assert len({team.name for team in made.teams}) == len(made.teams)


@pytest.mark.parametrize("people", [FEWEST_PEOPLE - 1, MOST_PEOPLE + 1])
def test_sizes_that_cannot_be_made_are_refused(people: int) -> None:
    with pytest.raises(ValueError, match="a made-up company has"):
        built(people)


def test_hops_count_links_in_either_direction() -> None:
    made = built(2000)
    one, two = made.within(("grenoble-station-early", "grenoble-station-late"))
    assert one == {"grenoble-info-desk", "grenoble-upkeep"}
    assert {"team-control", "grenoble-counter", "grenoble-crew-main", "team-property"} <= two
    assert "grenoble-station-early" not in one | two
