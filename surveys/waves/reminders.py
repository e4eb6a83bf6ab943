"""Refusing reminders, and having them again: by a signed link that names a person and allows nothing else."""

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import delete
from sqlalchemy.orm import Session

from pulse.people.models import Person
from surveys.waves.models import NoReminder


class NoSuchLink(Exception):
    """This link was not made here, or its person is gone."""


def token(secret: str, person_id: int) -> str:
    """What the link in a person's reminders ends with; the same for ever."""
    return str(_signed(secret).dumps(person_id))


def person_of(session: Session, secret: str, said: str) -> int:
    """The id of the person a link was made for; raises NoSuchLink."""
    try:
        person_id = _signed(secret).loads(said)
    except BadSignature:
        raise NoSuchLink from None
    # The last letter of a signature has bits that mean nothing: of a link there is one spelling alone.
    if token(secret, person_id) != said or session.get(Person, person_id) is None:
        raise NoSuchLink
    return int(person_id)


def wanted(session: Session, person_id: int) -> bool:
    """Whether a person gets reminders."""
    return session.get(NoReminder, person_id) is None


def want(session: Session, person_id: int, wanted: bool) -> None:
    """Send a person reminders from now on, or none; doing it twice changes nothing."""
    session.execute(delete(NoReminder).where(NoReminder.person_id == person_id))
    if not wanted:
        session.add(NoReminder(person_id=person_id))
        session.flush()


def _signed(secret: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt="reminders of waves")
