"""How satisfied a customer is: five answers in words; more is better."""

from pulse.i18n import lazy as _
from surveys.questions.kind import Choice, Kind

CSAT = Kind(
    "csat",
    (
        Choice("0", _("Very dissatisfied"), 0),
        Choice("1", _("Dissatisfied"), 250),
        Choice("2", _("Neither satisfied nor dissatisfied"), 500),
        Choice("3", _("Satisfied"), 750),
        Choice("4", _("Very satisfied"), 1000),
    ),
)
