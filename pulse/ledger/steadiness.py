"""Which figures would tell what a single joiner or leaver answered (privacy.md §3, rule 5). Pure.

Held beside the last figure of nearly the same people, a new one tells what those answered who came or went:
two half-point bands of a team of 6 to 12, of whom one left and the others answer as before, let one guess
the leaver's answer of five in 67 of 100 cases, one band alone in 40 (simulated). So such a figure is not
made anew: the last one stands, and shows no change.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from pulse.ledger.disclosure import line
from pulse.ledger.rounding import FEW

REMEMBERED = 3  # months after which people's answers have moved too far for such a comparison
# Answers from which half a point hides what one person answered: rounding alone blurs the sum of 300 answers
# by 43 points (standard deviation), one answer is 0 to 10. A tenth of a point does from five times as many.
CROWD = 300


@dataclass(frozen=True)
class Roster:
    """Who belonged where in a wave: person to ballot unit, and the wave's tree."""

    units: Mapping[int, int]
    parents: Mapping[int, int | None]


@dataclass(frozen=True)
class Moves:
    """How many people joined or left each unit between two waves: the unit itself, and all below it too."""

    own: Mapping[int, int] = field(default_factory=dict)
    whole: Mapping[int, int] = field(default_factory=dict)


def moves(before: Roster, after: Roster) -> Moves:
    """How many people joined or left each unit from one wave to another; units nobody did are left out."""
    people = before.units.keys() | after.units.keys()
    ways = Counter((before.units.get(person), after.units.get(person)) for person in people)
    own, whole = Counter[int](), Counter[int]()
    for (was, now), number in ways.items():
        if was != now:
            own.update({unit: number for unit in (was, now) if unit is not None})
        parted = _within(before.parents, was) ^ _within(after.parents, now)
        whole.update(dict.fromkeys(parted, number))
    return Moves(own, whole)


def _within(parents: Mapping[int, int | None], unit: int | None) -> set[int]:
    return set() if unit is None else set(line(parents, unit))


def tells(moved: int, k: int) -> bool:
    """Whether so many joiners and leavers are few enough for a change of the figure to be about them."""
    return 1 <= moved < k


def stands(n: int, moved: int, k: int) -> bool:
    """Whether the last figure stands in place of a new one of n answers."""
    return n < FEW and tells(moved, k)


def withheld(n: int, rest: int, moved: int, k: int) -> bool:
    """Whether a unit's figure of n answers is not made anew for the sake of its rest.

    rest, moved -- answers left when all new figures below are taken away, and joiners and leavers among them
    """
    return n < CROWD and rest > 0 and stands(rest, moved, k)


def blurred(n: int, rest: int, moved: int, k: int) -> bool:
    """Whether a larger unit's figure is shown as a half-point band for the sake of its rest."""
    return n < 5 * CROWD and rest > 0 and stands(rest, moved, k)
