"""Queueing a message: the same news is queued once, however often it is asked for."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.orm import Session

from pulse.outbox.models import Message, MessageState


def enqueue(
    session: Session,
    *,
    key: str,
    channel: str,
    recipient: str,
    subject: str,
    text: str,
    html: str | None = None,
    now: datetime,
    due: datetime | None = None,
) -> bool:
    """Queue a message to be sent from `due` (default: now) on; False where this key was queued before.

    key -- names the news and its reader ("wave:2026-11:person:12"): a job run again queues nothing twice
    """
    insert = insert_postgresql if session.get_bind().dialect.name == "postgresql" else insert_sqlite
    row = {
        "key": key,
        "channel": channel,
        "recipient": recipient,
        "subject": subject,
        "text": text,
        "html": html,
        "state": MessageState.QUEUED,
        "attempts": 0,
        "queued_at": now,
        "due_at": due or now,
    }
    mine = insert(Message).values(**row).on_conflict_do_nothing(index_elements=["key"]).returning(Message.id)
    return session.execute(mine).first() is not None
