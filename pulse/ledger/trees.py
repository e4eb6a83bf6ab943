"""The tree that a month's figures are released by: a wave's own, frozen at opening, or a loaded month's."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from pulse.ledger.steadiness import Moves
from pulse.organisation.models import Team


@dataclass(frozen=True)
class Tree:
    """Who reports to whom in a month, as plain data.

    parents -- team id to the id of the one above, None at a top
    moves -- how many people joined or left each unit since each recent wave, by that wave's month; empty
             where there is no roster: loaded months are exempt from rule 5
    """

    parents: Mapping[int, int | None]
    moves: Mapping[date, Moves] = field(default_factory=dict)


def standing(session: Session, month: date) -> Tree:
    """The tree of a month without a wave: every team to the nearest team above that was open in the month."""
    rows = session.execute(select(Team.id, Team.parent_id, Team.opened, Team.closed)).all()
    above = {row.id: row.parent_id for row in rows}
    there = {
        row.id
        for row in rows
        if (row.opened is None or row.opened <= month) and (row.closed is None or row.closed > month)
    }

    def nearest(team: int | None) -> int | None:
        while team is not None and team not in there:
            team = above[team]
        return team

    return Tree({row.id: nearest(row.parent_id) for row in rows})
