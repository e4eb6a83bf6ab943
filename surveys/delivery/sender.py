"""Sending what is queued: a message is claimed before it is sent, so that no two senders send it."""

import logging
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from config import Settings
from pulse.db import Database
from pulse.outbox import secrets
from pulse.outbox.models import Message, MessageState
from surveys.delivery.channels import Channel, channel
from surveys.delivery.outcome import PerhapsSent, Refused, TryLater

log = logging.getLogger("surveys.delivery")

AT_ONCE = 1000  # messages of one run; the next minute's run goes on
CLAIM = timedelta(minutes=10)  # a claim older than this was made by a sender that died
WAITS = tuple(
    timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 480, 1440)
)  # before each further attempt


@dataclass(frozen=True)
class Ending:
    """How an attempt ended, and when the next one is due where there is to be one."""

    state: MessageState
    error: str | None = None
    due: datetime | None = None


def send_due(database: Database, settings: Settings, now: datetime) -> str:
    """Send what is due and say in one line how that went.

    Each message is claimed in a transaction of its own, sent, and put down in another: a sender that dies
    in between leaves its claim behind, and the message in doubt rather than sent twice.
    """
    with database.writing() as session:
        doubtful = give_up_dead_claims(session, now)
    with database.reading() as session:
        waiting = due(session, now)
    endings: Counter[MessageState] = Counter({MessageState.IN_DOUBT: doubtful})
    channels: dict[str, Channel] = {}
    try:
        for message_id in waiting:
            ending = _sent(database, settings, channels, message_id, now)
            if ending is not None:
                endings[ending.state] += 1
    finally:
        for opened in channels.values():
            opened.close()
    return (
        ", ".join(f"{endings[state]} {state.value}" for state in MessageState if endings[state])
        or "nothing due"
    )


def due(session: Session, now: datetime) -> list[int]:
    """Ids of the queued messages whose time has come, the longest waiting first."""
    rows = select(Message.id).where(Message.state == MessageState.QUEUED, Message.due_at <= now)
    return list(session.scalars(rows.order_by(Message.due_at, Message.id).limit(AT_ONCE)))


def claim(session: Session, message_id: int, now: datetime) -> bool:
    """Whether the caller is the one to send this message: one update that touches one row, or none."""
    mine = (
        update(Message)
        .where(Message.id == message_id, Message.state == MessageState.QUEUED)
        .values(state=MessageState.CLAIMED, claimed_at=now, attempts=Message.attempts + 1)
        .returning(Message.id)
    )
    return session.execute(mine).first() is not None


def give_up_dead_claims(session: Session, now: datetime) -> int:
    """Put messages in doubt whose sender died: their readers may have them, so they are not sent again."""
    dead = (
        update(Message)
        .where(Message.state == MessageState.CLAIMED, Message.claimed_at < now - CLAIM)
        .values(state=MessageState.IN_DOUBT, error="the sender died while sending")
        .returning(Message.id)
    )
    return len(session.execute(dead).all())


def put_down(session: Session, message_id: int, ending: Ending, now: datetime) -> None:
    """Write down how a claimed message's attempt ended."""
    values: dict[str, object] = {"state": ending.state, "error": ending.error}
    if ending.state is MessageState.SENT:
        values["sent_at"] = now
    if ending.due is not None:
        values["due_at"] = ending.due
    mine = (Message.id == message_id) & (Message.state == MessageState.CLAIMED)
    session.execute(update(Message).where(mine).values(**values))


def _sent(
    database: Database, settings: Settings, channels: dict[str, Channel], message_id: int, now: datetime
) -> Ending | None:
    with database.writing() as session:
        # Dated by the clock on the wall, not by the run's beginning: a long run must not look dead.
        if not claim(session, message_id, datetime.now(UTC)):
            return None
        message = session.get_one(Message, message_id)
        session.expunge(message)
    ending = attempt(message, settings, channels, now)
    with database.writing() as session:
        put_down(session, message_id, ending, datetime.now(UTC))
    return ending


def attempt(message: Message, settings: Settings, channels: dict[str, Channel], now: datetime) -> Ending:
    """Try to send a claimed message; how that ended. Channels are opened once and kept in `channels`."""
    try:
        _fill(message, settings)
        if message.channel not in channels:
            channels[message.channel] = channel(message.channel, settings)
        channels[message.channel].send(message)
    except KeyError:
        return Ending(MessageState.FAILED, f"there is no channel {message.channel}")
    except Refused as refusal:
        return Ending(MessageState.FAILED, str(refusal))
    except PerhapsSent as silence:
        return Ending(MessageState.IN_DOUBT, str(silence))
    except TryLater as trouble:
        if message.attempts > len(WAITS):
            return Ending(MessageState.FAILED, str(trouble))
        return Ending(MessageState.QUEUED, str(trouble), now + WAITS[message.attempts - 1])
    return Ending(MessageState.SENT)


def _fill(message: Message, settings: Settings) -> None:
    """Put the secrets of a message, whose row is no longer looked at, in the places of their marks."""
    headers = message.headers or {}
    if not any(map(secrets.MARK.search, (message.text, message.html or "", *headers.values()))):
        return
    if settings.secret_key is None:
        raise TryLater("PULSE_SECRET_KEY is not set for this process, which has a secret link to send")
    key = settings.secret_key.get_secret_value()
    message.text = secrets.filled(message.text, key)
    message.html = message.html and secrets.filled(message.html, key)
    message.headers = {name: secrets.filled(value, key) for name, value in headers.items()}
