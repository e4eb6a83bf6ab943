"""The picture of a change that no fix explains: customers' months, and when it must have been."""

from pulse.dashboards.figures.evidence import Row, side_lines
from pulse.dashboards.figures.look import HALF_A_MONTH, INK, Figure, ground, months_axis, score_axis, title
from pulse.dashboards.series import Series
from pulse.i18n import gettext as _
from pulse.months import between
from pulse.verdicts.changes import Sighting


def change(series: Series, told: Sighting) -> Figure:
    """Customers' months, with the stretch in which something changed as a band."""
    row = Row(_("Customers, 0 to 10"), series, "customer")
    return {
        "data": side_lines(series, "var(--customer)", "customer", "y")[-1:],
        "layout": {
            **ground(),
            "height": 320,
            "margin": {"l": 30, "r": 12, "t": 28, "b": 32},
            "xaxis": months_axis(series.months, "y"),
            "yaxis": score_axis([0, 1]),
            "shapes": [_stretch(told)],
            "annotations": [title(1, row.title, "var(--customer-ink)"), _stretch_word(series, told)],
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
