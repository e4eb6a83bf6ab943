"""Answering by a printed code, on the ballot host; and the sheets, made by an administrator."""

import re
import stat
import zlib
from datetime import timedelta

import pytest
from sqlalchemy import select

from pulse import db
from pulse.people import service as people
from pulse.people.models import AnswersBy, Grant, Person
from surveys.ballots import codes
from surveys.ballots.models import Ballot, Code, Remark
from surveys.ballots.urn import urn
from surveys.responses import sheets
from tests.conftest import SECRET
from tests.surveys.conftest import MONTH, OVER, PARIS
from tests.surveys.responses.conftest import BALLOTS, fields, hidden, token

ASKED = "/b/code?lang=en"


@pytest.fixture
def printed(company):
    """The codes of the two people of the north who answer by code."""
    with db.writing() as session:
        for email in ("north5@example.org", "north6@example.org"):
            session.query(Person).filter_by(email=email).one().answers_by = AnswersBy.CODE
    return


@pytest.fixture
def batch(printed):
    """Their codes, made."""
    with db.writing() as session, urn.writing() as box:
        wave = codes.wave_of(session, MONTH)
        found = codes.make(session, box, wave, "north", secret=SECRET, zone=PARIS)
        session.expunge_all()
    return found


@pytest.fixture
def host(app):
    """A browser at the ballot host."""
    client = app.test_client()

    def sent(path, **data):
        method = client.post if data else client.get
        return method(path, base_url=BALLOTS, **({"data": data} if data else {}))

    return sent


def ballots():
    with urn.reading() as session:
        return [(ballot.unit, set(ballot.scores.values())) for ballot in session.scalars(select(Ballot))]


def test_a_code_leads_to_its_units_questions_and_answers_once(host, batch):
    code = batch.codes[0]
    assert "Nobody can tell whose code it is" in host(ASKED).text
    page = host(ASKED, code=code.lower())
    assert len(fields(page.text)) == 5
    assert "“North”" in page.text
    form = hidden(page.text) | dict.fromkeys(fields(page.text), "2") | {"comment": "Slow."}
    reply = host("/b/code/answers?lang=en", **form)
    assert (reply.status_code, reply.location) == (303, "/b/code/thanks?lang=en")
    assert "your code is used up" in host(reply.location).text
    assert "Set-Cookie" not in reply.headers
    assert ballots() == [("north", {500})]
    with urn.reading() as session:
        assert session.scalars(select(Remark.text)).all() == ["Slow."]
    again = host("/b/code/answers?lang=en", **form)
    assert again.status_code == 404
    assert "If you have just sent answers with it, they have arrived." in again.text
    assert len(ballots()) == 1


def test_used_unknown_and_run_out_codes_lead_to_one_page(host, batch, moment):
    unknown = host(ASKED, code="AAAA-AAAA-AAAA")
    assert unknown.status_code == 404
    moment.move_to(OVER.replace(day=30, hour=22))
    moment.move_to(OVER)
    assert "5 questions" in host(ASKED, code=batch.codes[0]).text  # cast for a day longer
    moment.move_to(OVER.replace(month=12, day=2, hour=12))
    assert host(ASKED, code=batch.codes[0]).text == unknown.text


def test_skipped_questions_are_mentioned_once_and_use_no_code_up(host, batch):
    form = hidden(host(ASKED, code=batch.codes[1]).text) | {"q-queue": "4"}
    reminder = host("/b/code/answers?lang=en", **form)
    assert reminder.status_code == 422
    assert "4 questions without an answer" in reminder.text
    assert ballots() == []
    assert host("/b/code/answers", **form, reminded="1").status_code == 303
    assert ballots() == [("north", {1000})]


def test_no_code_at_all_is_said_beside_the_field(host, company):
    reply = host(ASKED, code=" ")
    assert reply.status_code == 422
    assert "Type the code of your sheet" in reply.text


def test_a_scanned_square_fills_the_code_in_and_uses_nothing_up(host, batch):
    page = host(f"/b/code?code={batch.codes[0]}").text
    assert f'value="{batch.codes[0]}"' in page
    with urn.reading() as session:
        assert len(session.scalars(select(Code)).all()) == 2


