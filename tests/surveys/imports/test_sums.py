"""Sums stay exact however many answers, and cells that no answers can add up to are told from rounding."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse.months import parsed
from surveys.imports.layouts import EMPLOYEE_ANSWERS
from surveys.imports.records import Sheet
from surveys.imports.references import Codes
from surveys.imports.refusals import Refusals
from surveys.imports.sums import Cell, Impossible, Sums, add_answers, possible

scores = st.lists(st.integers(0, 1000), min_size=1, max_size=60)


@given(scores)
def test_the_sums_of_real_scores_are_possible_and_kept_as_they_are(answers: list[int]):
    total, squares = sum(answers), sum(score * score for score in answers)
    assert possible(len(answers), total, squares) == (total, squares)


@given(st.lists(st.floats(0, 10), min_size=1, max_size=60))
def test_sums_of_finer_scores_are_rounded_into_what_is_possible(answers: list[float]):
    n = len(answers)
    rounded = round(sum(answers) * 100), round(sum(score * score for score in answers) * 10_000)
    total, squares = possible(n, *rounded)
    assert 0 <= total <= 1000 * n
    assert squares <= 1000 * total
    assert n * squares >= total * total
    assert abs(total - rounded[0]) <= 1
    assert abs(squares - rounded[1]) <= 1001


@given(scores, st.integers(1, 1000))
def test_figures_beyond_rounding_are_impossible(answers: list[int], off: int):
    n, total = len(answers), sum(answers)
    for figures in ((n, 1000 * n + 1 + off, 0), (n, total, 1000 * total + 600 + total // 100 + off)):
        with pytest.raises(Impossible):
            possible(*figures)


def test_a_negative_variance_is_impossible():
    with pytest.raises(Impossible) as impossible:
        possible(10, 5000, 2_400_000)
    assert impossible.value.column == "squares"


def test_sums_come_by_month_and_are_exact_for_the_largest_counts(tmp_path: Path):
    rows = ["2025-02,A,X,10,2147483647", "2025-02,A,X,10,2147483647", "2025-01,B,X,0.01,1", "2025-01,A,Y,5,"]
    path = tmp_path / "employee_answers.csv"
    path.write_text("month,team,irritant,score,count\n" + "\n".join(rows))
    refusals, sums = Refusals(), Sums()
    sheet = Sheet(path, EMPLOYEE_ANSWERS, refusals)

    add_answers(
        sheet,
        sums,
        "team",
        Codes("a team", "teams.csv", ["A", "B"]),
        Codes("an irritant", "irritants.csv", ["X", "Y"]),
        refusals,
    )

    n = 2 * 2147483647
    january, february = sums.months()
    assert january[0] == parsed("2025-01")
    assert set(january[1]) == {Cell("B", "X", 1, 1, 1), Cell("A", "Y", 1, 500, 250_000)}
    assert february == (parsed("2025-02"), [Cell("A", "X", n, n * 1000, n * 1_000_000)])
    assert (refusals.count, sheet.rows) == (0, 4)
