"""The disclosure rule: nobody can be worked out, and no more is hidden than must be."""

from itertools import chain, combinations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.attacking.solver import given_away, reduced, smallest_given_away
from pulse.ledger.disclosure import Released, hidden, line, released, remainders
from pulse.ledger.rounding import DECIMAL, shown

K = 5
COMPANY = {1: None, 2: 1, 3: 1, 4: 2, 5: 2}


@st.composite
def companies(draw: st.DrawFn) -> tuple[dict[int, int | None], dict[int, int]]:
    """A reporting tree of up to 9 teams and how many people of each answered."""
    size = draw(st.integers(1, 9))
    parents: dict[int, int | None] = {0: None}
    for team in range(1, size):
        parents[team] = draw(st.integers(0, team - 1))
    return parents, {team: draw(st.integers(0, 8)) for team in parents}


def shown_sets(parents: dict[int, int | None], figures: Released) -> list[set[int]]:
    """The teams whose answers each figure adds up."""
    wholes = [{team for team in parents if unit in line(parents, team)} for unit in figures.whole]
    return [{team} for team in figures.own] + wholes


def determined(parents: dict[int, int | None], answers: dict[int, int], figures: Released) -> list[int]:
    """How many people are in each set of teams whose sum the figures determine: every subset is tried."""
    sets = [[team for team in some if answers[team]] for some in shown_sets(parents, figures)]
    return [sum(answers[team] for team in subset) for subset in given_away(reduced(sets))]


def random_company(chance: Random) -> tuple[dict[int, int | None], dict[int, int]]:
    """A reporting tree (or several) of up to 7 teams and how many people of each answered."""
    size = chance.randint(1, 7)
    parents = {team: chance.choice([None, *range(team)] if team else [None]) for team in range(size)}
    return parents, {team: chance.randint(0, 9) for team in parents}


def test_a_large_enough_team_is_shown_and_a_small_one_is_not():
    figures = released(COMPANY, {4: 5, 5: 4}, K)
    assert figures.own == {4}


def test_the_unit_above_a_small_team_is_hidden_because_subtraction_would_show_the_small_team():
    figures = released(COMPANY, {4: 12, 5: 3}, K)
    assert figures.whole == frozenset()


def test_two_small_teams_together_may_be_shown_as_their_unit():
    figures = released(COMPANY, {4: 3, 5: 3}, K)
    assert figures == Released(frozenset(), frozenset({2, 1}))


def test_a_small_rest_moves_up_until_it_meets_enough_others():
    figures = released(COMPANY, {4: 9, 5: 3, 3: 4}, K)
    assert figures == Released(frozenset({4}), frozenset({1}))


def test_people_attached_to_a_unit_itself_count_as_a_team_of_it():
    figures = released(COMPANY, {2: 2, 4: 9, 5: 9}, K)
    assert figures == Released(frozenset({4, 5}), frozenset())


@given(companies())
def test_whatever_can_be_worked_out_is_about_at_least_k_people(company):
    parents, answers = company
    assert all(size >= K for size in determined(parents, answers, released(parents, answers, K)))


def careless(parents: dict[int, int | None], answers: dict[int, int]) -> Released:
    """What a rule shows that says only "at least 5"."""
    units = {unit for unit in parents if unit in parents.values()}
    size = {unit: sum(n for team, n in answers.items() if unit in line(parents, team)) for unit in units}
    return Released(
        frozenset(team for team, n in answers.items() if n >= K),
        frozenset(unit for unit, n in size.items() if n >= K),
    )


def test_an_exact_solver_that_knows_no_tree_agrees_on_1500_random_trees():
    chance, leaks = Random(20261122), 0
    for _ in range(1500):
        parents, answers = random_company(chance)
        for rule in (lambda p, a: released(p, a, K), careless):
            figures = rule(parents, answers)
            exact = min(determined(parents, answers, figures), default=None)
            assert exact == min(remainders(parents, answers, figures), default=None)
            assert exact == smallest_given_away(shown_sets(parents, figures), answers)
            if rule is careless:
                leaks += exact is not None and exact < K
            else:
                assert exact is None or exact >= K
    assert leaks > 500


def fewest_hidden(parents: dict[int, int | None], answers: dict[int, int], own: frozenset[int]) -> int:
    """Of all sets of unit figures that hold the rule, how many respondents the best one hides."""
    units = sorted(unit for unit in parents if unit in parents.values())
    choices = chain.from_iterable(combinations(units, size) for size in range(len(units) + 1))
    found = [Released(own, frozenset(choice)) for choice in choices]
    safe = [figures for figures in found if all(n >= K for n in remainders(parents, answers, figures))]
    return min(hidden(parents, answers, figures) for figures in safe)


def test_no_other_choice_of_figures_hides_fewer_respondents_on_300_random_trees():
    chance = Random(3)
    for _ in range(300):
        parents, answers = random_company(chance)
        figures = released(parents, answers, K)
        assert hidden(parents, answers, figures) == fewest_hidden(parents, answers, figures.own)


def test_a_few_left_over_at_the_top_are_shown_with_the_smallest_units_rest():
    figures = released(COMPANY, {4: 3, 5: 3, 3: 2}, K)
    assert figures == Released(frozenset(), frozenset({1}))


@given(companies())
def test_no_team_of_k_loses_its_figure(company):
    parents, answers = company
    assert released(parents, answers, K).own == {team for team, n in answers.items() if n >= K}


@given(companies())
def test_the_audit_finds_every_remainder_empty_or_large_enough(company):
    parents, answers = company
    assert all(n >= K for n in remainders(parents, answers, released(parents, answers, K)))


@pytest.mark.parametrize(
    ("n", "total", "figure"),
    [
        (5, 2500, (5, 500, 50)),
        (6, 0, (5, 50, 50)),
        (6, 6000, (5, 950, 50)),
        (40, 0, (40, 10, 10)),
        (40, 40_000, (40, 990, 10)),
        (7, 7 * 624, (5, 600, 50)),
        (7, 7 * 625, (5, 650, 50)),
        (8, 8 * 310, (10, 300, 50)),
        (19, 19 * 499, (20, 500, 50)),
        (20, 20 * 344, (20, 340, 10)),
        (21, 21 * 345, (21, 350, 10)),
    ],
)
def test_few_answers_are_shown_as_a_band_and_many_with_one_decimal(n, total, figure):
    given_out = shown(n, total)
    assert (given_out.n, given_out.score, given_out.step) == figure


@given(st.integers(1, 5000), st.data())
def test_a_shown_score_is_never_further_off_than_half_its_step_but_at_the_open_ends(n, data):
    total = data.draw(st.integers(0, 1000 * n))
    figure = shown(n, total)
    exact = min(max(total / n, figure.step), 1000 - figure.step)
    assert abs(figure.score - exact) <= figure.step / 2
    assert figure.step <= figure.score <= 1000 - figure.step
    assert figure.step >= DECIMAL


@given(st.integers(K, 400), st.sampled_from([0, 1000]))
def test_that_everybody_gave_the_same_extreme_answer_is_never_said(n, extreme):
    other = 250 if extreme == 0 else 750  # the nearest of five labelled answers
    assert shown(n, extreme * n) == shown(n, extreme * (n - 1) + other)
