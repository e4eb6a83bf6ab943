"""Posting a wave's tally into the ledger: the only thing that ever leaves the urn."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from pulse.ledger import store
from pulse.ledger.models import Source
from pulse.organisation.models import Measure, Side, Team
from surveys.ballots.urn import Tally
from surveys.waves import rosters
from surveys.waves.models import Wave, WaveQuestion, WaveState


def asked(session: Session, month: date) -> dict[str, set[str]]:
    """The measures (irritants, indicators) each ballot unit was asked about in a wave, by codes."""
    rows = (
        select(Team.code, Measure.code)
        .select_from(WaveQuestion)
        .join(Wave, Wave.id == WaveQuestion.wave_id)
        .join(Team, Team.id == WaveQuestion.unit_id)
        .join(Measure, Measure.id == WaveQuestion.measure_id)
        .where(Wave.month == month)
    )
    found: dict[str, set[str]] = defaultdict(set)
    for unit, measure in session.execute(rows):
        found[unit].add(measure)
    return found


def post(session: Session, month: date, tallies: Sequence[Tally], now: datetime) -> int:
    """Make a closed wave's tally its month's contribution, close the month and the wave; how many scores.

    A month in which nobody answered stays open in the ledger: a company folder may still bring it.
    """
    wave = session.scalars(select(Wave).where(Wave.month == month)).one()
    places: dict[str, int] = dict(session.execute(select(Team.code, Team.id)).all())
    measures: dict[str, int] = dict(session.execute(select(Measure.code, Measure.id)).all())
    sums = [
        store.Sum(measures[row.irritant], places[row.unit], row.n, row.total, row.squares) for row in tallies
    ]
    if sums:
        store.replace(session, Side.EMPLOYEE, month, Source.TALLY, sums)
        tree = rosters.tree(session, wave)
        store.close(session, Side.EMPLOYEE, month, k=wave.threshold, now=now, tree=tree)
    store.note_participation(session, month, rosters.participation(session, wave))
    wave.state = WaveState.TALLIED
    return sum(row.n for row in tallies)
