"""The measured organisation: its places, what is asked about, and what is done about it."""

import enum
from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pulse.db import Base


class Side(enum.Enum):
    """Who answers."""

    CUSTOMER = "customer"
    EMPLOYEE = "employee"


class PlaceKind(enum.Enum):
    """Where a score belongs: customers answer about touchpoints, employees for their team."""

    TEAM = "team"
    TOUCHPOINT = "touchpoint"


class MeasureKind(enum.Enum):
    """What a score is about."""

    IRRITANT = "irritant"
    INDICATOR = "indicator"


class Place(Base):
    """A team or a touchpoint: what cells, roll-outs and breaks may point at."""

    __tablename__ = "place"
    __table_args__ = (UniqueConstraint("kind", "code"),)
    __mapper_args__ = {"polymorphic_on": "kind"}

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[PlaceKind]
    code: Mapped[str]
    name_en: Mapped[str]
    name_fr: Mapped[str]

    def name(self, language: str) -> str:
        """Its name in a language."""
        return self.name_fr if language == "fr" else self.name_en


class Team(Place):
    """A node of the reporting tree; one with children is also a unit. Closed with a date, never deleted."""

    __tablename__ = "team"
    __mapper_args__ = {"polymorphic_identity": PlaceKind.TEAM}

    id: Mapped[int] = mapped_column(ForeignKey("place.id"), primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"), index=True)
    headcount: Mapped[int | None]
    opened: Mapped[date | None]
    closed: Mapped[date | None]
    split_from_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))


class Touchpoint(Place):
    """Where customers meet the organisation, served by one or more front-line teams."""

    __tablename__ = "touchpoint"
    __mapper_args__ = {"polymorphic_identity": PlaceKind.TOUCHPOINT}

    id: Mapped[int] = mapped_column(ForeignKey("place.id"), primary_key=True)


