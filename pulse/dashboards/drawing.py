"""Small drawings made on the server, as numbers for an SVG: they stand before any script loads. Pure."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from pulse.dashboards.series import Series
from pulse.verdicts.sentences import Span

NO_EFFECT = 0.3  # points: how wide the middle of the overview's picture is drawn
NO_BURDEN = 0.5


@dataclass(frozen=True)
class Axis:
    """A stretch of values laid over a stretch of the picture (start may lie beyond end: y runs downwards)."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Where a value stands, kept within the picture, to a tenth of a unit."""
        inside = min(max(value, self.low), self.high)
        share = (inside - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)


@dataclass(frozen=True)
class Mark:
    """A dot with its interval on an axis."""

    at: float
    low: float
    high: float


def mark(axis: Axis, span: Span) -> Mark:
    """An effect on an axis."""
    return Mark(axis.at(span.value), axis.at(span.low), axis.at(span.high))


def around_zero(spans: Iterable[Span | None], *, width: float) -> Axis:
    """One axis for many effects, with nothing in its middle; at least one point to each side."""
    reach = max((max(abs(span.low), abs(span.high)) for span in spans if span), default=1.0)
    far = float(max(1, math.ceil(reach)))
    return Axis(-far, far, 6, width - 6)


@dataclass(frozen=True)
class Picture:
    """The overview's picture: how much better for customers (x) against how much heavier for staff (y)."""

    width: float
    height: float
    x: Axis
    y: Axis
    x_ticks: tuple[int, ...]
    y_ticks: tuple[int, ...]
    middle: tuple[float, float]  # where "no measured effect" begins and ends on x
    threshold: float  # above it, "moved onto staff"


def picture(points: Sequence[tuple[Span, Span]], *, width: float = 460, height: float = 520) -> Picture:
    """Axes wide enough for all points (relief, burden); intervals may run out of the picture."""
    right = math.ceil(max([2.0, *(relief.value + 0.4 for relief, _ in points)]))
    left = math.floor(min([-2.0, *(relief.value - 0.4 for relief, _ in points)]))
    top = math.ceil(max([2.0, *(burden.value + 0.4 for _, burden in points)]))
    bottom = math.floor(min([-1.0, *(burden.value - 0.4 for _, burden in points)]))
    x, y = Axis(left, right, 44, width - 8), Axis(bottom, top, height - 46, 8)
    return Picture(
        width,
        height,
        x,
        y,
        tuple(range(left, right + 1)),
        tuple(range(bottom, top + 1)),
        (x.at(-NO_EFFECT), x.at(NO_EFFECT)),
        y.at(NO_BURDEN),
    )


@dataclass(frozen=True)
class Curves:
    """One side's months: the observed line (never joined over a gap), the expected one, and the band."""

    width: float
    height: float
    x: Axis
    y: Axis
    observed: tuple[str, ...]
    lone: tuple[tuple[float, float], ...]
    expected: tuple[str, ...]
    band: tuple[str, ...]
    years: tuple[tuple[int, float], ...]
    start: float | None


def curves(series: Series, started: date, *, width: float = 480, height: float = 190) -> Curves:
    """A side's months as paths; the start is drawn between its month and the one before."""
    x, y = _months(series, width), Axis(0, 10, height - 24, 10)
    stretches = [part for part in _stretches(series.observed)]
    ahead = [i for i, month in enumerate(series.months) if month >= started.replace(day=1)]
    return Curves(
        width,
        height,
        x,
        y,
        tuple(_line(x, y, part, series.observed) for part in stretches if len(part) > 1),
        tuple((x.at(part[0]), y.at(series.observed[part[0]] or 0.0)) for part in stretches if len(part) == 1),
        tuple(_line(x, y, part, series.expected) for part in _stretches(series.expected)),
        tuple(
            _line(x, y, part, series.high) + " L" + _line(x, y, part[::-1], series.low)[1:] + "Z"
            for part in _stretches(series.low)
        ),
        tuple((month.year, x.at(i)) for i, month in enumerate(series.months) if month.month == 1),
        x.at(ahead[0] - 0.5) if ahead else None,
    )


def stretch(series: Series, earliest: date, latest: date, *, width: float = 480) -> Mark | None:
    """Where a stretch of months begins and ends on the curves of a series, and its middle; None outside."""
    inside = [i for i, month in enumerate(series.months) if earliest <= month <= latest]
    if not inside:
        return None
    x = _months(series, width)
    low, high = x.at(inside[0] - 0.5), x.at(inside[-1] + 0.5)
    return Mark(round((low + high) / 2, 1), low, high)


def _months(series: Series, width: float) -> Axis:
    return Axis(0, max(len(series.months) - 1, 1), 30, width - 10)


def _stretches(values: Sequence[float | None]) -> list[list[int]]:
    """The positions of values that stand next to one another without a gap."""
    known = groupby(range(len(values)), key=lambda i: values[i] is not None)
    return [list(part) for there, part in known if there]


def _line(x: Axis, y: Axis, positions: Sequence[int], values: Sequence[float | None]) -> str:
    return "M" + " ".join(f"{x.at(i)},{y.at(values[i] or 0.0)}" for i in positions)
