"""How much something bothered a customer: five answers in words, the first also for who did not meet it."""

from pulse.i18n import lazy as _
from surveys.questions.kind import Choice, Kind

BOTHER = Kind(
    "bother",
    (
        Choice("0", _("Not at all"), 0),
        Choice("1", _("A little"), 250),
        Choice("2", _("Somewhat"), 500),
        Choice("3", _("A lot"), 750),
        Choice("4", _("Extremely"), 1000),
    ),
)
