"""Where the numbers of points stand so that they can be told apart on a phone. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

DOT = 7.0  # half the width of a point, in units of the picture
HIGH, DIGIT = 15.0, 9.0  # of a number, and of each of its digits
RINGS = (17.0, 29.0, 42.0, 56.0)  # how far a number may stand from its point
# Beside a point before above, below and level with it: there its intervals run.
TURNS = tuple(math.radians(angle) for angle in (-45, 45, -135, 135, -90, 90, 0, 180))


@dataclass(frozen=True)
class Label:
    """The middle of a number, seen from its point (down is positive); far = a line leads to it."""

    across: float
    down: float
    far: bool


Box = tuple[float, float, float, float]  # left, top, right, bottom


def spread(
    points: Sequence[tuple[float, float]], texts: Sequence[str], *, width: float, height: float
) -> list[Label]:
    """A place for the number of each of the first points, none on another number and few on a point.

    points -- all points of the picture; texts -- numbers of the first ones, the most important first
    Each number takes the nearest free place around its point, or the least crowded one where none is free.
    """
    dots = [(x - DOT, y - DOT, x + DOT, y + DOT) for x, y in points]
    taken: list[Box] = []
    found = []
    for at, text in enumerate(texts):
        others = [*taken, *dots[:at], *dots[at + 1 :]]
        near = [box for box in others if _near(points[at], box)]
        label, box = _placed(points[at], len(text) * DIGIT, near, width, height)
        taken.append(box)
        found.append(label)
    return found


def _placed(
    point: tuple[float, float], wide: float, others: Sequence[Box], width: float, height: float
) -> tuple[Label, Box]:
    best: tuple[float, Label, Box] | None = None
    for ring in RINGS:
        for turn in TURNS:
            across = math.cos(turn) * (ring + wide / 2 - DIGIT / 2)
            down = math.sin(turn) * ring
            x, y = point[0] + across, point[1] + down
            box = (x - wide / 2, y - HIGH / 2, x + wide / 2, y + HIGH / 2)
            crowd = sum(_shared(box, other) for other in others) + 10 * _outside(box, width, height)
            label = Label(round(across, 1), round(down, 1), ring > RINGS[0])
            if crowd == 0:
                return label, box
            if best is None or crowd < best[0]:
                best = (crowd, label, box)
    assert best is not None
    return best[1], best[2]


def _near(point: tuple[float, float], box: Box) -> bool:
    reach = RINGS[-1] + 4 * DIGIT
    return box[0] - reach < point[0] < box[2] + reach and box[1] - reach < point[1] < box[3] + reach


def _shared(one: Box, other: Box) -> float:
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    return across * down if across > 0 and down > 0 else 0.0


def _outside(box: Box, width: float, height: float) -> float:
    return max(0.0, -box[0]) + max(0.0, -box[1]) + max(0.0, box[2] - width) + max(0.0, box[3] - height)
