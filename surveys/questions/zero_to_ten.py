"""A number from 0 to 10, both ends labelled in words."""

from pulse.i18n import lazy as _
from surveys.questions.kind import Choice, Kind

ZERO_TO_TEN = Kind(
    "zero_to_ten", tuple(Choice(str(points), str(points), points * 100) for points in range(11))
)
ENDS = _("0 = not at all"), _("10 = extremely")
