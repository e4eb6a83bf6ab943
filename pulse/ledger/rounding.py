"""How exactly a figure is shown (privacy.md §3, rules 3 and 4). Pure."""

import enum
from dataclasses import dataclass

FEW = 20  # answers under which a figure is shown as a half-point band and its n rounded to 5
BAND, DECIMAL = 50, 10  # steps in hundredths of a point
HIGHEST = 1000
FEWEST_INVITED = 10  # people of a unit under which nothing is said about how many took part


@dataclass(frozen=True)
class Shown:
    """A figure as everybody may see it: n, and the score in hundredths of a point rounded to step."""

    n: int
    score: int
    step: int


class Participation(enum.Enum):
    """Which share of those invited took part, as far as it is shown."""

    UNDER_25 = "under_25"
    TO_50 = "25_to_50"
    TO_75 = "50_to_75"
    OVER_75 = "over_75"


def shown(n: int, total: int, *, coarse: bool = False) -> Shown:
    """How a figure of n >= 1 answers adding up to total hundredths is shown: rounded half up, banded if few.

    coarse -- a half-point band whatever n is

    The mean and spread of five exact answers give most sets away, so under FEW answers the score is a
    half-point band and n is rounded to 5; no spread is ever shown. The lowest and the highest band are
    open: 0.5 means 0.5 or less, because a mean of exactly 0 would say what each single person answered.
    """
    step = DECIMAL if n >= FEW and not coarse else BAND
    score = (2 * total + step * n) // (2 * step * n) * step
    return Shown(n if n >= FEW else (n + 2) // 5 * 5, min(max(score, step), HIGHEST - step), step)


def participation(invited: int, took_part: int) -> Participation | None:
    """The band of a unit's participation; None under FEWEST_INVITED people.

    Exactly a quarter, half and three quarters belong to the higher band's lower end, three quarters to the
    third band. Bands are told of ballot units alone, never of units that hold others: units do not overlap,
    so no two bands can be held against one another.
    """
    if invited < FEWEST_INVITED:
        return None
    if 4 * took_part < invited:
        return Participation.UNDER_25
    if 4 * took_part < 2 * invited:
        return Participation.TO_50
    return Participation.TO_75 if 4 * took_part <= 3 * invited else Participation.OVER_75
