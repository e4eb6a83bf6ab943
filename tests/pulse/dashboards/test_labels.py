"""Numbers of near points are told apart."""

from hypothesis import given
from hypothesis import strategies as st

from pulse.dashboards.labels import DIGIT, HIGH, spread

inside = st.tuples(st.floats(40, 420), st.floats(40, 480))


def boxes(points: list[tuple[float, float]], texts: list[str]) -> list[tuple[float, float, float, float]]:
    found = []
    for (x, y), text, label in zip(points, texts, spread(points, texts, width=460, height=520), strict=False):
        across, down, wide = x + label.across, y + label.down, len(text) * DIGIT
        found.append((across - wide / 2, down - HIGH / 2, across + wide / 2, down + HIGH / 2))
    return found


def overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    across = min(one[2], other[2]) - max(one[0], other[0])
    return across > 0 and min(one[3], other[3]) - max(one[1], other[1]) > 0


@given(inside)
def test_a_dozen_fixes_on_one_spot_all_have_their_number(spot: tuple[float, float]) -> None:
    points = [(spot[0] + step, spot[1]) for step in range(12)]
    found = boxes(points, [str(step + 1) for step in range(12)])
    assert not [
        (at, later)
        for at, one in enumerate(found)
        for later, other in enumerate(found[at + 1 :], at + 1)
        if overlap(one, other)
    ]


def test_a_lone_point_has_its_number_beside_it_and_needs_no_line() -> None:
    [label] = spread([(200.0, 200.0)], ["1"], width=460, height=520)
    assert not label.far
    assert label.across > 0 > label.down


def test_points_without_a_number_are_left_free_of_numbers() -> None:
    points = [(200.0, 200.0), (212.0, 188.0)]
    [box] = boxes(points, ["1"])
    assert not overlap(box, (205.0, 181.0, 219.0, 195.0))
