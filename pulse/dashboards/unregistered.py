"""What the pages about changes that nobody registered show: the questions, their evidence and answers."""

import csv
import enum
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pulse.dashboards import queries
from pulse.dashboards.series import Series, joined
from pulse.i18n import gettext as _
from pulse.months import between, month_of, written
from pulse.organisation import service as organisation
from pulse.organisation.models import Fix, Irritant, Place, Side
from pulse.verdicts import changes
from pulse.verdicts.changes import History, Sighting
from pulse.verdicts.models import ChangeEvent, ChangeState, Look, UnregisteredChange

WATCHED = 24  # months of a fix, during which nothing else is asked about its irritant


class Fate(enum.Enum):
    """Whether the newest look still reports a change, and if not, why."""

    SEEN = "seen"
    RESTING = "resting"  # a fix of the irritant is being watched, so nothing else is looked for
    OVERTAKEN = "overtaken"  # another change of the same irritant is clearer by now
    GONE = "gone"


@dataclass(frozen=True)
class Question:
    """A change as a list shows it."""

    history: History
    irritant: Irritant
    fate: Fate

    @property
    def change(self) -> UnregisteredChange:
        """The change itself."""
        return self.history.change

    @property
    def told(self) -> Sighting:
        """What the newest look that reports it says."""
        return self.history.newest

    @property
    def waiting(self) -> bool:
        """Whether somebody should answer it."""
        return self.change.state is ChangeState.OPEN and self.fate in (Fate.SEEN, Fate.RESTING)


@dataclass(frozen=True)
class Evidence:
    """Everything the page of a change shows.

    customers -- monthly means over the touchpoints where no fix of the irritant acts
    """

    question: Question
    customers: Series
    touchpoints: Sequence[Place]
    events: Sequence[ChangeEvent]


def questions(session: Session) -> list[Question]:
    """Every change ever reported: those to be answered on top, the clearest first, then the newest."""
    known = changes.histories(session)
    if not known:
        return []
    look = session.scalar(select(func.max(Look.as_of)))
    irritants = {irritant.id: irritant for irritant in session.scalars(select(Irritant))}
    watched = _watched(session, look)
    seen = {history.change.irritant_id for history in known if history.stands(look)}
    found = [
        Question(history, irritants[history.change.irritant_id], _fate(history, look, seen, watched))
        for history in known
    ]
    return sorted(found, key=_order)


def _order(question: Question) -> tuple[bool, float, int]:
    rank = -question.told.evidence if question.waiting else -question.history.last.toordinal()
    return not question.waiting, rank, question.change.id


def _watched(session: Session, look: date | None) -> set[int]:
    """Irritants with a fix under monitoring at a look."""
    if look is None:
        return set()
    begun = session.execute(select(Fix.irritant_id, Fix.started).where(Fix.started <= look))
    return {irritant for irritant, day in begun if between(month_of(day), month_of(look)) < WATCHED}


def _fate(history: History, look: date | None, seen: set[int], watched: set[int]) -> Fate:
    irritant = history.change.irritant_id
    if history.stands(look):
        return Fate.SEEN
    if irritant in watched:
        return Fate.RESTING
    return Fate.OVERTAKEN if irritant in seen else Fate.GONE


def waiting(session: Session) -> list[Question]:
    """The questions that somebody should answer, the clearest first."""
    return [question for question in questions(session) if question.waiting]


def question(session: Session, change_id: int) -> Question | None:
    """One change; None where there is no such change."""
    return next((one for one in questions(session) if one.change.id == change_id), None)


def evidence(session: Session, asked: Question) -> Evidence:
    """Everything about one change."""
    touchpoints = _untouched(session, asked.irritant.id)
    means = queries.means(session, Side.CUSTOMER, asked.irritant.id, touchpoints)
    events = session.scalars(
        select(ChangeEvent)
        .where(ChangeEvent.change_id == asked.change.id)
        .order_by(ChangeEvent.at, ChangeEvent.id)
    ).all()
    named = session.scalars(select(Place).where(Place.id.in_(touchpoints)).order_by(Place.code)).all()
    return Evidence(asked, joined(means, {}), named, events)


def _untouched(session: Session, irritant: int) -> list[int]:
    """The touchpoints at which an irritant is met and no fix of it acts; all where that leaves none."""
    met = organisation.served(session).where(irritant)
    touched = {
        place
        for scope in organisation.scopes(session)
        if scope.irritant_id == irritant
        for place, _started in scope.touchpoints
    }
    return sorted(met - touched or met)


def row_to_load(asked: Question, today: date) -> str:
    """The lines of fixes.csv that put a change on record as a fix, its code and name to be filled in.

    today -- the day it is put on record: answers up to then are no evidence (Fix.registered)
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["fix", "name", "irritant", "started", "registered"])
    writer.writerow(
        [_("CODE"), _("NAME"), asked.irritant.code, written(asked.told.month), written(month_of(today))]
    )
    return text.getvalue()
