"""Links in somebody's mails that work without signing in: each names a person and allows one thing."""

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.orm import Session

from pulse.people.models import Person

WEEKLY_NEWS = "weekly news"


class NoSuchLink(Exception):
    """This link was not made here, or its person is gone."""


def token(secret: str, purpose: str, person_id: int) -> str:
    """What a person's link for a purpose ends with; the same for ever."""
    return str(URLSafeSerializer(secret, salt=purpose).dumps(person_id))


def person_of(session: Session, secret: str, purpose: str, said: str) -> Person:
    """The person a link for a purpose was made for; raises NoSuchLink."""
    try:
        person_id = URLSafeSerializer(secret, salt=purpose).loads(said)
    except BadSignature:
        raise NoSuchLink from None
    # The last letter of a signature has bits that mean nothing: of a link there is one spelling alone.
    found = session.get(Person, person_id) if token(secret, purpose, person_id) == said else None
    if found is None:
        raise NoSuchLink
    return found
