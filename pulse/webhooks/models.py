"""Other programs that are told of flags and verdicts, and what they are told."""

import enum
from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from pulse.db import Base


class Trouble(enum.Enum):
    """Why a delivery was not taken."""

    ANSWERED = "answered"  # with a status that is no success
    REDIRECTED = "redirected"
    GONE = "gone"  # the receiver says that it wants no more
    INWARDS = "inwards"  # the address leads into one's own network
    NO_NAME = "no name"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    NOT_TRUSTED = "not trusted"  # no encryption, or a certificate nobody vouches for
    BROKEN = "broken"  # off in the middle
    NO_HTTP = "no http"
    SEALED = "sealed"  # the secret was made under another PULSE_SECRET_KEY
    STOPPED = "stopped"


class DeliveryState(enum.Enum):
    """Where a piece of news stands."""

    QUEUED = "queued"
    CLAIMED = "claimed"  # by a sender that is at it; one that died leaves it, and it is sent again
    DELIVERED = "delivered"
    FAILED = "failed"  # tried for days, and given up


class Webhook(Base):
    """An address that is told what happens.

    events -- names of what it wants to be told of
    sealed -- the secret its receiver knows our signature by, encrypted under the installation's key
    stopped_at -- since when it is told nothing
    """

    __tablename__ = "webhook"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    url: Mapped[str]
    events: Mapped[list[str]] = mapped_column(JSON)
    sealed: Mapped[str]
    made_at: Mapped[datetime]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # None = the command line
    stopped_at: Mapped[datetime | None]


class Delivery(Base):
    """One piece of news for one address; its id goes with it, so that a receiver knows it again.

    key -- keeps the same news from being queued twice for an address
    status -- what the receiver answered last (of HTTP); error -- a value of Trouble: why it was not taken
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        Index(None, "webhook_id", "key", unique=True),
        Index(None, "state", "due_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhook.id"))
    key: Mapped[str]
    event: Mapped[str]
    body: Mapped[str]
    state: Mapped[DeliveryState]
    attempts: Mapped[int]
    queued_at: Mapped[datetime]
    due_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    status: Mapped[int | None]
    error: Mapped[str | None]
