"""The benchmark of interactions, with few of them and on SQLite alone."""

from benchmarks.interactions import lines, taken_by


def test_processes_that_send_the_same_interactions_invite_each_customer_once():
    report = taken_by("sqlite", 120, 2)
    assert report.faults == []
    assert report.invited["shop"] == 40
    assert lines("sqlite", report)[-1] == "sqlite: 0 faults"
