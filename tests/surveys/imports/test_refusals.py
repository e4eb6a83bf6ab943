"""What a folder may not be: one clear line each on standard error, exit code 1, nothing kept."""

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from pulse.db import main, night
from surveys.imports import sums
from surveys.imports.refusals import MOST_SHOWN
from tests.surveys.imports.conftest import COMPANY, Spoil, added, changed, contents

Lines = Callable[..., list[str]]


def flask_load(app: Flask, folder: Path, *options: str) -> Result:
    return app.test_cli_runner().invoke(args=["load", str(folder), *options])


@pytest.fixture
def refused(app: Flask, company: Spoil) -> Lines:
    """The lines on standard error when a spoiled company is loaded; nothing of it may be kept."""

    def lines(**files: str | bytes | None) -> list[str]:
        before = contents(main)
        result = flask_load(app, company(**files))
        assert result.exit_code == 1, result.output
        assert contents(main) == before
        assert "Nothing was loaded" in result.stdout
        return result.stderr.splitlines()

    return lines


def test_the_company_itself_loads(app: Flask, company: Spoil):
    result = flask_load(app, company())
    assert (result.exit_code, result.stderr) == (0, ""), result.exception


# files and folders


def test_a_missing_file_is_named_once_whatever_refers_to_it(refused: Lines):
    for file in ("teams", "touchpoints", "irritants"):
        assert refused(**{file: None}) == [f"{file}.csv: is missing; a company folder must hold it"]


def test_a_folder_without_any_answers_is_refused(refused: Lines):
    assert refused(customer_answers=None, employee_answers=None) == [
        "customer_answers.csv: is missing, and so are employee_answers.csv and cells.csv; "
        "a company folder must hold one of them"
    ]


@pytest.mark.parametrize(("where", "name"), [(sums, "too_many"), (sums.Sums, "months")])
def test_more_sums_than_there_is_memory_for_are_refused(
    refused: Lines, monkeypatch: pytest.MonkeyPatch, where: object, name: str
):
    def exhausted(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(where, name, exhausted)
    assert refused() == [
        "customer_answers.csv: holds more sums than this machine has memory for; load fewer months at a time"
    ]


@pytest.mark.parametrize("text", ["", "\ufeff", "\n\r\n  \n"])
def test_an_empty_file_is_refused(refused: Lines, text: str):
    assert refused(fixes=text) == ["fixes.csv: is empty; write a header row and the rows below it"]


@pytest.mark.parametrize("file", ["teams", "irritants", "employee_answers"])
def test_a_header_without_rows_is_refused_where_the_file_must_say_something(refused: Lines, file: str):
    header = COMPANY[f"{file}.csv"].splitlines()[0]
    assert refused(**{file: header}) == [f"{file}.csv: has a header but no row; write the rows below it"]


def test_a_header_without_rows_is_an_empty_list_elsewhere(app: Flask, company: Spoil):
    spoiled = {file: COMPANY[f"{file}.csv"].splitlines()[0] for file in ("rollouts", "breaks", "asked")}
    assert flask_load(app, company(**spoiled)).exit_code == 0


def test_a_folder_in_the_place_of_a_file_is_refused(app: Flask, company: Spoil):
    folder = company(breaks=None)
    (folder / "breaks.csv").mkdir()
    result = flask_load(app, folder)
    assert result.exit_code == 1
    assert result.stderr == "breaks.csv: is no file; put a CSV file in its place\n"


def test_a_folder_that_is_none_is_wrong_use(app: Flask, tmp_path: Path):
    for path in (tmp_path / "nowhere", Path(__file__)):
        result = flask_load(app, path)
        assert result.exit_code == 2
        assert "Traceback" not in result.stderr


def test_a_database_without_tables_is_said_in_one_line(app: Flask, company: Spoil, tmp_path: Path):
    for role in (main, night):
        role.connect(f"sqlite:///{tmp_path / 'empty.sqlite'}")
    result = flask_load(app, company())
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "Error: a database is not up to date (no such table: place): run `flask db upgrade`"
    ]


# how a file is written


def test_a_wrong_header_is_refused_with_what_it_has(refused: Lines):
    assert refused(teams="equipe;nom\nT1;x\n") == [
        'teams.csv, line 1: column "team" is missing; the header has "equipe;nom"'
    ]
    assert refused(customer_answers="touchpoint,irritant,score\nDESK,WAIT,1\n") == [
        'customer_answers.csv, line 1: column "month" or "answered_on" is missing; '
        'the header has "touchpoint", "irritant", "score"'
    ]


