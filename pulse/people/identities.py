"""Who a person is to the organisation's sign-in service, and what follows from what it says of them."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from config import settings
from pulse.db import insert_into
from pulse.organisation.models import Team
from pulse.people import roster, service
from pulse.people.claims import Claimed
from pulse.people.models import Grant, Identity, Person, PersonGrant
from pulse.people.oidc import Refused, Why
from pulse.people.standings import standings, write_spells

BY_SERVICE = "(sign-in service)"


def person_of(session: Session, issuer: str, claimed: Claimed, today: date) -> Person:
    """The person somebody is: by what the service calls them, the first time by their verified address.

    Nobody is ever added here: who may answer and be counted is the file of people's to say. Raises Refused.
    """
    linked = session.get(Identity, (issuer, claimed.subject))
    person = service.by_id(session, linked.person_id) if linked else _linked(session, issuer, claimed, today)
    if person is None:
        raise Refused(Why.UNKNOWN)
    if not service.may_enter(person):
        raise Refused(Why.CLOSED)
    return person


def _linked(session: Session, issuer: str, claimed: Claimed, today: date) -> Person | None:
    """The person of a verified address, from now on known by what the service calls them."""
    if claimed.email is None or not claimed.verified:
        raise Refused(Why.UNVERIFIED)
    person = service.person(session, claimed.email)
    if person is None or not service.may_enter(person):
        return person
    other = select(Identity).where(Identity.person_id == person.id, Identity.issuer == issuer)
    if session.scalar(other) is not None:
        raise Refused(Why.TAKEN)  # an address handed on: its new holder is not its old one
    row = {"issuer": issuer, "subject": claimed.subject, "person_id": person.id, "linked_on": today}
    session.execute(insert_into(session, Identity).values(row).on_conflict_do_nothing())
    return person


def of(session: Session, person_id: int) -> Sequence[Identity]:
    """The accounts of sign-in services that a person is linked to."""
    return session.scalars(select(Identity).where(Identity.person_id == person_id)).all()


def unlink(session: Session, person: Person, *, by: int | None) -> None:
    """Undo a person's links, so that their address links anew; ends their visits, and writes it down."""
    session.execute(delete(Identity).where(Identity.person_id == person.id))
    person.visits += 1
    service.note(session, "sign-in service unlinked", person.email, by=by)


def end_visits(session: Session, issuer: str, subject: str) -> None:
    """End all visits of whoever signed out of the service; of somebody unknown there are none."""
    linked = session.get(Identity, (issuer, subject))
    person = service.by_id(session, linked.person_id) if linked else None
    if person is not None:
        person.visits += 1


def follow(session: Session, person: Person, claimed: Claimed, today: date, settled: date | None) -> None:
    """Give and take the grants that are the service's to say, and move the person to the team it names.

    settled -- the day up to which nobody changes team any more (roster.placed)
    """
    known = settings()
    team = _team(session, claimed.team, today)
    if team is not None:
        _move(session, person, team, today, settled)
    mine = {Grant(grant) for grant in known.oidc_grants.values()}
    claims = claimed.grants(known.oidc_grants)
    for grant in sorted(mine, key=lambda grant: grant.value):
        heads = grant is Grant.MANAGER
        wanted = grant in claims and (not heads or team is not None)
        _hold(session, person, grant, team if heads else None, wanted=wanted)


def _hold(session: Session, person: Person, grant: Grant, team: Team | None, *, wanted: bool) -> None:
    """Let a person hold a grant (a manager's for this team alone), or no longer."""
    team_id = team.id if team else None
    held = [one for one in person.grants if one.grant is grant]
    for one in held:
        if not wanted or one.team_id != team_id:
            person.grants.remove(one)
            _note(session, "grant taken", person, grant)
    if wanted and all(one.team_id != team_id for one in held):
        person.grants.append(PersonGrant(grant=grant, team_id=team_id))
        _note(session, "grant given", person, grant)
    session.flush()


def _note(session: Session, action: str, person: Person, grant: Grant) -> None:
    service.note(session, action, person.email, f"{grant.value} {BY_SERVICE}", day_alone=True)


def _team(session: Session, code: str | None, today: date) -> Team | None:
    """The team of a code, if there is one that is not closed: a slip in the service moves nobody."""
    if code is None:
        return None
    try:
        found = service.team(session, code.replace("\0", ""))
    except service.NoSuchTeam:
        return None
    return None if found.closed is not None and found.closed <= today else found


def _move(session: Session, person: Person, team: Team, today: date, settled: date | None) -> None:
    before = standings(session, [person.email])[person.email].spells
    after = roster.moved(before, team.id, since=None, starts=today, settled=settled)
    if after != before:
        write_spells(session, {person.id: (before, after)})
