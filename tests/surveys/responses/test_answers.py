"""Reading what was sent, and choosing what a customer sees."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.questions.kind import NotAnAnswer
from surveys.questions.kinds import KINDS
from surveys.responses.answers import SHOWN, Question, read, shown

codes = st.sets(st.text("abcdef", min_size=1, max_size=3), max_size=15)
QUESTIONS = tuple(Question(code, f"About {code}?", KINDS["landing"]) for code in ("delay", "noise", "queue"))


def test_each_answer_is_scored_skipped_or_not_concerned():
    sent = read({"q-delay": "3", "q-noise": "none", "comment": "x"}, QUESTIONS)
    assert sent.scores == {"delay": 750}
    assert sent.chosen == {"delay": "3", "noise": "none"}
    assert sent.skipped == ("queue",)


def test_what_was_not_asked_is_not_read():
    assert read({"q-wifi": "3"}, QUESTIONS).scores == {}


def test_what_is_not_on_offer_is_refused():
    with pytest.raises(NotAnAnswer):
        read({"q-delay": "5"}, QUESTIONS)


@given(codes, codes, st.text())
def test_a_customer_sees_a_few_irritants_running_fixes_first_and_another_one(met, running, seed):
    chosen = shown(met, running, seed=seed)
    assert chosen == shown(met, running, seed=seed)
    assert len(chosen) == len(set(chosen)) == min(SHOWN, len(met))
    assert set(chosen) <= met
    others = bool(met - running)
    assert len(set(chosen) & running) >= min(SHOWN - others, len(met & running))
    assert not others or set(chosen) - running


def test_every_irritant_stands_first_about_as_often_as_the_others():
    first = Counter(shown("abcdefg", (), seed=str(number))[0] for number in range(1400))
    assert min(first.values()) > 140
    assert max(first.values()) < 260
