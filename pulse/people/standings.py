"""How people stand: their names, where they belong, and which teams they head."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from pulse.people.models import AnswersBy, Grant, Membership, Person, PersonGrant
from pulse.people.roster import Spell


@dataclass(frozen=True)
class Standing:
    """How somebody stands before a row; person_id None = unknown so far."""

    person_id: int | None = None
    name: str = ""
    answers_by: AnswersBy = AnswersBy.BALLOT
    left_on: date | None = None
    spells: tuple[Spell, ...] = ()
    leads: frozenset[int] = frozenset()


def standings(session: Session, emails: Sequence[str]) -> dict[str, Standing]:
    """How the people of these addresses stand now, unknown ones included."""
    people = session.execute(
        select(Person.id, Person.email, Person.name, Person.answers_by, Person.left_on).where(
            Person.email.in_(emails)
        )
    ).all()
    ids = [person.id for person in people]
    spells: dict[int, list[Spell]] = defaultdict(list)
    belongs = select(Membership.person_id, Membership.team_id, Membership.since, Membership.until)
    for person_id, team_id, since, until in session.execute(
        belongs.where(Membership.person_id.in_(ids)).order_by(Membership.person_id, Membership.since)
    ):
        spells[person_id].append(Spell(team_id, since, until))
    leads: dict[int, set[int]] = defaultdict(set)
    heads = select(PersonGrant.person_id, PersonGrant.team_id).where(
        PersonGrant.grant == Grant.MANAGER, PersonGrant.person_id.in_(ids), PersonGrant.team_id.is_not(None)
    )
    for person_id, headed in session.execute(heads):
        leads[person_id].add(headed or 0)
    known = {
        person.email: Standing(
            person.id,
            person.name,
            person.answers_by,
            person.left_on,
            tuple(spells[person.id]),
            frozenset(leads[person.id]),
        )
        for person in people
    }
    return {email: known.get(email, Standing()) for email in emails}


def write_spells(
    session: Session, changed: Mapping[int, tuple[tuple[Spell, ...], tuple[Spell, ...]]]
) -> None:
    """Make the memberships of people (by id) what their spells are after, given what they were before."""
    gone, new = [], []
    for person_id, (before, after) in changed.items():
        kept = set(before) & set(after)
        gone += [(person_id, spell.since) for spell in before if spell not in kept]
        new += [
            {"person_id": person_id, "team_id": spell.team, "since": spell.since, "until": spell.until}
            for spell in after
            if spell not in kept
        ]
    for person_id, since in gone:
        session.execute(
            delete(Membership).where(Membership.person_id == person_id, Membership.since == since)
        )
    if new:
        session.execute(insert(Membership), new)
