"""What the pages of a fix say about calling it a success."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from pulse.organisation.models import Fix, FixEvent
from pulse.people import login, naming
from pulse.people.models import Grant
from pulse.people.naming import Called
from pulse.verdicts.success import Standing, by_whom, may_succeed

WRITERS = frozenset({Grant.ANALYST, Grant.ADMIN})  # the works council reads what they read, changes nothing


@dataclass(frozen=True)
class Success:
    """A fix as a success or not: what stands against it, the last word on it, and who reads this."""

    fix: Fix
    standing: Standing
    event: FixEvent | None
    called: Called
    may_write: bool


def block(session: Session, fix: Fix) -> Success:
    """What templates/pulse/dashboards/success.html shows; the page includes it with this as `success`."""
    event, visit = by_whom(session, fix), login.here()
    return Success(
        fix,
        may_succeed(session, fix),
        event,
        naming.called(session, [event.by] if event else []),
        visit is not None and visit.may(WRITERS),
    )


def fix(session: Session, code: str) -> Fix | None:
    """The fix of a code."""
    return session.scalar(select(Fix).where(Fix.code == code))
