"""Touchpoints whose customers' figures would be about a few employees (privacy.md §3, rule 8)."""

from datetime import date

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from pulse.months import last_day
from pulse.organisation.models import Serving, Team
from pulse.people.models import Membership


def served_by_few(session: Session, month: date, k: int) -> set[int]:
    """Touchpoints (by id) served by fewer than k people, as far as it is known how many there are.

    A team's people are counted from who belonged to it in the month; where nobody is on record, its
    headcount tells. What customers say at such a touchpoint is about people whom everybody can name.
    """
    people = _attached(session, month)
    counts: dict[int, int | None] = {}
    rows = select(Serving.touchpoint_id, Serving.team_id, Team.headcount).join(
        Team, Team.id == Serving.team_id
    )
    for touchpoint, team, headcount in session.execute(rows):
        here, before = people.get(team, headcount), counts.get(touchpoint, 0)
        counts[touchpoint] = None if here is None or before is None else before + here
    return {touchpoint for touchpoint, count in counts.items() if count is not None and count < k}


def _attached(session: Session, month: date) -> dict[int, int]:
    """How many people belonged to each team at some time of the month; teams without any are left out."""
    rows = (
        select(Membership.team_id, func.count(Membership.person_id.distinct()))
        .where(Membership.since <= last_day(month))
        .where(or_(Membership.until.is_(None), Membership.until >= month))
        .group_by(Membership.team_id)
    )
    return dict(session.execute(rows).all())
