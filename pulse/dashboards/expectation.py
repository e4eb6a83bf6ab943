"""What was expected of a fix before launch beside what happened, in words. Pure."""

from dataclasses import dataclass

from pulse.dashboards.evidence import Evidence
from pulse.i18n import gettext as _
from pulse.organisation.models import Side
from pulse.verdicts import sentences
from pulse.verdicts.effects import Span
from pulse.verdicts.rules import Outcome


@dataclass(frozen=True)
class Compared:
    """One side: expected points (below 0 is better), what happened, and how the two compare."""

    side: Side
    expected: float | None
    happened: Span | None
    words: str


def compared(found: Evidence) -> list[Compared]:
    """Both sides, customers first."""
    fix, verdict = found.fix, found.verdict
    told = []
    for side, hundredths in ((Side.CUSTOMER, fix.expected_customer), (Side.EMPLOYEE, fix.expected_staff)):
        span = None
        if verdict is not None:
            span = sentences.customers(verdict) if side is Side.CUSTOMER else sentences.staff(verdict)
        expected = None if hundredths is None else hundredths / 100
        settled = verdict is not None and verdict.outcome is not Outcome.UNDETERMINED
        told.append(Compared(side, expected, span, words(expected, span, side, settled=settled)))
    return told


def words(expected: float | None, happened: Span | None, side: Side, *, settled: bool) -> str:
    """How what happened compares with what was expected; settled -- there is a definite verdict.

    Met or missed is said only where the range of what happened leaves no doubt about it, or holds what was
    expected; one that holds "no change" as well is said to tell little.
    """
    if expected is None:
        return _("Nothing was written down to compare with.")
    if happened is None or not settled:
        return _("Not yet known.")
    if happened.high < expected:
        if side is Side.CUSTOMER:
            return _("Better than expected: customers gain more.")
        return _("Better than expected: less lands on staff.")
    if happened.low > expected:
        if side is Side.CUSTOMER:
            return _("Not met: customers gain less than expected.")
        return _("Not met: more lands on staff than expected.")
    if expected != 0 and happened.low <= 0 <= happened.high:
        return _("Open: the range holds what was expected, and no change as well.")
    return _("Met: what was expected lies within the range.")
