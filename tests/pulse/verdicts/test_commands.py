"""`flask correlate`, `verdicts`, `flags` and `changes` as somebody at a terminal meets them."""

import json
import re

import pytest

import demo
from tests.conftest import made
from tests.pulse.verdicts.test_nightly import LAST


@pytest.fixture
def run(sqlite_addresses):
    """Runs a command; what it printed, what it complained of, and its exit code."""
    runner = made(sqlite_addresses).test_cli_runner()

    def run(*arguments: str) -> tuple[str, str, int]:
        result = runner.invoke(args=arguments)
        return result.stdout, result.stderr, result.exit_code

    return run


@pytest.fixture
def loaded(run, tmp_path):
    """A small company, loaded."""
    demo.write(demo.company(people=300, months=12, seed=3, last_month=LAST), tmp_path / "company")
    assert run("load", str(tmp_path / "company"))[2] == 0


def test_correlating_nothing_says_what_to_do(run):
    out, complaint, code = run("correlate")
    assert (out, code) == ("", 1)
    assert complaint.startswith("Error: no month is closed yet")
    assert "flask load FOLDER" in complaint


def test_a_replay_says_each_month_in_a_line_and_a_second_one_that_there_is_nothing_new(run, loaded):
    out, complaint, code = run("correlate", "--replay")
    assert (complaint, code) == ("", 0)
    assert [line.partition(":")[0] for line in out.splitlines()][-1] == "2026-05"
    assert run("correlate", "--replay")[0].startswith("Nothing new")


def test_verdicts_are_printed_in_each_format(run, loaded):
    assert run("verdicts")[0].startswith("No verdict yet")
    run("correlate")
    assert run("verdicts", "--format", "csv")[0].startswith("as_of,revision,fix,irritant,verdict,reason,")
    assert run("verdicts", "--format", "json")[0].startswith("[")
    assert run("verdicts", "--as-of", "2020-01-31", "--format", "csv")[0].count("\n") == 1
    assert run("flags", "--format", "csv")[0].startswith("fix,irritant,flag,raised_on,state")


def test_changes_are_printed_in_each_format(run, loaded):
    assert run("changes")[0] == "No change without a fix on record has been reported.\n"
    run("correlate")
    assert run("changes", "--format", "csv")[0].startswith(
        "irritant,direction,month,earliest,latest,evidence"
    )
    assert run("changes", "--format", "json")[0].startswith("[")


@pytest.mark.parametrize(
    "arguments",
    [
        ("correlate", "--as-of", "31/05/2026"),
        ("correlate", "--workers", "0"),
        ("correlate", "--workers", "2", "--cluster", "tcp://127.0.0.1:1"),
        ("verdicts", "--format", "xml"),
        ("changes", "--format", "xml"),
    ],
)
def test_wrong_use_ends_with_code_2(run, arguments):
    out, complaint, code = run(*arguments)
    assert (out, code) == ("", 2)
    assert "Error:" in complaint


def test_a_plan_says_what_would_show_and_when(run, loaded):
    fix = json.loads(run("verdicts", "--format", "json")[0] or "[]")
    assert fix == []
    run("correlate")
    code = json.loads(run("verdicts", "--format", "json")[0])[0]["fix"]
    out, complaint, status = run("plan", code)
    assert (complaint, status) == ("", 0)
    first, *rest = out.splitlines()
    assert first.startswith(f"{code}, started 20")
    assert [line.partition(" ")[0] for line in rest] == ["a", "a", "a", "after", "after", "after"]
    own, elsewhere = (float(word) for word in re.findall(r"(\d+\.\d) (?:points|in one)", rest[-1]))
    assert 0 < own < elsewhere


def test_a_plan_of_nothing_names_what_is_missing(run, loaded):
    out, complaint, status = run("plan", "nowhere")
    assert (out, status) == ("", 1)
    assert "there is no fix nowhere" in complaint
