"""The ledger: sums of scores by side, measure, place and month. No row of it is a person."""

import enum
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from pulse.db import Base, Big
from pulse.ledger.disclosure import Extent
from pulse.ledger.rounding import Participation
from pulse.organisation.models import Side

# Sums of scores within 0..10 in hundredths; the last one is Cauchy and Schwarz: a variance is never negative.
POSSIBLE = "n >= 0 AND total >= 0 AND total <= 1000 * n AND squares <= 1000 * total"


class Source(enum.Enum):
    """Where a contribution comes from; each source replaces only its own rows."""

    LOADED = "loaded"
    RESPONSES = "responses"
    OPEN = "open"
    TALLY = "tally"


class Contribution(Base):
    """What one source adds to one cell, in hundredths of a point."""

    __tablename__ = "contribution"
    __table_args__ = (CheckConstraint(POSSIBLE, name="scores_within_0_10"), Index(None, "side", "month"))

    measure_id: Mapped[int] = mapped_column(ForeignKey("measure.id"), primary_key=True)
    side: Mapped[Side] = mapped_column(primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    source: Mapped[Source] = mapped_column(primary_key=True)
    n: Mapped[int]
    total: Mapped[int] = mapped_column(Big)
    squares: Mapped[int] = mapped_column(Big)


class ClosedMonth(Base):
    """A month of one side whose contributions are frozen; digest tells whether its cells changed since."""

    __tablename__ = "closed_month"

    side: Mapped[Side] = mapped_column(primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    closed_at: Mapped[datetime]
    digest: Mapped[str]


class MeasuredCell(Base):
    """A cell that passes the remainder rule, exact; read by the night's role alone."""

    __tablename__ = "measured_cell"
    __table_args__ = (CheckConstraint(POSSIBLE, name="scores_within_0_10"), Index(None, "side", "month"))

    measure_id: Mapped[int] = mapped_column(ForeignKey("measure.id"), primary_key=True)
    side: Mapped[Side] = mapped_column(primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    n: Mapped[int]
    total: Mapped[int] = mapped_column(Big)
    squares: Mapped[int] = mapped_column(Big)


class ReleasedCell(Base):
    """What may be shown of a measured cell: rounded and banded (privacy.md §3), no squares."""

    __tablename__ = "released_cell"
    __table_args__ = (Index(None, "side", "month"), Index(None, "place_id", "month"))

    measure_id: Mapped[int] = mapped_column(ForeignKey("measure.id"), primary_key=True)
    side: Mapped[Side] = mapped_column(primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), primary_key=True)
    extent: Mapped[Extent] = mapped_column(primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    n: Mapped[int]  # rounded to 5 under 20 answers
    score: Mapped[int]  # hundredths of a point, rounded to step
    step: Mapped[int]  # 10 = one decimal, 50 = half-point band
    fresh: Mapped[bool] = mapped_column(default=True)  # from this month's answers, else the last one stands


class ParticipationBand(Base):
    """Which share of a ballot unit took part in a month's wave, as far as it is shown."""

    __tablename__ = "participation_band"

    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    band: Mapped[Participation]
