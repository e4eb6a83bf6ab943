"""The table of published effects: how figures are written, and what is said where the files are not."""

import numpy as np
import pytest

from benchmarks.effects import FOLDER, Published, inside, line, main, number, rest_of, written
from pulse.correlation.panel import Effect


def test_without_the_files_it_says_so(tmp_path, capsys: pytest.CaptureFixture[str]) -> None:
    main(tmp_path / "effects")

    assert capsys.readouterr().out == f"left out: {tmp_path / 'effects'} is not here\n"


def test_logarithms_are_written_as_changes_in_per_cent() -> None:
    found = Effect(np.log(0.9), np.log(0.8), np.log(1.0), 0.05)

    assert written(found, True) == "-10.0 % (-20.0 % to +0.0 %)"
    assert written(Published(2.0), False) == "+2.00"
    assert written(None, False) == "nothing"


def test_a_figure_lies_inside_an_interval_or_there_is_none() -> None:
    interval = Published.of(1.0, 0.5)

    assert [inside(value, interval) for value in (1.9, 2.1)] == ["yes", "no"]
    assert inside(1.0, Published(1.0)) == "-"


def test_decimal_commas_and_gaps_are_read() -> None:
    assert number("6,5") == 6.5
    assert np.isnan(number(" "))


def test_what_a_regression_on_the_months_before_leaves() -> None:
    x = np.arange(8.0)
    y = 3.0 + 2.0 * x + np.where(x >= 5, 4.0, 0.0)

    assert rest_of(y, x[None, :], 5) == pytest.approx(np.where(x >= 5, 4.0, 0.0))


def test_a_row_of_the_table() -> None:
    if not FOLDER.is_dir():
        pytest.skip("the effect files of ../shared/data are not here")

    assert line("Card and Krueger") == "| Card and Krueger | +2.76 (+0.09 to +5.43) | nothing | - | - |"
    assert line("CausalImpact, clicks").endswith("| no | no |")
    assert line("Sicily, smoking ban").endswith("| yes | no |"), "nothing untouched: an interval wide enough"
