"""Pictures show what is known, where it belongs, and nothing in between."""

import json
import math
import re
from datetime import date
from itertools import pairwise

import plotly.graph_objects as go
from hypothesis import given
from hypothesis import strategies as st

from pulse.dashboards import drawing, figures, lists
from pulse.dashboards.figures import Point
from pulse.dashboards.series import Series, joined
from pulse.dashboards.timeline import Kind, Mark
from pulse.i18n import speaking
from pulse.months import shifted
from pulse.verdicts.changes import Sighting
from pulse.verdicts.rules import Outcome
from pulse.verdicts.sentences import Span

START = date(2025, 1, 15)
BEGUN = Mark(1, Kind.START, date(2025, 1, 1), "The fix starts on 15 January 2025.")
FIRST = date(2024, 10, 1)
MEANS = {shifted(FIRST, i): (4.0 + i / 10, 20) for i in (0, 1, 3, 4, 6)}
EXPECTED = {shifted(FIRST, i): (5.0, 4.5, 5.5) for i in range(7)}
BOTH = joined(MEANS, EXPECTED)
NOTHING = joined({}, {})

spans = st.builds(
    lambda value, below, above: Span(value, value - below, value + above),
    st.floats(-9, 9),
    st.floats(0, 5),
    st.floats(0, 5),
)


def test_a_month_nothing_is_known_of_is_a_hole() -> None:
    assert BOTH.observed[2] is None
    assert BOTH.n[2] == 0
    assert len(BOTH.months) == 7
    assert NOTHING.empty


def test_lines_are_never_joined_over_a_hole() -> None:
    drawn = drawing.curves(BOTH, START)
    assert len(drawn.observed) == 2
    assert len(drawn.lone) == 1
    assert len(drawn.expected) == len(drawn.band) == 1


def test_the_start_stands_between_its_month_and_the_one_before() -> None:
    drawn = drawing.curves(BOTH, START)
    assert drawn.start is not None
    assert drawn.x.at(2) < drawn.start < drawn.x.at(3)


@given(st.lists(st.tuples(spans, spans), max_size=20))
def test_every_point_stands_inside_the_picture(points: list[tuple[Span, Span]]) -> None:
    drawn = drawing.picture(points)
    for relief, burden in points:
        assert drawn.x.low < relief.value < drawn.x.high
        assert drawn.y.low < burden.value < drawn.y.high


@given(st.lists(spans, max_size=20))
def test_nothing_is_in_the_middle_of_the_common_axis(effects: list[Span]) -> None:
    axis = drawing.around_zero(effects, width=200)
    assert axis.at(0) == 100
    assert all(6 <= drawing.mark(axis, span).low <= drawing.mark(axis, span).high <= 194 for span in effects)


def test_plotly_takes_the_overviews_figure() -> None:
    points = [
        Point(place, f"Fix {place}", f"fix-{place}", outcome, Span(1.0, 0.5, 1.5), Span(0.2, -0.1, 0.5))
        for place, outcome in enumerate(Outcome, 1)
    ]
    drawn = drawing.picture([(point.relief, point.burden) for point in points])
    with speaking("fr"):
        figure = figures.regions(points, drawn, lists.labels(points, drawn))
    assert len(valid(figure).data) == len(Outcome)
    told = str(figure)
    assert "résolu pour tous" in told
    assert "1,0 de mieux (0,5 à 1,5)" in told


def test_plotly_takes_the_evidence_with_and_without_a_landing() -> None:
    for landing, pictures in ((None, 2), (BOTH, 3), (NOTHING, 2)):
        with speaking("fr"):
            rows = figures.rows(BOTH, BOTH, landing)
            figure = figures.evidence(rows, [BEGUN])
        assert len(rows) == pictures
        assert valid(figure).data is not None
        assert "environ 20 réponses" in json.dumps(figure, ensure_ascii=False)


def test_a_side_without_any_month_is_left_out() -> None:
    assert [row.side for row in figures.rows(NOTHING, BOTH, None)] == ["staff"]
    assert figures.evidence([], [])["data"] == []


def test_pictures_above_one_another_do_not_overlap() -> None:
    with speaking("en"):
        layout = figures.evidence(figures.rows(BOTH, BOTH, BOTH), [BEGUN])["layout"]
    assert isinstance(layout, dict)
    domains = [layout[name]["domain"] for name in ("yaxis", "yaxis2", "yaxis3")]
    assert all(upper[0] > lower[1] for upper, lower in pairwise(domains))
    assert math.isclose(domains[-1][0], 0.0, abs_tol=1e-3)


def change(earliest: int, latest: int) -> Sighting:
    """A change whose likeliest month is its latest."""
    return Sighting(
        "refunds", False, shifted(FIRST, latest), shifted(FIRST, earliest), shifted(FIRST, latest), 2.0
    )


def test_plotly_takes_a_change_with_its_months_as_a_band() -> None:
    for series in (BOTH, NOTHING):
        with speaking("fr"):
            figure = valid(figures.change(series, change(2, 4)))
        assert [shape.x0 for shape in figure.layout.shapes] == ["2024-11-16"]
        assert len(figure.data) == 1
        assert "quelque chose a changé ici" in str(figure)


def test_the_band_is_explained_towards_the_middle() -> None:
    sides = [figures.change(BOTH, change(at, at))["layout"]["annotations"][1]["xanchor"] for at in (1, 5)]  # type: ignore[index]
    assert sides == ["left", "right"]


@given(st.integers(0, 6), st.integers(0, 6))
def test_a_stretch_is_drawn_around_its_months(one: int, other: int) -> None:
    earliest, latest = sorted((one, other))
    told, drawn = change(earliest, latest), drawing.curves(BOTH, START)
    stretch = drawing.stretch(BOTH, told.earliest, told.latest)
    assert stretch is not None
    assert stretch.low <= drawn.x.at(earliest) <= drawn.x.at(latest) <= stretch.high
    assert stretch.low <= stretch.at <= stretch.high


def test_a_stretch_outside_the_months_on_view_is_not_drawn() -> None:
    assert drawing.stretch(BOTH, shifted(FIRST, -5), shifted(FIRST, -3)) is None
    assert drawing.stretch(NOTHING, FIRST, FIRST) is None


def valid(figure: dict[str, object]) -> go.Figure:
    """The figure as Plotly reads it, its colours looked up; raises where Plotly knows no such thing."""
    return go.Figure(json.loads(re.sub(r"var\(--[a-z-]+\)", "#0072b2", json.dumps(figure, allow_nan=False))))


def test_a_series_is_as_long_as_its_months() -> None:
    assert isinstance(BOTH, Series)
    assert {len(part) for part in (BOTH.observed, BOTH.n, BOTH.expected, BOTH.low, BOTH.high)} == {7}
