"""The name a message bears outside: in mail servers' logs, in what comes back, at a gateway.

The same at every attempt, so that whoever gets a copy can tell that it is one.
"""

import hashlib
import re

from sqlalchemy.orm import Session

from pulse.outbox.models import Message

NAME = re.compile(r"<?([0-9]{1,9})\.([0-9a-f]{20})(@[^@\s<>]+)?>?\Z")


def name(message: Message) -> str:
    """The name of a message: its number, and what another installation's of this number would not have."""
    told = f"{message.key} {message.queued_at.isoformat()}"
    return f"{message.id}.{hashlib.sha256(told.encode()).hexdigest()[:20]}"


def find(session: Session, told: str) -> Message | None:
    """The message of this name, with or without what a mail's Message-ID adds to it."""
    found = NAME.match(told.strip())
    message = session.get(Message, int(found[1])) if found else None
    return message if message is not None and found is not None and name(message).endswith(found[2]) else None
