"""Calling a fix a success: never beside an open flag, nor against what the answers say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from config import settings
from pulse.organisation.models import Fix, FixDeed, FixEvent
from pulse.verdicts import telling
from pulse.verdicts.models import Flag, FlagState, Verdict
from pulse.verdicts.rules import Outcome

AGAINST = (Outcome.DISPLACED, Outcome.BACKFIRED)


class CannotSucceed(Exception):
    """This fix may not be called a success."""


class HasOpenFlag(CannotSucceed):
    """A flag of the fix is not closed yet; its first argument."""

    flag: Flag

    def __init__(self, flag: Flag) -> None:
        super().__init__(flag)
        self.flag = flag


class VerdictAgainst(CannotSucceed):
    """The newest verdict is that customers or staff are worse off."""


class NotConfirmed(CannotSucceed):
    """The newest verdict is not that the problem is removed, and nobody said "all the same"."""


@dataclass(frozen=True)
class Standing:
    """What speaks for and against calling a fix a success.

    flag -- one that is not closed yet; it forbids a success, as does a verdict against
    verdict -- the newest one; None = there is none yet
    """

    flag: Flag | None
    verdict: Verdict | None

    @property
    def against(self) -> bool:
        """Whether the newest verdict forbids it."""
        return self.verdict is not None and self.verdict.outcome in AGAINST

    @property
    def allowed(self) -> bool:
        """Whether it may be called a success at all."""
        return self.flag is None and not self.against

    @property
    def proven(self) -> bool:
        """Whether the newest verdict says so; else it has to be confirmed."""
        return self.verdict is not None and self.verdict.outcome is Outcome.RESOLVED


def may_succeed(session: Session, fix: Fix) -> Standing:
    """Whether a fix may be called a success, and what stands against it."""
    flag = session.scalar(
        select(Flag)
        .where(Flag.fix_id == fix.id, Flag.state != FlagState.CLOSED)
        .order_by(Flag.outcome != Outcome.DISPLACED, Flag.id)
        .limit(1)
    )
    verdict = session.scalar(
        select(Verdict)
        .where(Verdict.fix_id == fix.id)
        .order_by(Verdict.as_of.desc(), Verdict.revision.desc())
        .limit(1)
    )
    return Standing(flag, verdict)


def mark(session: Session, fix: Fix, *, by: str, now: datetime, confirmed: bool = False) -> None:
    """Call a fix a success from today on; what is one already stays as it is.

    by -- who says so; confirmed -- whether they do although the answers do not

    Raises HasOpenFlag, VerdictAgainst or NotConfirmed.
    """
    hold(session, fix)
    if fix.success_on is not None:
        return
    standing = may_succeed(session, fix)
    if standing.flag is not None:
        raise HasOpenFlag(standing.flag)
    if standing.against:
        raise VerdictAgainst
    if not (standing.proven or confirmed):
        raise NotConfirmed
    fix.success_on = now.astimezone(settings().zone).date()
    _write_down(session, fix, FixDeed.SUCCESS, [None, fix.success_on.isoformat()], by, now)


def withdraw(session: Session, fix: Fix, *, by: str | None, now: datetime) -> bool:
    """Call a fix a success no more (by: None = the night); whether it was one."""
    hold(session, fix)
    if fix.success_on is None:
        return False
    was, fix.success_on = fix.success_on.isoformat(), None
    _write_down(session, fix, FixDeed.SUCCESS_WITHDRAWN, [was, None], by, now)
    return True


def hold(session: Session, fix: Fix) -> None:
    """Let nobody else mark or flag this fix until the transaction is over.

    Who raises a flag and who marks a success both hold the fix before they look at what the other does, so
    one of them comes second and sees it. On SQLite whoever writes is alone anyway.
    """
    session.flush()
    session.refresh(fix, with_for_update={"key_share": True})


def by_whom(session: Session, fix: Fix) -> FixEvent | None:
    """When a fix was last called a success, or this was taken back, and by whom."""
    deeds = (FixDeed.SUCCESS, FixDeed.SUCCESS_WITHDRAWN)
    mine = select(FixEvent).where(FixEvent.fix_id == fix.id, FixEvent.deed.in_(deeds))
    return session.scalar(mine.order_by(FixEvent.at.desc(), FixEvent.id.desc()).limit(1))


def taken_back(session: Session, now: datetime) -> Sequence[Fix]:
    """The fixes that the night of this moment called a success no more."""
    mine = (FixEvent.deed == FixDeed.SUCCESS_WITHDRAWN, FixEvent.by.is_(None), FixEvent.at == now)
    return session.scalars(select(Fix).where(Fix.id.in_(select(FixEvent.fix_id).where(*mine)))).all()


def _write_down(
    session: Session, fix: Fix, deed: FixDeed, changed: list[object], by: str | None, now: datetime
) -> None:
    event = FixEvent(fix_id=fix.id, at=now, by=by, deed=deed, changed={"success_on": changed})
    session.add(event)
    session.flush()
    telling.succeeded(session, fix, event, now)
