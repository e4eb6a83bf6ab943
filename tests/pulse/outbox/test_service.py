"""A message is queued once, however often a job is run again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from pulse.db import Database
from pulse.outbox.models import Message, MessageState
from pulse.outbox.service import Draft, enqueue, enqueue_all

NOW = datetime(2026, 11, 3, 9, tzinfo=UTC)
NEWS = {"key": "wave:2026-11:person:1", "channel": "email", "recipient": "ana@example.org", "now": NOW}


def test_the_same_news_is_queued_once_and_keeps_its_first_words(database: Database):
    with database.writing() as session:
        assert enqueue(session, subject="Five questions", text="Here", **NEWS)
    with database.writing() as session:
        assert not enqueue(session, subject="Six questions", text="There", **NEWS)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Message)) == 1
        assert session.scalars(select(Message)).one().subject == "Five questions"


def test_a_message_waits_until_it_is_due(database: Database):
    later = NOW + timedelta(hours=3)
    with database.writing() as session:
        enqueue(session, subject="Five questions", text="Here", due=later, **NEWS)
    with database.reading() as session:
        message = session.scalars(select(Message)).one()
        assert (message.state, message.due_at, message.attempts) == (MessageState.QUEUED, later, 0)


def test_many_are_queued_at_once_and_none_twice(database: Database):
    drafts = [
        Draft(f"interaction:{n}", "email", f"p{n}@example.org", "How was it?", "Here") for n in range(5)
    ]
    with database.writing() as session:
        enqueue_all(session, drafts[:3], NOW)
        enqueue_all(session, [replace(draft, subject="Again") for draft in drafts], NOW)
        enqueue_all(session, [], NOW)
    with database.reading() as session:
        found = session.scalars(select(Message).order_by(Message.id)).all()
        assert [message.subject for message in found] == ["How was it?"] * 3 + ["Again"] * 2
        assert {(message.mailing, message.due_at) for message in found} == {("interaction", NOW)}
