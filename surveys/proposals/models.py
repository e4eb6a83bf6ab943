"""Irritants that customers name in their own words, proposed until somebody decides."""

import enum
from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pulse.db import Base
from pulse.organisation.models import Irritant


class ProposalState(enum.Enum):
    """What was decided about a proposed irritant. A decided one keeps what it holds and takes in more."""

    OPEN = "open"
    ACCEPTED = "accepted"  # an irritant was made of it
    MERGED = "merged"  # it says what an irritant says that is there
    DISMISSED = "dismissed"


class Proposal(Base):
    """Answers to "something else" that say much the same, and so may be an irritant.

    language -- the one they are written in
    words -- the most typical ones, first the most typical
    """

    __tablename__ = "proposal"
    __table_args__ = (
        CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="decided_at_a_time"),
        CheckConstraint(
            "(state IN ('accepted', 'merged')) = (irritant_id IS NOT NULL)", name="taken_up_by_an_irritant"
        ),
        Index(None, "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[ProposalState]
    language: Mapped[str]
    found_on: Mapped[date]
    words: Mapped[list[str]] = mapped_column(JSON)
    irritant_id: Mapped[int | None] = mapped_column(ForeignKey("irritant.id"))
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    note: Mapped[str]
    irritant: Mapped[Irritant | None] = relationship()


class ProposalMember(Base):
    """An answer belongs to one proposal at most; rank -- 0 = says best what all of them say."""

    __tablename__ = "proposal_member"

    response_id: Mapped[int] = mapped_column(ForeignKey("response.id", ondelete="CASCADE"), primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), index=True)
    rank: Mapped[int]
