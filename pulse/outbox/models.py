"""Messages to be sent, kept until they are."""

import enum
from datetime import datetime

from sqlalchemy import JSON, Index
from sqlalchemy.orm import Mapped, mapped_column

from pulse.db import Base


class MessageState(enum.Enum):
    """Where a message stands."""

    QUEUED = "queued"
    CLAIMED = "claimed"  # by a sender that is at it
    SENT = "sent"
    LOGGED = "logged"  # written to the log and sent to nobody: there is no server for its channel
    IN_DOUBT = "in_doubt"  # its sender died, or the other side fell silent: it may or may not have gone
    LEFT = "left"  # was in doubt, and somebody decided not to send it again
    FAILED = "failed"


class Message(Base):
    """One message to one recipient; the key keeps the same news from being queued twice.

    mailing -- what it is one of ("wave:2026-11:person"): its key without what names the reader
    urgent -- somebody sits and waits for it: it goes before any mailing
    headers -- of an e-mail besides the usual ones, by name
    """

    __tablename__ = "message"
    __table_args__ = (
        Index(None, "state", "urgent", "due_at"),
        Index(None, "mailing", "state"),
        Index(None, "claimed_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    mailing: Mapped[str]
    urgent: Mapped[bool]
    channel: Mapped[str]
    recipient: Mapped[str]
    subject: Mapped[str]
    text: Mapped[str]
    html: Mapped[str | None]
    headers: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    state: Mapped[MessageState]
    attempts: Mapped[int]
    queued_at: Mapped[datetime]
    due_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    error: Mapped[str | None]
