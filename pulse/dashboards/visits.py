"""What is new on the overview since somebody last opened it. What is new stays new for the whole day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from pulse.dashboards.models import OverviewVisit
from pulse.dashboards.queries import Line
from pulse.db import insert_into
from pulse.organisation.models import Fix
from pulse.verdicts.models import Flag, Look, Verdict
from pulse.verdicts.rules import Outcome


@dataclass(frozen=True)
class Turn:
    """A fix whose verdict has another word than at the last visit; before None = it had none."""

    line: Line
    before: Outcome | None


@dataclass(frozen=True)
class News:
    """What came after the look somebody saw last; since None = there is nothing to compare with yet."""

    since: date | None
    flags: Sequence[Flag] = ()
    turns: Sequence[Turn] = ()
    started: Sequence[Fix] = ()
    months: Sequence[date] = ()  # the looks taken since, by their last day

    @property
    def any(self) -> bool:
        """Whether there is anything new to tell."""
        return bool(self.flags or self.turns or self.started or self.months)


def last_seen(session: Session, person_id: int, today: date) -> date | None:
    """The look somebody saw on the last day before today they opened the overview; None = there was none."""
    visit = session.get(OverviewVisit, person_id)
    if visit is None:
        return None
    return visit.seen_before if visit.visited_on >= today else visit.seen


def is_noted(session: Session, person_id: int, today: date, looked: date | None) -> bool:
    """Whether a visit of today with this look on view is on record: most requests have nothing to write."""
    visit = session.get(OverviewVisit, person_id)
    return visit is not None and visit.visited_on >= today and visit.seen == looked


def note(session: Session, person_id: int, today: date, looked: date | None, *, before: date | None) -> None:
    """Put a visit on record; two at once write the same. before -- what last_seen() says."""
    row = {"visited_on": today, "seen": looked, "seen_before": before}
    made = insert_into(session, OverviewVisit).values(person_id=person_id, **row)
    session.execute(made.on_conflict_do_update(index_elements=["person_id"], set_=row))


def news(session: Session, lines: Sequence[Line], since: date | None) -> News:
    """What came after a look, for all fixes whatever the page's choice; three queries however many there are.

    lines -- every fix with its newest verdict
    """
    if since is None:
        return News(None)
    looks = session.scalars(select(Look.as_of).where(Look.as_of > since).order_by(Look.as_of)).all()
    if not looks:
        return News(since)
    flags = session.scalars(
        select(Flag)
        .where(Flag.raised_on > since)
        .options(joinedload(Flag.fix))
        .order_by(Flag.raised_on.desc(), Flag.id)
    ).all()
    told = {(flag.fix_id, flag.outcome) for flag in flags}
    turns = [
        turn for turn in _turns(session, lines, since) if (turn.line.fix.id, turn.line.outcome) not in told
    ]
    started = [line.fix for line in lines if since < line.fix.started <= looks[-1]]
    return News(since, flags, turns, sorted(started, key=lambda fix: (fix.started, fix.code)), looks)


def _turns(session: Session, lines: Sequence[Line], since: date) -> list[Turn]:
    then = select(Verdict.fix_id, Verdict.outcome).where(Verdict.as_of == since).order_by(Verdict.revision)
    before = {fix: outcome for fix, outcome in session.execute(then)}
    newer = [line for line in lines if line.verdict and line.verdict.as_of > since]
    turns = [Turn(line, before.get(line.fix.id)) for line in newer]
    return [turn for turn in turns if turn.line.outcome is not (turn.before or Outcome.UNDETERMINED)]
