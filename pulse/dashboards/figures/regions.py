"""The overview's picture: every fix by what customers gained and what staff carry."""

from collections.abc import Sequence
from dataclasses import dataclass

from pulse.dashboards.drawing import NO_BURDEN, NO_EFFECT, Picture
from pulse.dashboards.figures.look import INK, LINE, SOFT, STAFF, Figure, ground
from pulse.dashboards.labels import Label
from pulse.i18n import gettext as _
from pulse.i18n import number
from pulse.verdicts.rules import Outcome
from pulse.verdicts.sentences import WORDS, Span

ON_A_PHONE = 0.75  # pixels a unit of the picture: numbers that are apart there are apart everywhere
MANY = 40  # points
LOOKS: dict[Outcome, tuple[str, str]] = {
    Outcome.DISPLACED: ("square", STAFF),
    Outcome.BACKFIRED: ("diamond", "var(--bad-ink)"),
    Outcome.UNDETERMINED: ("circle-open", SOFT),
    Outcome.INEFFECTIVE: ("circle", SOFT),
    Outcome.RESOLVED: ("circle", "var(--good-ink)"),
}


@dataclass(frozen=True)
class Point:
    """A fix on the overview's picture."""

    number: int | None  # in the table beside the picture
    name: str
    code: str
    outcome: Outcome
    relief: Span
    burden: Span


def regions(points: Sequence[Point], drawn: Picture, labels: Sequence[Label]) -> Figure:
    """All fixes: how much better for customers (x) against how much heavier for staff (y).

    labels -- where the numbers of the numbered points stand, in units of the picture drawn
    """
    numbered = [point for point in points if point.number]
    return {
        "data": [_of(outcome, points) for outcome in LOOKS if any(p.outcome is outcome for p in points)],
        "layout": {
            **ground(),
            "height": 520,
            "margin": {"l": 44, "r": 8, "t": 8, "b": 46},
            "xaxis": _effect_axis(_("Better for customers (points)"), drawn.x.low, drawn.x.high),
            "yaxis": _effect_axis(_("Heavier for staff (points)"), drawn.y.low, drawn.y.high),
            "shapes": _areas(drawn),
            "annotations": [
                *_area_words(drawn),
                *(_number(point, label) for point, label in zip(numbered, labels, strict=True)),
            ],
        },
    }


def _of(outcome: Outcome, points: Sequence[Point]) -> Figure:
    mine = [point for point in points if point.outcome is outcome]
    symbol, colour = LOOKS[outcome]
    thickness = 1.2 if len(points) <= MANY else 0.5  # where there are many, a calmer picture
    return {
        "type": "scatter",
        "mode": "markers",
        "name": str(WORDS[outcome]),
        "x": [point.relief.value for point in mine],
        "y": [point.burden.value for point in mine],
        "error_x": _interval([point.relief for point in mine], colour, thickness),
        "error_y": _interval([point.burden for point in mine], colour, thickness),
        "marker": {
            "symbol": symbol,
            "size": 11,
            "color": colour,
            "line": {"width": 1.5, "color": colour if symbol.endswith("open") else "var(--paper)"},
        },
        "customdata": [point.code for point in mine],
        "hovertext": [_told(point) for point in mine],
        "hoverinfo": "text",
        "cliponaxis": False,
    }


def _interval(spans: Sequence[Span], colour: str, thickness: float) -> Figure:
    return {
        "type": "data",
        "symmetric": False,
        "array": [round(span.high - span.value, 2) for span in spans],
        "arrayminus": [round(span.value - span.low, 2) for span in spans],
        "color": colour,
        "thickness": thickness,
        "width": 0,
    }


def _told(point: Point) -> str:
    return _(
        "%(name)s<br>%(verdict)s<br>Customers: %(relief)s better (%(relief_low)s to %(relief_high)s)"
        "<br>Staff: %(burden)s heavier (%(burden_low)s to %(burden_high)s)",
        name=point.name,
        verdict=WORDS[point.outcome],
        relief=number(point.relief.value),
        relief_low=number(point.relief.low),
        relief_high=number(point.relief.high),
        burden=number(point.burden.value),
        burden_low=number(point.burden.low),
        burden_high=number(point.burden.high),
    )


def _number(point: Point, label: Label) -> Figure:
    """The number of a point beside it, with a line to it where it had to stand further off."""
    return {
        "x": point.relief.value,
        "y": point.burden.value,
        "ax": round(label.across * ON_A_PHONE, 1),
        "ay": round(label.down * ON_A_PHONE, 1),
        "text": str(point.number),
        "showarrow": True,
        "arrowhead": 0,
        "arrowwidth": 1,
        "arrowcolor": "var(--strong)" if label.far else "rgba(0,0,0,0)",
        "standoff": 5,
        "borderpad": 0,
        "font": {"color": INK, "size": 12, "weight": 700},
    }


def _effect_axis(title: str, low: float, high: float) -> Figure:
    ticks = list(range(int(low), int(high) + 1))
    return {
        "title": {"text": title, "standoff": 8},
        "range": [low, high],
        "tickvals": ticks,
        "ticktext": [number(tick, 0) for tick in ticks],
        "zeroline": True,
        "zerolinecolor": "var(--strong)",
        "gridcolor": LINE,
        "ticks": "outside",
        "ticklen": 5,
        "tickcolor": "rgba(0,0,0,0)",
        "fixedrange": True,
    }


def _areas(drawn: Picture) -> list[Figure]:
    x, y = drawn.x, drawn.y
    corners = (
        (x.low, -NO_EFFECT, y.low, y.high, "var(--bad-wash)"),
        (-NO_EFFECT, NO_EFFECT, y.low, y.high, "var(--calm-wash)"),
        (NO_EFFECT, x.high, NO_BURDEN, y.high, "var(--staff-wash)"),
        (NO_EFFECT, x.high, y.low, NO_BURDEN, "var(--good-wash)"),
    )
    return [
        {
            "type": "rect",
            "x0": left,
            "x1": right,
            "y0": bottom,
            "y1": top,
            "fillcolor": colour,
            "line": {"width": 0},
            "layer": "below",
        }
        for left, right, bottom, top, colour in corners
    ]


def _area_words(drawn: Picture) -> list[Figure]:
    x, y = drawn.x, drawn.y
    return [
        _words(x.low, y.high, "left", "top", _("Worse for<br>customers"), "var(--bad-ink)"),
        _words(x.high, y.high, "right", "top", _("Moved<br>onto staff"), "var(--staff-ink)"),
        _words(x.high, y.low, "right", "bottom", _("Removed"), "var(--good-ink)"),
        _words(0, y.low, "center", "bottom", _("No effect"), SOFT),
    ]


def _words(x: float, y: float, across: str, along: str, text: str, colour: str) -> Figure:
    return {
        "x": x,
        "y": y,
        "xanchor": across,
        "yanchor": along,
        "text": text,
        "showarrow": False,
        "font": {"color": colour, "size": 13, "weight": 700},
    }
