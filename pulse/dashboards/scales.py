"""In which units a measure's figures are told, and how dark a cell is. Pure.

Shades stand for fixed stretches of the scale, so the same colour means the same on every page and in every
month, and none depends on the figures beside it.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pulse.ledger.figures import Figure
from pulse.months import shifted
from pulse.organisation.models import Measure, MeasureKind, Side

WINDOW = 3  # months: within so many, every question comes up again
AGO = 3  # months that a figure is held against
SHADES = 5  # 1 = best (blue) to 5 = worst (orange)
RARE = 2.58  # standard errors: what chance alone exceeds once in a hundred times


@dataclass(frozen=True)
class Scale:
    """How one measure's scores (hundredths of a point) are shown.

    limits -- the four scores that part the five shades
    spread -- about how far single answers lie apart, in points (standard deviation)
    better_up -- more is better, so shades run the other way
    net -- told as a net score of -100..100: promoters less detractors, as the questions are scored
    """

    limits: tuple[int, int, int, int]
    spread: float
    better_up: bool = False
    net: bool = False

    def value(self, points: float) -> float:
        """Points of 0..10 in the measure's own units (a mean of m is a net score of 20 m - 100)."""
        return 20 * points - 100 if self.net else points

    def difference(self, points: float) -> float:
        """A difference in points in the measure's own units."""
        return 20 * points if self.net else points

    @property
    def decimals(self) -> int:
        """How many decimals its figures have."""
        return 0 if self.net else 1

    def shade(self, score: int) -> int:
        """The shade of a score, 1..SHADES; a limit belongs to the higher stretch."""
        stretch = bisect_right(self.limits, score)
        return SHADES - stretch if self.better_up else stretch + 1


# Spreads: standard deviations of single answers in the made-up companies, rounded up.
BURDEN = Scale((200, 300, 400, 500), 2.0)
BOTHER = Scale((200, 300, 400, 500), 3.0)
SATISFACTION = Scale((500, 600, 700, 800), 3.0, better_up=True)
NET = Scale((400, 500, 600, 700), 4.0, better_up=True, net=True)
OF_INDICATORS = {"effort": BOTHER, "csat": SATISFACTION, "nps": NET, "enps": NET}


def scale_of(measure: Measure, side: Side) -> Scale:
    """The scale a measure is told on."""
    if measure.kind is MeasureKind.INDICATOR and measure.code in OF_INDICATORS:
        return OF_INDICATORS[measure.code]
    return BOTHER if side is Side.CUSTOMER else BURDEN


@dataclass(frozen=True)
class Move:
    """A figure is so many points higher than in an earlier month (below 0: lower), by more than chance."""

    by: float
    since: date


def move(now: Figure, before: Figure | None, scale: Scale) -> Move | None:
    """How far a figure moved; None where nothing may or can be said.

    Both must be made from the answers of their own month (rule 5 of disclosure: no arrow otherwise), what
    they are rounded to must not overlap, and the difference must be larger than the luck of who answered
    explains once in a hundred times.
    """
    if before is None or not (now.fresh and before.fresh):
        return None
    apart = now.low > before.high or now.high < before.low
    luck = RARE * scale.spread * (1 / now.n + 1 / before.n) ** 0.5
    by = round(now.points - before.points, 2)
    return Move(by, before.month) if apart and abs(by) > luck else None


def latest_move(figures: Sequence[Figure], scale: Scale) -> Move | None:
    """How far the newest figure of one address moved in three months.

    figures -- the newest first; it is held against the newest fresh one of the WINDOW months that end AGO
    months before its own
    """
    now = figures[0]
    newest, oldest = shifted(now.month, -AGO), shifted(now.month, 1 - AGO - WINDOW)
    before = next((one for one in figures if one.fresh and oldest <= one.month <= newest), None)
    return move(now, before, scale)
