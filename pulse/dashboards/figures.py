"""Plotly's figures, as the plain data its script reads: no template, words and colours of our own.

Colours are names of the style sheet's (var(--customer)); the script looks them up, so a figure is right by
day and by night. Every text a reader sees is made here: the script knows no language.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from pulse.dashboards.drawing import NO_BURDEN, NO_EFFECT, Picture
from pulse.dashboards.series import Series
from pulse.i18n import gettext as _
from pulse.i18n import language, month, ngettext, number
from pulse.months import between
from pulse.verdicts.changes import Sighting
from pulse.verdicts.rules import Outcome
from pulse.verdicts.sentences import WORDS, Span

Figure = dict[str, object]
STAFF, INK, SOFT, LINE = (f"var(--{name})" for name in ("staff", "ink", "soft", "line"))
HALF_A_MONTH = timedelta(days=15)
GAP = 0.09  # of the height, between pictures above one another
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


@dataclass(frozen=True)
class Row:
    """One of the pictures above one another: a side, or the place where the burden landed."""

    title: str
    series: Series
    side: str  # "customer" or "staff": the colours of the style sheet


def rows(customers: Series, staff: Series, landing: Series | None) -> list[Row]:
    """The pictures of a fix, from the top down, without those that have nothing to show."""
    found = [
        Row(_("Customers, 0 to 10"), customers, "customer"),
        Row(_("Teams of the fix, 0 to 10"), staff, "staff"),
    ]
    if landing is not None:
        found.append(Row(_("Where it landed, 0 to 10"), landing, "staff"))
    return [row for row in found if not row.series.empty]


def evidence(rows: Sequence[Row], started: date) -> Figure:
    """A fix over the same months: customers above, staff below, the start marked through all."""
    count = max(len(rows), 1)
    share = (1 - GAP * (count - 1)) / count
    layout: Figure = {
        **_ground(),
        "height": 60 + 250 * len(rows),
        "margin": {"l": 30, "r": 12, "t": 28, "b": 32},
        "shapes": [_start_rule(started)],
    }
    data: list[Figure] = []
    words: list[Figure] = []
    for place, row in enumerate(rows):
        axis = "y" if place == 0 else f"y{place + 1}"
        top = 1 - place * (share + GAP)
        layout[axis.replace("y", "yaxis")] = _score_axis([max(round(top - share, 4), 0.0), round(top, 4)])
        data += _side(row.series, f"var(--{row.side})", row.side, axis)
        words += [_title(top, row.title, f"var(--{row.side}-ink)"), *_labels(row, axis)]
        layout["xaxis"] = _months_axis(rows, axis)
    layout["annotations"] = [*words, _start_word(started)]
    return {"data": data, "layout": layout}


def change(series: Series, told: Sighting) -> Figure:
    """Customers' months, with the stretch in which something changed as a band."""
    row = Row(_("Customers, 0 to 10"), series, "customer")
    return {
        "data": _side(series, "var(--customer)", "customer", "y")[-1:],
        "layout": {
            **_ground(),
            "height": 320,
            "margin": {"l": 30, "r": 12, "t": 28, "b": 32},
            "xaxis": _months_axis([row], "y"),
            "yaxis": _score_axis([0, 1]),
            "shapes": [_stretch(told)],
            "annotations": [_title(1, row.title, "var(--customer-ink)"), _stretch_word(series, told)],
        },
    }


def _stretch(told: Sighting) -> Figure:
    return {
        "type": "rect",
        "xref": "x",
        "yref": "paper",
        "x0": (told.earliest - HALF_A_MONTH).isoformat(),
        "x1": (told.latest + HALF_A_MONTH).isoformat(),
        "y0": 0,
        "y1": 1,
        "fillcolor": "var(--calm-wash)",
        "line": {"width": 1, "color": "var(--strong)", "dash": "dot"},
        "layer": "below",
    }


def _stretch_word(series: Series, told: Sighting) -> Figure:
    """What the band is, written towards the middle of the picture."""
    late = bool(series.months) and 2 * between(series.months[0], told.month) > len(series.months)
    return {
        "x": (told.earliest - HALF_A_MONTH if late else told.latest + HALF_A_MONTH).isoformat(),
        "y": 1.0,
        "yref": "paper",
        "yanchor": "top",
        "xanchor": "right" if late else "left",
        "xshift": -4 if late else 4,
        "text": _("something changed here"),
        "showarrow": False,
        "font": {"color": INK, "size": 12},
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


def _months_axis(rows: Sequence[Row], lowest: str) -> Figure:
    years = sorted({day for row in rows for day in row.series.months if day.month == 1})
    return {
        "type": "date",
        "anchor": lowest,
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
        "y": 1.0,
        "yref": "paper",
        "yanchor": "top",
        "xanchor": "left",
        "xshift": 4,
        "text": _("start, %(month)s", month=month(started)),
        "showarrow": False,
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


def _labels(row: Row, axis: str) -> list[Figure]:
    """What each line is, written near its end instead of in a legend: above both lines, and below both."""
    series = row.series
    told = []
    for values, text in ((series.observed, _("observed")), (series.expected, _("expected without the fix"))):
        known = [(series.months[i], value) for i, value in enumerate(values) if value is not None]
        if known:
            told.append((known[-1][1], text))
    told.sort(key=lambda line: line[0], reverse=True)
    late = slice(-max(len(series.months) // 3, 1), None)
    near = [
        value
        for values in (series.observed[late], series.low[late], series.high[late])
        for value in values
        if value is not None
    ]
    return [
        {
            "x": series.months[-1].isoformat(),
            "y": (min(near) if place else max(near)) if near else value,
            "yref": axis,
            "xanchor": "right",
            "yanchor": "top" if place else "bottom",
            "text": text,
            "showarrow": False,
            "font": {"color": f"var(--{row.side}-ink)", "size": 12},
        }
        for place, (value, text) in enumerate(told)
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