def test_the_sites_own_name_leads_to_the_ballot_host_and_takes_nothing(client, batch):
    site = "http://127.0.0.1:8000"
    moved = client.get("/b/code?lang=en", base_url=site)
    assert moved.location == f"{BALLOTS}/b/code?lang=en"
    refused = client.post("/b/code", base_url=site, data={"code": batch.codes[0]})
    assert refused.status_code == 403
    client.set_cookie("any", "thing", domain="localhost")
    assert client.post("/b/code/answers", base_url=BALLOTS, data={"code": batch.codes[0]}).status_code == 403
    assert ballots() == []


@pytest.fixture
def admin(signed_in, printed):
    """The browser of an administrator."""
    with db.writing() as session:
        person = session.query(Person).filter_by(email="south0@example.org").one()
        people.grant(session, person, Grant.ADMIN)
    return signed_in("south0@example.org")


def test_while_no_pulse_is_open_there_are_no_sheets_to_be_made(admin, moment):
    moment.move_to(OVER + timedelta(days=2))
    page = admin.get("/codes?lang=en")
    assert page.status_code == 200
    assert "No pulse is open now" in page.text


def test_an_administrator_makes_the_sheets_of_a_group_once(admin):
    page = admin.get("/codes").text
    assert "not made yet" in page
    form = token(page) | {"unit": "north"}
    made = admin.post("/codes", data=form)
    assert made.mimetype == "application/pdf"
    assert made.headers["Content-Disposition"] == "attachment; filename=pulse-2026-11-north.pdf"
    assert made.headers["Cache-Control"] == "no-store"
    assert made.data.startswith(b"%PDF-")
    again = admin.post("/codes", data=form)
    assert again.status_code == 422  # no longer on offer
    assert "not made yet" not in admin.get("/codes").text


def test_nobody_else_finds_the_page_of_sheets(north):
    assert north.get("/codes").status_code == 404


def test_the_command_writes_a_file_for_its_owner_alone_and_once(app, printed, tmp_path):
    file = tmp_path / "north.pdf"
    asked = ["codes", "--wave", "2026-11", "--unit", "north", "--out", str(file)]
    done = app.test_cli_runner().invoke(args=asked)
    assert (done.exit_code, done.output) == (0, f"{file}: print it before a witness, then delete it\n")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "name another file" in app.test_cli_runner().invoke(args=asked).output
    file.unlink()
    refused = app.test_cli_runner().invoke(args=asked)
    assert refused.exit_code == 1
    assert "made before" in refused.output
    assert not file.exists()


@pytest.mark.parametrize(
    ("wave", "unit", "said"),
    [("2026-10", "north", "no wave of this month is open"), ("2026-11", "south", "nobody of such a unit")],
)
def test_the_command_says_what_it_cannot_make(app, printed, tmp_path, wave, unit, said):
    asked = ["codes", "--wave", wave, "--unit", unit, "--out", str(tmp_path / "x.pdf")]
    refused = app.test_cli_runner().invoke(args=asked)
    assert refused.exit_code == 1
    assert said in refused.output
    assert list(tmp_path.glob("x.pdf")) == []


def written(content):
    """The text of a PDF of ours: its letters are Latin-1, its pages packed."""
    streams = re.findall(rb"stream\n(.*?)\nendstream", content, re.S)
    return b"\n".join(zlib.decompress(one) for one in streams).decode("latin-1")


def test_each_code_stands_on_its_strip_in_both_languages(batch):
    content = sheets.pdf(batch, f"{BALLOTS}/b/code", languages=("fr", "en"), zone=PARIS)
    text = written(content)
    for code in batch.codes:
        assert text.count(f"({code})") == 1
    assert text.count("This code answers once") == text.count("Ce code sert une fois") == 2
    assert "Découpez les bandes" in text
    assert "Destroy the strips" in text
    assert text.count(f"({BALLOTS}/b/code)") == 2


def test_a_sheet_tells_neither_when_nor_by_whom_it_was_made(batch):
    content = sheets.pdf(batch, f"{BALLOTS}/b/code", languages=("en",), zone=PARIS)
    assert b"D:2000" in content
    assert b"D:20261109" not in content


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("Équipages d’Île-de-France", "Équipages d'Île-de-France"),
        ("Kraków – północ", "Kraków - pó?noc"),
        ("東京", "??"),
        ("Cœur\u202f!", "Coeur\xa0!"),
    ],
)
def test_any_name_can_be_printed(name, printed):
    assert sheets.printable(name) == printed.replace("pó?noc", sheets.printable("północ"))
    sheets.printable(name).encode("latin-1")
