"""A number from 0 to 10, both ends labelled in words."""

from surveys.questions.kind import Choice, Kind

ZERO_TO_TEN = Kind(
    "zero_to_ten", tuple(Choice(str(points), str(points), points * 100) for points in range(11))
)
