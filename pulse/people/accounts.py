"""What admins see and do: who has an account, and what each may do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from pulse.organisation.models import Team
from pulse.people import service
from pulse.people.models import Grant, Membership, Person, PersonGrant

PAGE = 50


class OwnAdmin(Exception):
    """Somebody would take their own right to look after accounts, or close their own account."""


@dataclass(frozen=True)
class Search:
    """Which accounts to list: words of name or address, a grant, and whether they may sign in."""

    words: str = ""
    grant: Grant | None = None
    closed: bool = False
    page: int = 1

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Search":
        """The search an address makes; what it cannot mean counts as not said."""
        grants = {grant.value: grant for grant in Grant}
        page = query.get("page", "")[:6]
        return cls(
            words=query.get("search", "").replace("\0", "").strip()[:100],
            grant=grants.get(query.get("grant", "")),
            closed=query.get("closed") == "1",
            page=max(1, int(page)) if page.isdecimal() and page.isascii() else 1,
        )

    def to(self, **changed: object) -> dict[str, str]:
        """The address of another search that differs in this, from its first page on."""
        other = replace(self, **{"page": 1, **changed})  # type: ignore[arg-type]
        said = {
            "search": other.words,
            "grant": other.grant.value if other.grant else "",
            "closed": "1" if other.closed else "",
            "page": str(other.page) if other.page > 1 else "",
        }
        return {name: value for name, value in said.items() if value}


@dataclass(frozen=True)
class Account:
    """A person as admins see one, with the team of today and the codes of the teams they head."""

    person: Person
    team: Team | None
    grants: Sequence[tuple[PersonGrant, str | None]]


@dataclass(frozen=True)
class Listing:
    """One page of a search, and how many there are in all."""

    accounts: Sequence[Account]
    number: int

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return -(-self.number // PAGE)


def search(session: Session, wanted: Search, today: date) -> Listing:
    """A page of the accounts searched for, in the order of their addresses."""
    which = _conditions(wanted, today)
    number = session.scalar(select(func.count()).select_from(Person).where(*which)) or 0
    rows = (
        select(Person, Team)
        .outerjoin(Membership, and_(Membership.person_id == Person.id, *_holds(today)))
        .outerjoin(Team, Team.id == Membership.team_id)
        .where(*which)
        .order_by(Person.email, Membership.since.desc())
        .offset((wanted.page - 1) * PAGE)
        .limit(PAGE)
    )
    found = session.execute(rows).all()
    codes = _codes(session, [person for person, _ in found])
    return Listing([_account(person, team, codes) for person, team in found], number)


def _conditions(wanted: Search, today: date) -> list[ColumnElement[bool]]:
    enters = and_(Person.disabled_at.is_(None), or_(Person.left_on.is_(None), Person.left_on >= today))
    found = [~enters if wanted.closed else enters]
    for word in wanted.words.split():
        found.append(
            or_(Person.email.icontains(word, autoescape=True), Person.name.icontains(word, autoescape=True))
        )
    if wanted.grant is not None:
        held = PersonGrant.person_id == Person.id
        found.append(exists().where(held, PersonGrant.grant == wanted.grant))
    return found


def _holds(day: date) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Membership.since <= day, or_(Membership.until.is_(None), Membership.until >= day)


def _codes(session: Session, people: Sequence[Person]) -> dict[int, str]:
    """The codes of the teams that people head."""
    teams = {held.team_id for person in people for held in person.grants if held.team_id is not None}
    return dict(session.execute(select(Team.id, Team.code).where(Team.id.in_(teams))).all())


def _account(person: Person, team: Team | None, codes: Mapping[int, str]) -> Account:
    held = sorted(person.grants, key=lambda grant: (grant.grant.value, grant.team_id or 0))
    return Account(person, team, [(grant, codes.get(grant.team_id or 0)) for grant in held])


def account(session: Session, person_id: int, today: date) -> Account | None:
    """One person's account."""
    person = service.by_id(session, person_id)
    if person is None:
        return None
    belongs = service.membership(session, person_id, today)
    team = session.get(Team, belongs.team_id) if belongs else None
    return _account(person, team, _codes(session, [person]))


def give(session: Session, person: Person, grant: Grant, team: Team | None, *, by: int) -> None:
    """Give a grant, and write it down."""
    service.grant(session, person, grant, team=team)
    service.note(session, "grant given", person.email, _named(grant, team.code if team else None), by=by)


def take(session: Session, person: Person, grant_id: int, *, by: int) -> None:
    """Take a grant away, and write it down; raises OwnAdmin. One that is gone already is no matter."""
    held = next((held for held in person.grants if held.id == grant_id), None)
    if held is None:
        return
    if held.grant is Grant.ADMIN and person.id == by:
        raise OwnAdmin
    code = session.scalar(select(Team.code).where(Team.id == held.team_id))
    person.grants.remove(held)
    service.note(session, "grant taken", person.email, _named(held.grant, code), by=by)


def _named(grant: Grant, code: str | None) -> str:
    return f"{grant.value} {code or ''}".strip()


def close(session: Session, person: Person, now: datetime, *, by: int) -> None:
    """Let somebody sign in no more, and end all their visits; raises OwnAdmin."""
    if person.id == by:
        raise OwnAdmin
    person.disabled_at, person.visits = now, person.visits + 1
    service.note(session, "account closed", person.email, by=by)


def reopen(session: Session, person: Person, *, by: int) -> None:
    """Let somebody sign in again whose account an admin closed."""
    person.disabled_at = None
    service.note(session, "account opened again", person.email, by=by)
