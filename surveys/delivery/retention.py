"""How long messages to customers are kept: as long as their links are good, since addresses are in them."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func
from sqlalchemy.orm import Session

from pulse.outbox.models import Message, MessageState
from surveys.delivery.mailings import of_customers

KEPT = timedelta(days=30)  # after the last attempt: bounces come back within days
UNDER_WAY = (MessageState.QUEUED, MessageState.CLAIMED)


def forget(session: Session, now: datetime) -> int:
    """Delete the messages to customers that were done with a month ago; how many.

    What is still in doubt goes too: the link in it is good no longer, and the address is not ours to keep.
    """
    last = func.coalesce(Message.sent_at, Message.claimed_at, Message.due_at)
    old = delete(Message).where(of_customers(), Message.state.not_in(UNDER_WAY), last <= now - KEPT)
    return len(session.scalars(old.returning(Message.id)).all())
