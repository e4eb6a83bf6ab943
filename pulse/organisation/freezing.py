"""What of a fix may still change on a day, for screen and company folder alike. Pure."""

import enum
from datetime import date

from pulse.months import month_of
from pulse.organisation.scope import Dates

# What is written down before launch, by its columns in fixes.csv.
FROZEN = ("irritant", "started", "touchpoints", "teams", "expected_customer", "expected_staff", "registered")


class Stage(enum.Enum):
    """How far a fix has come."""

    PLANNED = "planned"
    RUNNING = "running"
    STOPPED = "stopped"
    WITHDRAWN = "withdrawn"


def is_frozen(frozen_on: date | None, today: date) -> bool:
    """Whether scope and expectation no longer change: from the very day a fix starts."""
    return frozen_on is not None and frozen_on <= today


def stage(started: date, stopped: date | None, today: date) -> Stage:
    """How far a fix has come on a day; one that was taken back before its start never ran."""
    if stopped is not None and stopped < started:
        return Stage.WITHDRAWN
    if started > today:
        return Stage.PLANNED
    return Stage.RUNNING if stopped is None or stopped >= today else Stage.STOPPED


def has_begun(dates: Dates, today: date) -> bool:
    """Whether a fix acts at a place by a day: its start there no longer changes."""
    return dates.started <= today


def put_on_record(started: date, today: date) -> date | None:
    """What Fix.registered says of a fix registered today: today, where it began in an earlier month.

    Answers of months between the two may have told when it began, so they are no evidence for it
    (method.md, section 10). A start belongs to its month, hence one of this month is not late.
    """
    return today if month_of(started) < month_of(today) else None
