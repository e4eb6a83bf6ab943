"""Answers that are held: kept apart for a reason until an analyst lets them in, or out for good."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from pulse.organisation.models import Touchpoint
from pulse.people import service as people
from surveys.responses.erasure import ask_recount
from surveys.responses.models import Door, Held, Response

WAITING = tuple(reason for reason in Held if reason is not Held.LEFT_OUT)


@dataclass(frozen=True)
class Group:
    """Answers held at a touchpoint on a day for the same reason, to be decided on together.

    number, different -- how many there are, and how many of them are unlike all others
    first, last -- when they came; doors -- by which
    """

    touchpoint_id: int
    touchpoint: str
    day: date
    reason: Held
    number: int
    different: int
    first: datetime
    last: datetime
    doors: frozenset[Door]


def waiting(session: Session, *, language: str, zone: ZoneInfo) -> list[Group]:
    """What is to be decided, the newest day first."""
    rows = select(
        Response.touchpoint_id, Response.answered_at, Response.held, Response.door, Response.digest
    ).where(Response.held.in_(WAITING))
    found: dict[tuple[date, int, Held], list[tuple[datetime, Door, str]]] = defaultdict(list)
    for touchpoint, at, reason, door, digest in session.execute(rows):
        assert reason is not None  # these are held
        found[at.astimezone(zone).date(), touchpoint, reason].append((at.astimezone(zone), door, digest))
    names = {place.id: place.name(language) for place in session.scalars(select(Touchpoint))}
    groups = [
        Group(
            touchpoint,
            names[touchpoint],
            day,
            reason,
            len(answers),
            len({digest for _, _, digest in answers}),
            min(at for at, _, _ in answers),
            max(at for at, _, _ in answers),
            frozenset(door for _, door, _ in answers),
        )
        for (day, touchpoint, reason), answers in found.items()
    ]
    return sorted(groups, key=lambda group: (-group.day.toordinal(), group.touchpoint, group.reason.value))


def left_out(session: Session) -> int:
    """How many answers were left out for good."""
    return session.scalar(select(func.count()).where(Response.held == Held.LEFT_OUT)) or 0


def decide(
    session: Session,
    touchpoint: Touchpoint,
    day: date,
    reason: Held,
    now: datetime,
    *,
    let_in: bool,
    zone: ZoneInfo,
    by: int,
) -> int:
    """Let the answers of a group in, or leave them out for good; how many there were.

    by -- the analyst's id, which is written down
    """
    begins, ends = (datetime.combine(day + timedelta(days=more), time(), zone) for more in (0, 1))
    mine = (
        update(Response)
        .where(
            Response.touchpoint_id == touchpoint.id,
            Response.held == reason,
            Response.answered_at >= begins,
            Response.answered_at < ends,
        )
        .values(held=None if let_in else Held.LEFT_OUT)
        .returning(Response.month)
    )
    months = list(session.scalars(mine))
    for month in set(months) if let_in else ():
        ask_recount(session, month, now)
    if months:
        action = "held answers let in" if let_in else "held answers left out"
        people.note(
            session, action, touchpoint.code, f"{day.isoformat()}, {reason.value}, {len(months)}", by=by
        )
    return len(months)
