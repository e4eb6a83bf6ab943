"""Flags: raised when a verdict turns to displaced or backfired, followed up, never silently withdrawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from config import settings
from pulse.people.holders import holding
from pulse.people.models import Grant, Person
from pulse.verdicts import success, telling
from pulse.verdicts.models import Decision, Flag, FlagEvent, FlagState, Verdict
from pulse.verdicts.rules import Outcome

RAISING = (Outcome.DISPLACED, Outcome.BACKFIRED)
NEXT = {
    FlagState.OPEN: (FlagState.ACKNOWLEDGED, FlagState.ACTED_ON, FlagState.CLOSED),
    FlagState.ACKNOWLEDGED: (FlagState.ACTED_ON, FlagState.CLOSED),
    FlagState.ACTED_ON: (FlagState.CLOSED,),
    FlagState.CLOSED: (),
}
HOLDERS = (Grant.ANALYST, Grant.ADMIN, Grant.OWNER)


class CannotTake(Exception):
    """This step cannot be taken."""


class CannotMoveTo(CannotTake):
    """A flag does not go back: open, acknowledged, acted on, closed. What is closed is only commented on."""


class ReasonMissing(CannotTake):
    """A flag is closed with a reason in words."""


class NothingSaid(CannotTake):
    """A step that neither moves nor sets nor says anything is none."""


class Overtaken(Exception):
    """Somebody else took a step since this one was begun."""


class DayIsOver(CannotTake):
    """A flag is looked at again on a day to come."""


class CannotHold(CannotTake):
    """Flags are held by analysts, administrators and owners of fixes."""


class NotCorrective(CannotTake):
    """No fix puts itself right."""


@dataclass(frozen=True)
class Step:
    """What somebody does about a flag; None and "" = this is not touched.

    state -- how far it has come; a decision and a corrective fix bring it to "acted on" by themselves
    owner -- e-mail of who looks after it from now on
    corrective_id -- of the fix that is to put it right
    recheck_on -- when somebody is to look whether it did
    """

    state: FlagState | None = None
    comment: str = ""
    owner: str | None = None
    decision: Decision | None = None
    corrective_id: int | None = None
    recheck_on: date | None = None

    @property
    def sets(self) -> dict[str, object]:
        """The columns of the flag that it sets, beside the state."""
        found = {
            "owner": self.owner,
            "decision": self.decision,
            "corrective_id": self.corrective_id,
            "recheck_on": self.recheck_on,
        }
        return {name: value for name, value in found.items() if value is not None}


def first_raised(session: Session, until: date) -> dict[int, date]:
    """The day each fix was first flagged, by fix id, of the flags raised up to a day."""
    rows = select(Flag.fix_id, Flag.raised_on).where(Flag.raised_on <= until)
    found: dict[int, date] = {}
    for fix_id, day in session.execute(rows):
        found[fix_id] = min(day, found.get(fix_id, day))
    return found


def raise_for(session: Session, verdict: Verdict, now: datetime) -> Flag | None:
    """The flag this verdict raises, or None where it raises none or the fix already bears it.

    A fix that is flagged, or whose newest verdict would raise a flag, is no success any longer.
    """
    if verdict.outcome not in RAISING:
        return None
    success.hold(session, verdict.fix)
    borne = select(Flag).where(Flag.fix_id == verdict.fix_id, Flag.outcome == verdict.outcome)
    known = session.scalar(borne) is not None
    if not known or _newest(session, verdict):
        success.withdraw(session, verdict.fix, by=None, now=now)
    if known:
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


def _newest(session: Session, verdict: Verdict) -> bool:
    last = select(func.max(Verdict.as_of)).where(Verdict.fix_id == verdict.fix_id)
    return session.scalar(last) == verdict.as_of


def take(
    session: Session, flag: Flag, step: Step, *, by: str, now: datetime, seen: int | None = None
) -> FlagEvent:
    """Take a step about a flag, and keep for ever who did it, when, what was set and why.

    seen -- id of the newest event of the flag that whoever takes the step has read; None = whatever there is

    Raises Overtaken, CannotMoveTo, NothingSaid, ReasonMissing, CannotHold, NotCorrective or DayIsOver.
    """
    session.flush()
    session.refresh(
        flag, with_for_update={"key_share": True}
    )  # one after the other, each sees what was before
    if seen is not None and seen != newest_event(session, flag):
        raise Overtaken
    state = _state(flag, step)
    _check(session, flag, step, state, now)
    before, flag.state = flag.state, state
    for name, value in step.sets.items():
        setattr(flag, name, value)
    event = FlagEvent(flag_id=flag.id, at=now, by=by, state=state, comment=step.comment.strip(), **step.sets)
    session.add(event)
    session.flush()
    telling.moved(session, flag, event, before, now)
    return event


def _state(flag: Flag, step: Step) -> FlagState:
    """Where a step leads; raises CannotMoveTo."""
    wanted = step.state or flag.state
    acts = step.decision is not None or step.corrective_id is not None
    if acts and FlagState.ACTED_ON in NEXT[wanted]:
        wanted = FlagState.ACTED_ON
    if wanted is not flag.state and wanted not in NEXT[flag.state]:
        raise CannotMoveTo
    if flag.state is FlagState.CLOSED and step.sets:
        raise CannotMoveTo
    return wanted


def _check(session: Session, flag: Flag, step: Step, state: FlagState, now: datetime) -> None:
    words = step.comment.strip()
    if state is FlagState.CLOSED and flag.state is not state and not words:
        raise ReasonMissing
    if state is flag.state and not step.sets and not words:
        raise NothingSaid
    if step.owner is not None and step.owner not in {person.email for person in holders(session)}:
        raise CannotHold
    if step.corrective_id is not None and step.corrective_id == flag.fix_id:
        raise NotCorrective
    if step.recheck_on is not None and step.recheck_on <= now.astimezone(settings().zone).date():
        raise DayIsOver


def newest_event(session: Session, flag: Flag) -> int:
    """The id of what happened last to a flag."""
    return session.scalar(select(func.max(FlagEvent.id)).where(FlagEvent.flag_id == flag.id)) or 0


def events(session: Session, flag: Flag) -> Sequence[FlagEvent]:
    """What happened to a flag, oldest first."""
    mine = select(FlagEvent).where(FlagEvent.flag_id == flag.id).options(joinedload(FlagEvent.corrective))
    return session.scalars(mine.order_by(FlagEvent.id)).all()


def holders(session: Session) -> list[Person]:
    """The people who may hold a flag, by name."""
    return holding(session, *HOLDERS)


def is_of(flag: Flag, email: str) -> bool:
    """Whether a flag, or its fix, is somebody's."""
    owners = {(owner or "").casefold() for owner in (flag.owner, flag.fix.owner)}
    return bool(email) and email.casefold() in owners


def overdue(flag: Flag, today: date) -> bool:
    """Whether the day on which somebody was to look again is there or over."""
    return flag.state is not FlagState.CLOSED and flag.recheck_on is not None and flag.recheck_on <= today
