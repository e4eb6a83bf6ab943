"""Running fixes get their answers, everything else gets its turn."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from surveys.waves.allocation import MOST, USUAL, questions

codes = st.sets(st.text("abcdefgh", min_size=1, max_size=3), max_size=14)


@given(codes, codes, st.integers(0, 10_000))
def test_nobody_gets_more_than_six_questions_or_one_not_meant_for_them(asked, running, turn):
    chosen = questions(asked, running, turn=turn)
    assert len(chosen) == len(set(chosen)) <= MOST
    assert set(chosen) <= asked
    assert len(chosen) >= min(USUAL, len(asked))


@given(codes, codes, st.integers(0, 10_000))
def test_a_running_fix_is_always_asked_about_unless_there_are_more_than_six(asked, running, turn):
    chosen = questions(asked, running, turn=turn)
    assert len(set(chosen) & running) == min(MOST, len(asked & running))


@given(codes, codes, st.integers(0, 10_000))
def test_over_a_round_every_other_irritant_comes_equally_often(asked, running, turn):
    others = asked - running
    seen = Counter(
        code for month in range(len(others)) for code in questions(asked, running, turn=turn + month)
    )
    assert len({seen[code] for code in others}) <= 1


def test_the_rest_changes_from_month_to_month_and_the_running_fix_stays():
    asked = [f"i{number}" for number in range(9)]
    january, february = (questions(asked, ["i4"], turn=turn) for turn in (0, 1))
    assert january == ("i0", "i1", "i2", "i3", "i4")
    assert february == ("i4", "i5", "i6", "i7", "i8")


def test_a_unit_that_is_asked_nothing_gets_no_question():
    assert questions([], ["delay"], turn=3) == ()
