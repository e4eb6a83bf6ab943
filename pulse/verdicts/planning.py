"""What a fix's answers would let one see, and when: the planning formula of method.md §7."""

from dataclasses import dataclass
from datetime import date
from statistics import median

from sqlalchemy import select
from sqlalchemy.orm import Session

from pulse.correlation.design import detectable, months_needed
from pulse.ledger import store
from pulse.months import between, month_of, shifted
from pulse.organisation import service
from pulse.organisation.models import Fix, Side

WORTH_SEEING = (1.0, 1.5, 2.0)  # points of the 0..10 scale
LOOKS = (3, 6, 12)  # months after the start
RECENT = 6  # months whose answers tell how many to expect


class NoSuchFix(Exception):
    """There is no fix of this code."""


class NobodyAsked(Exception):
    """None of the fix's teams has measured answers about its irritant, so nothing can be planned from."""


@dataclass(frozen=True)
class Plan:
    """What can be seen with the answers a fix's teams give now.

    answers -- per team and month on the fix's irritant, median of the last RECENT closed months
    teams -- how many of the fix's teams give them; before -- closed months before the start
    """

    fix: str
    started: date
    answers: float
    teams: int
    before: int

    def months(self, effect: float, *, elsewhere: bool = False) -> int | None:
        """Months after the start until a burden of that many points would show; None beyond two years."""
        teams = 1 if elsewhere else self.teams
        return months_needed(effect, self.answers, teams, self.before, elsewhere=elsewhere)

    def smallest(self, after: int, *, elsewhere: bool = False) -> float:
        """The smallest burden in points that would show after so many months with 80 % power."""
        teams = 1 if elsewhere else self.teams
        return detectable(self.answers, teams, self.before, after, elsewhere=elsewhere)


def plan(session: Session, code: str) -> Plan:
    """The plan of a fix, under the night's role; raises NoSuchFix or NobodyAsked."""
    fix = session.scalar(select(Fix).where(Fix.code == code))
    if fix is None:
        raise NoSuchFix(code)
    scope = next(found for found in service.scopes(session) if found.fix_id == fix.id)
    closed = list(store.closed_months(session, Side.EMPLOYEE))
    teams = {team for team, _ in scope.teams}
    sizes: dict[int, list[int]] = {}
    if closed:
        cells = store.measured(session, Side.EMPLOYEE, shifted(closed[-1], 1 - RECENT), closed[-1])
        for measure_id, place_id, _, n, _, _ in cells:
            if measure_id == fix.irritant_id and place_id in teams:
                sizes.setdefault(place_id, []).append(n)
    if not sizes:
        raise NobodyAsked(code)
    start = month_of(fix.started)
    return Plan(
        fix=code,
        started=fix.started,
        answers=median(sum(found) / RECENT for found in sizes.values()),
        teams=len(sizes),
        before=max(0, between(closed[0], min(start, shifted(closed[-1], 1)))),
    )
