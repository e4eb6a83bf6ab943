"""How much effort it took a customer: five answers in words; more is worse."""

from pulse.i18n import lazy as _
from surveys.questions.kind import Choice, Kind

EFFORT = Kind(
    "effort",
    (
        Choice("0", _("Almost none"), 0),
        Choice("1", _("A little"), 250),
        Choice("2", _("A fair amount"), 500),
        Choice("3", _("A lot"), 750),
        Choice("4", _("A great deal"), 1000),
    ),
)
