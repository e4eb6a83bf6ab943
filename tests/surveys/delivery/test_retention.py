"""Messages to customers hold their addresses: a month after the last attempt they are gone."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from pulse.outbox.models import Message, MessageState
from pulse.outbox.service import enqueue
from surveys.delivery import retention

NOW = datetime(2026, 11, 3, 9, tzinfo=UTC)
MONTH = retention.KEPT


def put(database, key, state, **moments):
    with database.writing() as session:
        words = {"recipient": "carl@shop.example", "subject": "s", "text": "t"}
        enqueue(session, key=key, channel="email", now=NOW, **words)
        values = {"state": MessageState(state), **moments}
        session.execute(update(Message).where(Message.key == key).values(**values))


def forgotten(database, now):
    with database.writing() as session:
        return retention.forget(session, now)


@pytest.mark.parametrize("state", ["sent", "logged", "failed", "left", "in_doubt"])
@pytest.mark.parametrize("key", ["interaction:1", "told:3:4"])
def test_what_is_done_with_goes_after_a_month(database, key, state):
    put(database, key, state, claimed_at=NOW)
    assert forgotten(database, NOW + MONTH - timedelta(seconds=1)) == 0
    assert forgotten(database, NOW + MONTH) == 1


def test_the_month_begins_with_the_last_attempt(sqlite):
    put(sqlite, "interaction:1", "sent", claimed_at=NOW, sent_at=NOW + timedelta(days=3))
    assert forgotten(sqlite, NOW + MONTH) == 0
    assert forgotten(sqlite, NOW + MONTH + timedelta(days=3)) == 1


def test_what_is_still_to_go_and_what_is_not_to_customers_stays(sqlite):
    for key, state in (
        ("interaction:1", "queued"),
        ("interaction:2", "claimed"),
        ("wave:2026-11:person:1", "sent"),
        ("flag:F:displaced", "sent"),
        ("interactions:1", "sent"),
    ):
        put(sqlite, key, state, claimed_at=NOW)
    assert forgotten(sqlite, NOW + 9 * MONTH) == 0
    with sqlite.reading() as session:
        assert len(session.scalars(select(Message)).all()) == 5
