"""Customers' interactions, the permission to answer once that some lead to, and whom not to ask."""

import enum
from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from pulse.db import Base


class Outcome(enum.Enum):
    """What an interaction led to: an invitation, or the reason why the customer was not asked."""

    INVITED = "invited"
    TOO_OLD = "too_old"
    NO_ADDRESS = "no_address"  # nothing to reach the customer by, or no server or gateway for it
    OPTED_OUT = "opted_out"
    UNREACHABLE = "unreachable"  # mails to this address came back
    ASKED_RECENTLY = "asked_recently"
    NOT_SAMPLED = "not_sampled"
    TARGET_REACHED = "target_reached"


class Way(enum.Enum):
    """How an invitation reaches the customer."""

    EMAIL = "email"
    SMS = "sms"
    LINK = "link"  # handed over by the caller: a receipt, an e-mail footer, flask invite


class Opening(enum.Enum):
    """What a customer's survey asks first: the code of its indicator and of its question kind."""

    EFFORT = "effort"
    CSAT = "csat"
    NPS = "nps"


class OptedOutBy(enum.Enum):
    """How somebody said that they want no more surveys."""

    LINK = "link"
    COMPLAINT = "complaint"
    STAFF = "staff"


class Contact(Base):
    """What must be remembered of a way to reach a customer, under a keyed digest of it: no address is here.

    A customer known by a customer id, an address and a number has three rows; each rule holds if any has it.
    Rows of opted out customers are kept for ever: it is how their wish is honoured.
    """

    __tablename__ = "contact"

    key: Mapped[str] = mapped_column(primary_key=True)
    asked_at: Mapped[datetime | None]
    opted_out_at: Mapped[datetime | None]
    opted_out_by: Mapped[OptedOutBy | None]
    unreachable_since: Mapped[datetime | None]


class Interaction(Base):
    """One contact of a customer at a touchpoint, known by the caller's id, and what it led to.

    contact_keys -- keys of Contact; emptied when nothing can come of the interaction any more
    """

    __tablename__ = "interaction"
    __table_args__ = (Index(None, "touchpoint_id", "received_at"), Index(None, "received_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    touchpoint_id: Mapped[int] = mapped_column(ForeignKey("touchpoint.id"))
    happened_at: Mapped[datetime]
    received_at: Mapped[datetime]
    contact_keys: Mapped[list[str]] = mapped_column(JSON)
    outcome: Mapped[Outcome]


class Invitation(Base):
    """The permission to answer once about one interaction; of its link only a digest is stored."""

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    interaction_id: Mapped[int] = mapped_column(ForeignKey("interaction.id"), unique=True)
    touchpoint_id: Mapped[int] = mapped_column(ForeignKey("touchpoint.id"))
    way: Mapped[Way]
    happened_on: Mapped[date]
    expires_at: Mapped[datetime]
    spent_at: Mapped[datetime | None]


class TouchpointSurvey(Base):
    """How customers of a touchpoint are asked, where it is not the default.

    share -- per cent of the interactions that lead to an invitation
    target -- answers wanted a month, after which nobody more is invited; None = no limit
    way -- by which channel customers are invited who can be reached by several
    open_digest -- of the open link's secret (QR code, poster, widget); None = there is none
    open_serial -- how many open links the touchpoint has had
    origins -- of sites that may show the survey in a frame
    open_counts -- whether answers through the open link weigh in verdicts
    """

    __tablename__ = "touchpoint_survey"
    __table_args__ = (
        CheckConstraint("share BETWEEN 0 AND 100", name="share_in_per_cent"),
        CheckConstraint("target >= 0", name="target_not_negative"),
    )

    touchpoint_id: Mapped[int] = mapped_column(ForeignKey("touchpoint.id"), primary_key=True)
    opening: Mapped[Opening] = mapped_column(default=Opening.EFFORT)
    share: Mapped[int] = mapped_column(default=100)
    target: Mapped[int | None]
    way: Mapped[Way] = mapped_column(default=Way.EMAIL)
    open_digest: Mapped[str | None] = mapped_column(unique=True)
    open_serial: Mapped[int] = mapped_column(default=0, server_default="0")
    origins: Mapped[list[str]] = mapped_column(JSON, default=list)
    open_counts: Mapped[bool] = mapped_column(default=False)


class Quota(Base):
    """How many customers of a touchpoint may be invited in a month, fixed at the month's first, and were."""

    __tablename__ = "quota"

    touchpoint_id: Mapped[int] = mapped_column(ForeignKey("touchpoint.id"), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    allowed: Mapped[int]
    invited: Mapped[int]
