"""Queueing a message: the same news is queued once, however often it is asked for."""

from collections.abc import Mapping
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
    headers: Mapping[str, str] | None = None,
    now: datetime,
    due: datetime | None = None,
    urgent: bool = False,
) -> bool:
    """Queue a message to be sent from `due` (default: now) on; False where this key was queued before.

    key -- names the news and, after the last colon, its reader ("wave:2026-11:person:12"): a job run again
           queues nothing twice
    headers -- of an e-mail besides the usual ones (List-Unsubscribe...); marks of secrets are filled in them
               as in the text and the HTML
    urgent -- somebody sits and waits for it: it goes before any mailing
    """
    insert = insert_postgresql if session.get_bind().dialect.name == "postgresql" else insert_sqlite
    row = {
        "key": key,
        "mailing": key.rpartition(":")[0],
        "urgent": urgent,
        "channel": channel,
        "recipient": recipient,
        "subject": subject,
        "text": text,
        "html": html,
        "headers": dict(headers) if headers else None,
        "state": MessageState.QUEUED,
        "attempts": 0,
        "queued_at": now,
        "due_at": due or now,
    }
    mine = insert(Message).values(**row).on_conflict_do_nothing(index_elements=["key"]).returning(Message.id)
    return session.execute(mine).first() is not None
