"""Signing in and out, and who is signed in: the one module that knows Flask-Login."""

import enum
import hashlib
from dataclasses import dataclass

from flask import Flask, session
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from pulse import db
from pulse.people.models import Grant, Person

ANALYSTS = (Grant.ANALYST, Grant.COUNCIL, Grant.ADMIN)  # who reads what is concluded about fixes


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
    """A person's id and a proof of the password they signed in with: a new password ends all visits."""
    proof = hashlib.sha256((person.password_hash or "").encode()).hexdigest()[:16]
    return f"{person.id}-{proof}"


def enter(person: Person) -> None:
    """Sign a person in on this browser, with nothing left of what the cookie held before."""
    session.clear()
    login_user(_visit(person))
    session.pop("_id", None)  # a fingerprint of network address and browser: no cookie of ours holds one


def leave() -> None:
    """Sign out, and forget what the cookie held."""
    logout_user()
    session.clear()


def here() -> Visit | None:
    """Who is signed in on this browser."""
    return current_user._get_current_object() if current_user.is_authenticated else None


def set_up(app: Flask) -> None:
    """Make an application remember who is signed in."""
    manager = LoginManager(app)
    manager.session_protection = None  # it would need the fingerprint that enter() takes out of the cookie
    manager.user_loader(_load)


def _load(key: str) -> Visit | None:
    number = key.partition("-")[0]
    with db.reading() as session:
        person = session.get(Person, int(number)) if number.isdecimal() else None
        if person is None or person.disabled_at is not None or key_of(person) != key:
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