class Serving(Base):
    """A team serves customers at a touchpoint."""

    __tablename__ = "serving"

    touchpoint_id: Mapped[int] = mapped_column(ForeignKey("touchpoint.id"), primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"), primary_key=True)


class Supply(Base):
    """A link of the value chain: one team works for another, or for the final customer (no customer_id)."""

    __tablename__ = "supply"
    __table_args__ = (
        UniqueConstraint("supplier_id", "customer_id"),
        Index(
            "uq_supply_final",
            "supplier_id",
            unique=True,
            sqlite_where=text("customer_id IS NULL"),
            postgresql_where=text("customer_id IS NULL"),
        ),
        CheckConstraint("supplier_id <> customer_id", name="not_its_own_customer"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    supplier_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))


class Measure(Base):
    """What cells are keyed by: an irritant, or a named figure that is none (effort, csat, nps, enps)."""

    __tablename__ = "measure"
    __mapper_args__ = {"polymorphic_on": "kind"}

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[MeasureKind]
    code: Mapped[str] = mapped_column(unique=True)
    label_en: Mapped[str]
    label_fr: Mapped[str]

    def label(self, language: str) -> str:
        """Its label in a language."""
        return self.label_fr if language == "fr" else self.label_en


class Indicator(Measure):
    """A named figure that is no irritant."""

    __mapper_args__ = {"polymorphic_identity": MeasureKind.INDICATOR}


class Irritant(Measure):
    """A named thing that annoys customers, with both questions of the pair in both languages.

    added -- where it came in later than its touchpoints: the first day it was asked about
    retired -- the day from which nobody is asked about it any more; its months stay
    """

    __tablename__ = "irritant"
    __mapper_args__ = {"polymorphic_identity": MeasureKind.IRRITANT}

    id: Mapped[int] = mapped_column(ForeignKey("measure.id"), primary_key=True)
    customer_question_en: Mapped[str]
    customer_question_fr: Mapped[str]
    employee_question_en: Mapped[str]
    employee_question_fr: Mapped[str]
    added: Mapped[date | None]
    retired: Mapped[date | None]
    touchpoints: Mapped[list["Touchpoint"]] = relationship(secondary="irritant_touchpoint")

    def question(self, side: Side, language: str) -> str:
        """The wording for one side in a language."""
        if side is Side.CUSTOMER:
            return self.customer_question_fr if language == "fr" else self.customer_question_en
        return self.employee_question_fr if language == "fr" else self.employee_question_en


class IrritantTouchpoint(Base):
    """An irritant is met at a touchpoint; an irritant without any row is met at all of them."""

    __tablename__ = "irritant_touchpoint"

    irritant_id: Mapped[int] = mapped_column(ForeignKey("irritant.id"), primary_key=True)
    touchpoint_id: Mapped[int] = mapped_column(ForeignKey("touchpoint.id"), primary_key=True)


class Asked(Base):
    """A team is asked about an irritant, from one month to another (both included; None = open)."""

    __tablename__ = "asked"
    __table_args__ = (UniqueConstraint("team_id", "irritant_id", "since"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    irritant_id: Mapped[int] = mapped_column(ForeignKey("irritant.id"))
    since: Mapped[date | None]
    until: Mapped[date | None]


class Fix(Base):
    """An action on one irritant, with what it was expected to change, written down before launch.

    requested_by -- who asked for it; hypothesis -- why it should work
    staff_task -- what staff must now do that they did not do before; "" = nothing was written down
    success_on -- the day it was marked a success; None = it is not
    """

    __tablename__ = "fix"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name_en: Mapped[str]
    name_fr: Mapped[str]
    irritant_id: Mapped[int] = mapped_column(ForeignKey("irritant.id"), index=True)
    started: Mapped[date]
    stopped: Mapped[date | None]
    owner: Mapped[str | None]
    expected_customer: Mapped[int | None]  # hundredths of a point
    expected_staff: Mapped[int | None]  # hundredths of a point
    frozen_on: Mapped[date | None]  # the day from which scope and expectation no longer change
    registered: Mapped[
        date | None
    ]  # only where the start was found from the answers: when it was put on record
    requested_by: Mapped[str] = mapped_column(default="", server_default=text("''"))
    hypothesis: Mapped[str] = mapped_column(default="", server_default=text("''"))
    staff_task: Mapped[str] = mapped_column(default="", server_default=text("''"))
    success_on: Mapped[date | None]
    places: Mapped[list["Place"]] = relationship(secondary="fix_place", order_by="Place.code")
    irritant: Mapped["Irritant"] = relationship()

    def name(self, language: str) -> str:
        """Its name in a language."""
        return self.name_fr if language == "fr" else self.name_en

    @property
    def withdrawn(self) -> bool:
        """Whether it was taken back before it began: it stays on record, nothing is concluded about it."""
        return self.stopped is not None and self.stopped < self.started


class FixDeed(enum.Enum):
    """What may happen to a fix."""

    REGISTERED = "registered"
    EDITED = "edited"
    ROLLED_OUT = "rolled_out"
    STOPPED = "stopped"
    SUCCESS = "success"
    SUCCESS_WITHDRAWN = "success_withdrawn"


class FixEvent(Base):
    """What happened to a fix. Only ever added to.

    by -- e-mail of who did it; None = the night
    changed -- name of each column that changed: what it was before and what it is now, as JSON writes them
    """

    __tablename__ = "fix_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    fix_id: Mapped[int] = mapped_column(ForeignKey("fix.id"), index=True)
    at: Mapped[datetime]
    by: Mapped[str | None]
    deed: Mapped[FixDeed]
    changed: Mapped[dict[str, list[object]]] = mapped_column(JSON)


class FixPlace(Base):
    """A touchpoint or team named in a fix's scope; none of a kind = the default (design.md, fixes.csv)."""

    __tablename__ = "fix_place"

    fix_id: Mapped[int] = mapped_column(ForeignKey("fix.id"), primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), primary_key=True)


class RollOut(Base):
    """When a fix started (and stopped) at one place, where it differs from the fix's own dates."""

    __tablename__ = "roll_out"

    fix_id: Mapped[int] = mapped_column(ForeignKey("fix.id"), primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), primary_key=True)
    started: Mapped[date]
    stopped: Mapped[date | None]


class Break(Base):
    """A month from which a series is not comparable with before; no place or measure = all of that side."""

    __tablename__ = "series_break"

    id: Mapped[int] = mapped_column(primary_key=True)
    side: Mapped[Side]
    month: Mapped[date]
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    measure_id: Mapped[int | None] = mapped_column(ForeignKey("measure.id"))
    note: Mapped[str]
