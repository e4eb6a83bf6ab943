"""The benchmark of killed senders, with few kills and few mails."""

import os
import random

from benchmarks.kills import Report, killed, lines


def test_a_mailing_whose_sender_is_killed_is_neither_doubled_nor_lost():
    engine = "postgresql" if "PGHOST" in os.environ else "sqlite"  # the benchmark tries both
    report = killed(engine, 60, 2, random.Random(7))
    assert report.faults == []
    assert (report.mails, report.kills, report.doubled, report.lost) == (60, 2, 0, 0)
    assert report.unsure == report.caught <= 2
    assert "doubled: 0; lost silently: 0" in lines(engine, report)[1]


def test_what_must_not_be_is_said():
    assert Report(9, 2, 2, doubled=1, lost=2, unsure=3, arrived=0).faults == [
        "1 mails doubled",
        "2 mails lost silently",
        "3 in doubt after 2 kills",
    ]
