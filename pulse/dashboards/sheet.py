"""The drawing of a fix made on the server: both sides over the same months, with what happened when. Pure.

All numbers are those of an SVG. It is made in two shapes, for desks and for phones, so that its words stay
as large on a phone as on a desk.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from pulse.dashboards.drawing import Axis
from pulse.dashboards.figures import SIDES, Row
from pulse.dashboards.timeline import Mark
from pulse.months import between, shifted

LEFT, RIGHT, TITLE, FOOT, GAP = 24.0, 8.0, 24.0, 24.0, 10.0
LANE, BADGE = 21.0, 9.0  # height of a row of numbers above the picture, and how wide half a number is
LANES = 3


@dataclass(frozen=True)
class Words:
    """What a line is, written at its end: above it or below."""

    which: str  # "observed" or "expected"
    x: float
    y: float


@dataclass(frozen=True)
class Strip:
    """One of the pictures above one another; top and bottom of its plot, its lines, where words stand."""

    row: Row
    top: float
    bottom: float
    y: Axis
    observed: tuple[str, ...]
    lone: tuple[tuple[float, float], ...]
    expected: tuple[str, ...]
    band: tuple[str, ...]
    words: tuple[Words, ...]


@dataclass(frozen=True)
class Placed:
    """A mark at its month: where its number stands, and the stretches of its line."""

    mark: Mark
    x: float
    y: float
    lines: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Sheet:
    """The whole drawing."""

    shape: str
    width: float
    height: float
    x: Axis
    strips: tuple[Strip, ...]
    marks: tuple[Placed, ...]
    years: tuple[tuple[str, float], ...]
    foot: float


def months_of(rows: Sequence[Row]) -> tuple[date, ...]:
    """All months from the first one of any picture to the last."""
    known = [month for row in rows for month in row.series.months]
    if not known:
        return ()
    first = min(known)
    return tuple(shifted(first, step) for step in range(between(first, max(known)) + 1))


def sheets(rows: Sequence[Row], marks: Sequence[Mark]) -> tuple[Sheet, Sheet]:
    """The drawing for desks and the one for phones."""
    return (
        sheet("desk", rows, marks, width=1000, plot=150),
        sheet("phone", rows, marks, width=360, plot=112),
    )


def sheet(shape: str, rows: Sequence[Row], marks: Sequence[Mark], *, width: float, plot: float) -> Sheet:
    """The drawing in one shape; plot -- height of each picture."""
    months = months_of(rows)
    x = Axis(0, max(len(months) - 1, 1), LEFT, width - RIGHT)
    shown = [mark for mark in marks if months and months[0] <= mark.month <= months[-1]]
    lanes = _lanes([x.at(between(months[0], mark.month) - 0.5) for mark in shown])
    head = LANE * (max(lanes, default=-1) + 1)
    strips = []
    for number, row in enumerate(rows):
        top = head + TITLE + number * (plot + TITLE + GAP)
        strips.append(_strip(row, months, x, Axis(0, 10, top + plot, top)))
    bottom = strips[-1].bottom if strips else head
    return Sheet(
        shape=shape,
        width=width,
        height=bottom + FOOT,
        x=x,
        strips=tuple(strips),
        marks=tuple(
            _placed(mark, x.at(between(months[0], mark.month) - 0.5), lane, strips)
            for mark, lane in zip(shown, lanes, strict=True)
        ),
        years=tuple((str(month.year), x.at(i)) for i, month in enumerate(months) if month.month == 1),
        foot=bottom + FOOT - 7,
    )


def _lanes(places: Sequence[float]) -> list[int]:
    """Which lane each number stands in, from the left, so that none covers another while there is room."""
    ends = [float("-inf")] * LANES
    found = []
    for x in places:
        lane = next((i for i, end in enumerate(ends) if x - BADGE >= end), LANES - 1)
        ends[lane] = x + BADGE + 1
        found.append(lane)
    return found


def _placed(mark: Mark, x: float, lane: int, strips: Sequence[Strip]) -> Placed:
    mine = [s for s in strips if mark.side is None or SIDES[s.row.side] is mark.side]
    lines = tuple((strip.top, strip.bottom) for strip in mine)
    return Placed(mark, x, lane * LANE + LANE / 2, lines)


def _strip(row: Row, months: Sequence[date], x: Axis, y: Axis) -> Strip:
    series, first = row.series, between(months[0], row.series.months[0]) if row.series.months else 0

    def line(positions: Sequence[int], values: Sequence[float | None]) -> str:
        return "M" + " ".join(f"{x.at(first + i)},{y.at(values[i] or 0.0)}" for i in positions)

    stretches = _stretches(series.observed)
    return Strip(
        row=row,
        top=y.end,
        bottom=y.start,
        y=y,
        observed=tuple(line(part, series.observed) for part in stretches if len(part) > 1),
        lone=tuple(
            (x.at(first + part[0]), y.at(series.observed[part[0]] or 0.0))
            for part in stretches
            if len(part) == 1
        ),
        expected=tuple(line(part, series.expected) for part in _stretches(series.expected)),
        band=tuple(
            line(part, series.high) + " L" + line(part[::-1], series.low)[1:] + "Z"
            for part in _stretches(series.low)
        ),
        words=_words(row, x, y, first),
    )


def _stretches(values: Sequence[float | None]) -> list[list[int]]:
    """The positions of values that stand next to one another without a gap."""
    known = groupby(range(len(values)), key=lambda i: values[i] is not None)
    return [list(part) for there, part in known if there]


def _words(row: Row, x: Axis, y: Axis, first: int) -> tuple[Words, ...]:
    """What each line is: above both lines near their end, and below both."""
    series = row.series
    ends = []
    for which, values in (("observed", series.observed), ("expected", series.expected)):
        known = [i for i, value in enumerate(values) if value is not None]
        if known:
            ends.append((values[known[-1]] or 0.0, which))
    late = slice(-max(len(series.months) // 3, 1), None)
    near = [
        value
        for values in (series.observed[late], series.low[late], series.high[late])
        for value in values
        if value is not None
    ]
    right = x.at(first + len(series.months) - 1)
    told = sorted(ends, reverse=True)
    return tuple(
        Words(which, right, _kept(y.at(min(near) if place else max(near)) + (15 if place else -6), y))
        for place, (_end, which) in enumerate(told)
        if near
    )


def _kept(at: float, y: Axis) -> float:
    """Within the plot, or just under it: there is room above the next one's title."""
    return min(max(at, y.end + 11), y.start + 12)
