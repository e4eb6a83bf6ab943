"""Queueing a message: the same news is queued once, however often it is asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from pulse.db import insert_into
from pulse.outbox.models import Message, MessageState


@dataclass(frozen=True)
class Draft:
    """A message to be queued; what each part means is said at enqueue()."""

    key: str
    channel: str
    recipient: str
    subject: str
    text: str
    html: str | None = None
    headers: Mapping[str, str] | None = None
    due: datetime | None = None
    urgent: bool = False


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
    draft = Draft(key, channel, recipient, subject, text, html, headers=headers, due=due, urgent=urgent)
    mine = _insert(session).values(**_row(draft, now)).returning(Message.id)
    return session.execute(mine).first() is not None


def enqueue_all(session: Session, drafts: Sequence[Draft], now: datetime) -> None:
    """Queue many messages at once; those whose key was queued before are left as they are."""
    if drafts:
        session.execute(_insert(session), [_row(draft, now) for draft in drafts])


def _insert(session: Session) -> Any:
    return insert_into(session, Message).on_conflict_do_nothing(index_elements=["key"])


def _row(draft: Draft, now: datetime) -> dict[str, object]:
    return {
        "key": draft.key,
        "mailing": draft.key.rpartition(":")[0],
        "urgent": draft.urgent,
        "channel": draft.channel,
        "recipient": draft.recipient,
        "subject": draft.subject,
        "text": draft.text,
        "html": draft.html,
        "headers": dict(draft.headers) if draft.headers else None,
        "state": MessageState.QUEUED,
        "attempts": 0,
        "queued_at": now,
        "due_at": draft.due or now,
    }
