"""What came of last month's answers, for those who gave them: released cells and verdicts, nothing else."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from pulse.ledger import figures as door
from pulse.ledger.disclosure import Extent
from pulse.ledger.readers import Reader
from pulse.months import month_of
from pulse.organisation.models import Fix, Measure, MeasureKind, Place, Side, Team
from pulse.verdicts.models import Verdict
from pulse.verdicts.rules import Outcome
from pulse.verdicts.sentences import WORDS
from surveys.ballots.issuing import Place as Seat
from surveys.questions.enps import net
from surveys.questions.landing import LANDING
from surveys.waves.models import Wave, WaveQuestion

MOST = 3  # fixes told of


@dataclass(frozen=True)
class Figure:
    """One released figure in plain words.

    what -- what it is about
    who -- the group it is about: the unit, or the next larger group that can be shown
    score -- points of 0..10, or the net score of -100..100 where net is true
    rough -- whether score and n are rounded to bands
    fresh -- whether it is made of this month's answers; if not, the last figure that may be shown stands
    """

    what: str
    who: str
    score: float
    n: int
    rough: bool
    fresh: bool
    net: bool = False

    @property
    def words(self) -> str:
        """The answer in words that stands nearest to the score."""
        scored = [choice for choice in LANDING.choices if choice.score is not None]
        return str(min(scored, key=lambda choice: abs((choice.score or 0) / 100 - self.score)).label)


@dataclass(frozen=True)
class Outcomes:
    """What may be told: the month, its figures, and what was done about the same irritants."""

    month: date | None
    figures: tuple[Figure, ...]
    fixes: tuple[tuple[Fix, Verdict | None], ...]


def word(verdict: Verdict | None) -> str:
    """The one word for what came of a fix so far."""
    return str(WORDS[verdict.outcome if verdict else Outcome.UNDETERMINED])


def outcomes(session: Session, seat: Seat, *, language: str) -> Outcomes:
    """What came of the last released month at a person's place."""
    month = door.newest(session, Side.EMPLOYEE, before=seat.wave.month)
    now = _asked(session, seat.wave.month, seat.unit.id)
    then = _asked(session, month, seat.unit.id) or now if month else []
    figures = _figures(session, month, seat.unit, then, language) if month else ()
    return Outcomes(month, figures, _fixes(session, {*now, *then}))


def _asked(session: Session, month: date, unit_id: int) -> list[int]:
    """The measures a unit was asked about in a month, in the order of its page."""
    rows = (
        select(WaveQuestion.measure_id)
        .join(Wave, Wave.id == WaveQuestion.wave_id)
        .where(Wave.month == month_of(month), WaveQuestion.unit_id == unit_id)
        .order_by(WaveQuestion.position)
    )
    return list(session.scalars(rows))


def _figures(
    session: Session, month: date, unit: Team, measures: Sequence[int], language: str
) -> tuple[Figure, ...]:
    upward = _upward(session, unit)
    groups = [(unit.id, Extent.OWN), *((team, Extent.WHOLE) for team in upward)]
    reader = Reader(reads_all=False, line=frozenset({unit.id}), around=frozenset(upward))
    cells = {
        (cell.measure_id, cell.place_id, cell.extent): cell
        for cell in door.figures(
            session, reader, Side.EMPLOYEE, measures=measures, places=upward, first=month, last=month
        )
    }
    shown = (
        next((cells[measure, *group] for group in groups if (measure, *group) in cells), None)
        for measure in measures
    )
    return tuple(_figure(session, cell, language) for cell in shown if cell is not None)


def _upward(session: Session, unit: Team) -> list[int]:
    """The unit as a whole, and the units above it."""
    path: list[int] = []
    team: Team | None = unit
    while team is not None and team.id not in path:
        path.append(team.id)
        team = session.get(Team, team.parent_id) if team.parent_id else None
    return path


def _figure(session: Session, cell: door.Figure, language: str) -> Figure:
    measure = session.get_one(Measure, cell.measure_id)
    who = session.get_one(Place, cell.place_id).name(language)
    score, is_net = cell.points, measure.kind is MeasureKind.INDICATOR
    shown = net(score) if is_net else score
    return Figure(measure.label(language), who, shown, cell.n, cell.step > 10, cell.fresh, is_net)


def _fixes(session: Session, measures: Collection[int]) -> tuple[tuple[Fix, Verdict | None], ...]:
    """The newest fixes of these irritants, each with its newest verdict."""
    fixes = session.scalars(
        select(Fix).where(Fix.irritant_id.in_(measures)).order_by(Fix.started.desc(), Fix.code).limit(MOST)
    )
    return tuple((fix, _newest(session, fix)) for fix in fixes)


def _newest(session: Session, fix: Fix) -> Verdict | None:
    rows = select(Verdict).where(Verdict.fix_id == fix.id)
    return session.scalar(rows.order_by(Verdict.as_of.desc(), Verdict.revision.desc()).limit(1))
