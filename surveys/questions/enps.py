"""Would you recommend us as an employer: 0 to 10, both ends labelled, scored as promoters and detractors."""

from surveys.questions.kind import Choice, Kind

PROMOTER, PASSIVE, DETRACTOR = 1000, 500, 0  # hundredths of a point of 0..10


def _score(points: int) -> int:
    return PROMOTER if points >= 9 else PASSIVE if points >= 7 else DETRACTOR


# Sums of the numbers themselves would not tell who is a promoter; sums of these do: a mean of m on the scale
# of 0..10 is an eNPS of 20 m - 100, the share of promoters less that of detractors (Reichheld 2003, HBR 81).
ENPS = Kind("enps", tuple(Choice(str(points), str(points), _score(points)) for points in range(11)))


def net(score: float) -> float:
    """The net score from -100 to 100 that a mean of this kind's scores (points of 0..10) stands for."""
    return 20 * score - 100
