"""The benchmark of crashes, with one killed worker and few people, on SQLite alone."""

import random
from collections import Counter

from benchmarks.crashes import Report, killed, lines, sums
from benchmarks.crowd import Act


def test_answers_that_were_acknowledged_outlive_a_killed_worker():
    report = killed("sqlite", 1, random.Random(7), load=12)
    assert (report.faults, report.lost, report.doubled, report.kills) == ([], 0, 0, 1)
    assert report.told.total() >= 9
    assert "lost: 0; counted twice: 0" in lines("sqlite", report)[1]


def test_what_does_not_add_up_is_said():
    acts = [Act("ballot", "", "a", True, told=True, drawn=True), Act("code", "", "b", True, told=True)]
    assert list(sums(acts, Counter({"a": 1, "b": 1}), ballots=2, unused=0, issued=1, in_vain=0)) == []
    assert list(sums(acts, Counter({"a": 1, "c": 1}), ballots=2, unused=0, issued=0, in_vain=3)) == [
        "2 ballots, but 1 were cast and 0 given by codes",
        "0 codes are unused, of 1 of which 0 answered",
        "1 were given a ballot, but 0 are known to have drawn one",
        "3 invitations were used up without an answer",
        "1 answers that nobody sent",
    ]


def test_the_figures_are_told():
    report = Report(crashes=3, told=Counter({"ballot": 2}), statuses=Counter({200: 5, 503: 1}))
    assert lines("postgresql", report)[3] == "  requests by status: 200: 5, 503: 1; broken off: 0"
