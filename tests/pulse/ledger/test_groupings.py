"""A second grouping is one tree with the first, or it is refused."""

from random import Random

import pytest

from benchmarks.attacking.solver import given_away, reduced
from pulse.ledger.disclosure import line, released
from pulse.ledger.groupings import Crossing, Joined, joined

K = 5
COMPANY = {1: None, 2: 1, 3: 1, 4: 2, 5: 2, 6: 3}


def test_sites_that_hold_whole_branches_are_one_tree_with_the_reporting_lines():
    tree = joined(COMPANY, {2: "Lyon", 4: "Lyon", 5: "Lyon", 3: "Lille", 6: "Lille"})
    over = list(line(tree.parents, tree.own[4]))
    assert over[-1] == tree.whole[1]
    assert {tree.group["Lyon"], tree.whole[2]} <= set(over)
    assert tree.group["Lille"] not in over


def test_a_site_across_two_branches_is_refused():
    with pytest.raises(Crossing):
        joined(COMPANY, {4: "Lyon", 6: "Lyon", 5: "Lille"})


def test_head_office_and_one_branch_may_be_a_site():
    tree = joined(COMPANY, {1: "Paris", 2: "Paris", 4: "Paris", 5: "Paris"})
    assert tree.parents[tree.group["Paris"]] == tree.whole[1]
    assert tree.parents[tree.own[1]] == tree.group["Paris"]


def sets_shown(tree: Joined, answers: dict[int, int]) -> tuple[list[list[int]], dict[int, int]]:
    """The units behind every figure of both groupings, released together."""
    figures = released(tree.parents, {tree.own[unit]: n for unit, n in answers.items()}, K)
    held = [
        [unit for unit in answers if node in line(tree.parents, tree.own[unit]) and answers[unit]]
        for node in (*figures.own, *figures.whole)
    ]
    return held, answers


def test_what_both_groupings_give_away_together_is_about_at_least_k_people():
    chance, tried, refused = Random(7), 0, 0
    while tried < 300:
        parents = {team: chance.choice([None, *range(team)] if team else [None]) for team in range(7)}
        sites = {team: chance.choice("AB") for team in parents if chance.random() < 0.7}
        try:
            tree = joined(parents, sites)
        except Crossing:
            refused += 1
            continue
        tried += 1
        held, answers = sets_shown(tree, {team: chance.randint(0, 8) for team in parents})
        sizes = [sum(answers[unit] for unit in subset) for subset in given_away(reduced(held))]
        assert all(size >= K for size in sizes)
    assert refused > 300
