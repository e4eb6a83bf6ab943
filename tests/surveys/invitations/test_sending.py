"""When a message may reach a customer, across nights, week-ends and both changes of the clocks."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.invitations.sending import next_moment

PARIS = ZoneInfo("Europe/Paris")
WEEK = range(7)
ZONES = st.sampled_from(["Europe/Paris", "America/Sao_Paulo", "Asia/Kathmandu", "Australia/Lord_Howe"])
moments = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))
hours = st.tuples(st.integers(0, 23), st.integers(1, 24)).filter(lambda pair: pair[0] < pair[1])
days = st.sets(st.integers(0, 6), min_size=1)


def local(*parts, zone=PARIS):
    return datetime(*parts, tzinfo=zone)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (local(2026, 11, 9, 9), local(2026, 11, 9, 9)),
        (local(2026, 11, 9, 19, 59), local(2026, 11, 9, 19, 59)),
        (local(2026, 11, 9, 20), local(2026, 11, 10, 9)),
        (local(2026, 11, 9, 3), local(2026, 11, 9, 9)),
        (local(2026, 11, 7, 21), local(2026, 11, 9, 9)),  # Saturday night: Monday
        (local(2026, 11, 8, 12), local(2026, 11, 9, 9)),
        (local(2026, 3, 28, 22), local(2026, 3, 30, 9)),  # over the night that summer time begins in
        (local(2026, 10, 24, 22), local(2026, 10, 26, 9)),  # and the one it ends in
    ],
)
def test_messages_wait_for_the_hours_and_days_of_the_organisation(now, expected):
    assert next_moment(now, PARIS, (9, 20), {0, 1, 2, 3, 4, 5}) == expected


def test_an_hour_that_summer_time_leaves_out_is_waited_for_on_the_next_day():
    night = local(2026, 3, 29, 0, 30)
    assert next_moment(night, PARIS, (2, 3), set(WEEK)) == local(2026, 3, 30, 2)


@given(moments, ZONES, hours, days)
def test_it_is_never_too_early_too_late_or_on_the_wrong_day(now, name, hours, days):
    zone = ZoneInfo(name)
    found = next_moment(now, zone, hours, days)
    here = found.astimezone(zone)
    assert found >= now
    assert found - now <= timedelta(days=8, hours=1)
    assert here.weekday() in days
    assert hours[0] <= here.hour < hours[1]


@given(moments, ZONES, hours, days)
def test_a_moment_that_fits_is_kept_and_found_again(now, name, hours, days):
    zone = ZoneInfo(name)
    found = next_moment(now, zone, hours, days)
    assert next_moment(found, zone, hours, days) == found


@given(moments)
def test_all_hours_of_all_days_are_now(now):
    assert next_moment(now, PARIS, (0, 24), set(WEEK)) == now
