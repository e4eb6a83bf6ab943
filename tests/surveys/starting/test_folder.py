"""The example and what is told of a folder: the same as by the command, in the reader's language."""

import csv
import io
import re
import zipfile
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from pulse import db
from pulse.organisation.models import Irritant, Team
from surveys.imports import layouts
from surveys.imports.known import known
from surveys.imports.load import load, read
from surveys.starting import example, looking
from tests.surveys.starting.conftest import (
    STRUCTURE,
    TODAY,
    bring,
    example_files,
    loaded,
    press,
    waiting_path,
)


def teams() -> int:
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(Team)) or 0


def test_the_example_loads_without_a_fault_by_the_command_as_on_screen(database, tmp_path: Path) -> None:
    for name, text in example.folder(TODAY).items():
        (tmp_path / name).write_text(text, encoding="utf-8-sig")
    with db.writing() as session:
        report = load(session, tmp_path)
    assert (report.refused_in_all, report.ignored_files, report.ignored_columns) == (0, (), {})
    assert (report.changes, len(report.added)) == (51, 18)
    with db.reading() as session:
        picture = looking.picture(session, TODAY, language="fr", languages=("fr", "en"))
    assert picture.findings == ()
    assert [ring.hops for ring in picture.rings] == [1, 2]


def test_the_example_has_every_word_in_both_languages() -> None:
    layouts_by_file = {layout.file: layout for layout in (*layouts.STRUCTURE, *layouts.SCORES)}
    for name, text in example.folder(date(2027, 1, 31)).items():
        rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
        assert set(rows[0]) <= layouts_by_file[name].columns
        for row in rows:
            for column in [column for column in row if column.endswith("_fr")]:
                assert row[column].strip()
                assert row[column] != row[column.removesuffix("_fr")]
    assert not re.search(r"\w'\w", "".join(example.folder(TODAY).values()))


def test_the_downloads_are_what_they_say(admin: FlaskClient) -> None:
    reply = admin.get("/start/example.zip")
    assert reply.headers["Content-Disposition"] == "attachment; filename=pulse-example.zip"
    with zipfile.ZipFile(io.BytesIO(reply.data)) as archive:
        assert [name.rpartition("/")[2] for name in archive.namelist()] == list(example.folder(TODAY))
    library = admin.get("/start/irritants.csv").data.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(library), delimiter=";"))
    assert len(rows) == 12
    assert all(row["customer_question"] and row["employee_question_fr"] for row in rows)


def test_the_library_of_irritants_loads_into_the_example(admin: FlaskClient) -> None:
    press(admin, "/start")
    files = dict(example_files()) | {"irritants.csv": example.library()}
    loaded(admin, *files.items())
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Irritant)) == 12
    assert "12 irritants are asked about at every touchpoint" in admin.get("/start/look").text


def test_nothing_is_kept_before_somebody_says_so(admin: FlaskClient) -> None:
    press(admin, "/start")
    path = waiting_path(bring(admin, *example_files()))
    admin.get(path)
    assert teams() == 0
    press(admin, path)
    assert teams() == 10


def test_what_is_wrong_is_told_by_file_and_line_in_both_languages(admin: FlaskClient) -> None:
    press(admin, "/start")
    wrong = example_files(
        touchpoints="touchpoint;team\nphone;hotlin\n",
        fixes="fix;irritant;started;expected_customer\nf;waiting;soon;lots\n",
        value_chain="supplier;customer\nhotline;hotline\nhotline;CUSTOMERS;x\n",
    )
    path = waiting_path(bring(admin, *wrong))
    english, french = admin.get(path).text, admin.get(f"{path}?lang=fr").text
    assert "Something in the folder has to be put right" in english
    assert (
        "team &#34;hotlin&#34; is no team; name a team of teams.csv (did you mean &#34;hotline&#34;?)"
        in english
    )
    assert "n’est pas une équipe\N{NARROW NO-BREAK SPACE}; nommez une équipe de teams.csv" in french
    assert "n’est pas une date" in french
    assert "est le fournisseur lui-même" in french
    assert "Load it" not in english
    assert press(admin, path).status_code == 200  # the button is not there: whoever presses it is told again
    assert teams() == 0
    for leftover in ("is no ", "write a ", "keep one"):
        assert leftover not in french


