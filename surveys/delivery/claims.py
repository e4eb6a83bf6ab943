"""Who sends which message, decided by the database: any number of senders share the work and the pace."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, exists, func, or_, select, text, update
from sqlalchemy.orm import Session

from pulse.db import insert_into
from pulse.outbox.models import Message, MessageState
from surveys.delivery.models import Trouble

CLAIM = timedelta(minutes=10)  # a claim older than this was made by a sender that died
A_MINUTE = timedelta(minutes=1)
RESTS = tuple(timedelta(seconds=seconds) for seconds in (30, 60, 120, 300))  # of a channel in trouble
LONGEST_ERROR = 500  # characters of what a server said
PACING = 0x50756C7365 + 1  # the number of PostgreSQL's lock on counting; any other than the one on deciding


@dataclass(frozen=True)
class Ending:
    """How an attempt ended.

    due -- when the next one is, where there is to be one
    down -- whether what failed is the channel rather than this message
    nobody -- whether nobody can be reached at its address
    wait -- how long the other side asked to be left alone
    """

    state: MessageState
    error: str | None = None
    due: datetime | None = None
    down: bool = False
    nobody: bool = False
    wait: timedelta = timedelta(0)


def is_anything_due(session: Session, now: datetime) -> bool:
    """Whether a sender has something to do: a cheap look before asking to write."""
    either = Message.urgent.in_((True, False))  # all there are, but said so the index is of use to the end
    waiting = exists().where(*_due(now), either, *_not_resting(now))
    dead = exists().where(*_dead(now))
    return bool(session.scalar(select(or_(waiting, dead))))


def give_up_dead_claims(session: Session, now: datetime) -> int:
    """Put messages in doubt whose sender died: their readers may have them, so they are not sent again."""
    dead = (
        update(Message)
        .where(*_dead(now))
        .values(state=MessageState.IN_DOUBT, error=None)
        .returning(Message.id)
    )
    return len(session.execute(dead).all())


def take(session: Session, now: datetime, per_minute: int | None = None) -> Message | None:
    """Claim the next message to be sent; None where nothing may leave now.

    What somebody waits for goes first, else the longest due. No message of a channel that rests.

    per_minute -- how many attempts may begin within any minute, all senders together; a tenth of them is
                  kept for what somebody waits for
    """
    allowed = _allowed(session, now, per_minute)
    for urgent in (True, False):
        if allowed is not None and allowed <= (0 if urgent else _kept(per_minute)):
            continue
        found = _next(session, now, urgent)
        if found is not None and claim(session, found, now):
            message = session.get_one(Message, found, populate_existing=True)
            session.expunge(message)
            return message
    return None


def claim(session: Session, message_id: int, now: datetime) -> bool:
    """Whether the caller is the one to send this message: one update that touches one row, or none."""
    mine = (
        update(Message)
        .where(Message.id == message_id, Message.state == MessageState.QUEUED)
        .values(state=MessageState.CLAIMED, claimed_at=now, attempts=Message.attempts + 1)
        .returning(Message.id)
    )
    return session.execute(mine).first() is not None


def put_down(session: Session, message: Message, ending: Ending, now: datetime) -> None:
    """Write down how a claimed message's attempt ended, and whether its channel is to rest.

    Also where the claim was given up meanwhile: this is the sender that knows. Not where somebody decided
    meanwhile what is to become of the message.
    """
    values: dict[str, object] = {"state": ending.state, "error": _without_address(ending.error, message)}
    if ending.state in (MessageState.SENT, MessageState.LOGGED):
        values["sent_at"] = now
    if ending.due is not None:
        values["due_at"] = ending.due
    undecided = Message.state.in_((MessageState.CLAIMED, MessageState.IN_DOUBT))
    mine = (Message.id == message.id) & (Message.attempts == message.attempts) & undecided
    session.execute(update(Message).where(mine).values(**values))
    if ending.down:
        _let_rest(session, message.channel, str(values["error"]), now, ending.wait)
    else:
        session.execute(delete(Trouble).where(Trouble.channel == message.channel))


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return Message.state == MessageState.QUEUED, Message.due_at <= now


def _not_resting(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (Message.channel.not_in(select(Trouble.channel).where(Trouble.until > now)),)


def _dead(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return Message.state == MessageState.CLAIMED, Message.claimed_at < now - CLAIM


def _next(session: Session, now: datetime, urgent: bool) -> int | None:
    waiting = select(Message.id).where(*_due(now), Message.urgent == urgent, *_not_resting(now))
    # By nothing but what stands in the index: a mailing is due at one moment, and would be sorted each time.
    return session.scalar(waiting.order_by(Message.due_at).limit(1).with_for_update(skip_locked=True))


def _allowed(session: Session, now: datetime, per_minute: int | None) -> int | None:
    """How many attempts may still begin; None = any number. Whoever else wants to know waits meanwhile."""
    if per_minute is None:
        return None
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": PACING})
    begun = select(func.count()).select_from(Message).where(Message.claimed_at > now - A_MINUTE)
    return per_minute - (session.scalar(begun) or 0)


def _kept(per_minute: int | None) -> int:
    return -(-(per_minute or 0) // 10) if per_minute != 1 else 0


def _let_rest(session: Session, channel: str, error: str, now: datetime, wait: timedelta) -> None:
    before = session.scalar(select(Trouble.times).where(Trouble.channel == channel)) or 0
    until = now + max(wait, RESTS[min(before, len(RESTS) - 1)])
    session.execute(
        insert_into(session, Trouble)
        .values(channel=channel, since=now, times=1, until=until, error=error)
        .on_conflict_do_update(
            index_elements=["channel"], set_={"times": Trouble.times + 1, "until": until, "error": error}
        )
    )


def _without_address(error: str | None, message: Message) -> str | None:
    """What went wrong, without to whom: servers like to repeat it, and pages show what went wrong."""
    if error is None:
        return None
    told = " ".join(error.replace("\0", " ").split())[:LONGEST_ERROR]
    to = re.escape(message.recipient)
    return re.sub(to, "…", told, flags=re.IGNORECASE) if to else told
