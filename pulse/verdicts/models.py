"""What was concluded about each fix, month by month, the flags that came of it, and changes without a fix."""

import enum
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pulse.db import Base
from pulse.organisation.models import Fix, Irritant, Side
from pulse.verdicts.rules import Outcome, Reason


class Verdict(Base):
    """One fix at one closed month. Rows are only added: a recomputation is a further revision.

    Effects are points of the 0..10 scale rounded to one decimal; None = not known or not to be published.
    Codes of landing teams are joined by "|", as the contract of `flask verdicts` has them.
    """

    __tablename__ = "verdict"
    __table_args__ = (
        UniqueConstraint("fix_id", "as_of", "revision"),
        CheckConstraint("revision >= 0", name="revision_counts_up"),
        Index(None, "as_of"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fix_id: Mapped[int] = mapped_column(ForeignKey("fix.id"))
    as_of: Mapped[date]
    revision: Mapped[int]
    concluded_at: Mapped[datetime]
    outcome: Mapped[Outcome]
    reason: Mapped[Reason | None]
    alternative_fix: Mapped[str | None]
    probability: Mapped[float | None]  # that staff pay, 3 decimals
    customer_effect: Mapped[float | None]
    customer_low: Mapped[float | None]
    customer_high: Mapped[float | None]
    staff_effect: Mapped[float | None]
    staff_low: Mapped[float | None]
    staff_high: Mapped[float | None]
    landing_team: Mapped[str | None]
    landing_irritant: Mapped[str | None]
    landing_hops: Mapped[int | None]
    landing_effect: Mapped[float | None]
    landing_low: Mapped[float | None]
    landing_high: Mapped[float | None]
    unsurveyed: Mapped[float | None]  # share of the places where it could have gone that are not asked
    months_missing: Mapped[int | None]  # about how many more months until it is known
    answers_missing: Mapped[int | None]  # about how many more answers a month would tell it sooner
    first_flagged: Mapped[date | None]  # set from the first raise on, for ever
    # What it rests on, published like the effects: from 3 pooled months and 20 answers on, else None.
    customer_answers: Mapped[int | None]  # after the start, two digits that count
    customer_places: Mapped[int | None]  # touchpoints of the fix that were measured
    customer_compared: Mapped[int | None]  # series of other touchpoints or irritants beside them
    staff_answers: Mapped[int | None]
    staff_places: Mapped[int | None]  # teams of the fix that were measured
    staff_compared: Mapped[int | None]
    months_before: Mapped[int | None]  # closed months before and since the start
    months_since: Mapped[int | None]
    fix: Mapped[Fix] = relationship()


class Look(Base):
    """A closed month that has been concluded, and a fingerprint of what it was concluded from."""

    __tablename__ = "look"

    as_of: Mapped[date] = mapped_column(primary_key=True)
    digest: Mapped[str]
    concluded_at: Mapped[datetime]


class CounterfactualMonth(Base):
    """What a fix's scope would have scored in a month without the fix, in points; the last look's only."""

    __tablename__ = "counterfactual_month"

    fix_id: Mapped[int] = mapped_column(ForeignKey("fix.id"), primary_key=True)
    side: Mapped[Side] = mapped_column(primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    expected: Mapped[float]
    low: Mapped[float]
    high: Mapped[float]


class FlagState(enum.Enum):
    """How far the follow-up of a flag has come."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    ACTED_ON = "acted_on"
    CLOSED = "closed"


class Decision(enum.Enum):
    """What is to become of a fix that bears a flag."""

    KEEP = "keep"
    ADJUST = "adjust"
    ROLL_BACK = "roll_back"
    GIVE_MEANS = "give_means"


class Flag(Base):
    """Raised when a verdict turns to displaced or backfired; never silently withdrawn.

    corrective_id -- the fix that is to put it right; recheck_on -- when somebody is to look whether it did
    """

    __tablename__ = "flag"
    __table_args__ = (UniqueConstraint("fix_id", "outcome"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    fix_id: Mapped[int] = mapped_column(ForeignKey("fix.id"))
    outcome: Mapped[Outcome]
    raised_on: Mapped[date]  # the last day of the month whose look raised it
    verdict_id: Mapped[int] = mapped_column(ForeignKey("verdict.id"))
    state: Mapped[FlagState]
    owner: Mapped[str | None]
    decision: Mapped[Decision | None]
    corrective_id: Mapped[int | None] = mapped_column(ForeignKey("fix.id"))
    recheck_on: Mapped[date | None]
    fix: Mapped[Fix] = relationship(foreign_keys=fix_id)
    corrective: Mapped[Fix | None] = relationship(foreign_keys=corrective_id)
    verdict: Mapped[Verdict] = relationship()


class FlagEvent(Base):
    """What happened to a flag: raised, commented, handed over, moved on. Only ever added to.

    owner, decision, corrective_id, recheck_on -- what they were set to then; None = it was not touched
    """

    __tablename__ = "flag_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    flag_id: Mapped[int] = mapped_column(ForeignKey("flag.id"), index=True)
    at: Mapped[datetime]
    by: Mapped[str | None]  # e-mail of who did it; None = the night
    state: Mapped[FlagState]
    comment: Mapped[str]
    owner: Mapped[str | None]
    decision: Mapped[Decision | None]
    corrective_id: Mapped[int | None] = mapped_column(ForeignKey("fix.id"))
    recheck_on: Mapped[date | None]
    corrective: Mapped[Fix | None] = relationship()


class ChangeState(enum.Enum):
    """What became of the question "something changed; was it a fix?"."""

    OPEN = "open"
    OURS = "ours"  # a fix, still to be put on record
    REGISTERED = "registered"  # a fix that is on record by now
    NOT_OURS = "not_ours"


class UnregisteredChange(Base):
    """Something changed for customers on an irritant and no fix was on record for it. Never withdrawn.

    One row a change, however many looks report it; what each of them said is in its sightings.
    """

    __tablename__ = "unregistered_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    irritant_id: Mapped[int] = mapped_column(ForeignKey("irritant.id"), index=True)
    more: Mapped[bool]  # customers are bothered more since
    state: Mapped[ChangeState]
    fix_id: Mapped[int | None] = mapped_column(ForeignKey("fix.id"))
    irritant: Mapped[Irritant] = relationship()
    fix: Mapped[Fix | None] = relationship()


class ChangeSighting(Base):
    """What one look said about a change. Rows are only added: a recomputation is a further revision.

    No month = the recomputed look does not report the change any more.
    """

    __tablename__ = "change_sighting"
    __table_args__ = (
        UniqueConstraint("change_id", "as_of", "revision"),
        CheckConstraint("revision >= 0", name="revision_counts_up"),
        CheckConstraint("earliest <= month AND month <= latest", name="month_within_range"),
        Index(None, "as_of"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    change_id: Mapped[int] = mapped_column(ForeignKey("unregistered_change.id"))
    as_of: Mapped[date]
    revision: Mapped[int]
    concluded_at: Mapped[datetime]
    month: Mapped[date | None]  # the likeliest first month
    earliest: Mapped[date | None]  # the shortest stretch that holds it with 90 %
    latest: Mapped[date | None]
    evidence: Mapped[float | None]  # power of ten of the e-value, 1 decimal


class ChangeEvent(Base):
    """What happened to a reported change: reported, answered, put on record. Only ever added to."""

    __tablename__ = "change_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    change_id: Mapped[int] = mapped_column(ForeignKey("unregistered_change.id"), index=True)
    at: Mapped[datetime]
    by: Mapped[str | None]  # e-mail of who did it; None = the night
    state: Mapped[ChangeState]
    comment: Mapped[str]
