"""Whether a customer is asked about an interaction: the rules in their order. Pure; nothing is looked up."""

import hashlib
import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from surveys.invitations.models import Outcome

LATEST = timedelta(days=30)  # after that nobody remembers how it went
UNKNOWN_RATE = 0.10  # of invitations that are answered, where too few were sent to tell
LEAST_RATE = 0.02
FEWEST_SENT = 30  # invitations from which a rate is told


@dataclass(frozen=True)
class Known:
    """What is known of an interaction and of its customer when it is decided on.

    code -- the interaction's, by which it is drawn into the sample or not
    reachable -- whether there is a way to reach the customer
    opted_out, unreachable -- whether this holds of any of the customer's keys
    asked_at -- when any of them was asked last
    share -- per cent of the touchpoint's interactions that are asked about
    left -- how many may still be invited this month; None = no limit
    """

    code: str
    happened_at: datetime
    reachable: bool
    opted_out: bool
    unreachable: bool
    asked_at: datetime | None
    share: int
    left: int | None


def outcome(known: Known, now: datetime, rest: timedelta) -> Outcome:
    """What an interaction leads to: the first reason there is not to ask, else an invitation.

    rest -- for how long nobody is asked again
    """
    reasons = (
        (Outcome.TOO_OLD, now - known.happened_at > LATEST),
        (Outcome.NO_ADDRESS, not known.reachable),
        (Outcome.OPTED_OUT, known.opted_out),
        (Outcome.UNREACHABLE, known.unreachable),
        (Outcome.NOT_SAMPLED, not sampled(known.code, known.share)),
        (Outcome.ASKED_RECENTLY, known.asked_at is not None and now - known.asked_at < rest),
        (Outcome.TARGET_REACHED, known.left is not None and known.left <= 0),
    )
    return next((reason for reason, holds in reasons if holds), Outcome.INVITED)


def sampled(code: str, share: int) -> bool:
    """Whether an interaction is in a sample of so many per cent.

    It is always in or always out, and whatever is in a smaller sample is in a larger one too.
    """
    digest = hashlib.sha256(b"sample " + code.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") * 100 < share << 64


def allowed(target: int, sent: int, answered: int) -> int:
    """How many invitations a month's wanted answers need, by how many of those sent were answered."""
    rate = answered / sent if sent >= FEWEST_SENT else UNKNOWN_RATE
    return math.ceil(round(target / min(max(rate, LEAST_RATE), 1.0), 6))
