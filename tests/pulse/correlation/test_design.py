"""Planning what a survey would show, and who is asked what."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse.correlation.design import (
    Watched,
    allocate,
    answers_needed,
    detectable,
    inclusion,
    is_due,
    months_needed,
    planned_se,
)

LIST = [f"irritant {i}" for i in range(9)]


def test_the_planning_formula_meets_the_measured_standard_errors():
    """method.md §7: 0.23 for about four teams, 0.42 for one, with 8 answers after six months."""
    assert planned_se(8, 4, 12, 6) == pytest.approx(0.23, abs=0.05)
    assert planned_se(8, 1, 12, 6) == pytest.approx(0.42, abs=0.05)


def test_the_worked_examples_of_the_method_come_out():
    assert detectable(8, 1, 12, 6, elsewhere=True) == pytest.approx(1.9, abs=0.15)
    assert detectable(16, 1, 12, 6, elsewhere=True) == pytest.approx(1.5, abs=0.15)
    assert detectable(8, 4, 12, 6) == pytest.approx(0.9, abs=0.1)


def test_what_cannot_be_measured_is_never_seen():
    assert detectable(0, 1, 12, 6) == float("inf")
    assert months_needed(2.0, 8, 1, 0) is None
    assert months_needed(0.1, 8, 1, 12) is None
    assert answers_needed(0.2, 1, 12, 6) is None
    assert answers_needed(2.0, 0, 12, 6) is None


@given(st.floats(0.8, 3), st.integers(5, 30), st.integers(1, 8), st.integers(3, 24))
def test_months_and_answers_needed_agree_with_the_formula(effect, answers, teams, before):
    months = months_needed(effect, answers, teams, before)
    if months is not None:
        assert detectable(answers, teams, before, months) <= effect
        assert months == 1 or detectable(answers, teams, before, months - 1) > effect
        needed = answers_needed(effect, teams, before, months)
        assert needed is not None
        assert needed <= answers


@given(st.integers(0, 100), st.integers(1, 60), st.integers(0, 14), st.integers(0, 6))
def test_a_unit_gets_four_to_six_different_questions_of_its_list(month, respondents, listed, fixes):
    asked = [f"i{i}" for i in range(listed)]
    watched = [Watched(f"i{i}", i % 3) for i in range(fixes)]
    chosen = allocate("unit", month, respondents, asked, watched)

    assert len(chosen) == len(set(chosen)) == min(listed, 6)
    assert set(chosen) <= set(asked)
    assert chosen == allocate("unit", month, respondents, asked, watched)


def test_without_fixes_every_irritant_comes_round_equally_often():
    count = Counter(i for month in range(36) for i in allocate("unit", month, 12, LIST))

    assert set(count) == set(LIST)
    assert max(count.values()) - min(count.values()) <= 1


def test_two_units_do_not_rotate_in_step():
    turns = {tuple(sorted(allocate(f"unit {u}", 0, 12, LIST, questions=4))) for u in range(20)}

    assert len(turns) > 5


def test_a_fix_is_asked_about_every_month_where_few_answer():
    assert all(LIST[3] in allocate("unit", m, 8, LIST, [Watched(LIST[3], 0)]) for m in range(24))


def test_where_many_answer_a_fix_far_away_leaves_room():
    far = [Watched(LIST[3], 2)]
    months = [month for month in range(240) if LIST[3] in for_fix(month, far)]

    assert len(months) >= 240 * 8 / 16


def for_fix(month: int, watched: list[Watched]) -> tuple[str, ...]:
    return allocate("unit", month, 16, LIST, watched)


def test_fixes_never_take_more_than_half_of_the_questions_and_share_them():
    watched = [Watched(LIST[i], 0) for i in range(5)]
    count: Counter[str] = Counter()
    for month in range(400):
        chosen = allocate("unit", month, 8, LIST, watched)
        count.update(chosen)
        assert len(set(chosen) - {LIST[i] for i in range(5)}) >= 1, "something else is asked too"
    assert all(count[irritant] > 0 for irritant in LIST)


def test_a_settled_fix_gives_its_questions_up():
    watched = [Watched(LIST[i], 0) for i in range(3)] + [Watched(LIST[3], 0, settled=1.0)]

    assert all(set(LIST[:3]) <= set(allocate("unit", month, 8, LIST, watched)) for month in range(12))


@given(st.lists(st.floats(0.01, 1), min_size=3, max_size=9), st.integers(1, 3))
def test_chances_add_up_to_the_places_and_follow_the_worth(worth, places):
    share = inclusion(worth, places)

    assert sum(share) == pytest.approx(places)
    assert all(-1e-9 <= part <= 1 + 1e-9 for part in share)
    ranked = sorted(range(len(worth)), key=lambda i: worth[i])
    assert all(share[a] <= share[b] + 1e-9 for a, b in pairwise(ranked))


@given(st.floats(0.05, 1.0), st.floats(0, 0.999))
def test_a_question_due_in_a_share_of_the_months_is_asked_that_often(often, offset):
    asked = sum(is_due(often, month, offset) for month in range(120))

    assert abs(asked - 120 * often) <= 1
