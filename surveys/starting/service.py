"""How far the first run is, and what administrators say in it."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import delete, exists, func, or_, select
from sqlalchemy.orm import Session

from pulse.db import insert_into
from pulse.months import month_of, written
from pulse.organisation.models import Irritant, Team
from pulse.people import service as people
from pulse.people.models import Membership
from surveys.starting import steps
from surveys.starting.models import StepDone
from surveys.starting.steps import Facts
from surveys.waves import planning
from surveys.waves.models import Wave, WaveState
from surveys.waves.service import attached


def facts(session: Session, day: date) -> Facts:
    """What the database says about the first run.

    day -- the day on which people are counted
    """
    return Facts(
        session.scalar(select(func.count()).select_from(Team)) or 0,
        session.scalar(select(func.count()).select_from(Irritant)) or 0,
        sum(attached(session, day, by_code=True).values()),
        said(session),
        _opened(session),
    )


def leads(session: Session) -> bool:
    """Whether an administrator is led to the first run: it is under way, or there is nothing here yet."""
    confirmed = said(session)
    if steps.READY in confirmed or _opened(session):
        return False
    there = (exists().where(Team.id > 0), exists().where(Irritant.id > 0), exists().where(Membership.id > 0))
    return steps.BEGUN in confirmed or not session.scalar(select(or_(*there)))


def said(session: Session) -> dict[str, datetime]:
    """What was confirmed, and when."""
    return dict(session.execute(select(StepDone.name, StepDone.done_at)).all())


def _opened(session: Session) -> bool:
    return bool(session.scalar(select(exists().where(Wave.state != WaveState.PLANNED))))


def holds_waves(session: Session, now: datetime) -> bool:
    """Whether no wave may open yet, because a first run was begun and is not finished."""
    return steps.holds(said(session), now, opened=_opened(session))


def first_month(session: Session, zone: ZoneInfo) -> date | None:
    """The month that was chosen for the first wave; None where nobody has said yet that it is time."""
    ready = said(session).get(steps.READY)
    return None if ready is None else month_of(ready.astimezone(zone).date())


def plan(session: Session, now: datetime, *, zone: ZoneInfo, k: int) -> None:
    """Plan waves from the month that was chosen for the first one; no wave is opened."""
    first = first_month(session, zone) or date.min
    planning.take_out_before(session, first)
    planning.plan_ahead(session, now, zone=zone, k=k, since=first)


def say(session: Session, name: str, at: datetime) -> None:
    """Confirm something; said again, it holds from the later moment on."""
    row = {"name": name, "done_at": at}
    said_so = insert_into(session, StepDone).values(**row)
    session.execute(said_so.on_conflict_do_update(index_elements=["name"], set_={"done_at": at}))


def begin(session: Session, now: datetime) -> None:
    """Begin the first run; from now on waves wait. Begun twice, it is begun once."""
    row = {"name": steps.BEGUN, "done_at": now}
    session.execute(
        insert_into(session, StepDone).values(**row).on_conflict_do_nothing(index_elements=["name"])
    )


def note_ready(session: Session, month: date, *, by: int | None) -> None:
    """Keep on record who said that the first wave may open, and from which month on."""
    people.note(session, "first wave ready", written(month), by=by)


def take_back(session: Session, name: str) -> None:
    """Take back what was confirmed: what it was about has changed."""
    session.execute(delete(StepDone).where(StepDone.name == name))
