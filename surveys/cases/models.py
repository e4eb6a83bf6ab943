"""Customers who asked to be contacted, what became of it, and what they were told of fixes."""

import enum
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from pulse.db import Base
from pulse.verdicts.rules import Outcome


class CaseState(enum.Enum):
    """How far a case has come; a closed one is opened again by going back to work."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    CLOSED = "closed"


class CloseReason(enum.Enum):
    """How a case ended."""

    SOLVED = "solved"
    ANSWERED = "answered"  # their question was, and there was nothing to solve
    NOT_REACHED = "not_reached"
    NOT_WANTED = "not_wanted"  # they want no contact any more
    MISTAKEN = "mistaken"  # nobody asked, or not us


class Case(Base):
    """A customer who agreed to be contacted about an answer. It goes when the answer is erased.

    contact -- the e-mail address or number they left; None = forgotten, because its time was over
    wants_news -- asked to hear what becomes of it: the contact outlives the case until they were told
    """

    __tablename__ = "customer_case"
    __table_args__ = (
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_at_a_time"),
        CheckConstraint("(state = 'closed') = (reason IS NOT NULL)", name="closed_for_a_reason"),
        Index(None, "state", "due_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    response_id: Mapped[int] = mapped_column(ForeignKey("response.id", ondelete="CASCADE"), unique=True)
    contact: Mapped[str | None]
    name: Mapped[str]
    state: Mapped[CaseState]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    due_on: Mapped[date]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    reason: Mapped[CloseReason | None]
    wants_news: Mapped[bool]


class CaseEvent(Base):
    """What happened to a case: opened, taken, commented, closed. Only ever added to, until its words go."""

    __tablename__ = "case_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("customer_case.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # None = Pulse itself
    state: Mapped[CaseState]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    comment: Mapped[str]


class Told(Base):
    """A customer was told what became of a fix: once, by whatever case of theirs.

    contact_key -- of the customer (surveys.invitations.contacts): no address is here
    """

    __tablename__ = "told"
    __table_args__ = (UniqueConstraint("fix_id", "contact_key"),)

    case_id: Mapped[int] = mapped_column(ForeignKey("customer_case.id", ondelete="CASCADE"), primary_key=True)
    fix_id: Mapped[int] = mapped_column(ForeignKey("fix.id"), primary_key=True)
    contact_key: Mapped[str]
    outcome: Mapped[Outcome]
    at: Mapped[datetime]
