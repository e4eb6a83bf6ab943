"""The benchmark of double submits, with few of them and on SQLite alone."""

from benchmarks.doubles import doubled, lines


def test_an_answer_sent_twice_at_once_to_two_processes_is_kept_once():
    report = doubled("sqlite", 15)
    assert report.faults == []
    assert (report.kept, report.extra, report.alike, report.differing) == (15, 0, 12, 3)
    assert "kept: 15; extra: 0" in lines("sqlite", report)[1]
