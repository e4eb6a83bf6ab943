"""What customers sent. Employees' answers are in the urn, a database of its own."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pulse.db import Base


class Response(Base):
    """One customer's answer about one interaction; it counts for the month it was sent in."""

    __tablename__ = "response"
    __table_args__ = (Index(None, "month"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitation.id"), unique=True)
    touchpoint_id: Mapped[int] = mapped_column(ForeignKey("touchpoint.id"))
    month: Mapped[date]
    comment: Mapped[str]
    digest: Mapped[str]  # of what was sent: tells a double submit from a second answer
    scores: Mapped[list["ResponseScore"]] = relationship(cascade="all, delete-orphan")


class ResponseScore(Base):
    """How much one irritant bothered this customer, in hundredths of a point; 0 = shown and not bothered."""

    __tablename__ = "response_score"
    __table_args__ = (CheckConstraint("score BETWEEN 0 AND 1000", name="score_within_0_10"),)

    response_id: Mapped[int] = mapped_column(ForeignKey("response.id"), primary_key=True)
    irritant_id: Mapped[int] = mapped_column(ForeignKey("irritant.id"), primary_key=True)
    score: Mapped[int]
