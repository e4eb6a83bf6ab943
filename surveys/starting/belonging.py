"""Who belongs where before the first wave: teams, the groups in which they answer, and who leads them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pulse.i18n import gettext as _
from pulse.i18n import ngettext
from pulse.months import month_of
from pulse.organisation.models import Team
from pulse.organisation.trees import open_tree
from pulse.people.models import Grant, Person, PersonGrant
from surveys.starting.findings import Finding, found
from surveys.waves.service import attached
from surveys.waves.units import FEWEST, ballot_units

SHOWN = 60  # groups that are told one by one


@dataclass(frozen=True)
class Group:
    """A ballot unit, in whose name people answer; teams -- those in it beside the one it is named by."""

    name: str
    teams: tuple[str, ...]
    people: int


@dataclass(frozen=True)
class Belonging:
    """Who belongs where.

    people -- who belong to a team; by_code -- those of them who answer by a printed code
    groups -- as they would be if a wave opened today, the largest first; more -- how many are not told
    """

    people: int
    teams: int
    by_code: int
    groups: tuple[Group, ...]
    more: int
    findings: tuple[Finding, ...]


def belonging(session: Session, today: date, *, language: str, k: int) -> Belonging:
    """Who belongs where today, with what is missing.

    k -- the smallest group whose figures are shown
    """
    parents = open_tree(session, month_of(today))
    drawing = attached(session, today)
    everybody = attached(session, today, by_code=True)
    teams = {team.id: team for team in session.scalars(select(Team)) if team.id in parents}
    names = {number: team.name(language) for number, team in teams.items()}
    groups = sorted(
        _groups(ballot_units(parents, drawing), drawing, names), key=lambda group: (-group.people, group.name)
    )
    people = sum(everybody.values())
    told = list(_findings(session, parents, everybody, names, k)) if people else []
    return Belonging(
        people,
        len(everybody),
        people - sum(drawing.values()),
        tuple(groups[:SHOWN]),
        max(len(groups) - SHOWN, 0),
        tuple(told),
    )


def _groups(units: Mapping[int, int], people: Mapping[int, int], names: Mapping[int, str]) -> Iterator[Group]:
    """The units in which anybody is, with the teams in them that have people."""
    members: dict[int, list[int]] = defaultdict(list)
    for team, unit in units.items():
        if people.get(team):
            members[unit].append(team)
    for unit, teams in members.items():
        others = tuple(sorted(names[team] for team in teams if team != unit))
        yield Group(names[unit], others, sum(people[team] for team in teams))


def _findings(
    session: Session,
    parents: Mapping[int, int | None],
    people: Mapping[int, int],
    names: Mapping[int, str],
    k: int,
) -> Iterator[Finding]:
    if sum(people.values()) < FEWEST:
        yield _too_few_in_all()
    leaves = set(parents) - set(parents.values())
    if empty := [names[team] for team in parents if team in leaves and not people.get(team)]:
        yield _nobody_in(empty)
    if small := [names[team] for team in parents if 0 < people.get(team, 0) < k]:
        yield _small(small, k)
    heads = set(session.scalars(select(PersonGrant.team_id).where(PersonGrant.grant == Grant.MANAGER)))
    if alone := [names[team] for team in parents if people.get(team) and not _led(team, parents, heads)]:
        yield _without_manager(alone)
    readers = select(func.count()).select_from(PersonGrant).join(Person, Person.id == PersonGrant.person_id)
    if not session.scalar(readers.where(PersonGrant.grant == Grant.ANALYST, Person.disabled_at.is_(None))):
        yield _no_analyst()


def _led(team: int, parents: Mapping[int, int | None], heads: set[int | None]) -> bool:
    at: int | None = team
    while at is not None:
        if at in heads:
            return True
        at = parents.get(at)
    return False


def _too_few_in_all() -> Finding:
    title = ngettext(
        "Fewer than %(n)s person belongs to a team", "Fewer than %(n)s people belong to a team", FEWEST
    )
    return Finding(
        title,
        _(
            "Everybody answers in one group then, and it is too small to hide anybody well. Bring in more"
            " people."
        ),
    )


def _nobody_in(names: Sequence[str]) -> Finding:
    title = ngettext("Nobody belongs to %(n)s team", "Nobody belongs to %(n)s teams", len(names))
    advice = _("Nobody is asked there. Bring in their people, or close the team in teams.csv (closed).")
    return found(title, advice, names)


def _small(names: Sequence[str], k: int) -> Finding:
    title = ngettext(
        "%(n)s team has fewer people than figures are shown for",
        "%(n)s teams have fewer people than figures are shown for",
        len(names),
    )
    advice = _(
        "Figures need at least %(k)s answers. These teams answer together with others, as told below: nothing"
        " to do, and their own line is never shown.",
        k=k,
    )
    return found(title, advice, names)


def _without_manager(names: Sequence[str]) -> Finding:
    title = ngettext(
        "%(n)s team has nobody who reads its figures",
        "%(n)s teams have nobody who reads their figures",
        len(names),
    )
    advice = _(
        "Name who heads them in the column manager_of of the file of people, or on somebody’s account."
    )
    return found(title, advice, names)


def _no_analyst() -> Finding:
    return Finding(
        _("Nobody is an analyst yet"),
        _(
            "Somebody from HR or customer experience is to read the verdicts: give them that grant on their"
            " account."
        ),
    )
