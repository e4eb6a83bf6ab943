"""When a case is due, and who hears of a fix: decided without looking anything up."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse.verdicts.rules import Outcome
from surveys.cases.rules import JUDGED, Hearer, Hearing, due, hearing

NOW = datetime(2026, 11, 9, 9, tzinfo=UTC)
REST = timedelta(days=90)
READY = Hearer(Outcome.RESOLVED, False, "ana@example.org", False, False, None)
hearers = st.builds(
    Hearer,
    outcome=st.sampled_from([None, *Outcome]),
    told=st.booleans(),
    contact=st.sampled_from([None, "", "06 12 34 56 78", "ana@example.org"]),
    opted_out=st.booleans(),
    unreachable=st.booleans(),
    asked_at=st.one_of(st.none(), st.integers(-10, 400).map(lambda days: NOW - timedelta(days=days))),
)


@pytest.mark.parametrize(
    ("opened", "by"),
    [
        (date(2026, 11, 9), date(2026, 11, 16)),  # Monday
        (date(2026, 11, 13), date(2026, 11, 20)),  # Friday
        (date(2026, 11, 14), date(2026, 11, 20)),  # Saturday
        (date(2026, 11, 15), date(2026, 11, 20)),  # Sunday
    ],
)
def test_a_case_is_due_five_working_days_later(opened, by):
    assert due(opened) == by


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)))
def test_nothing_is_due_on_a_weekend_or_in_less_than_a_week_but_for_weekends(day):
    assert due(day).weekday() < 5
    assert 5 <= (due(day) - day).days <= 7


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, Hearing.NOW),
        ({"outcome": None}, Hearing.NOT_JUDGED),
        ({"outcome": Outcome.UNDETERMINED}, Hearing.NOT_JUDGED),
        ({"told": True}, Hearing.TOLD),
        ({"contact": None}, Hearing.FORGOTTEN),
        ({"contact": "06 12 34 56 78"}, Hearing.NO_ADDRESS),
        ({"opted_out": True}, Hearing.OPTED_OUT),
        ({"unreachable": True}, Hearing.UNREACHABLE),
        ({"asked_at": NOW - timedelta(days=89)}, Hearing.RESTING),
        ({"asked_at": NOW + timedelta(hours=3)}, Hearing.RESTING),
        ({"asked_at": NOW - timedelta(days=90)}, Hearing.NOW),
    ],
)
def test_each_reason_not_to_write_holds_by_itself(changed, expected):
    assert hearing(replace(READY, **changed), NOW, REST) is expected


@given(hearers)
def test_nobody_is_written_to_against_any_of_the_rules(hearer):
    if hearing(hearer, NOW, REST) is Hearing.NOW:
        assert hearer.outcome in JUDGED
        assert "@" in hearer.contact
        assert not any([hearer.told, hearer.opted_out, hearer.unreachable])
        assert hearer.asked_at is None or NOW - hearer.asked_at >= REST


@given(hearers)
def test_who_rests_is_written_to_as_soon_as_the_rest_is_over(hearer):
    if hearing(hearer, NOW, REST) is Hearing.RESTING:
        assert hearing(hearer, hearer.asked_at + REST, REST) is Hearing.NOW
