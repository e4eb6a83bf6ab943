"""The effects of a verdict as published, and what share of customers' relief landed on staff. Pure."""

import math
from dataclasses import dataclass

from pulse.i18n import number, points
from pulse.verdicts.models import Verdict

ROUNDED_BY = 0.05  # points: a published figure may stand for one that far away
NARROW = 1.5  # points on staff for each point lifted: a wider range says nothing (method.md §9)


@dataclass(frozen=True)
class Span:
    """An effect with its 95 % interval, in points."""

    value: float
    low: float
    high: float

    def turned(self) -> "Span":
        """The same the other way round: a fall of annoyance as relief."""
        return Span(-self.value, -self.high, -self.low)

    @property
    def words(self) -> dict[str, str]:
        """The three figures for a sentence, the first with its unit."""
        return {"points": points(self.value), "low": number(self.low), "high": number(self.high)}


@dataclass(frozen=True)
class Transfer:
    """Points that landed on staff for every ten lifted off customers: whole ones, the range outwards."""

    tenths: int
    low: int
    high: int


def customers(verdict: Verdict) -> Span | None:
    """The effect on customers; below 0 = relief. None where it is not known or not to be published."""
    return _span(verdict.customer_effect, verdict.customer_low, verdict.customer_high)


def staff(verdict: Verdict) -> Span | None:
    """The effect on the fix's own teams; above 0 = burden."""
    return _span(verdict.staff_effect, verdict.staff_low, verdict.staff_high)


def landing(verdict: Verdict) -> Span | None:
    """The burden where it is said to land."""
    return _span(verdict.landing_effect, verdict.landing_low, verdict.landing_high)


def burden(verdict: Verdict) -> Span | None:
    """The burden to show for a fix: where it landed, else on its own teams."""
    return landing(verdict) or staff(verdict)


def _span(value: float | None, low: float | None, high: float | None) -> Span | None:
    return None if value is None or low is None or high is None else Span(value, low, high)


def transfer(relief: Span | None, landed: Span | None) -> Transfer | None:
    """The share of the relief that landed on staff; None where the two effects do not tell it.

    relief, landed -- as published, both above 0. The 95 % range of the ratio of two independent normals
    (Fieller 1954, J. R. Stat. Soc. B 16, 175), each interval widened by what publishing rounded off, so that
    nothing finer is said than the published figures say. None where customers' relief may be nothing, or
    where the range is as wide as NARROW: then both effects are to be told, and no ratio.
    """
    if relief is None or landed is None or relief.value <= 0 or landed.value <= 0:
        return None
    lifted, added = relief.value, landed.value
    a, b = ((span.high - span.low) / 2 + ROUNDED_BY for span in (relief, landed))
    divisor = lifted**2 - a**2
    if divisor <= 0:
        return None
    spread = math.sqrt(lifted**2 * b**2 + added**2 * a**2 - a**2 * b**2)
    low, high = ((lifted * added + sign * spread) / divisor for sign in (-1, 1))
    tenths = round(10 * added / lifted)
    if high - low >= NARROW or tenths < 1:
        return None
    return Transfer(tenths, max(math.floor(10 * low), 0), math.ceil(10 * high))
