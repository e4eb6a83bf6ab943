"""How customers of each touchpoint are asked, and what a month's interactions led to."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from pulse.months import month_of, shifted
from pulse.organisation.models import Touchpoint
from pulse.people import service as people
from surveys.invitations import contacts, quotas
from surveys.invitations.models import (
    Interaction,
    Invitation,
    Opening,
    Outcome,
    Quota,
    TouchpointSurvey,
    Way,
)

DEED = "asking changed"


class NoSuchTouchpoint(Exception):
    """There is no touchpoint of this number."""


@dataclass(frozen=True)
class Manner:
    """How a touchpoint's customers are asked; share in per cent, target in answers a month (None = any)."""

    opening: Opening = Opening.EFFORT
    share: int = 100
    target: int | None = None
    way: Way = Way.EMAIL


@dataclass(frozen=True)
class Line:
    """A touchpoint in a month: how it asks, what its interactions led to, and how many invited answered.

    allowed -- how many may be invited by the month's target; None = no target, or no interaction yet
    counted -- how many of these were; a customer who came by a signed link is invited, but not counted
    """

    place: Touchpoint
    manner: Manner
    outcomes: Mapping[Outcome, int]
    answered: int
    allowed: int | None
    counted: int | None

    @property
    def seen(self) -> int:
        """How many interactions came in."""
        return sum(self.outcomes.values())

    @property
    def invited(self) -> int:
        """How many of them led to an invitation."""
        return self.outcomes.get(Outcome.INVITED, 0)

    @property
    def reasons(self) -> Mapping[Outcome, int]:
        """Why the others did not, with how often that was so."""
        return {why: number for why, number in self.outcomes.items() if why is not Outcome.INVITED and number}


def lines(session: Session, month: date, zone: ZoneInfo, *, place: int | None = None) -> list[Line]:
    """Every touchpoint in a month, by their codes; or the one of a number alone."""
    which = () if place is None else (Touchpoint.id == place,)
    rows = (
        select(Touchpoint, TouchpointSurvey, Quota.allowed, Quota.invited)
        .outerjoin(TouchpointSurvey, TouchpointSurvey.touchpoint_id == Touchpoint.id)
        .outerjoin(Quota, (Quota.touchpoint_id == Touchpoint.id) & (Quota.month == month))
        .where(*which)
        .order_by(Touchpoint.code)
    )
    outcomes, answered = _outcomes(session, month, zone, place), _answered(session, month, zone, place)
    return [
        Line(found, _manner(asked), outcomes.get(found.id, {}), answered.get(found.id, 0), allowed, counted)
        for found, asked, allowed, counted in session.execute(rows)
    ]


def line(session: Session, place: int, month: date, zone: ZoneInfo) -> Line:
    """One touchpoint in a month; raises NoSuchTouchpoint."""
    found = lines(session, month, zone, place=place)
    if not found:
        raise NoSuchTouchpoint(place)
    return found[0]


def all_outcomes(lines: list[Line]) -> Counter[Outcome]:
    """What the interactions of several touchpoints led to, together."""
    total: Counter[Outcome] = Counter()
    for each in lines:
        total.update(each.outcomes)
    return total


def save(
    session: Session, place: int, manner: Manner, now: datetime, *, zone: ZoneInfo, by: int | None
) -> None:
    """Ask a touchpoint's customers in another manner from now on; what changed goes into the audit.

    Another target holds for the month that has begun, too: whoever was invited in it counts.
    Raises NoSuchTouchpoint.
    """
    contacts.one_at_a_time(session)
    code = session.scalar(select(Touchpoint.code).where(Touchpoint.id == place))
    if code is None:
        raise NoSuchTouchpoint(place)
    asked = session.get(TouchpointSurvey, place)
    before = _manner(asked)
    if before == manner:
        return
    if asked is None:
        asked = TouchpointSurvey(touchpoint_id=place, origins=[])
        session.add(asked)
    asked.opening, asked.share, asked.target, asked.way = (
        manner.opening,
        manner.share,
        manner.target,
        manner.way,
    )
    if before.target != manner.target:
        quotas.forget(session, place, now, zone)
    session.flush()
    people.note(session, DEED, code, _changes(before, manner), by=by)


def _changes(before: Manner, after: Manner) -> str:
    """What differs, as the audit keeps it: "share 100 → 50, target none → 40"."""
    pairs = ((name.name, getattr(before, name.name), getattr(after, name.name)) for name in fields(Manner))
    return ", ".join(f"{name} {_code(old)} → {_code(new)}" for name, old, new in pairs if old != new)


def _code(value: object) -> str:
    if isinstance(value, Opening | Way):
        return value.value
    return "none" if value is None else str(value)


def _manner(asked: TouchpointSurvey | None) -> Manner:
    return Manner(asked.opening, asked.share, asked.target, asked.way) if asked else Manner()


def _outcomes(
    session: Session, month: date, zone: ZoneInfo, place: int | None
) -> dict[int, dict[Outcome, int]]:
    rows = (
        select(Interaction.touchpoint_id, Interaction.outcome, func.count())
        .where(*_of(month, zone, place))
        .group_by(Interaction.touchpoint_id, Interaction.outcome)
    )
    found: dict[int, dict[Outcome, int]] = {}
    for touchpoint, outcome, number in session.execute(rows):
        found.setdefault(touchpoint, {})[outcome] = number
    return found


def _answered(session: Session, month: date, zone: ZoneInfo, place: int | None) -> dict[int, int]:
    rows = (
        select(Interaction.touchpoint_id, func.count())
        .join(Invitation, Invitation.interaction_id == Interaction.id)
        .where(*_of(month, zone, place), Invitation.spent_at.is_not(None))
        .group_by(Interaction.touchpoint_id)
    )
    return {touchpoint: number for touchpoint, number in session.execute(rows)}


def _of(month: date, zone: ZoneInfo, place: int | None) -> list[ColumnElement[bool]]:
    first, end = quotas.begins(month, zone), quotas.begins(shifted(month, 1), zone)
    found = [Interaction.received_at >= first, Interaction.received_at < end]
    return found if place is None else [Interaction.touchpoint_id == place, *found]


def this_month(now: datetime, zone: ZoneInfo) -> date:
    """The month it is by the organisation's clock."""
    return month_of(now.astimezone(zone).date())
