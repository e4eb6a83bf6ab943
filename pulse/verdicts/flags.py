"""Flags: raised when a verdict turns to displaced or backfired, followed up, never silently withdrawn."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from pulse.outbox import service as outbox
from pulse.verdicts.models import Flag, FlagEvent, FlagState, Verdict
from pulse.verdicts.rules import Outcome

RAISING = (Outcome.DISPLACED, Outcome.BACKFIRED)
NEXT = {
    FlagState.OPEN: (FlagState.ACKNOWLEDGED, FlagState.ACTED_ON, FlagState.CLOSED),
    FlagState.ACKNOWLEDGED: (FlagState.ACTED_ON, FlagState.CLOSED),
    FlagState.ACTED_ON: (FlagState.CLOSED,),
    FlagState.CLOSED: (),
}


class CannotMoveTo(Exception):
    """A flag does not go back: open, acknowledged, acted on, closed."""


class ReasonMissing(Exception):
    """A flag is closed with a reason in words."""


def first_raised(session: Session, until: date) -> dict[int, date]:
    """The day each fix was first flagged, by fix id, of the flags raised up to a day."""
    rows = select(Flag.fix_id, Flag.raised_on).where(Flag.raised_on <= until)
    found: dict[int, date] = {}
    for fix_id, day in session.execute(rows):
        found[fix_id] = min(day, found.get(fix_id, day))
    return found


def raise_for(session: Session, verdict: Verdict, now: datetime) -> Flag | None:
    """The flag this verdict raises, or None where it raises none or the fix already bears it."""
    if verdict.outcome not in RAISING:
        return None
    known = select(Flag).where(Flag.fix_id == verdict.fix_id, Flag.outcome == verdict.outcome)
    if session.scalar(known) is not None:
        return None
    flag = Flag(
        fix_id=verdict.fix_id,
        outcome=verdict.outcome,
        raised_on=verdict.as_of,
        verdict_id=verdict.id,
        state=FlagState.OPEN,
        owner=verdict.fix.owner,
    )
    session.add(flag)
    session.flush()
    session.add(FlagEvent(flag_id=flag.id, at=now, by=None, state=FlagState.OPEN, comment=""))
    return flag


def announce(session: Session, flag: Flag, subject: str, text: str, now: datetime) -> None:
    """Queue the news of a flag for its owner; nobody is told where a fix has no owner on record."""
    if flag.owner:
        outbox.enqueue(
            session,
            key=f"flag:{flag.fix.code}:{flag.outcome.value}",
            channel="email",
            recipient=flag.owner,
            subject=subject,
            text=text,
            now=now,
        )


def move(session: Session, flag: Flag, state: FlagState, *, by: str, comment: str, now: datetime) -> None:
    """Take a flag a step further, or comment on it where the state stays; keeps who, when and why.

    Raises CannotMoveTo where the step goes backwards, ReasonMissing where a flag is closed without a word.
    """
    if state is not flag.state and state not in NEXT[flag.state]:
        raise CannotMoveTo
    if state is FlagState.CLOSED and not comment.strip():
        raise ReasonMissing
    flag.state = state
    session.add(FlagEvent(flag_id=flag.id, at=now, by=by, state=state, comment=comment.strip()))
