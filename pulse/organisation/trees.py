"""The reporting tree of a month: teams that were open in it, and whom they reported to."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from pulse.organisation.models import Team


def open_tree(session: Session, month: date) -> dict[int, int | None]:
    """The teams open in a month to the nearest open team each reports to, in the order of their codes."""
    rows = session.execute(
        select(Team.id, Team.parent_id, Team.opened, Team.closed).order_by(Team.code)
    ).all()
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

    return {row.id: nearest(row.parent_id) for row in rows if row.id in there}
