"""Waves keep the organisation's calendar: its months, its clock changes, its working hours."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse.months import last_day, month_of, shifted
from pulse.outbox.hours import in_working_hours
from surveys.waves.calendar import closing, ending, last_working_days, opening

PARIS = ZoneInfo("Europe/Paris")
KOLKATA = ZoneInfo("Asia/Kolkata")
months = st.dates(date(2000, 1, 1), date(2060, 12, 31)).map(month_of)
ODD = (
    "America/St_Johns",  # half an hour off
    "Pacific/Apia",  # skipped a day
    "Australia/Lord_Howe",  # half an hour of summer time
    "America/Havana",  # midnight comes twice
    "Africa/Cairo",  # midnight does not come at all
    "Asia/Beirut",
    "America/Santiago",
    "Pacific/Kiritimati",
    "Etc/GMT+12",
)
zones = st.sampled_from([PARIS, KOLKATA, *map(ZoneInfo, ODD)])


@pytest.mark.parametrize(
    ("month", "opens", "closes"),
    [
        (date(2026, 3, 1), datetime(2026, 3, 3, 9, tzinfo=UTC), datetime(2026, 3, 31, 22, tzinfo=UTC)),
        (date(2026, 9, 1), datetime(2026, 9, 1, 8, tzinfo=UTC), datetime(2026, 9, 30, 22, tzinfo=UTC)),
        (date(2026, 10, 1), datetime(2026, 10, 6, 8, tzinfo=UTC), datetime(2026, 10, 31, 23, tzinfo=UTC)),
        (date(2026, 12, 1), datetime(2026, 12, 1, 9, tzinfo=UTC), datetime(2026, 12, 31, 23, tzinfo=UTC)),
    ],
)
def test_a_wave_opens_on_the_first_tuesday_at_ten_and_closes_with_the_month(month, opens, closes):
    assert (opening(month, PARIS), closing(month, PARIS)) == (opens, closes)


@given(months, zones)
def test_a_wave_lies_within_its_month_and_lasts_at_least_three_weeks(month, zone):
    opens, closes = opening(month, zone), closing(month, zone)
    assert opens.astimezone(zone).weekday() == 1
    assert opens.astimezone(zone).hour == 10
    assert month_of(opens.astimezone(zone).date()) == month
    assert month_of((closes - timedelta(seconds=1)).astimezone(zone).date()) == month
    assert closes - opens >= timedelta(days=20)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)), zones)
def test_a_mail_arrives_from_monday_to_friday_between_nine_and_six(moment, zone):
    due = in_working_hours(moment, zone)
    assert due >= moment
    assert due.astimezone(zone).weekday() < 5
    assert 9 <= due.astimezone(zone).hour < 18
    assert due - moment <= timedelta(days=3)


def test_a_mail_of_friday_evening_waits_for_monday_morning():
    friday = datetime(2026, 10, 23, 19, tzinfo=PARIS)
    assert in_working_hours(friday, PARIS) == datetime(2026, 10, 26, 9, tzinfo=PARIS)


@given(months, zones)
def test_waves_follow_each_other_without_gap_or_overlap(month, zone):
    after = shifted(month, 1)
    assert opening(month, zone) < closing(month, zone) < opening(after, zone)
    assert closing(month, zone).astimezone(zone).date() == after
    assert (closing(month, zone) - timedelta(microseconds=1)).astimezone(zone).date() == last_day(month)


@given(st.dates(date(2000, 1, 1), date(2060, 12, 31)), zones)
def test_a_day_ends_where_the_next_begins(day, zone):
    end = ending(day, zone)
    assert end.astimezone(zone).date() > day
    if day != date(2011, 12, 29):  # the day after which Apia skipped one
        assert end.astimezone(zone).date() == day + timedelta(days=1)
    assert (end - timedelta(microseconds=1)).astimezone(zone).date() == day


@given(months, zones, st.integers(1, 5))
def test_the_last_working_days_of_a_wave_lie_in_it(month, zone, number):
    days = last_working_days(closing(month, zone), zone, number)
    assert len(days) == len(set(days)) == number
    assert days == sorted(days)
    assert all(day.weekday() < 5 and opening(month, zone).astimezone(zone).date() < day for day in days)
    assert last_day(month) - days[0] <= timedelta(days=number + 4)


def test_the_leap_day_belongs_to_its_wave():
    february = date(2028, 2, 1)
    assert closing(february, PARIS) == datetime(2028, 2, 29, 23, tzinfo=UTC)
    assert last_working_days(closing(february, PARIS), PARIS, 2) == [date(2028, 2, 28), date(2028, 2, 29)]
