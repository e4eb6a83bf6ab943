"""How easy it was for a customer: five answers in words; the score is effort, so more is worse."""

from pulse.i18n import lazy as _
from surveys.questions.kind import Choice, Kind

EFFORT = Kind(
    "effort",
    (
        Choice("0", _("Very easy"), 0),
        Choice("1", _("Easy"), 250),
        Choice("2", _("Neither easy nor difficult"), 500),
        Choice("3", _("Difficult"), 750),
        Choice("4", _("Very difficult"), 1000),
    ),
)
