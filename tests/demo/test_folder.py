"""The made-up company as a company folder: bytes, columns, references, sizes."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from demo import company, write
from tests.demo.conftest import LAST_MONTH, Tables, tables

COLUMNS = {
    "teams": "team name name_fr parent headcount opened closed split_from",
    "value_chain": "supplier customer",
    "touchpoints": "touchpoint name name_fr team",
    "irritants": "irritant label label_fr customer_question customer_question_fr employee_question "
    "employee_question_fr touchpoints",
    "asked": "team irritant from to",
    "fixes": "fix name name_fr irritant started touchpoints teams owner expected_customer expected_staff",
    "rollouts": "fix place started",
    "breaks": "side month place measure note",
    "customer_answers": "month touchpoint irritant score count",
    "employee_answers": "month team irritant score count",
    "truth": "fix verdict class started customer_effect staff_effect landing_teams landing_irritant",
}


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_the_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("once", "again"):
        write(company(people=200, months=14, seed=3, last_month=LAST_MONTH), tmp_path / name)
    assert contents(tmp_path / "once") == contents(tmp_path / "again")


def test_another_seed_gives_another_company(tmp_path: Path) -> None:
    for seed in (3, 4):
        write(company(people=200, months=14, seed=seed, last_month=LAST_MONTH), tmp_path / str(seed))
    assert contents(tmp_path / "3")["truth.csv"] != contents(tmp_path / "4")["truth.csv"]


def test_any_day_of_the_last_month_means_that_month() -> None:
    first, last = (company(people=60, months=8, last_month=date(2026, 10, day)) for day in (1, 31))
    assert first.first_month == last.first_month == date(2026, 3, 1)


def test_the_demo_ends_with_the_last_full_month() -> None:
    made = company(people=60, months=8)
    last = made.day(made.months - 1)
    assert (last.year, last.month) == (date.today().replace(day=1) - timedelta(days=1)).timetuple()[:2]


@pytest.mark.parametrize("name", COLUMNS)
def test_files_have_the_columns_of_the_contract(folder: Path, name: str) -> None:
    header = (folder / f"{name}.csv").read_text(encoding="utf-8").partition("\n")[0]
    assert header.split(",") == COLUMNS[name].split()


def test_nothing_else_is_written(folder: Path) -> None:
    assert {path.stem for path in folder.iterdir()} == set(COLUMNS)


def test_every_code_that_is_used_exists(written: Tables) -> None:
    teams, points, irritants, fixes = (
        {row[key] for row in written[file]}
        for file, key in (
            ("teams", "team"),
            ("touchpoints", "touchpoint"),
            ("irritants", "irritant"),
            ("fixes", "fix"),
        )
    )
    used = {
        "teams": {row["parent"] for row in written["teams"]}
        | {row["split_from"] for row in written["teams"]},
        "chain": {code for row in written["value_chain"] for code in row.values()} - {"CUSTOMERS"},
        "serving": {row["team"] for row in written["touchpoints"]},
        "asked": {row["team"] for row in written["asked"]},
        "answering": {row["team"] for row in written["employee_answers"]},
        "scope": {code for row in written["fixes"] for code in row["teams"].split("|")},
        "landing": {code for row in written["truth"] for code in row["landing_teams"].split("|")},
    }
    for codes in used.values():
        assert codes - {""} <= teams
    met = {code for row in written["irritants"] + written["fixes"] for code in row["touchpoints"].split("|")}
    assert met | {row["touchpoint"] for row in written["customer_answers"]} <= points | {""}
    for file in ("asked", "fixes", "customer_answers", "employee_answers"):
        assert {row["irritant"] for row in written[file]} <= irritants
    assert {row["landing_irritant"] for row in written["truth"]} <= irritants | {""}
    assert {row["fix"] for row in written["truth"]} == fixes >= {row["fix"] for row in written["rollouts"]}
    assert {row["place"] for row in written["rollouts"]} <= teams | points
    assert not teams & points


def test_codes_are_given_once(written: Tables) -> None:
    for file, key in (("teams", "team"), ("irritants", "irritant"), ("fixes", "fix")):
        codes = [row[key] for row in written[file]]
        assert len(codes) == len(set(codes))


def test_scores_are_the_five_labels_and_counts_are_positive(written: Tables) -> None:
    for file in ("customer_answers", "employee_answers"):
        assert {row["score"] for row in written[file]} == {"0", "2.5", "5", "7.5", "10"}
        assert min(int(row["count"]) for row in written[file]) >= 1


def test_a_team_answers_only_what_it_is_asked_and_only_while_it_exists(written: Tables) -> None:
    asked = {(row["team"], row["irritant"]) for row in written["asked"]}
    spells = {row["team"]: (row["opened"], row["closed"] or "9999") for row in written["teams"]}
    for row in written["employee_answers"]:
        assert (row["team"], row["irritant"]) in asked
        opened, closed = spells[row["team"]]
        assert opened <= row["month"] < closed


def test_about_six_irritants_a_month_are_asked_and_most_people_answer(written: Tables) -> None:
    answers: dict[tuple[str, str], dict[str, int]] = {}
    for row in written["employee_answers"]:
        cell = answers.setdefault((row["month"], row["team"]), {})
        cell[row["irritant"]] = cell.get(row["irritant"], 0) + int(row["count"])
    size = {row["team"]: int(row["headcount"] or 0) for row in written["teams"]}
    assert {len(cell) for cell in answers.values()} <= {5, 6}
    shares = [max(cell.values()) / size[team] for (_, team), cell in answers.items()]
    assert 0.55 <= sum(shares) / len(shares) <= 0.75


def test_levels_are_those_of_real_surveys(written: Tables) -> None:
    for file, key, low, high in (
        ("customer_answers", "touchpoint", 1.5, 4.2),
        ("employee_answers", "team", 1.3, 6.0),
    ):
        totals: dict[tuple[str, str], list[float]] = {}
        for row in written[file]:
            cell = totals.setdefault((row[key], row["irritant"]), [0.0, 0.0])
            cell[0] += int(row["count"])
            cell[1] += int(row["count"]) * float(row["score"])
        means = sorted(total / n for n, total in totals.values())
        assert low <= means[len(means) // 10]
        assert means[-len(means) // 10] <= high


def test_about_half_of_the_customers_were_not_bothered(written: Tables) -> None:
    counts = {"0": 0, "other": 0}
    for row in written["customer_answers"]:
        counts["0" if row["score"] == "0" else "other"] += int(row["count"])
    assert 0.4 <= counts["0"] / sum(counts.values()) <= 0.7


def test_one_team_splits_in_two_and_its_work_goes_on(written: Tables) -> None:
    children = [row for row in written["teams"] if row["split_from"]]
    (parent,) = {row["split_from"] for row in children}
    closed = next(row["closed"] for row in written["teams"] if row["team"] == parent)
    assert len(children) == 2
    assert {row["opened"] for row in children} == {closed}
    linked = {row["supplier"] for row in written["value_chain"]}
    assert {row["team"] for row in children} <= linked


def test_the_annotated_break_is_where_no_fix_is(written: Tables) -> None:
    (noted,) = written["breaks"]
    scopes = {(code, row["irritant"]) for row in written["fixes"] for code in row["touchpoints"].split("|")}
    assert (noted["place"], noted["measure"]) not in scopes


def test_roll_outs_come_after_the_first_start(written: Tables) -> None:
    started = {row["fix"]: row["started"] for row in written["fixes"]}
    assert written["rollouts"]
    assert all(row["started"] > started[row["fix"]] for row in written["rollouts"])


def test_two_thousand_people_take_little_room(folder: Path) -> None:
    assert sum(path.stat().st_size for path in folder.iterdir()) < 8_000_000


def test_progress_is_told_a_year_at_a_time(tmp_path: Path) -> None:
    said: list[str] = []
    write(company(people=60, months=24, last_month=LAST_MONTH), tmp_path, progress=said.append)
    assert said[1:] == [
        f"{name}: {month} of 24 months"
        for name in ("customer_answers.csv", "employee_answers.csv")
        for month in (12, 24)
    ]


@pytest.mark.parametrize(("people", "months"), [(60, 6), (60, 36), (137, 20), (700, 12), (20_000, 8)])
def test_any_size_can_be_written(tmp_path: Path, people: int, months: int) -> None:
    write(company(people=people, months=months, last_month=LAST_MONTH), tmp_path)
    written = tables(tmp_path)
    assert written["fixes"]
    assert len({row["month"] for row in written["employee_answers"]}) == months
    assert len({row["month"] for row in written["customer_answers"]}) == months
    open_teams = [row for row in written["teams"] if not row["closed"]]
    assert sum(int(row["headcount"] or 0) for row in open_teams) == pytest.approx(people, rel=0.03)
