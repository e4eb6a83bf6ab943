"""The benchmark of backups under load tells a sound one from others, by the figures it was given."""

from benchmarks.restore import Report, lines


def test_the_figures_say_what_is_missing_and_what_is_apart():
    report = Report("sqlite", answers_before=20, ballots_before=12, ballots_back=7, smallest=5)
    report.seconds = {"first backup": 2.0, "second backup": 2.5, "restore": 4.0}
    report.faults = ["3 acknowledged answers are missing"]
    said = "\n".join(lines(report))
    assert "before the backup began: 20; missing: 0" in said
    assert "NOT the same" in said
    assert "fewest ballots two copies show apart: 5" in said
    assert "FAULT 3 acknowledged answers are missing" in said
