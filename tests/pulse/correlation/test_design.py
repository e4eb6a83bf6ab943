"""Planning what a survey would show, and who is asked what."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse.correlation.design import (
    CONTROLS,
    FAR,
    NEVER,
    Past,
    Unit,
    Watched,
    allocate,
    answers_needed,
    detectable,
    for_fixes,
    inclusion,
    is_due,
    months_needed,
    months_to_go,
    places_for_fixes,
    planned_se,
    with_controls,
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


def asked_over(months, asked=LIST, watched=(), *, respondents=12.0, unit="unit", questions=lambda month: 5):
    """What a unit is asked month after month, each month knowing what was asked before."""
    past: dict[str, Past] = {}
    for month in range(months):
        chosen = allocate(
            unit, month, respondents, asked, watched, questions=questions(month), past=dict(past)
        )
        past |= {i: Past(month, past.get(i, NEVER).times + 1) for i in chosen}
        yield chosen


def quarterly(month: int) -> int:
    """Five questions a month, one of them another kind of question every third."""
    return 4 if month % 3 == 0 else 5


@st.composite
def seen_by_a_unit(draw):
    """A list, and fixes watched on it."""
    asked = [f"i{i}" for i in range(draw(st.integers(0, 14)))]
    watched = draw(
        st.lists(
            st.builds(
                Watched, st.sampled_from(asked or ["i0"]), st.integers(0, 3), st.sampled_from([0, 0.5, 1])
            ),
            max_size=8,
        )
    )
    return asked, watched


@given(seen_by_a_unit(), st.floats(1, 60))
def test_everything_on_a_units_list_comes_back_however_many_fixes_run(unit, respondents):
    asked, watched = unit
    months = list(asked_over(30, asked, watched, respondents=respondents, questions=quarterly))
    places = 5 - places_for_fixes(5)
    assert places == 4 - places_for_fixes(4) == 2
    bound = -(-len(asked) // places)
    for irritant in asked:
        at = [-1, *(month for month, chosen in enumerate(months) if irritant in chosen), len(months)]
        assert max(after - before for before, after in pairwise(at)) <= bound


@given(seen_by_a_unit(), st.floats(1, 60), st.integers(0, 50), st.integers(4, 6))
def test_fixes_take_three_questions_at_most_and_the_page_never_grows(unit, respondents, month, questions):
    asked, watched = unit
    chosen = allocate("unit", month, respondents, asked, watched, questions=questions)
    for_fixes_alone = for_fixes("unit", month, respondents, asked, watched, places_for_fixes(questions))

    assert len(chosen) == len(set(chosen)) == min(len(asked), questions)
    assert len(for_fixes_alone) <= 3
    assert len(asked) <= questions or set(for_fixes_alone) <= set(chosen)


def test_without_fixes_every_irritant_comes_round_equally_often():
    count = Counter(i for chosen in asked_over(36, questions=lambda _: 6) for i in chosen)

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
    for chosen in asked_over(400, LIST, watched, respondents=8):
        count.update(chosen)
    assert all(count[irritant] >= 400 * 3 / 5 for irritant in LIST[:5])
    assert all(count[irritant] >= 400 / 5 for irritant in LIST[5:]), "something else is asked too"


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


def company(units: int, *, respondents: float = 12.0) -> list[Unit]:
    """Units in a row, a fix in the first, its neighbours near it; every third has it on its list."""
    near = {0: 0, 1: 1, 2: 2}
    return [
        Unit(
            f"u{i}",
            respondents,
            ("fixed", "other") if i % 3 == 0 or i in near else ("other",),
            (Watched("fixed", near[i]),) if i in near else (),
        )
        for i in range(units)
    ]


def controls_of(units, irritant="fixed"):
    return {unit.code for unit in units if Watched(irritant, FAR) in unit.watched}


def test_five_units_far_from_a_fix_answer_about_it_as_its_controls():
    units = with_controls(company(40))
    controls = controls_of(units)

    assert len(controls) == CONTROLS
    assert not controls & {"u0", "u1", "u2"}
    assert all(int(code[1:]) % 3 == 0 for code in controls), "those that have it on their list come first"
    assert all("fixed" in unit.asked for unit in units if unit.code in controls)


def test_where_few_have_it_on_their_list_others_are_asked_too_but_none_that_is_bound():
    units = with_controls([replace(unit, bound=unit.code == "u4") for unit in company(9)])

    assert controls_of(units) == {"u3", "u5", "u6", "u7", "u8"}
    assert all("fixed" in unit.asked for unit in units if unit.code in controls_of(units))


def test_a_unit_of_too_few_answers_is_no_control():
    assert controls_of(with_controls(company(40, respondents=4))) == set()


@given(st.integers(10, 60), st.integers(0, 59))
def test_controls_stay_the_same_when_another_unit_goes(number, gone):
    units = company(number)
    left = [unit for unit in units if unit.code != f"u{gone % (number - 3) + 3}"]
    before, after = controls_of(with_controls(units)), controls_of(with_controls(left))

    assert len(before - after) <= 1


@given(st.permutations(range(20)))
def test_controls_do_not_depend_on_the_order_of_the_units(order):
    units = company(20)
    assert controls_of(with_controls(units)) == controls_of(with_controls([units[i] for i in order]))


def test_a_unit_that_watches_three_fixes_is_a_control_only_where_there_is_no_other():
    busy = tuple(Watched(f"fix {i}", 0) for i in range(3))
    units = [replace(unit, watched=busy) if i >= 10 else unit for i, unit in enumerate(company(30))]

    assert controls_of(with_controls(units)) <= {f"u{i}" for i in range(3, 10)}


@given(st.integers(1, 30), st.integers(1, 6), st.integers(1, 24), st.sampled_from([1.0, 1.5, 2.0]))
def test_months_to_go_from_the_start_are_the_months_needed(answers, teams, before, effect):
    to_go = months_to_go(effect, teams=teams, before=answers * before, after=0, monthly=answers)
    assert to_go == months_needed(effect, answers, teams, before)


def test_more_answers_a_month_or_so_far_never_make_it_longer():
    def to_go(after: float, monthly: float) -> int:
        return months_to_go(1.5, teams=1, before=96, after=after, monthly=monthly) or 99

    assert to_go(20, 20) <= to_go(20, 8) <= to_go(0, 8)
    assert months_to_go(1.5, teams=1, before=0, after=20, monthly=20) is None
    assert months_to_go(0.1, teams=1, before=96, after=20, monthly=20) is None
