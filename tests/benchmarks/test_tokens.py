"""The benchmark of tokens that are none, with few of them, on SQLite, and without a clock."""

from datetime import UTC, datetime

from benchmarks.serving import application, databases
from benchmarks.tokens import DOORS, lines, measured, street


def test_no_altered_used_expired_or_foreign_token_is_taken_and_all_refusals_are_alike():
    report = measured("sqlite", 240, 0)
    assert report.taken == []
    assert {
        door: list(replies.values()) for door, replies in report.replies.items() if len(replies) > 1
    } == {}
    assert sum(report.tried.values()) == 240
    assert len(report.replies) == 2 * len(DOORS)
    assert "taken: 0; doors whose refusals differ: 0" in lines("sqlite", report)[1]


def test_the_tokens_said_to_be_genuine_are_taken_each_at_its_own_door():
    with databases("sqlite") as urls, application(urls) as app:
        known, client = street(datetime.now(UTC), each=2), app.test_client()
        for door in DOORS.keys() - {"erase"}:  # there is no answer to be erased
            for token in known.genuine[door]:
                assert client.get(DOORS[door].format(token)).status_code == 200, door
