"""The overview's picture: every fix by what customers gained and what staff carry."""

from collections.abc import Sequence
from dataclasses import dataclass

from pulse.dashboards.drawing import NO_BURDEN, NO_EFFECT, Picture
from pulse.dashboards.figures.look import INK, LINE, SOFT, STAFF, Figure, ground
from pulse.i18n import gettext as _
from pulse.i18n import number
from pulse.verdicts.rules import Outcome
from pulse.verdicts.sentences import WORDS, Span

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


def regions(points: Sequence[Point], drawn: Picture) -> Figure:
    """All fixes: how much better for customers (x) against how much heavier for staff (y)."""
    return {
        "data": [_of(outcome, points) for outcome in LOOKS if any(p.outcome is outcome for p in points)],
        "layout": {
            **ground(),
            "height": 520,
            "margin": {"l": 52, "r": 8, "t": 8, "b": 52},
            "xaxis": _effect_axis(_("Better for customers (points)"), drawn.x.low, drawn.x.high),
            "yaxis": _effect_axis(_("Heavier for staff (points)"), drawn.y.low, drawn.y.high),
            "shapes": _areas(drawn),
            "annotations": _area_words(drawn),
        },
    }


def _of(outcome: Outcome, points: Sequence[Point]) -> Figure:
    mine = [point for point in points if point.outcome is outcome]
    symbol, colour = LOOKS[outcome]
    return {
        "type": "scatter",
        "mode": "markers+text",
        "name": str(WORDS[outcome]),
        "x": [point.relief.value for point in mine],
        "y": [point.burden.value for point in mine],
        "error_x": _interval([point.relief for point in mine], colour),
        "error_y": _interval([point.burden for point in mine], colour),
        "text": [str(point.number or "") for point in mine],
        "textfont": {
            "size": 10.5,
            "weight": 700,
            "color": INK if symbol.endswith("open") else "var(--paper)",
        },
        "marker": {
            "symbol": symbol,
            "size": 18,
            "color": colour,
            "line": {"width": 1.5, "color": colour if symbol.endswith("open") else "var(--paper)"},
        },
        "customdata": [point.code for point in mine],
        "hovertext": [_told(point) for point in mine],
        "hoverinfo": "text",
        "cliponaxis": False,
    }


def _interval(spans: Sequence[Span], colour: str) -> Figure:
    return {
        "type": "data",
        "symmetric": False,
        "array": [round(span.high - span.value, 2) for span in spans],
        "arrayminus": [round(span.value - span.low, 2) for span in spans],
        "color": colour,
        "thickness": 1.2,
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
