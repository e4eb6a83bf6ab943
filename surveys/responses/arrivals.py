"""Counting answers that come through open links, in the database, so that all web processes count together.

What is kept of an address is a digest under the day's salt, which is deleted the day after, and nothing
leads from an answer to it.
"""

import secrets
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from pulse.db import insert_into
from surveys.responses import bursts
from surveys.responses.models import Arrivals, Door, Held, Response, Salt

ALL = ""  # the source that stands for all places
LATELY = timedelta(days=28)
SALT = 16  # bytes


def note(
    session: Session, touchpoint_id: int, address: str | None, now: datetime, *, key: str
) -> Held | None:
    """Count an answer that comes now; Held.BURST where it is one too many.

    address -- of whoever sends it; what stands for it in the database tells nothing the day after
    key -- the installation's, so that the database alone tells nothing on the same day either
    """
    line = bursts.place(address)
    from_there = None
    if line is not None:
        source = bursts.source(key, _salt(session, now), touchpoint_id, line)
        from_there = _one_more(session, touchpoint_id, source, now)
    in_all = _one_more(session, touchpoint_id, ALL, now)
    usual = _usual(session, touchpoint_id, now) if in_all > bursts.AT_A_TOUCHPOINT else 0.0
    held = bursts.is_burst(from_there=from_there, in_all=in_all, usual=usual)
    return Held.BURST if held else None


def _one_more(session: Session, touchpoint_id: int, source: str, now: datetime) -> int:
    """Count one more of a source; how many it has had within the hour."""
    session.execute(
        insert_into(session, Arrivals)
        .values(touchpoint_id=touchpoint_id, source=source, began=bursts.step(now), number=1)
        .on_conflict_do_update(
            index_elements=["touchpoint_id", "source", "began"], set_={"number": Arrivals.number + 1}
        )
    )
    recent = select(func.sum(Arrivals.number)).where(
        Arrivals.touchpoint_id == touchpoint_id,
        Arrivals.source == source,
        Arrivals.began >= bursts.since(now),
    )
    return int(session.scalar(recent) or 0)


def _usual(session: Session, touchpoint_id: int, now: datetime) -> float:
    """How many answers a day came through this open link lately, without those that are held."""
    counted = select(func.count()).where(
        Response.touchpoint_id == touchpoint_id,
        Response.door == Door.OPEN,
        Response.held.is_(None),
        Response.answered_at >= now - LATELY,
    )
    return (session.scalar(counted) or 0) / LATELY.days


def _salt(session: Session, now: datetime) -> str:
    """The salt of the day, drawn by whichever process needs it first."""
    day = now.astimezone(UTC).date()
    today = select(Salt.salt).where(Salt.day == day)
    found = session.scalar(today)
    if found is None:
        drawn = {"day": day, "salt": secrets.token_hex(SALT)}
        session.execute(
            insert_into(session, Salt).values(**drawn).on_conflict_do_nothing(index_elements=["day"])
        )
        found = session.scalars(today).one()
    return found


def forget(session: Session, now: datetime) -> None:
    """Delete the salts of days that are over, and counts that no hour needs any more."""
    session.execute(delete(Salt).where(Salt.day < now.astimezone(UTC).date()))
    session.execute(delete(Arrivals).where(Arrivals.began < bursts.since(now)))
