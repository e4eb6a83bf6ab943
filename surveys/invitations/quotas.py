"""How many customers of a touchpoint may be invited in a month, so that as many answer as are wanted."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from pulse.months import month_of, shifted
from surveys.invitations import rules
from surveys.invitations.incoming import Place
from surveys.invitations.models import Interaction, Invitation, Quota

RATED = 3  # months before, by whose answers a month's invitations are planned


def left(session: Session, places: Iterable[Place], now: datetime, zone: ZoneInfo) -> dict[int, int]:
    """How many may still be invited this month, by the id of each touchpoint that has a target.

    The first look in a month fixes what the month allows.
    """
    month = month_of(now.astimezone(zone).date())
    wanted = {place.id: place.target for place in places if place.target is not None}
    if not wanted:
        return {}
    rows = select(Quota).where(Quota.month == month, Quota.touchpoint_id.in_(wanted))
    found = {quota.touchpoint_id: quota for quota in session.scalars(rows)}
    for place, target in wanted.items():
        if place not in found:
            found[place] = _fixed(session, place, target, month, zone)
    return {place: quota.allowed - quota.invited for place, quota in found.items()}


def count(session: Session, invited: dict[int, int], now: datetime, zone: ZoneInfo) -> None:
    """Count invitations of touchpoints that have a quota."""
    month = month_of(now.astimezone(zone).date())
    for place, number in sorted(invited.items()):
        mine = (Quota.touchpoint_id == place) & (Quota.month == month)
        session.execute(update(Quota).where(mine).values(invited=Quota.invited + number))


def forget(session: Session, place: int, now: datetime, zone: ZoneInfo) -> None:
    """Let go of what this month allows, where another target is wanted: the next look fixes it anew."""
    month = month_of(now.astimezone(zone).date())
    session.execute(delete(Quota).where(Quota.touchpoint_id == place, Quota.month == month))


def _fixed(session: Session, place: int, target: int, month: date, zone: ZoneInfo) -> Quota:
    """A month's quota, by how many answered in the months before; whoever was invited already counts."""
    sent, answered = replies(session, place, shifted(month, -RATED), month, zone)
    quota = Quota(touchpoint_id=place, month=month, allowed=rules.allowed(target, sent, answered))
    quota.invited = replies(session, place, month, shifted(month, 1), zone)[0]
    session.add(quota)
    session.flush()
    return quota


def replies(session: Session, place: int, first: date, end: date, zone: ZoneInfo) -> tuple[int, int]:
    """How many were invited from the beginning of a month to that of another, and how many answered.

    Whoever came by a link that a till had signed was not invited by us: it ended as it was used.
    """
    rows = (
        select(func.count(), func.count(Invitation.spent_at))
        .join(Interaction, Interaction.id == Invitation.interaction_id)
        .where(
            Interaction.touchpoint_id == place,
            Interaction.received_at >= begins(first, zone),
            Interaction.received_at < begins(end, zone),
            or_(Invitation.spent_at.is_(None), Invitation.spent_at < Invitation.expires_at),
        )
    )
    sent, answered = session.execute(rows).one()
    return sent, answered


def begins(month: date, zone: ZoneInfo) -> datetime:
    """The first moment of a month by the organisation's clock, in UTC."""
    return datetime.combine(month, time(0), zone).astimezone(UTC)
