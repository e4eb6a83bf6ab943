"""Refusing reminders, and having them again: by a signed link that names a person and allows nothing else."""

from sqlalchemy import delete
from sqlalchemy.orm import Session

from pulse.people import personal_links
from surveys.waves.models import NoReminder

NAMED = "reminders of waves"


def token(secret: str, person_id: int) -> str:
    """What the link in a person's reminders ends with; the same for ever."""
    return personal_links.token(secret, NAMED, person_id)


def person_of(session: Session, secret: str, said: str) -> int:
    """The id of the person a link was made for; raises personal_links.NoSuchLink."""
    return personal_links.person_of(session, secret, NAMED, said).id


def wanted(session: Session, person_id: int) -> bool:
    """Whether a person gets reminders."""
    return session.get(NoReminder, person_id) is None


def want(session: Session, person_id: int, wanted: bool) -> None:
    """Send a person reminders from now on, or none; doing it twice changes nothing."""
    session.execute(delete(NoReminder).where(NoReminder.person_id == person_id))
    if not wanted:
        session.add(NoReminder(person_id=person_id))
        session.flush()
