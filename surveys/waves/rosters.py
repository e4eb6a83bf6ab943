"""What the disclosure rule needs of a wave: its frozen tree, who moved since recent waves, who took part.

Only counts leave this module: the ledger never learns who moved where.
"""

from collections import Counter
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from config import settings
from pulse.ledger import trees
from pulse.ledger.steadiness import REMEMBERED, Moves, Roster, moves
from pulse.ledger.trees import Tree
from pulse.months import shifted
from pulse.people.models import AnswersBy, Membership, Person
from surveys.waves.models import Issued, Wave, WaveState, WaveTeam


def tree(session: Session, wave: Wave) -> Tree:
    """The tree frozen when a wave opened, with the joiners and leavers of each unit since recent waves."""
    mine = roster(session, wave)
    recent = session.scalars(
        select(Wave).where(
            Wave.state == WaveState.TALLIED,
            Wave.month.between(shifted(wave.month, -REMEMBERED), shifted(wave.month, -1)),
        )
    )
    since: dict[date, Moves] = {before.month: moves(roster(session, before), mine) for before in recent}
    return Tree(mine.parents, since)


def tree_of(session: Session, month: date) -> Tree:
    """The tree that a month's figures are released by: its wave's, or for a month without one as it stood."""
    wave = session.scalar(select(Wave).where(Wave.month == month, Wave.state != WaveState.PLANNED))
    return trees.standing(session, month) if wave is None else tree(session, wave)


def roster(session: Session, wave: Wave) -> Roster:
    """Who belonged to which ballot unit when a wave opened, and the wave's tree."""
    teams = session.execute(
        select(WaveTeam.team_id, WaveTeam.unit_id, WaveTeam.parent_id).where(WaveTeam.wave_id == wave.id)
    ).all()
    units = {row.team_id: row.unit_id for row in teams}
    return Roster(
        {person: units[team] for person, team in _attached(session, wave) if team in units},
        {row.team_id: row.parent_id for row in teams},
    )


def _attached(session: Session, wave: Wave) -> list[tuple[int, int]]:
    """Person and team, as they were on the day a wave opened."""
    day = wave.opens_at.astimezone(settings().zone).date()
    rows = (
        select(Membership.person_id, Membership.team_id)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.since <= day, or_(Membership.until.is_(None), Membership.until >= day))
        .where(or_(Person.disabled_at.is_(None), Person.disabled_at > wave.opens_at))
    )
    return [(row.person_id, row.team_id) for row in session.execute(rows)]


def participation(session: Session, wave: Wave) -> dict[int, tuple[int, int]]:
    """Of each ballot unit: how many could draw a ballot, and how many did, from the issuing list.

    Whoever answers by a printed code draws none, so nobody knows who of them took part: they are left out.
    """
    units = roster(session, wave).units
    by_code = set(session.scalars(select(Person.id).where(Person.answers_by == AnswersBy.CODE)))
    drew = set(session.scalars(select(Issued.person_id).where(Issued.wave_id == wave.id)))
    invited = Counter(unit for person, unit in units.items() if person not in by_code)
    took_part = Counter(units[person] for person in drew if person in units and person not in by_code)
    return {unit: (number, took_part[unit]) for unit, number in invited.items()}
