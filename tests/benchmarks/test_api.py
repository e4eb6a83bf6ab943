"""The benchmark of the API, with few interactions and on SQLite alone; and that it finds what is wrong."""

from benchmarks.api import doubly, lines, loaded

ANA = {"interaction": "c1", "touchpoint": "station", "email": "ana@example.org"}
AGAIN = ANA | {"interaction": "c2", "customer": "7"}


def test_interactions_under_load_lead_to_what_the_rules_allow():
    report = loaded("sqlite", 240, 8)
    assert report.faults == []
    assert (report.sent, report.requests) == (240, 122)
    assert report.counts.keys() >= {"invited", "asked_recently", "not_sampled", "no_address"}
    assert lines("sqlite", report)[-1] == "sqlite: 0 faults"


def test_who_is_asked_twice_or_never_is_found():
    sent = {"c1": ANA, "c2": AGAIN}
    assert list(doubly(sent, {"c1": "invited", "c2": "asked_recently"})) == []
    assert list(doubly(sent, {"c1": "invited", "c2": "invited"})) == ["ana@example.org was invited 2 times"]
    assert len(list(doubly(sent, {"c1": "asked_recently", "c2": "asked_recently"}))) == 2