def test_every_refusal_of_a_folder_is_said_in_french(admin: FlaskClient) -> None:
    """Words that stayed English would show: each refusal of a folder full of faults has a French one."""
    press(admin, "/start")
    wrong = example_files(
        teams="team;parent;headcount;opened\nCUSTOMERS;;;\nwest;west;-1;2026-13\nwest;;;\n|;;;\n",
        touchpoints="touchpoint;team;name\nphone;west;a\nphone;east;b\n",
        irritants="irritant;touchpoints\nwaiting;elsewhere\n",
        asked="team;irritant;from;to\nwest;waiting;2026-02;2026-01\n",
        rollouts="fix;place;started\nnone;nowhere;2026-01\n",
        breaks="side;month;place;measure\nboth;2026-01;;\nemployee;2026-01;nowhere;nothing\n",
        customer_answers="month;touchpoint;irritant;score;count\n2026-01;phone;waiting;11;0\n2026-01;phone;x;1.234;1\n",
        employee_answers="month;team;irritant;score\n2026-1;west;waiting;7\n",
        cells="side;month;place;irritant;n;total;squares\nemployee;2026-02;west;waiting;2;30;x\n",
    )
    path = waiting_path(bring(admin, *wrong))
    french, english = admin.get(f"{path}?lang=fr").text, admin.get(path).text
    cells = (
        re.findall(r"<tr><th scope=\"row\">.*?</tr>", french),
        re.findall(r"<tr><th scope=\"row\">.*?</tr>", english),
    )
    assert len(cells[0]) == len(cells[1]) > 15
    assert not set(cells[0]) & set(cells[1])


def test_a_folder_without_answers_is_enough_on_screen(admin: FlaskClient, tmp_path: Path) -> None:
    press(admin, "/start")
    files = example_files(customer_answers=None, employee_answers=None, fixes=None)
    path = waiting_path(bring(admin, *files))
    assert "Pulse asks for the first ones" in admin.get(path).text
    assert press(admin, path).status_code == 303
    assert teams() == 10


def test_the_command_still_wants_answers(sqlite, tmp_path: Path) -> None:
    for name, body in example_files(customer_answers=None, employee_answers=None):
        (tmp_path / name).write_bytes(body)
    with db.reading() as session:
        before = known(session)
    with pytest.raises(Exception, match="1 refused"):
        read(tmp_path, before)
    assert read(tmp_path, before, answers_needed=False).refusals.count == 0


def test_what_was_loaded_before_is_replaced_only_when_somebody_says_so(admin: FlaskClient) -> None:
    press(admin, "/start")
    loaded(admin, *example_files())
    answers = "month;touchpoint;irritant;score;count\n2026-10;phone;waiting;5;30\n"
    path = waiting_path(bring(admin, *example_files(customer_answers=answers)))
    page = admin.get(path).text
    assert "from what was loaded" in page
    assert f'{path}?replace=1"' in page.replace("&amp;", "&")
    assert "Months of answers replaced, customers: 1" in admin.get(f"{path}?replace=1").text
    assert press(admin, f"{path}?replace=1").headers["Location"].startswith("/start/look?loaded=")


def test_a_folder_that_changes_nothing_says_so(admin: FlaskClient) -> None:
    press(admin, "/start")
    loaded(admin)
    page = admin.get(waiting_path(bring(admin, *STRUCTURE))).text
    assert "The folder changes nothing" in page
    assert "Load it" not in page


def test_what_is_missing_is_found(admin: FlaskClient, app: Flask) -> None:
    press(admin, "/start")
    loaded(
        admin,
        *example_files(
            irritants="irritant;label;customer_question;employee_question;touchpoints\n"
            "a;Waiting;How long?;;phone\nb;Bills;How bad?;How bad?;letter\n",
            touchpoints="touchpoint;team\nphone;hotline\nletter;letters\nvisit;fitters\nshop;fitters\n",
            value_chain="supplier;customer\nhotline;CUSTOMERS\n",
            fixes=None,
            customer_answers=None,
            employee_answers=None,
        ),
    )
    page = admin.get("/start/look").text
    for words in (
        "5 teams have no way to customers",
        "4 teams are asked about nothing",
        "Customers are asked about nothing at 2 touchpoints",
        "2 irritants have the same words in French and in English",
        "1 irritant has a name where a question should be",
        "1 irritant asks customers and employees the same question",
        "No way to customers",
    ):
        assert words in page, words
    assert "No question for “Stores and parts”" in admin.get("/start/preview/employees?of=stores").text
