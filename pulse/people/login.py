"""Signing in and out, and who is signed in: the one module that knows Flask-Login."""

import enum
import hashlib
import secrets
import time
from dataclasses import dataclass
from datetime import timedelta

from flask import Flask, session
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from config import settings
from pulse import db
from pulse.people import service, visits
from pulse.people.models import Grant, Person

ANALYSTS = (Grant.ANALYST, Grant.COUNCIL, Grant.ADMIN)  # who reads what is concluded about fixes
DECIDERS = (
    Grant.ANALYST,
    Grant.ADMIN,
)  # who decides what follows: the works council reads, and changes nothing
GETS_NEWS = (Grant.ANALYST, Grant.ADMIN, Grant.OWNER)  # who may want the weekly mail
LATELY = 15 * 60  # seconds after signing in by a link in which a password may be set without the old one
A_WHILE = 5 * 60  # seconds: how exactly the cookie knows when a page was last asked for
HALF_WAY = 10 * 60  # seconds between the first factor and the second


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


@dataclass(frozen=True)
class HalfWay:
    """Somebody who has shown one factor on this browser, and has to show another.

    by_link -- whether the first was a mailed link
    """

    person_id: int
    by_link: bool


def key_of(person: Person) -> str:
    """The key of a visit that begins now.

    Person, a proof of how things stand (a new password ends all visits), when it began, and its own number.
    """
    return f"{_who(person)}-{int(time.time())}-{secrets.token_hex(16)}"


def _who(person: Person) -> str:
    proof = hashlib.sha256(f"{person.visits} {person.password_hash or ''}".encode()).hexdigest()[:16]
    return f"{person.id}-{proof}"


def enter(person: Person, *, by_link: bool = False, by_service: bool = False) -> None:
    """Sign a person in on this browser, with nothing left of what the cookie held before."""
    session.clear()
    login_user(_visit(person, key_of(person)))
    if by_link:
        session["by_link"] = int(time.time())
    if by_service:
        session["by_service"] = True
    session.pop("_id", None)  # a fingerprint of network address and browser: no cookie of ours holds one


def by_link_lately() -> bool:
    """Whether this browser signed in by a link of the last minutes: its reader has lost no mailbox."""
    return 0 <= time.time() - session.get("by_link", 0) < LATELY


def by_service() -> bool:
    """Whether this browser was signed in by the organisation's sign-in service."""
    return bool(session.get("by_service"))


def wait(person: Person, *, by_link: bool = False) -> None:
    """Remember on this browser that a person has shown one factor, and is not signed in yet."""
    session.clear()
    session["half"] = {"who": _who(person), "since": int(time.time()), "by_link": by_link}


def half_way() -> HalfWay | None:
    """Who has shown one factor on this browser a moment ago; ended by whatever ends their visits."""
    half = session.get("half")
    if not isinstance(half, dict) or not 0 <= time.time() - half["since"] < HALF_WAY:
        return None
    number = int(half["who"].partition("-")[0])
    with db.reading() as reading:
        person = service.by_id(reading, number)
        known = person is not None and service.may_enter(person) and _who(person) == half["who"]
    return HalfWay(number, half["by_link"]) if known else None


def leave() -> None:
    """Sign out, and forget what the cookie held; a copy of it made before opens nothing either."""
    visit = here()
    logout_user()
    session.clear()
    if visit is not None:
        with db.writing() as writing:
            visits.end(writing, _number(visit.key), service.today())


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
    who, began, number = _parts(key)
    if not who or not _lasts(began):
        return None
    with db.reading() as reading:
        person = service.by_id(reading, int(who.partition("-")[0]))
        if person is None or not service.may_enter(person) or _who(person) != who:
            return None
        return None if visits.ended(reading, number) else _visit(person, key)


def _parts(key: str) -> tuple[str, int, str]:
    """Who, when it began and its number; empty for what an older release signed."""
    parts = key.split("-")
    return (f"{parts[0]}-{parts[1]}", int(parts[2]), parts[3]) if len(parts) == 4 else ("", 0, "")


def _number(key: str) -> str:
    return _parts(key)[2]


def _lasts(began: int) -> bool:
    """Whether a visit goes on: neither too old, nor left alone too long; marks that it was not."""
    known, now = settings(), time.time()
    seen = session.get("seen", began)
    longest, idle = timedelta(hours=known.visit_hours), timedelta(minutes=known.visit_idle_minutes)
    if now - began >= longest.total_seconds() or now - seen >= idle.total_seconds():
        return False
    if now - seen >= A_WHILE:
        session["seen"] = int(now)
    return True


def _visit(person: Person, key: str) -> Visit:
    return Visit(
        person_id=person.id,
        key=key,
        email=person.email,
        name=person.name,
        language=person.language,
        grants=frozenset(held.grant for held in person.grants),
    )
