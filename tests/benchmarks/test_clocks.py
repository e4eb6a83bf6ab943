"""The benchmark of clocks, with few hours and few kills."""

import random

from benchmarks.clocks import due, kept_running, lines


def test_by_two_clocks_of_which_one_is_killed_each_hour_has_its_effect_once():
    report = kept_running("sqlite", 4, 1, random.Random(7))
    assert report.faults == []
    assert report.kills == 1
    assert "4 hours" in lines("sqlite", report)[0]


def test_the_hours_and_nights_around_the_changes_are_known_beforehand():
    found = due(8)
    assert found["hour"] == [
        *(f"2026-10-{day}" for day in ("24T23Z", "25T00Z", "25T01Z", "25T02Z")),
        *(f"2027-03-{day}" for day in ("27T23Z", "28T00Z", "28T01Z", "28T02Z")),
    ]
    assert found["night"] == ["2026-10-24", "2026-10-25", "2027-03-27", "2027-03-28"]
