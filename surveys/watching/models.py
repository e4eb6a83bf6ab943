"""What administrators were warned of, and how often visitors and programs were turned away."""

import enum
from datetime import datetime

from sqlalchemy import CheckConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from pulse.db import Base


class Kind(enum.Enum):
    """What may be wrong."""

    JOB_LATE = "job_late"
    JOB_FAILED = "job_failed"
    NO_CORRELATION = "no_correlation"
    MESSAGES_WAIT = "messages_wait"
    CHANNEL_FAILS = "channel_fails"
    NEWS_WAIT = "news_wait"
    FEW_ANSWERS = "few_answers"
    ENOUGH_ANSWERS = "enough_answers"  # nothing is wrong: keeps a wave from being looked at twice
    CHECK = "check"


class Alert(Base):
    """Something that needs an administrator, from when it was seen until it is over: told once by mail.

    kind, subject -- what is wrong (a value of Kind), and with what: a job's name, a wave's month
    over_at -- since when it is not seen any more; told_over -- whether that was told as well
    """

    __tablename__ = "alert"

    kind: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime] = mapped_column(primary_key=True)
    over_at: Mapped[datetime | None]
    told_over: Mapped[bool] = mapped_column(default=False, server_default=false())


class Turned(enum.Enum):
    """Who was turned away, and why. Nobody who answers as an employee is counted."""

    LINK = "link"  # a customer's link that is unknown, used or out of date
    FORM = "form"  # a customer's answer with something missing in it
    OFTEN = "often"  # a customer, or a program, that asks too often
    KEY = "key"  # a program without a right key
    REQUEST = "request"  # a program that asks for what cannot be
    FAILURE = "failure"  # a customer, a program or a reader: something went wrong on our side


class Refusal(Base):
    """How often that happened within an hour, on all machines together."""

    __tablename__ = "refusal"
    __table_args__ = (CheckConstraint("number > 0", name="some"),)

    hour: Mapped[datetime] = mapped_column(primary_key=True)
    turned: Mapped[Turned] = mapped_column(primary_key=True)
    number: Mapped[int]
