"""The pictures of a fix: both sides over the same months, and the place where the burden landed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pulse.dashboards.figures.look import INK, Figure, ground, months_axis, score_axis, title
from pulse.dashboards.series import Series
from pulse.i18n import gettext as _
from pulse.i18n import month, ngettext, number

GAP = 0.09  # of the height, between pictures above one another


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
        **ground(),
        "height": 60 + 250 * len(rows),
        "margin": {"l": 30, "r": 12, "t": 28, "b": 32},
        "shapes": [_start_rule(started)],
    }
    data: list[Figure] = []
    words: list[Figure] = []
    for place, row in enumerate(rows):
        axis = "y" if place == 0 else f"y{place + 1}"
        top = 1 - place * (share + GAP)
        layout[axis.replace("y", "yaxis")] = score_axis([max(round(top - share, 4), 0.0), round(top, 4)])
        data += side_lines(row.series, f"var(--{row.side})", row.side, axis)
        words += [title(top, row.title, f"var(--{row.side}-ink)"), *_labels(row, axis)]
        layout["xaxis"] = months_axis((day for row in rows for day in row.series.months), axis)
    layout["annotations"] = [*words, _start_word(started)]
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
