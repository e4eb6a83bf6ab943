"""Plotly's figures, as the plain data its script reads: no template, words and colours of our own.

Colours are names of the style sheet's (var(--customer)); the script looks them up, so a figure is right by
day and by night. Every text a reader sees is made here: the script knows no language.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pulse.dashboards.drawing import NO_BURDEN, NO_EFFECT, Picture
from pulse.dashboards.series import Series
from pulse.i18n import gettext as _
from pulse.i18n import language, month, ngettext, number
from pulse.verdicts.rules import Outcome
from pulse.verdicts.sentences import WORDS, Span

Figure = dict[str, object]
CUSTOMER, STAFF, INK, SOFT, LINE = (f"var(--{name})" for name in ("customer", "staff", "ink", "soft", "line"))
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

    number: int
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
            **_ground(),
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
        "text": [str(point.number) for point in mine],
        "textfont": {"size": 11, "color": INK if symbol.endswith("open") else "var(--paper)"},
        "marker": {"symbol": symbol, "size": 21, "color": colour, "line": {"width": 2, "color": colour}},
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


def evidence(customers: Series, staff: Series, started: date) -> Figure:
    """Both sides of a fix over the same months: customers above, staff below, the start marked."""
    months = sorted({*customers.months, *staff.months})
    return {
        "data": [*_side(customers, CUSTOMER, "customer", "y"), *_side(staff, STAFF, "staff", "y2")],
        "layout": {
            **_ground(),
            "height": 560,
            "margin": {"l": 36, "r": 12, "t": 28, "b": 32},
            "xaxis": _months_axis(months),
            "yaxis": _score_axis([0.56, 1.0]),
            "yaxis2": _score_axis([0.0, 0.44]),
            "shapes": [_start_rule(started)],
            "annotations": [
                _title(1.0, _("Customers: how much it bothered them (0 to 10)"), "var(--customer-ink)"),
                _title(0.44, _("Staff: how much it landed on them (0 to 10)"), "var(--staff-ink)"),
                *_labels(customers, "y", "var(--customer-ink)"),
                *_labels(staff, "y2", "var(--staff-ink)"),
                _start_word(started),
            ],
        },
    }


def _side(series: Series, colour: str, side: str, axis: str) -> list[Figure]:
    days = [day.isoformat() for day in series.months]
    common = {"type": "scatter", "x": days, "yaxis": axis, "connectgaps": False}
    unseen = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    return [
        {**common, **unseen, "y": list(series.low)},
        {**common, **unseen, "y": list(series.high), "fill": "tonexty", "fillcolor": f"var(--{side}-band)"},
        {
            **common,
            "mode": "lines",
            "y": list(series.expected),
            "line": {"color": colour, "width": 1.6, "dash": "dash"},
            "hovertext": [_expected(series, i) for i in range(len(days))],
            "hoverinfo": "text",
        },
        {
            **common,
            "mode": "lines+markers",
            "y": [None if value is None else round(value, 2) for value in series.observed],
            "line": {"color": colour, "width": 2.5},
            "marker": {"size": 5, "color": colour},
            "hovertext": [_observed(series, i) for i in range(len(days))],
            "hoverinfo": "text",
        },
    ]


def _observed(series: Series, i: int) -> str:
    value = series.observed[i]
    if value is None:
        return ""
    answers = ngettext("about %(n)s answer", "about %(n)s answers", series.n[i])
    return _(
        "%(month)s<br>Observed: %(score)s<br>%(answers)s",
        month=month(series.months[i]),
        score=number(value),
        answers=answers,
    )


def _expected(series: Series, i: int) -> str:
    value, low, high = series.expected[i], series.low[i], series.high[i]
    if value is None or low is None or high is None:
        return ""
    return _(
        "%(month)s<br>Expected without the fix: %(score)s (%(low)s to %(high)s)",
        month=month(series.months[i]),
        score=number(value),
        low=number(low),
        high=number(high),
    )


def _months_axis(months: Sequence[date]) -> Figure:
    years = [day for day in months if day.month == 1]
    return {
        "type": "date",
        "anchor": "y2",
        "tickvals": [day.isoformat() for day in years],
        "ticktext": [str(day.year) for day in years],
        "gridcolor": LINE,
        "fixedrange": True,
    }


def _score_axis(domain: list[float]) -> Figure:
    return {
        "domain": domain,
        "range": [0, 10],
        "tickvals": [0, 2, 4, 6, 8, 10],
        "gridcolor": LINE,
        "zeroline": False,
        "fixedrange": True,
    }


def _start_rule(started: date) -> Figure:
    return {
        "type": "line",
        "xref": "x",
        "yref": "paper",
        "x0": started.replace(day=1).isoformat(),
        "x1": started.replace(day=1).isoformat(),
        "y0": 0,
        "y1": 1,
        "line": {"color": INK, "width": 1.4, "dash": "dot"},
    }


def _start_word(started: date) -> Figure:
    return {
        "x": started.replace(day=1).isoformat(),
        "y": 0.5,
        "yref": "paper",
        "text": _("start, %(month)s", month=month(started)),
        "showarrow": False,
        "bgcolor": "var(--paper)",
        "font": {"color": INK, "size": 12},
    }


def _title(y: float, text: str, colour: str) -> Figure:
    return {
        "x": 0,
        "xref": "paper",
        "xanchor": "left",
        "y": y,
        "yref": "paper",
        "yanchor": "bottom",
        "text": text,
        "showarrow": False,
        "font": {"color": colour, "size": 13, "weight": 700},
    }


def _labels(series: Series, axis: str, colour: str) -> list[Figure]:
    """What each line is, written at its last month instead of in a legend."""
    told = []
    for values, text in ((series.observed, _("observed")), (series.expected, _("expected without the fix"))):
        known = [i for i, value in enumerate(values) if value is not None]
        if known:
            told.append((known[-1], values[known[-1]] or 0.0, text))
    highest = max((value for _i, value, _t in told), default=0.0)
    return [
        {
            "x": series.months[i].isoformat(),
            "y": value,
            "yref": axis,
            "xanchor": "right",
            "yanchor": "bottom" if value >= highest else "top",
            "yshift": 9 if value >= highest else -9,
            "text": text,
            "showarrow": False,
            "font": {"color": colour, "size": 12},
        }
        for i, value, text in told
    ]


def _ground() -> Figure:
    return {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": SOFT, "size": 12, "family": "system-ui, sans-serif"},
        "hoverlabel": {"bgcolor": "var(--paper)", "bordercolor": "var(--strong)", "font": {"color": INK}},
        "showlegend": False,
        "hovermode": "closest",
        "dragmode": False,
        "separators": ", " if language() == "fr" else ".,",
    }
