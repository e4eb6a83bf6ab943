"""The disclosure rule: nobody can be worked out, and no more is hidden than must be."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse.ledger.disclosure import Released, released, remainders
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


def people_below(unit: int, parents: dict[int, int | None]) -> set[int]:
    """The unit and every team under it."""
    found = {unit}
    for _ in parents:
        found |= {team for team, parent in parents.items() if parent in found}
    return found


def determined(parents: dict[int, int | None], answers: dict[int, int], figures: Released) -> list[int]:
    """How many people are in each set of teams whose sum the figures determine, by linear algebra."""
    teams = [team for team in parents if answers[team] > 0]
    rows = [[float(team == shown) for team in teams] for shown in figures.own]
    rows += [[float(team in people_below(unit, parents)) for team in teams] for unit in figures.whole]
    known = np.array(rows).reshape(len(rows), len(teams))
    rank = np.linalg.matrix_rank(known) if rows else 0
    sizes = []
    for size in range(1, len(teams) + 1):
        for some in combinations(range(len(teams)), size):
            wanted = np.zeros(len(teams))
            wanted[list(some)] = 1
            if rank and np.linalg.matrix_rank(np.vstack([known, wanted])) == rank:
                sizes.append(sum(answers[teams[i]] for i in some))
    return sizes


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


@given(companies())
def test_at_least_5_alone_would_be_found_out_by_the_same_attack(company):
    parents, answers = company
    careless = Released(
        frozenset(team for team, n in answers.items() if n >= K),
        frozenset(
            unit
            for unit in parents
            if unit in parents.values() and sum(answers[t] for t in people_below(unit, parents)) >= K
        ),
    )
    leaks = any(size < K for size in determined(parents, answers, careless))
    assert leaks == any(n < K for n in remainders(parents, answers, careless))


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
