"""What all of Plotly's figures look like: no template, words and colours of our own.

Colours are names of the style sheet's (var(--customer)); the script looks them up, so a figure is right by
day and by night. Every text a reader sees is made here: the script knows no language.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from pulse.i18n import language, month_name

Figure = dict[str, object]
STAFF, INK, SOFT, LINE = (f"var(--{name})" for name in ("staff", "ink", "soft", "line"))
HALF_A_MONTH = timedelta(days=15)
FEW_MONTHS = 40


def ground() -> Figure:
    """The sheet a figure is drawn on."""
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


def months_axis(months: Iterable[date], lowest: str) -> Figure:
    """An axis of months: each January by its year and, where there are few, each July by its name."""
    known = sorted(set(months))
    few = len(known) <= FEW_MONTHS
    ticks = [day for day in known if day.month == 1 or (few and day.month == 7)]
    return {
        "type": "date",
        "anchor": lowest,
        "tickvals": [day.isoformat() for day in ticks],
        "ticktext": [str(day.year) if day.month == 1 else month_name(day) for day in ticks],
        "gridcolor": LINE,
        "fixedrange": True,
    }


def score_axis(domain: list[float]) -> Figure:
    """The scale of all scores, over a share of the height."""
    return {
        "domain": domain,
        "range": [0, 10],
        "tickvals": [0, 2, 4, 6, 8, 10],
        "gridcolor": LINE,
        "zeroline": False,
        "fixedrange": True,
    }


def title(y: float, text: str, colour: str) -> Figure:
    """What a picture shows, written above its left end."""
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
