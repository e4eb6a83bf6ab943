"""Whom to ask: each rule, their order, the sample's share, and how many invitations a target needs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.invitations import rules
from surveys.invitations.models import Outcome

NOW = datetime(2026, 11, 9, 11, tzinfo=UTC)
REST = timedelta(days=90)
FINE = rules.Known(
    code="call-1",
    happened_at=NOW,
    reachable=True,
    opted_out=False,
    unreachable=False,
    asked_at=None,
    share=100,
    left=None,
)
# In the order of the rules: what each one is told by.
AGAINST = {
    Outcome.TOO_OLD: {"happened_at": NOW - timedelta(days=30, seconds=1)},
    Outcome.NO_ADDRESS: {"reachable": False},
    Outcome.OPTED_OUT: {"opted_out": True},
    Outcome.UNREACHABLE: {"unreachable": True},
    Outcome.NOT_SAMPLED: {"share": 0},
    Outcome.ASKED_RECENTLY: {"asked_at": NOW - REST + timedelta(seconds=1)},
    Outcome.TARGET_REACHED: {"left": 0},
}
codes = st.text(min_size=1, max_size=40)


def test_somebody_nothing_speaks_against_is_invited():
    assert rules.outcome(FINE, NOW, REST) is Outcome.INVITED


@pytest.mark.parametrize("reason", AGAINST)
def test_each_reason_alone_is_reason_enough(reason):
    assert rules.outcome(replace(FINE, **AGAINST[reason]), NOW, REST) is reason


@given(st.sets(st.sampled_from(list(AGAINST)), min_size=1))
def test_of_several_reasons_the_first_is_told(reasons):
    known = FINE
    for reason in reasons:
        known = replace(known, **AGAINST[reason])
    assert rules.outcome(known, NOW, REST) is next(reason for reason in AGAINST if reason in reasons)


def test_limits_belong_to_those_who_are_asked():
    last = replace(FINE, happened_at=NOW - timedelta(days=30), asked_at=NOW - REST, left=1)
    assert rules.outcome(last, NOW, REST) is Outcome.INVITED


def test_who_will_be_written_to_tomorrow_was_asked():
    waiting = replace(FINE, asked_at=NOW + timedelta(days=2))
    assert rules.outcome(waiting, NOW, REST) is Outcome.ASKED_RECENTLY


@given(codes, st.integers(0, 100), st.integers(0, 100))
def test_a_larger_sample_holds_every_smaller_one(code, some, more):
    few, many = sorted((some, more))
    assert not rules.sampled(code, few) or rules.sampled(code, many)
    assert rules.sampled(code, few) == rules.sampled(code, few)


@given(codes)
def test_all_are_in_the_whole_sample_and_none_in_the_empty_one(code):
    assert rules.sampled(code, 100)
    assert not rules.sampled(code, 0)


@pytest.mark.parametrize("share", [1, 10, 37, 50, 90])
def test_a_sample_is_close_to_its_share(share):
    drawn = sum(rules.sampled(f"call-{number}", share) for number in range(20_000))
    # 4 standard deviations of drawing each by chance
    assert abs(drawn / 20_000 - share / 100) < 4 * (share / 100 * (1 - share / 100) / 20_000) ** 0.5


@pytest.mark.parametrize(
    ("target", "sent", "answered", "expected"),
    [
        (50, 0, 0, 500),  # nothing known: one in ten
        (50, 29, 29, 500),  # too little known
        (50, 100, 25, 200),
        (50, 100, 33, 152),  # 151.5 and a bit
        (50, 1000, 1, 2500),  # never planned with less than one in fifty
        (50, 100, 100, 50),
        (1, 30, 3, 10),
    ],
)
def test_invitations_are_planned_by_the_answers_to_the_ones_before(target, sent, answered, expected):
    assert rules.allowed(target, sent, answered) == expected


@given(st.integers(1, 10**6), st.integers(0, 10**6), st.data())
def test_a_target_can_always_be_reached_and_never_needs_more_than_fifty_each(target, sent, data):
    answered = data.draw(st.integers(0, sent))
    assert target <= rules.allowed(target, sent, answered) <= 50 * target
