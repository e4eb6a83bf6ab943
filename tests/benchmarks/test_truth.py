"""The truth benchmark runs, says the same twice, and reads what the commands print."""

import pytest

from benchmarks import folder, truth
from benchmarks.levels import SIZES, Size
from benchmarks.simulator import company


def test_the_table_has_a_row_for_every_procedure(capsys: pytest.CaptureFixture[str]) -> None:
    truth.main(["--size", "XS", "--companies", "2", "--level", "easy", "--detail"])

    printed = capsys.readouterr().out
    assert printed.startswith("easy, size XS, 2 companies from seed 1000")
    for name in ("before/after", "correlation", "difference-in-differences", "Pulse"):
        assert f"| {name}" in printed
    assert "Flagged by month 6: " in printed


def test_seeds_decide_alone_what_is_said_in_one_process_or_two() -> None:
    alone = [r.judged for r in truth.runs("easy", "XS", [1, 2], 1, False)]
    shared = [r.judged for r in truth.runs("easy", "XS", [1, 2], 2, False)]

    assert shared == alone


def test_every_look_of_a_fix_is_scored_once_from_its_start_on() -> None:
    made = company("realistic", SIZES["XS"], seed=4)

    for one in truth.replay(made):
        months = [said.month for said in one.said]
        assert months == list(range(months[0], months[0] + len(months)))
        assert months[-1] == min(one.months, 24)


def test_a_company_goes_through_the_commands_and_comes_back_with_the_same_verdicts() -> None:
    made = company("realistic", Size(irritants=6, teams=6, months=10, fixes=2), seed=4)

    looked, commanded = truth.replay(made), folder.replay(made)

    for mine, theirs in zip(looked, commanded, strict=True):
        assert [(s.month, s.outcome) for s in mine.said] == [(s.month, s.outcome) for s in theirs.said]
        assert mine.truth == theirs.truth
