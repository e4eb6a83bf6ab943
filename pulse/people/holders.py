"""Who may do what: the people who hold a grant and may sign in."""

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from pulse.people import service
from pulse.people.models import Grant, Person, PersonGrant


def holding(session: Session, *grants: Grant) -> list[Person]:
    """The people who hold one of these grants and may sign in, by name."""
    held = exists().where(PersonGrant.person_id == Person.id, PersonGrant.grant.in_(grants))
    here = or_(Person.left_on.is_(None), Person.left_on >= service.today())
    people = session.scalars(select(Person).where(held, here, Person.disabled_at.is_(None)))
    return sorted(people, key=lambda person: (person.name.casefold(), person.email))
