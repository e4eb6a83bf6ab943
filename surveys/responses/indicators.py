"""What a customer's survey asks first: effort, satisfaction or recommendation, each an indicator."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from pulse.i18n import Lazy
from pulse.i18n import lazy as _
from pulse.organisation.models import Indicator, Measure
from surveys.invitations.models import Opening, TouchpointSurvey
from surveys.questions.csat import CSAT
from surveys.questions.effort import EFFORT
from surveys.questions.kind import Kind
from surveys.questions.nps import NPS
from surveys.responses.answers import Question


@dataclass(frozen=True)
class Asked:
    """How an indicator is asked, and what it is called where its figures are shown."""

    kind: Kind
    words: Lazy
    label_en: str
    label_fr: str


OPENINGS: dict[Opening, Asked] = {
    Opening.EFFORT: Asked(
        EFFORT, _("How easy was it to get what you came for?"), "Effort of customers", "Effort des clients"
    ),
    Opening.CSAT: Asked(
        CSAT, _("All in all, how satisfied are you?"), "Satisfaction of customers", "Satisfaction des clients"
    ),
    Opening.NPS: Asked(
        NPS,
        _("How likely are you to recommend us to a friend or relative?"),
        "Would recommend us (NPS)",
        "Nous recommande (NPS)",
    ),
}


def opening(session: Session, touchpoint_id: int) -> Opening:
    """What is asked first about a touchpoint."""
    found = session.get(TouchpointSurvey, touchpoint_id)
    return Opening.EFFORT if found is None else found.opening


def question(which: Opening) -> Question:
    """The opening question in the language being spoken."""
    asked = OPENINGS[which]
    return Question(which.value, str(asked.words), asked.kind)


def measure(session: Session, code: str) -> Indicator | None:
    """The measure of an opening, made by whoever answers first; None where its code names an irritant."""
    found = _measure(session, code)
    if found is None:
        asked = OPENINGS[Opening(code)]
        try:
            with session.begin_nested():
                session.add(Indicator(code=code, label_en=asked.label_en, label_fr=asked.label_fr))
        except IntegrityError:  # another customer was first, in the same moment
            pass
        found = _measure(session, code)
    return found if isinstance(found, Indicator) else None


def _measure(session: Session, code: str) -> Measure | None:
    return session.scalar(select(Measure).where(Measure.code == code))
