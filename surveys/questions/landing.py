"""How much something landed on an employee: five answers in words, and "not concerned"."""

from pulse.i18n import lazy as _
from surveys.questions.kind import Choice, Kind

LANDING = Kind(
    "landing",
    (
        Choice("0", _("Not at all"), 0),
        Choice("1", _("A little"), 250),
        Choice("2", _("Moderately"), 500),
        Choice("3", _("A lot"), 750),
        Choice("4", _("Enormously"), 1000),
        Choice("none", _("I do not know, or not concerned"), None),
    ),
)
