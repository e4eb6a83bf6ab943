"""What somebody decides on messages that only a person can decide on: send again, or leave."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, update
from sqlalchemy.orm import Session

from pulse.outbox.models import Message, MessageState
from pulse.people import service
from surveys.delivery import naming
from surveys.delivery.claims import A_MINUTE


def send_again(session: Session, ids: Sequence[int], now: datetime, *, by: int | None) -> int:
    """Queue messages in doubt anew: whoever has one already gets it twice. How many still were in doubt."""
    # Not within the minute of the attempt before, which would no longer be counted in the pace.
    waiting = {"state": MessageState.QUEUED, "due_at": now + A_MINUTE, "error": None}
    return _decide(session, ids, waiting, "message sent again", by)


def leave(session: Session, ids: Sequence[int], *, by: int | None) -> int:
    """Let messages in doubt be: whoever did not get one never will. How many still were in doubt."""
    return _decide(session, ids, {"state": MessageState.LEFT}, "message left", by)


def try_again(session: Session, mailing: str, error: str, now: datetime, *, by: int | None) -> int:
    """Queue anew what failed of a mailing for one reason: none of it was sent. How many."""
    failed = (
        update(Message)
        .where(Message.state == MessageState.FAILED, Message.mailing == mailing)
        .where(func.coalesce(Message.error, "") == error)
        .values(state=MessageState.QUEUED, due_at=now + A_MINUTE, attempts=0, error=None)
        .returning(Message.id)
    )
    number = len(session.scalars(failed).all())
    if number:
        service.note(session, "messages tried again", mailing, error, by=by)
    return number


def _decide(
    session: Session, ids: Sequence[int], values: dict[str, object], action: str, by: int | None
) -> int:
    """The database decides on each once: of two who press different buttons the first one is heard."""
    mine = Message.id.in_(ids) & (Message.state == MessageState.IN_DOUBT)
    decided = session.scalars(update(Message).where(mine).values(**values).returning(Message)).all()
    for message in decided:
        service.note(session, action, naming.name(message), message.mailing, by=by)
    return len(decided)
