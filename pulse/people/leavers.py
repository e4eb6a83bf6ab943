"""People who leave: their last day, the end of their sign-in, and what of them is forgotten a year later."""

from collections.abc import Callable
from datetime import date, datetime

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from pulse.organisation.models import Team
from pulse.outbox.models import Message
from pulse.people import audit, service
from pulse.people.audit import FORGOTTEN
from pulse.people.models import (
    AnswersBy,
    Identity,
    Membership,
    Person,
    PersonGrant,
    RecoveryCode,
    SecondFactor,
    SignInLink,
)
from pulse.people.roster import A_DAY

AT_ONCE = 1000


def leave(session: Session, who: Select[int], starts: date) -> int:
    """Let people leave on the day before one; how many they were.

    who -- a query for ids which no longer finds whoever has left
    """
    last, number = starts - A_DAY, 0
    while ids := session.scalars(who.limit(AT_ONCE)).all():
        session.execute(delete(Membership).where(Membership.person_id.in_(ids), Membership.since >= starts))
        session.execute(
            update(Membership)
            .where(Membership.person_id.in_(ids), Membership.until.is_(None) | (Membership.until > last))
            .values(until=last)
        )
        session.execute(update(Person).where(Person.id.in_(ids)).values(left_on=last))
        number += len(ids)
    return number


def end_due(session: Session, today: date, now: datetime, *, by: int | None = None) -> int:
    """Take sign-in and grants from everybody whose last day is over; how many they were.

    by -- whose doing it is, for the audit: None = the system
    """
    over = select(Person.id).where(Person.left_on < today, Person.disabled_at.is_(None))
    number = 0
    while ids := session.scalars(over.limit(AT_ONCE)).all():
        held = (
            select(Person.email, PersonGrant.grant, Team.code)
            .join(PersonGrant, PersonGrant.person_id == Person.id)
            .outerjoin(Team, Team.id == PersonGrant.team_id)
            .where(Person.id.in_(ids))
        )
        for email, grant, team in session.execute(held).all():
            service.note(session, "grant taken", email, f"{grant.value} {team or ''}".strip(), by=by)
        session.execute(delete(PersonGrant).where(PersonGrant.person_id.in_(ids)))
        session.execute(delete(SignInLink).where(SignInLink.person_id.in_(ids)))
        session.execute(
            update(Person).where(Person.id.in_(ids)).values(disabled_at=now, visits=Person.visits + 1)
        )
        number += len(ids)
    return number


def forget(session: Session, today: date, *, also: Callable[[Session, str], None] | None = None) -> int:
    """Forget who left a year ago: name, address, password, teams, mails; how many they were.

    also -- forgets an address where rooms below this one keep it

    What stays is a number, without which the audit could not say that two entries are of one person. No
    answer was ever tied to it.
    """
    before = _a_year_before(today)
    old = select(Person.id, Person.email).where(
        Person.left_on < before, Person.email.not_like(f"{FORGOTTEN}%")
    )
    number = 0
    while people := session.execute(old.limit(AT_ONCE)).all():
        for person_id, email in people:
            _forget(session, person_id, email)
            if also is not None:
                also(session, email)
        number += len(people)
    return number


def _forget(session: Session, person_id: int, email: str) -> None:
    nobody = f"{FORGOTTEN}{person_id}"
    for table in (Membership, PersonGrant, SignInLink, Identity, SecondFactor, RecoveryCode):
        session.execute(delete(table).where(table.person_id == person_id))
    session.execute(delete(Message).where(Message.recipient == email))
    audit.forget(session, email, nobody)
    session.execute(
        update(Person)
        .where(Person.id == person_id)
        .values(email=nobody, name="", password_hash=None, answers_by=AnswersBy.BALLOT, language="en")
    )


def _a_year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year - 1, day=28)


def nightly(
    session: Session, today: date, now: datetime, *, also: Callable[[Session, str], None] | None = None
) -> str:
    """The leavers' night, in one line; also -- as for forget()."""
    ended, forgotten = end_due(session, today, now), forget(session, today, also=also)
    return f"{ended} sign-ins ended, {forgotten} people forgotten who left before {_a_year_before(today)}"
