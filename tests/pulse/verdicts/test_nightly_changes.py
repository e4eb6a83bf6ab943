"""The night asks about changes that no fix explains, the same everywhere; later months judge them."""

import csv
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime
from multiprocessing import get_context
from pathlib import Path

import pytest

import demo
from pulse.db import Database, main
from pulse.months import shifted, written
from pulse.verdicts import nightly, report
from surveys.imports.load import load
from tests.conftest import Addresses

LAST = date(2026, 5, 1)
MONTHS = 16
BEGUN = shifted(LAST, -7)
NOW = datetime(2026, 6, 4, 2, tzinfo=UTC)
Rows = list[dict[str, str]]


def rewritten(file: Path, change: Callable[[Rows], Rows]) -> None:
    """A CSV file with its rows changed; the header stays, or takes up new columns."""
    with file.open(newline="", encoding="utf-8") as source:
        rows = list(csv.DictReader(source))
    rows = change(rows)
    with file.open("w", newline="", encoding="utf-8") as target:
        writer = csv.DictWriter(target, dict.fromkeys(column for row in rows for column in row))
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="module")
def quiet(tmp_path_factory) -> tuple[Path, str]:
    """A made-up company whose customers suffer half as much from an irritant since a month; its code."""
    folder = tmp_path_factory.mktemp("company")
    demo.write(demo.company(people=300, months=MONTHS, seed=3, last_month=LAST), folder)
    with (folder / "fixes.csv").open(newline="", encoding="utf-8") as file:
        fixed = {row["irritant"] for row in csv.DictReader(file)}
    with (folder / "irritants.csv").open(newline="", encoding="utf-8") as file:
        irritant = next(row["irritant"] for row in csv.DictReader(file) if row["irritant"] not in fixed)

    def eased(rows: Rows) -> Rows:
        return [
            row | {"score": f"{float(row['score']) / 2:.2f}"}
            if row["irritant"] == irritant and row["month"] >= written(BEGUN)
            else row
            for row in rows
        ]

    rewritten(folder / "customer_answers.csv", eased)
    return folder, irritant


@pytest.fixture
def copy(quiet, tmp_path) -> Path:
    """The company's folder, to be changed."""
    return shutil.copytree(quiet[0], tmp_path / "company")


@pytest.fixture
def company(sqlite: Database, quiet) -> Iterator[Database]:
    """The company loaded."""
    loaded(sqlite, quiet[0])
    return sqlite


def loaded(database: Database, folder: Path) -> None:
    with database.writing() as session:
        load(session, folder)


def said(database: Database) -> str:
    with database.reading() as session:
        return report.as_csv(report.changes(session), report.CHANGE_COLUMNS)


def replay(database: Database, **options) -> list[nightly.Concluded]:
    return nightly.correlate(database, replay=True, now=NOW, **options)


def test_a_change_without_a_fix_is_found_soon_and_dated_well(company, quiet):
    done = replay(company)
    with company.reading() as session:
        (row,) = [row for row in report.changes(session) if row["irritant"] == quiet[1]]
    assert row["direction"] == "less"
    assert row["earliest"] <= written(BEGUN) <= row["latest"]
    assert (row["state"], row["last_reported"]) == ("open", "2026-05-31")
    assert row["first_reported"] <= "2026-01-31"
    (first,) = [one for one in done if quiet[1] in one.changes.new]
    assert first.month.isoformat()[:7] == row["first_reported"][:7]
    assert done[-1].changes.reported >= 1


def test_a_second_replay_says_nothing_new(company):
    replay(company)
    before = said(company)
    assert replay(company) == []
    assert said(company) == before


def test_both_databases_and_any_number_of_workers_say_the_same_to_the_byte(
    sqlite_addresses: Addresses, postgresql_addresses: Addresses, quiet
):
    heard = []
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        for addresses, executor in ((sqlite_addresses, None), (postgresql_addresses, pool)):
            main.connect(addresses.main)
            loaded(main, quiet[0])
            replay(main, executor=executor)
            heard.append(said(main))
            main.close()
    assert heard[0] == heard[1]
    assert heard[0].count("\n") >= 2


def test_an_annotated_break_is_no_change(sqlite, copy, quiet):
    rewritten(
        copy / "breaks.csv",
        lambda rows: [
            *rows,
            {"side": "customer", "month": written(BEGUN), "measure": quiet[1], "note": "New form"},
        ],
    )
    loaded(sqlite, copy)
    replay(sqlite)
    assert f"\n{quiet[1]}," not in said(sqlite)


def test_without_customers_nothing_is_asked(sqlite, copy):
    (copy / "customer_answers.csv").unlink()
    loaded(sqlite, copy)
    assert all(one.changes.reported == 0 for one in replay(sqlite))
    assert said(sqlite).count("\n") == 1


def test_a_short_history_asks_nothing(company):
    nightly.correlate(company, as_of=shifted(LAST, -MONTHS + 4), replay=True, now=NOW)
    assert said(company).count("\n") == 1


def test_what_was_found_from_the_answers_is_judged_by_later_months(company, copy, quiet):
    replay(company)
    with company.reading() as session:
        before = report.verdicts(session, as_of=None, history=True, revisions=True)
    registered = shifted(LAST, -1)
    rewritten(
        copy / "fixes.csv",
        lambda rows: [
            *rows,
            {
                "fix": "late",
                "irritant": quiet[1],
                "started": written(BEGUN),
                "registered": written(registered),
            },
        ],
    )
    loaded(company, copy)
    done = replay(company)
    assert [one.month for one in done] == [registered, LAST]  # nothing before it was known
    with company.reading() as session:
        rows = report.verdicts(session, as_of=None, history=True, revisions=True)
        (change,) = [row for row in report.changes(session) if row["irritant"] == quiet[1]]
    mine = [row for row in rows if row["fix"] == "late"]
    assert [row["as_of"] for row in mine] == ["2026-04-30", "2026-05-31"]
    assert {(row["verdict"], row["customer_effect"], row["flag"]) for row in mine} == {
        ("undetermined", "", "0")  # two months are too few, although eight have passed since the start
    }
    assert [row for row in rows if row in before] == before
    assert (change["state"], change["fix"]) == ("registered", "late")
