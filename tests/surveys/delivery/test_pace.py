"""How fast messages leave, and in which order: one pace for all senders; nobody waits behind a mailing."""

import random
import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, select, text

from pulse.outbox.models import Message
from pulse.outbox.service import Draft, enqueue, enqueue_all
from surveys.delivery import claims, progress, sender
from surveys.delivery.claims import take
from surveys.delivery.sender import send_due
from tests.surveys.delivery.conftest import settings_for

NOW = datetime(2026, 11, 3, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def mailing(database, size, *, now=NOW):
    drafts = [
        Draft(f"wave:2026-11:person:{n}", "email", f"p{n}@example.org", "Five questions", "t")
        for n in range(size)
    ]
    with database.writing() as session:
        enqueue_all(session, drafts, now)


def somebody_waits(database, name, *, now=NOW):
    with database.writing() as session:
        words = {"recipient": f"{name}@example.org", "subject": "Your link", "text": "t"}
        enqueue(session, key=f"sign-in:{name}", channel="email", now=now, urgent=True, **words)


def taken(database, now, per_minute):
    """Claim as long as any may be; to whom."""
    found = []
    while True:
        with database.writing() as session:
            message = take(session, now, per_minute)
        if message is None:
            return found
        found.append(message.recipient.partition("@")[0])


def begun(database):
    with database.reading() as session:
        return sorted(session.scalars(select(Message.claimed_at).where(Message.claimed_at.is_not(None))))


def test_no_more_leave_within_a_minute_than_are_allowed(database):
    mailing(database, 50)
    assert len(taken(database, NOW, 20)) == 18
    assert taken(database, NOW + MINUTE / 2, 20) == []
    assert len(taken(database, NOW + MINUTE, 20)) == 18


def test_a_tenth_is_kept_for_those_who_wait(database):
    mailing(database, 50)
    taken(database, NOW, 20)
    for name in ("ana", "bob", "cleo"):
        somebody_waits(database, name)
    assert taken(database, NOW, 20) == ["ana", "bob"]
    assert taken(database, NOW + MINUTE, 20)[0] == "cleo"


@pytest.mark.parametrize(("allowed", "leave"), [(1, 1), (2, 1), (10, 9), (11, 9), (30, 27)])
def test_some_of_a_mailing_leaves_however_few_are_allowed(sqlite, allowed, leave):
    mailing(sqlite, 100)
    assert len(taken(sqlite, NOW, allowed)) == leave


def test_within_any_minute_of_a_day_no_more_leave_than_are_allowed(sqlite):
    mailing(sqlite, 80)
    chance, now = random.Random(7), NOW
    while len(begun(sqlite)) < 80:
        taken(sqlite, now, 20)
        now += timedelta(seconds=chance.choice([1, 3, 10, 29, 59.999, 60]))
        somebody_waits(sqlite, str(now.timestamp()), now=now)
    moments = begun(sqlite)
    assert max(sum(at <= each < at + MINUTE for each in moments) for at in moments) <= 20


def test_two_senders_keep_one_pace(database, postman, by):
    mailing(database, 60, now=datetime.now(UTC) - MINUTE)
    together = threading.Barrier(2)
    known = by.model_copy(update={"messages_per_minute": 20})

    def run():
        together.wait()
        send_due(database, known, datetime.now(UTC))

    senders = [threading.Thread(target=run) for _ in range(2)]
    for each in senders:
        each.start()
    for each in senders:
        each.join()
    names = [recipients[0] for recipients, _ in postman.taken]
    assert len(names) == len(set(names)) == 18


def test_a_link_to_sign_in_goes_before_a_mailing_of_any_size(database, postman, by):
    mailing(database, 40, now=datetime.now(UTC) - MINUTE)

    def ask(number):
        if number == 5:
            somebody_waits(database, "ana", now=datetime.now(UTC))

    postman.meanwhile = ask
    assert send_due(database, by, datetime.now(UTC) + timedelta(seconds=1)) == "41 sent"
    assert [recipients[0] for recipients, _ in postman.taken].index("ana@example.org") == 6


def test_a_run_ends_before_its_clock_would_have_to_wait_for_it(sqlite, postman, by, monkeypatch):
    monkeypatch.setattr(sender, "AT_ONCE", 7)
    mailing(sqlite, 10, now=datetime.now(UTC) - MINUTE)
    assert [send_due(sqlite, by, datetime.now(UTC)) for _ in range(3)] == ["7 sent", "3 sent", None]


def test_the_page_knows_how_fast_messages_leave_and_when_the_next_is_due(sqlite):
    mailing(sqlite, 3)
    with sqlite.reading() as session:
        assert progress.pace(session, NOW) == progress.Pace(0, NOW)
    taken(sqlite, NOW, None)
    with sqlite.reading() as session:
        assert progress.pace(session, NOW + MINUTE / 2) == progress.Pace(3, None)


def test_the_next_of_a_large_mailing_is_found_without_sorting_all_of_it(database):
    mailing(database, 50)
    asked = []
    event.listen(database.engine, "before_cursor_execute", lambda *told: asked.append(told[2:4]))
    with database.writing() as session:
        assert take(session, NOW) is not None
    _, (statement, values) = [each for each in asked if "ORDER BY" in each[0]]  # the urgent, then the others
    postgresql = database.engine.dialect.name == "postgresql"
    with database.reading() as session:
        if postgresql:
            session.execute(text("SET enable_seqscan = off"))
        explain = "EXPLAIN " if postgresql else "EXPLAIN QUERY PLAN "
        plan = " ".join(str(row) for row in session.connection().exec_driver_sql(explain + statement, values))
    assert "ix_message_state_urgent_due_at" in plan
    assert "Sort" not in plan
    assert "TEMP B-TREE" not in plan


def test_where_nothing_may_leave_nothing_is_written(sqlite):
    assert send_due(sqlite, settings_for(None), NOW) is None
    with sqlite.reading() as session:
        assert not claims.is_anything_due(session, NOW)
    mailing(sqlite, 1, now=NOW + MINUTE)
    with sqlite.reading() as session:
        assert not claims.is_anything_due(session, NOW)
        assert claims.is_anything_due(session, NOW + MINUTE)
