"""Whose figures a person may read."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from pulse.ledger.disclosure import line
from pulse.organisation.models import Team
from pulse.people import service
from pulse.people.models import Grant, PersonGrant

READ_ALL = (Grant.ANALYST, Grant.COUNCIL, Grant.ADMIN)


@dataclass(frozen=True)
class Reader:
    """What somebody may read of employees' figures; customers' are for everybody who sees the page.

    reads_all -- analysts, works council, administrators
    line -- team ids: one's own team, and for a manager the teams headed with everything below them
    around -- team ids: the units above these, and the whole organisation, each as a whole
    """

    reads_all: bool
    line: frozenset[int] = frozenset()
    around: frozenset[int] = frozenset()

    def may_read(self, team_id: int) -> bool:
        """Whether a team's page is this reader's to see; asks nothing about whether there are figures."""
        return self.reads_all or team_id in self.line


EVERYTHING = Reader(reads_all=True)  # for pages that only analysts, council and administrators enter


def reader_of(session: Session, person_id: int) -> Reader:
    """What a person may read: all, or the lines they head, their own team, and what these are part of."""
    grants = session.execute(
        select(PersonGrant.grant, PersonGrant.team_id).where(PersonGrant.person_id == person_id)
    ).all()
    if any(grant in READ_ALL for grant, _ in grants):
        return EVERYTHING
    parents = dict(session.execute(select(Team.id, Team.parent_id)).all())
    headed = [team for grant, team in grants if grant is Grant.MANAGER and team is not None]
    own = set() if (team := _team(session, person_id)) is None else {team}
    tops = {team for team, parent in parents.items() if parent is None}
    above = {unit for mine in own.union(headed) for unit in line(parents, mine)}
    return Reader(False, frozenset(_with_below(parents, headed) | own), frozenset(above | tops))


def _team(session: Session, person_id: int) -> int | None:
    here = service.membership(session, person_id, service.today())
    return None if here is None else here.team_id


def _with_below(parents: Mapping[int, int | None], heads: Iterable[int]) -> set[int]:
    children: dict[int, list[int]] = defaultdict(list)
    for team, parent in parents.items():
        if parent is not None:
            children[parent].append(team)
    found: set[int] = set()
    waiting = list(heads)
    while waiting:
        team = waiting.pop()
        if team not in found:
            found.add(team)
            waiting.extend(children[team])
    return found
