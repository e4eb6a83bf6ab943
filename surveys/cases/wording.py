"""What cases are called on pages and in files."""

from pulse.i18n import Lazy, lazy
from surveys.cases.models import CaseState, CloseReason
from surveys.questions.bother import BOTHER

STATES: dict[CaseState, Lazy] = {
    CaseState.OPEN: lazy("open"),
    CaseState.IN_PROGRESS: lazy("in progress"),
    CaseState.CLOSED: lazy("settled"),
}
REASONS: dict[CloseReason, Lazy] = {
    CloseReason.SOLVED: lazy("solved for the customer"),
    CloseReason.ANSWERED: lazy("answered, nothing to solve"),
    CloseReason.NOT_REACHED: lazy("the customer could not be reached"),
    CloseReason.NOT_WANTED: lazy("the customer wants no contact any more"),
    CloseReason.MISTAKEN: lazy("nobody asked, or not us"),
}


def how_much(score: int) -> str:
    """How much something bothered a customer, in the words they chose; score in hundredths."""
    return str(min(BOTHER.choices, key=lambda choice: abs((choice.score or 0) - score)).label)
