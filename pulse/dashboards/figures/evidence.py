"""The pictures of a fix: both sides over the same months, and the place where the burden landed."""

from collections.abc import Sequence
from dataclasses import dataclass

from pulse.dashboards.figures.look import (
    HALF_A_MONTH,
    INK,
    SOFT,
    Figure,
    ground,
    months_axis,
    score_axis,
    title,
)
from pulse.dashboards.series import Series
from pulse.dashboards.timeline import Kind, Mark
from pulse.i18n import gettext as _
from pulse.i18n import month, ngettext, number
from pulse.organisation.models import Side

GAP = 0.3  # of the height of three pictures above one another, shared by what lies between them
SIDES = {"customer": Side.CUSTOMER, "staff": Side.EMPLOYEE}
DASHES: dict[Kind, str] = {
    Kind.START: "dot",
    Kind.ROLL_OUT: "dot",
    Kind.STOP: "solid",
    Kind.BREAK: "dash",
    Kind.FLAG: "dot",
    Kind.DECISION: "dot",
    Kind.CORRECTIVE: "solid",
    Kind.RECHECK: "dot",
}


@dataclass(frozen=True)
class Row:
    """One of the pictures above one another: a side, or the place where the burden landed."""

    title: str
    series: Series
    side: str  # "customer" or "staff": the colours of the style sheet


def rows(
    customers: Series, staff: Series, landing: Series | None, unit: tuple[str, Series] | None = None
) -> list[Row]:
    """The pictures of a fix, from the top down, without those that have nothing to show.

    unit -- name and series of the unit around the fix's teams, where these are too few to be shown
    """
    found = [
        Row(_("Customers, 0 to 10"), customers, "customer"),
        Row(_("Teams of the fix, 0 to 10"), staff, "staff"),
    ]
    if unit is not None:
        found.append(Row(_("%(unit)s as a whole, 0 to 10", unit=unit[0]), unit[1], "staff"))
    if landing is not None:
        found.append(Row(_("Where it landed, 0 to 10"), landing, "staff"))
    return [row for row in found if not row.series.empty]


def evidence(rows: Sequence[Row], marks: Sequence[Mark]) -> Figure:
    """A fix over the same months: customers above, staff below, what happened when marked through all."""
    count = max(len(rows), 1)
    gap = GAP / count
    share = (1 - gap * (count - 1)) / count
    months = {day for row in rows for day in row.series.months}
    shown = [mark for mark in marks if months and min(months) <= mark.month <= max(months)]
    layout: Figure = {
        **ground(),
        "height": 70 + 250 * len(rows),
        "margin": {"l": 26, "r": 10, "t": 46 if shown else 28, "b": 26},
    }
    data: list[Figure] = []
    rules: list[Figure] = []
    words: list[Figure] = []
    for place, row in enumerate(rows):
        axis = "y" if place == 0 else f"y{place + 1}"
        top = 1 - place * (share + gap)
        layout[axis.replace("y", "yaxis")] = score_axis([max(round(top - share, 4), 0.0), round(top, 4)])
        rules += [_rule(mark, axis) for mark in shown if mark.side in (None, SIDES[row.side])]
        data += side_lines(row.series, f"var(--{row.side})", row.side, axis)
        words += [{**title(top, row.title, f"var(--{row.side}-ink)"), "yshift": 7}, *_labels(row, axis)]
        layout["xaxis"] = months_axis((day for row in rows for day in row.series.months), axis)
    layout["shapes"] = rules
    layout["annotations"] = [*words, *(_number(mark) for mark in shown)]
    return {"data": data, "layout": layout}


def side_lines(series: Series, colour: str, side: str, axis: str) -> list[Figure]:
    """One side's lines: the band and what was expected without the fix, then what was observed."""
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


def _rule(mark: Mark, axis: str) -> Figure:
    return {
        "type": "line",
        "xref": "x",
        "yref": f"{axis} domain",
        "x0": (mark.month - HALF_A_MONTH).isoformat(),
        "x1": (mark.month - HALF_A_MONTH).isoformat(),
        "y0": 0,
        "y1": 1,
        "line": {
            "color": INK if mark.kind is Kind.START else SOFT,
            "width": 1.4 if mark.kind is Kind.START else 1,
            "dash": DASHES[mark.kind],
        },
    }


def _number(mark: Mark) -> Figure:
    """A mark's number above the picture; what it stands for is told beside it, and on hovering."""
    return {
        "x": (mark.month - HALF_A_MONTH).isoformat(),
        "y": 1.0,
        "yref": "paper",
        "yanchor": "bottom",
        "yshift": 24,
        "text": str(mark.number),
        "hovertext": mark.text.replace("&", "&amp;").replace("<", "&lt;"),
        "showarrow": False,
        "bgcolor": INK if mark.kind is Kind.START else "var(--paper)",
        "bordercolor": INK,
        "borderpad": 2,
        "font": {"color": "var(--paper)" if mark.kind is Kind.START else INK, "size": 11, "weight": 700},
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
