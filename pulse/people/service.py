"""People: made, recognised, and what is written down about what they do."""

from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from config import settings
from pulse.organisation.models import Team
from pulse.people import audit, passwords
from pulse.people.models import Grant, Membership, Person, PersonGrant


class NoSuchTeam(Exception):
    """There is no team of this code."""


class NotAnAddress(Exception):
    """This cannot be an e-mail address."""


def normal(email: str) -> str:
    """An e-mail address as it is stored: trimmed, in small letters; raises NotAnAddress."""
    address = email.strip().lower()
    local, at, host = address.rpartition("@")
    if not (local and at and host) or any(c.isspace() or not c.isprintable() for c in address):
        raise NotAnAddress(email)
    return address


def person(session: Session, email: str) -> Person | None:
    """The person of an e-mail address."""
    if "\0" in email:  # which PostgreSQL would refuse as a value, and nobody's address holds
        return None
    return session.scalar(select(Person).where(Person.email == email.strip().lower()))


def by_id(session: Session, person_id: int) -> Person | None:
    """The person of a number."""
    return session.get(Person, person_id)


def today() -> date:
    """The day it is by the organisation's clock."""
    return datetime.now(settings().zone).date()


def gone(person: Person) -> bool:
    """Whether somebody's last day is over."""
    return person.left_on is not None and person.left_on < today()


def may_enter(person: Person) -> bool:
    """Whether somebody may sign in: not where an admin closed the account, nor after their last day."""
    return person.disabled_at is None and not gone(person)


def recognise(session: Session, email: str, password: str) -> Person | None:
    """The person whose e-mail address and password these are; None, after as long, for anybody else."""
    found = person(session, email)
    stored = found.password_hash if found is not None and may_enter(found) else None
    return found if passwords.matches(password, stored) else None


def add(
    session: Session, email: str, *, name: str = "", language: str = "fr", password: str | None = None
) -> Person:
    """The person of this e-mail address, made where there is none; a password given replaces the old one.

    Raises NotAnAddress or passwords.WeakPassword.
    """
    address = normal(email)
    found = person(session, address)
    if found is None:
        found = Person(email=address, name=name or address.partition("@")[0], language=language)
        found.password_hash = found.disabled_at = None
        session.add(found)
    if password is not None:
        found.password_hash = passwords.hashed(password)
    session.flush()
    return found


def grant(session: Session, person: Person, grant: Grant, *, team: Team | None = None) -> None:
    """Give a person a grant (a manager's names a team); giving it twice changes nothing."""
    team_id = team.id if team is not None else None
    if not any(held.grant is grant and held.team_id == team_id for held in person.grants):
        person.grants.append(PersonGrant(grant=grant, team_id=team_id))
        session.flush()


def join(session: Session, person: Person, team: Team, *, since: date) -> None:
    """Make a person a member of a team from a day on; what a later day says is replaced."""
    current = membership(session, person.id, since)
    if current is not None and current.team_id == team.id:
        return
    if current is not None and current.since == since:
        current.team_id = team.id
        return
    if current is not None:
        current.until = date.fromordinal(since.toordinal() - 1)
    session.add(Membership(person_id=person.id, team_id=team.id, since=since, until=None))
    session.flush()


def membership(session: Session, person_id: int, day: date) -> Membership | None:
    """Where a person belongs on a day."""
    return session.scalar(
        select(Membership)
        .where(Membership.person_id == person_id, Membership.since <= day)
        .where(or_(Membership.until.is_(None), Membership.until >= day))
        .order_by(Membership.since.desc())
        .limit(1)
    )


def team(session: Session, code: str) -> Team:
    """The team of a code; raises NoSuchTeam."""
    found = session.scalar(select(Team).where(Team.code == code))
    if found is None:
        raise NoSuchTeam(code)
    return found


def note(
    session: Session,
    action: str,
    subject: str,
    detail: str = "",
    *,
    by: int | None = None,
    day_alone: bool = False,
) -> None:
    """Write down who did what (by: a person's id; None = the command line). Never about answering.

    day_alone -- keep the day and no time: of what happens as somebody signs in, which no time is kept of
    """
    audit.note(session, action, subject, detail, by=by, day_alone=day_alone)
