"""Signing in and out, and who is signed in: the one module that knows Flask-Login."""

import enum
import hashlib
import time
from dataclasses import dataclass

from flask import Flask, session
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from pulse import db
from pulse.people import service
from pulse.people.models import Grant, Person

ANALYSTS = (Grant.ANALYST, Grant.COUNCIL, Grant.ADMIN)  # who reads what is concluded about fixes
DECIDERS = (
    Grant.ANALYST,
    Grant.ADMIN,
)  # who decides what follows: the works council reads, and changes nothing
GETS_NEWS = (Grant.ANALYST, Grant.ADMIN, Grant.OWNER)  # who may want the weekly mail
LATELY = 15 * 60  # seconds after signing in by a link in which a password may be set without the old one


@dataclass(frozen=True)
class Visit(UserMixin):
    """Somebody signed in, as a value that outlives the database session it was read in."""

    person_id: int
    key: str
    email: str
    name: str
    language: str
    grants: frozenset[Grant]

    def get_id(self) -> str:
        """What the signed cookie holds."""
        return self.key

    def may(self, grants: frozenset[enum.Enum]) -> bool:
        """Whether this person holds one of the grants."""
        return not self.grants.isdisjoint(grants)


def key_of(person: Person) -> str:
    """A person's id and a proof of how things stood when they signed in: a new password ends all visits."""
    proof = hashlib.sha256(f"{person.visits} {person.password_hash or ''}".encode()).hexdigest()[:16]
    return f"{person.id}-{proof}"


def enter(person: Person, *, by_link: bool = False) -> None:
    """Sign a person in on this browser, with nothing left of what the cookie held before."""
    session.clear()
    login_user(_visit(person))
    if by_link:
        session["by_link"] = int(time.time())
    session.pop("_id", None)  # a fingerprint of network address and browser: no cookie of ours holds one


def by_link_lately() -> bool:
    """Whether this browser signed in by a link of the last minutes: its reader has lost no mailbox."""
    return 0 <= time.time() - session.get("by_link", 0) < LATELY


def leave() -> None:
    """Sign out, and forget what the cookie held."""
    logout_user()
    session.clear()


def here() -> Visit | None:
    """Who is signed in on this browser."""
    return current_user._get_current_object() if current_user.is_authenticated else None


def set_up(app: Flask) -> None:
    """Make an application remember who is signed in."""
    # No template asks it who is there: looking it up for each would also be done where the database is away.
    manager = LoginManager(app, add_context_processor=False)
    manager.session_protection = None  # it would need the fingerprint that enter() takes out of the cookie
    manager.user_loader(_load)


def _load(key: str) -> Visit | None:
    number = key.partition("-")[0]
    with db.reading() as session:
        person = session.get(Person, int(number)) if number.isdecimal() else None
        if person is None or not service.may_enter(person) or key_of(person) != key:
            return None
        return _visit(person)


def _visit(person: Person) -> Visit:
    return Visit(
        person_id=person.id,
        key=key_of(person),
        email=person.email,
        name=person.name,
        language=person.language,
        grants=frozenset(held.grant for held in person.grants),
    )
