"""What customers sent. Employees' answers are in the urn, a database of its own."""

import enum
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pulse.db import Base


class Door(enum.Enum):
    """How a customer came to answer: by an invitation of their own, or by a link that is open to all."""

    INVITED = "invited"
    OPEN = "open"


class Held(enum.Enum):
    """Why an answer is not counted until an analyst has looked at it, or not even then."""

    BURST = "burst"  # many within an hour from one place
    TOO_FAST = "too_fast"  # sent sooner than anybody can read the page
    TRAP = "trap"  # a field was filled in that no person sees
    LEFT_OUT = "left_out"  # an analyst has looked, and left it out for good


class Response(Base):
    """One customer's answer; it counts for the month it was sent in.

    once -- of an answer through an open link: the digest of the page it was given on, which counts once
    other -- what bothered them besides the list, in their own words, and other_score how much
    language -- in which the page was read
    held -- kept apart for this reason; None = it counts
    digest -- of what was sent: tells a double submit from a second answer
    erasure -- digest of the link by which the customer may erase it
    """

    __tablename__ = "response"
    __table_args__ = (
        Index(None, "month"),
        CheckConstraint("(invitation_id IS NULL) <> (once IS NULL)", name="by_one_door"),
        CheckConstraint("other_score BETWEEN 0 AND 1000", name="other_score_within_0_10"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    door: Mapped[Door]
    invitation_id: Mapped[int | None] = mapped_column(ForeignKey("invitation.id"), unique=True)
    once: Mapped[str | None] = mapped_column(unique=True)
    touchpoint_id: Mapped[int] = mapped_column(ForeignKey("touchpoint.id"))
    month: Mapped[date]
    answered_at: Mapped[datetime]
    language: Mapped[str]
    comment: Mapped[str]
    other: Mapped[str]
    other_score: Mapped[int | None]
    held: Mapped[Held | None]
    digest: Mapped[str]
    erasure: Mapped[str] = mapped_column(unique=True)
    scores: Mapped[list["ResponseScore"]] = relationship(cascade="all, delete-orphan")


class ResponseScore(Base):
    """The score of one measure, in hundredths of a point; of an irritant 0 = shown and not bothered."""

    __tablename__ = "response_score"
    __table_args__ = (CheckConstraint("score BETWEEN 0 AND 1000", name="score_within_0_10"),)

    response_id: Mapped[int] = mapped_column(ForeignKey("response.id"), primary_key=True)
    measure_id: Mapped[int] = mapped_column(ForeignKey("measure.id"), primary_key=True)
    score: Mapped[int]


class ContactWish(Base):
    """A customer agreed to be contacted about their answer, until somebody looks after it.

    contact -- an e-mail address or a phone number; name -- as they want to be called, if they said
    """

    __tablename__ = "contact_wish"

    response_id: Mapped[int] = mapped_column(ForeignKey("response.id"), primary_key=True)
    contact: Mapped[str]
    name: Mapped[str]


class Recount(Base):
    """A closed month that is to be counted again, because a customer's answer was erased or let in."""

    __tablename__ = "recount"

    month: Mapped[date] = mapped_column(primary_key=True)
    asked_at: Mapped[datetime]


class Erased(Base):
    """A customer's answer was erased: an older backup that is restored must not bring it back.

    digest -- what was Response.erasure; without a backup that still holds the answer it leads nowhere
    """

    __tablename__ = "erased"

    digest: Mapped[str] = mapped_column(primary_key=True)
    erased_on: Mapped[date]


class Salt(Base):
    """A day's salt, without which nothing in Arrivals can be told from chance; deleted the next day."""

    __tablename__ = "salt"

    day: Mapped[date] = mapped_column(primary_key=True)
    salt: Mapped[str]


class Arrivals(Base):
    """How many answers came through an open link in a few minutes, from one place and all in all.

    source -- a keyed digest of the place with the day's salt, empty for all places; no answer leads here
    began -- when the minutes began
    """

    __tablename__ = "arrivals"
    __table_args__ = (Index(None, "began"),)

    touchpoint_id: Mapped[int] = mapped_column(ForeignKey("touchpoint.id"), primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    began: Mapped[datetime] = mapped_column(primary_key=True)
    number: Mapped[int]
