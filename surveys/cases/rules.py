"""When a case is due, and whether a customer is told what became of a fix. Pure."""

import enum
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pulse.verdicts.rules import Outcome

WORKING_DAYS = 5  # until somebody has been in touch
SATURDAY = 5
JUDGED = frozenset({Outcome.RESOLVED, Outcome.DISPLACED, Outcome.INEFFECTIVE, Outcome.BACKFIRED})
A_DAY = timedelta(days=1)


class Hearing(enum.Enum):
    """Whether a customer hears of a fix now, or why not (yet)."""

    NOW = "now"
    NOT_JUDGED = "not_judged"
    TOLD = "told"
    FORGOTTEN = "forgotten"  # the way to reach them is deleted
    NO_ADDRESS = "no_address"  # they left a number: their case says what there is to tell
    OPTED_OUT = "opted_out"
    UNREACHABLE = "unreachable"
    RESTING = "resting"


@dataclass(frozen=True)
class Hearer:
    """What is known of a customer who agreed to be contacted and whose answer named a fix's irritant.

    outcome -- the fix's newest verdict; None before its first look
    told -- whether any case of theirs has been told of this fix
    contact -- what they left; None = forgotten
    asked_at -- when they were written to last, to be asked or to be told
    """

    outcome: Outcome | None
    told: bool
    contact: str | None
    opted_out: bool
    unreachable: bool
    asked_at: datetime | None


def hearing(hearer: Hearer, now: datetime, rest: timedelta) -> Hearing:
    """Whether to write to a customer about a fix now: the first reason there is not to.

    rest -- for how long nobody is written to again; who rests is told when it is over
    """
    reasons = (
        (Hearing.NOT_JUDGED, hearer.outcome not in JUDGED),
        (Hearing.TOLD, hearer.told),
        (Hearing.FORGOTTEN, hearer.contact is None),
        (Hearing.NO_ADDRESS, "@" not in (hearer.contact or "")),
        (Hearing.OPTED_OUT, hearer.opted_out),
        (Hearing.UNREACHABLE, hearer.unreachable),
        (Hearing.RESTING, hearer.asked_at is not None and now - hearer.asked_at < rest),
    )
    return next((reason for reason, holds in reasons if holds), Hearing.NOW)


def due(opened: date) -> date:
    """The day by which somebody should have been in touch: so many days from Monday to Friday later."""
    day, left = opened, WORKING_DAYS
    while left:
        day += A_DAY
        left -= day.weekday() < SATURDAY
    return day