def test_a_column_that_is_there_twice_is_refused(refused: Lines):
    assert refused(value_chain="supplier,customer, Supplier \nSALES,CUSTOMERS,SALES\n") == [
        'value_chain.csv, line 1: column "supplier" is there twice; keep one'
    ]


@pytest.mark.parametrize(("fields", "said"), [("SALES", "1 field"), ("SALES,STOCK,", "3 fields")])
def test_a_row_with_too_few_or_too_many_fields_is_refused(refused: Lines, fields: str, said: str):
    assert refused(**added("value_chain", fields)) == [
        f"value_chain.csv, line 5: has {said} where the header has 2"
    ]


def test_latin_1_is_refused_at_the_line_of_its_first_accent(refused: Lines):
    text = COMPANY["teams.csv"].encode("latin-1")
    assert refused(teams=text) == ["teams.csv, line 5: is not UTF-8 text; save the file as UTF-8"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_wide_encodings_are_refused(refused: Lines, encoding: str):
    text = "team,name\nSALES,Sales\n".encode(encoding)
    assert refused(teams=text) == ["teams.csv, line 1: is not UTF-8 text; save the file as UTF-8"]


def test_latin_1_deep_in_a_long_file_is_refused_at_its_line(refused: Lines):
    rows = "2025-01,SALES,WAIT,5\r\n" * 70_000
    text = b"month,team,irritant,score\r\n" + rows.encode() + b"2025-01,SALES,\xe9,5\r\n"
    assert refused(employee_answers=text) == [
        "employee_answers.csv, line 70002: is not UTF-8 text; save the file as UTF-8"
    ]


def test_a_file_cut_within_a_character_is_refused(refused: Lines):
    text = COMPANY["teams.csv"].encode() + "X,é".encode()[:-1]
    assert refused(teams=text) == ["teams.csv, line 6: is not UTF-8 text; save the file as UTF-8"]


def test_zero_bytes_are_refused_with_their_value(refused: Lines):
    assert refused(**added("employee_answers", "2025-01,SA\0LES,WAIT,5")) == [
        'employee_answers.csv, line 5: team "SA\\x00LES" cannot be a code; '
        'use letters and digits on one line, without "|"'
    ]
    assert refused(**changed("teams", "Railway", "Rail\0way")) == [
        'teams.csv, line 2: name "Rail\\x00way" holds a zero byte; save the file as UTF-8'
    ]


TOO_LONG = "the record is longer than 1 MB; check for a quote that is never closed"


def test_ten_megabytes_on_one_line_are_refused(refused: Lines):
    assert refused(**added("employee_answers", "2025-01," + "x" * 10_000_000)) == [
        f"employee_answers.csv, line 5: {TOO_LONG}"
    ]
    assert refused(irritants="x" * 10_000_000) == [f"irritants.csv, line 1: {TOO_LONG}"]


def test_a_quote_left_open_for_megabytes_is_refused_where_it_opens(refused: Lines):
    text = COMPANY["employee_answers.csv"] + '2025-01,SALES,"WAIT,5\n' + "2025-01,SALES,WAIT,5\n" * 60_000
    assert refused(employee_answers=text) == [f"employee_answers.csv, line 5: {TOO_LONG}"]


def test_a_quote_that_is_never_closed_is_refused_where_it_opens(refused: Lines):
    assert refused(**added("breaks", 'customer,2025-03,,,"New', "form", "again")) == [
        "breaks.csv, line 4: opens a quote that is never closed"
    ]


def test_text_after_a_closing_quote_is_refused_and_reading_goes_on(refused: Lines):
    assert refused(**added("breaks", 'customer,2025-03,,,"New" form', "customer,2025-13,,,")) == [
        'breaks.csv, line 4: has text after a closing quote; write a quote inside a quoted field twice ("")',
        'breaks.csv, line 5: month "2025-13" is no month; write YYYY-MM, such as 2025-03',
    ]


def test_lines_are_counted_as_an_editor_counts_them(refused: Lines):
    first = 'side,month,note\r"customer",2025-01,"two\r\nlines"\r\n\r\n'
    text = first + 'customer,2025-02,"a\nb\rc"\n\nboth,2025-01,\r'
    assert refused(breaks=text) == ['breaks.csv, line 9: side "both" is no side; write customer or employee']


# values


SCORE = "is outside the scale; write a number from 0 to 10"
NO_SCORE = "is no score; write a number from 0 to 10, such as 7.5"


@pytest.mark.parametrize(
    ("score", "why"),
    [
        ("11", SCORE),
        ("10.01", SCORE),
        ("-1", NO_SCORE),
        ("seven", NO_SCORE),
        ("7.255", "has more than 2 decimals; round it to 2"),
        ("1e1", NO_SCORE),
        ("٣", NO_SCORE),
        ("NaN", NO_SCORE),
        ("1.234.5", NO_SCORE),
    ],
)
def test_a_score_that_cannot_be_is_refused(refused: Lines, score: str, why: str):
    assert refused(**added("employee_answers", f"2025-01,SALES,WAIT,{score}")) == [
        f'employee_answers.csv, line 5: score "{score}" {why}'
    ]


@pytest.mark.parametrize(
    "month", ["2026-13", "2026-00", "0001-01", "2026", "2026-1", "01/2026", "2026-01-05"]
)
def test_a_month_that_cannot_be_is_refused(refused: Lines, month: str):
    assert refused(**added("employee_answers", f"{month},SALES,WAIT,5")) == [
        f'employee_answers.csv, line 5: month "{month}" is no month; write YYYY-MM, such as 2025-03'
    ]


def test_a_day_that_cannot_be_is_refused(refused: Lines):
    text = "answered_on,touchpoint,irritant,score\n2025-02-28,DESK,WAIT,5\n2025-02-29,DESK,WAIT,5\n"
    assert refused(customer_answers=text) == [
        'customer_answers.csv, line 3: answered_on "2025-02-29" is no day; '
        "write YYYY-MM-DD, such as 2025-03-31"
    ]


@pytest.mark.parametrize("count", ["0", "-3", "1.5", "many", "99999999999"])
def test_a_count_that_cannot_be_is_refused(refused: Lines, count: str):
    assert refused(**added("customer_answers", f"2025-01,DESK,WAIT,5,{count}")) == [
        f'customer_answers.csv, line 5: count "{count}" is no such number; '
        "write a whole number from 1 to 2147483647"
    ]


def test_more_answers_than_can_be_counted_are_refused(refused: Lines):
    rows = ["2025-01,DESK,FORM,5,2000000000", "2025-01,CALL,FORM,5,2000000000"]
    assert refused(**added("customer_answers", *rows)) == [
        "customer_answers.csv: 2025-01 FORM: more than 2147483647 answers cannot be counted"
    ]


def test_every_wrong_value_of_a_row_is_named(refused: Lines):
    assert refused(**added("employee_answers", "2025-13,SALES,WAIT,11")) == [
        'employee_answers.csv, line 5: month "2025-13" is no month; write YYYY-MM, such as 2025-03',
        f'employee_answers.csv, line 5: score "11" {SCORE}',
    ]


@pytest.mark.parametrize(
    ("files", "line"),
    [
        (added("teams", ",x,,,,,,,"), 'teams.csv, line 6: team "" is missing; no row may leave it empty'),
        (
            added("employee_answers", "2025-01,,WAIT,5"),
            'employee_answers.csv, line 5: team "" is missing; no row may leave it empty',
        ),
        (
            changed("teams", "TOP,12", "TOP,12.5"),
            'teams.csv, line 3: headcount "12.5" is no such number; write a whole number from 0 to 10000000',
        ),
        (
            changed("fixes", "2025-02-10", "10/02/2025"),
            'fixes.csv, line 2: started "10/02/2025" is no date; '
            "write YYYY-MM-DD or YYYY-MM, such as 2025-03-31",
        ),
        (
            changed("fixes", "-1.5", "-15"),
            'fixes.csv, line 2: expected_customer "-15" is outside the scale; write a number from -10 to 10',
        ),
        (
            added("teams", "A|B,,,,,,,,"),
            'teams.csv, line 6: team "A|B" cannot be a code; use letters and digits on one line, without "|"',
        ),
        (
            added("teams", "CUSTOMERS,,,,,,,,"),
            'teams.csv, line 6: team "CUSTOMERS" means the final customer; give the team another code',
        ),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_what_would_be_right(
    refused: Lines, files: dict[str, str], line: str
):
    assert refused(**files) == [line]


def test_a_long_or_unprintable_value_is_shown_on_one_short_line(refused: Lines):
    (line,) = refused(**added("employee_answers", f'2025-01,"\x1b[31m\nx{"y" * 300}",WAIT,5'))
    assert line.startswith('employee_answers.csv, line 5: team "\\x1b[31m\\nxyyy')
    assert len(line) < 200


# what refers to what


@pytest.mark.parametrize(
    ("files", "line"),
    [
        (
            changed("teams", "Vente,TOP", "Vente,T99"),
            'teams.csv, line 3: parent "T99" is no team; name a team of this file or leave it empty',
        ),
        (
            changed("teams", ",,,SALES,\n", ",,,SALE,\n"),
            'teams.csv, line 4: split_from "SALE" is no team; '
            'name a team of this file or leave it empty (did you mean "SALES"?)',
        ),
        (
            changed("teams", "2025-06,,SALES", "2025-06,,SAILS"),
            'teams.csv, line 5: merged_into "SAILS" is no team; '
            'name a team of this file or leave it empty (did you mean "SALES"?)',
        ),
        (
            added("value_chain", "DEPOT,SALES"),
            'value_chain.csv, line 5: supplier "DEPOT" is no team; name a team of teams.csv',
        ),
        (
            changed("value_chain", "STOCK,SALES", "STOCK,customers"),
            'value_chain.csv, line 4: customer "customers" is no team; name a team of teams.csv',
        ),
        (
            added("touchpoints", "WEB,Site,NET"),
            'touchpoints.csv, line 5: team "NET" is no team; name a team of teams.csv',
        ),
        (
            changed("irritants", "DESK|CALL", "DESK|WEB"),
            'irritants.csv, line 2: touchpoints "WEB" is no touchpoint; '
            "name a touchpoint of touchpoints.csv or leave it empty",
        ),
        (
            added("asked", "SALES,HEAT,,"),
            'asked.csv, line 4: irritant "HEAT" is no irritant; name an irritant of irritants.csv',
        ),
        (
            changed("fixes", "One queue,WAIT", "One queue,WIAT"),
            'fixes.csv, line 2: irritant "WIAT" is no irritant; name an irritant of irritants.csv '
            '(did you mean "WAIT"?)',
        ),
        (
            changed("fixes", "STOCK|SALES", "STOCK|DESK"),
            'fixes.csv, line 3: teams "DESK" is no team; name a team of teams.csv or leave it empty',
        ),
        (
            added("rollouts", "QUEUES,DESK,2025-03,"),
            'rollouts.csv, line 3: fix "QUEUES" is no fix; name a fix of fixes.csv (did you mean "QUEUE"?)',
        ),
        (
            added("rollouts", "QUEUE,PARIS,2025-03,"),
            'rollouts.csv, line 3: place "PARIS" is neither a team nor a touchpoint; '
            "name one of teams.csv or touchpoints.csv",
        ),
        (
            added("rollouts", "QUEUE,CALL,2025-03,"),
            'rollouts.csv, line 3: place "CALL" is outside the scope of fix "QUEUE"; '
            "add it there or take the row out",
        ),
        (
            added("breaks", "customer,2025-01,SALES,,"),
            'breaks.csv, line 4: place "SALES" is no touchpoint; '
            "customers answer about touchpoints: name one of touchpoints.csv, or leave it empty for all",
        ),
        (
            added("breaks", "employee,2025-01,,HEAT,"),
            'breaks.csv, line 4: measure "HEAT" is no irritant; '
            "name an irritant of irritants.csv or leave it empty for all",
        ),
        (
            added("customer_answers", "2025-01,SALES,WAIT,5,"),
            'customer_answers.csv, line 5: touchpoint "SALES" is no touchpoint; '
            "name a touchpoint of touchpoints.csv",
        ),
        (
            added("employee_answers", "2025-01,SALE,WAIT,5"),
            'employee_answers.csv, line 5: team "SALE" is no team; name a team of teams.csv '
            '(did you mean "SALES"?)',
        ),
    ],
)
def test_a_code_nobody_knows_is_refused_by_name(refused: Lines, files: dict[str, str], line: str):
    assert refused(**files) == [line]


@pytest.mark.parametrize(
    ("files", "line"),
    [
        (
            added("teams", "STOCK,,,,,,,,"),
            'teams.csv, line 6: team "STOCK" is here twice (first on line 5); keep one row',
        ),
        (
            added("fixes", "QUEUE,,WAIT,2025-04,,,,,,"),
            'fixes.csv, line 4: fix "QUEUE" is here twice (first on line 2); keep one row',
        ),
        (
            added("irritants", "WAIT,,,,,,"),
            'irritants.csv, line 4: irritant "WAIT" is here twice (first on line 2); keep one row',
        ),
        (
            added("touchpoints", "DESK,,SALES"),
            'touchpoints.csv, line 5: team "SALES" is here twice (first on line 2); keep one row',
        ),
        (
            added("value_chain", "STOCK,SALES"),
            'value_chain.csv, line 5: customer "SALES" is here twice (first on line 4); keep one row',
        ),
        (
            added("rollouts", "QUEUE,SALES,2025-04,"),
            'rollouts.csv, line 3: place "SALES" is here twice (first on line 2); keep one row',
        ),
        (
            added("asked", "SALES,WAIT,2025-01,2025-02"),
            'asked.csv, line 4: irritant "WAIT" is here twice (first on line 2); keep one row',
        ),
        (
            added("touchpoints", "CALL,Telephone,STOCK"),
            'touchpoints.csv, line 5: name "Telephone" is not the name given before, "Call centre"; '
            "write one name in all rows",
        ),
    ],
)
def test_what_is_there_twice_is_refused(refused: Lines, files: dict[str, str], line: str):
    assert refused(**files) == [line]


@pytest.mark.parametrize(
    ("files", "line"),
    [
        (
            changed("teams", "8,2020-01,2025-06", "8,2020-01,2019-12"),
            'teams.csv, line 5: closed "2019-12" is before opened "2020-01"; write a later date',
        ),
        (
            changed("fixes", "2025-03,2025-09", "2025-03,2025-02"),
            'fixes.csv, line 3: stopped "2025-02" is before started "2025-03"; write a later date',
        ),
        (
            changed("rollouts", "2025-03-01,", "2025-03-01,2025-02"),
            'rollouts.csv, line 2: stopped "2025-02" is before started "2025-03-01"; write a later date',
        ),
        (
            changed("asked", "2025-01,\n", "2025-01,2024-01\n"),
            'asked.csv, line 2: to "2024-01" is before from "2025-01"; write a later date',
        ),
        (
            added("value_chain", "PHONE,PHONE"),
            'value_chain.csv, line 5: customer "PHONE" is the supplier itself; name the team it works for',
        ),
    ],
)
def test_what_contradicts_itself_is_refused(refused: Lines, files: dict[str, str], line: str):
    assert refused(**files) == [line]


@pytest.mark.parametrize(
    ("teams", "line"),
    [
        (
            ("A,B,,", "B,C,,", "C,A,,"),
            'teams.csv, line 2: parent "B" makes a circle A -> B -> C -> A; a team cannot be above itself',
        ),
        (
            ("A,A,,",),
            'teams.csv, line 2: parent "A" makes a circle A -> A; a team cannot be above itself',
        ),
        (
            ("A,,B,", "B,,A,"),
            'teams.csv, line 2: split_from "B" makes a circle A -> B -> A; '
            "a team cannot be split from itself",
        ),
        (
            ("A,,,B", "B,,,A"),
            'teams.csv, line 2: merged_into "B" makes a circle A -> B -> A; '
            "a team cannot be merged into itself",
        ),
    ],
)
def test_a_circle_of_teams_is_refused_and_spelled_out(refused: Lines, teams: Iterable[str], line: str):
    assert refused(
        teams="team,parent,split_from,merged_into\n" + "".join(f"{row}\n" for row in teams),
        touchpoints="touchpoint,team\nDESK,A\n",
        irritants="irritant\nWAIT\n",
        employee_answers="month,team,irritant,score\n2025-01,A,WAIT,5\n",
        **dict.fromkeys(("value_chain", "asked", "fixes", "rollouts", "breaks", "customer_answers")),
    ) == [line]


def test_a_circle_closed_only_by_teams_loaded_before_is_refused(app: Flask, company: Spoil):
    assert flask_load(app, company()).exit_code == 0
    result = flask_load(app, company(teams="team,parent\nTOP,PHONE\n"))
    assert result.exit_code == 1
    assert result.stderr == (
        'teams.csv, line 2: parent "PHONE" makes a circle TOP -> PHONE -> TOP; '
        "a team cannot be above itself\n"
    )


# cells


HEADER = "side,month,place,irritant,n,total,squares\n"


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (
            "employee,2025-05,SALES,WAIT,0,0,0",
            'n "0" is no such number; write a whole number from 1 to 2147483647',
        ),
        (
            "employee,2025-05,SALES,WAIT,2,20.5,210",
            'total "20.5" is more than 10 times n; give the sum of scores from 0 to 10',
        ),
        (
            "employee,2025-05,SALES,WAIT,2,10,101",
            'squares "101" is more than 10 times total; give the sum of the squared scores',
        ),
        (
            "employee,2025-05,SALES,WAIT,2,10,49",
            'squares "49" is less than total times total divided by n; give the sum of the squared scores',
        ),
        (
            "employee,2025-05,SALES,WAIT,2,-1,0",
            'total "-1" is no such sum; write a number from 0 on, such as 123.45',
        ),
        (
            "employee,2025-05,DESK,WAIT,2,10,50",
            'place "DESK" is no team; name a team of teams.csv',
        ),
        (
            "customer,2025-05,SALES,WAIT,2,10,50",
            'place "SALES" is no touchpoint; name a touchpoint of touchpoints.csv',
        ),
        ("staff,2025-05,SALES,WAIT,2,10,50", 'side "staff" is no side; write customer or employee'),
        (
            "employee,2025-01,SALES,WAIT,2,10,50",
            'month "2025-01" is also in employee_answers.csv for the employee side; '
            "leave it out of one of the two files",
        ),
    ],
)
def test_a_cell_that_cannot_be_is_refused(refused: Lines, row: str, why: str):
    assert refused(cells=HEADER + row + "\n") == [f"cells.csv, line 2: {why}"]


def test_a_cell_that_is_there_twice_is_refused(refused: Lines):
    row = "customer,2025-05,DESK,WAIT,2,10,50\n"
    assert refused(cells=HEADER + row + row.replace("2,10,50", "3,9,30")) == [
        "cells.csv, line 3: is the same cell as an earlier row; keep one row"
    ]


# many at once, and what was loaded before


def test_many_refusals_are_cut_short_and_counted(refused: Lines):
    rows = [f"2025-01,SALES,WAIT,{score}" for score in range(11, 11 + MOST_SHOWN + 50)]
    lines = refused(**added("employee_answers", *rows))
    assert len(lines) == MOST_SHOWN + 1
    assert lines[-1] == "... and 50 more"


def test_refusals_of_every_file_are_told_at_once(refused: Lines):
    spoiled = {
        **changed("teams", "Vente,TOP", "Vente,T99"),
        **changed("fixes", "2025-02-10", "soon"),
        **added("customer_answers", "2025-01,DESK,WAIT,11,"),
    }
    assert [line.partition(",")[0] for line in refused(**spoiled)] == [
        "fixes.csv",
        "teams.csv",
        "customer_answers.csv",
    ]


def test_a_loaded_month_that_differs_is_refused_until_replaced(app: Flask, company: Spoil):
    assert flask_load(app, company()).exit_code == 0
    before = contents(main)
    spoiled = company(**changed("employee_answers", "2025-01,SALES,WAIT,2.5", "2025-01,SALES,WAIT,7.5"))

    result = flask_load(app, spoiled)
    assert result.exit_code == 1
    assert result.stderr == (
        "employee_answers.csv: 2025-01 employee: 1 cell differs from what was loaded; "
        "load with --replace to replace that month\n"
    )
    assert contents(main) == before

    result = flask_load(app, spoiled, "--replace")
    assert result.exit_code == 0
    assert "employee answers: 1 month replaced (2025-01)" in result.stdout
    assert "customer answers: 2 months unchanged (2025-01 to 2025-02)" in result.stdout


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("2025-02-10", "2025-02-20", "started"),
        ("-1.5", "-2", "expected_customer"),
        ("2025-02-10,,DESK,", "2025-02-11,,CALL,", "started and touchpoints"),
    ],
)
def test_what_was_frozen_at_a_fixs_launch_changes_only_by_replacing(
    app: Flask, company: Spoil, old: str, new: str, named: str
):
    assert flask_load(app, company()).exit_code == 0
    spoiled = company(**changed("fixes", old, new))

    result = flask_load(app, spoiled)
    assert result.exit_code == 1
    assert result.stderr == (
        'fixes.csv, line 2: fix "QUEUE" was frozen at its launch on 2025-02-10, but this file changes its '
        f"{named}; load with --replace to change it all the same\n"
    )
    assert flask_load(app, spoiled, "--replace").exit_code == 0


def test_a_dry_run_keeps_nothing_and_says_what_it_would_have_done(app: Flask, company: Spoil):
    before = contents(main)
    result = flask_load(app, company(), "--dry-run")
    assert (result.exit_code, result.stderr) == (0, ""), result.exception
    assert "employee answers: 2 months added (2025-01 to 2025-02)" in result.stdout
    assert "Dry run: nothing of this was kept." in result.stdout
    assert contents(main) == before
