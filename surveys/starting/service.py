"""How far the first run is, and what administrators say in it."""

from datetime import date, datetime

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import Session

from pulse.db import insert_into
from pulse.organisation.models import Irritant, Team
from surveys.starting import steps
from surveys.starting.models import StepDone
from surveys.starting.steps import Facts
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


def said(session: Session) -> dict[str, datetime]:
    """What was confirmed, and when."""
    return dict(session.execute(select(StepDone.name, StepDone.done_at)).all())


def _opened(session: Session) -> bool:
    return bool(session.scalar(select(exists().where(Wave.state != WaveState.PLANNED))))


def holds_waves(session: Session, now: datetime) -> bool:
    """Whether no wave may open yet, because a first run was begun and is not finished."""
    return steps.holds(said(session), now, opened=_opened(session))


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


def take_back(session: Session, name: str) -> None:
    """Take back what was confirmed: what it was about has changed."""
    session.execute(delete(StepDone).where(StepDone.name == name))
