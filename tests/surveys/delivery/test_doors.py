"""The pages of open links: made, replaced, closed, printed, allowed on sites, and let into verdicts."""

import re
import zlib
from xml.etree import ElementTree

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from pulse import db
from pulse.i18n import speaking
from pulse.people import login
from pulse.people import service as people
from pulse.people.models import AuditEntry, Grant, Person
from surveys.delivery import posters, squares
from surveys.invitations import open_links
from surveys.invitations.models import TouchpointSurvey
from tests.conftest import SECRET
from tests.surveys.conftest import Railway, built

ADDRESS = "https://pulse.example.org/o/k7m2-dxqt-4hdw"
TOKEN = re.compile(r'name="csrf_token" (?:type="hidden" )?value="([^"]*)"')


@pytest.fixture
def company(app: Flask) -> Railway:
    with db.writing() as session:
        found = built(session)
        for number, grant in enumerate((Grant.ANALYST, Grant.ADMIN, Grant.COUNCIL, Grant.MANAGER)):
            person = session.query(Person).filter_by(email=f"south{number}@example.org").one()
            team = people.team(session, "south") if grant is Grant.MANAGER else None
            people.grant(session, person, grant, team=team)
        session.expire_on_commit = False
    return found


def browser(app: Flask, email: str) -> FlaskClient:
    client = app.test_client()
    with db.reading() as session:
        key = login.key_of(session.query(Person).filter_by(email=email).one())
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = key, True
    return client


@pytest.fixture
def analyst(app: Flask, company: Railway) -> FlaskClient:
    return browser(app, "south0@example.org")


@pytest.fixture
def station(company: Railway) -> str:
    return f"/doors/{company.touchpoints['station'].id}"


def post(client: FlaskClient, page: str, where: str, **form: str):
    token = TOKEN.search(client.get(page).text)
    assert token is not None
    return client.post(f"{page}/{where}", data={"csrf_token": token[1], **form})


def stored(company: Railway) -> TouchpointSurvey:
    with db.reading() as session:
        return session.get_one(TouchpointSurvey, company.touchpoints["station"].id)


def link_on(page: str) -> str:
    found = re.search(r"<output>(\S+/o/\S+)</output>", page)
    assert found is not None
    return found[1]


def test_a_link_is_made_replaced_and_closed_and_the_audit_says_so(analyst, company, station):
    assert "Make the link" in analyst.get(f"{station}").text
    post(analyst, station, "link")
    first = link_on(analyst.get(station).text)
    assert analyst.get(first.partition("8000")[2]).status_code == 200
    post(analyst, station, "link")
    second = link_on(analyst.get(station).text)
    assert first != second
    assert analyst.get(first.partition("8000")[2]).status_code == 404
    post(analyst, station, "link", close="1")
    assert "<output>" not in analyst.get(station).text
    with db.reading() as session:
        deeds = session.execute(select(AuditEntry.action, AuditEntry.subject, AuditEntry.detail)).all()
    assert [action for action, *_ in deeds] == ["open link made", "open link made", "open link closed"]
    assert {subject for _, subject, _ in deeds} == {"station"}
    assert not any(secret in repr(deeds) for secret in (first[-14:], second[-14:]))


def test_sites_are_named_as_people_paste_them(analyst, company, station):
    post(analyst, station, "link")
    done = post(analyst, station, "sites", sites="www.shop.example/contact\r\n https://www.shop.example \n")
    assert done.status_code == 303
    assert stored(company).origins == ["https://www.shop.example"]
    wrong = post(analyst, station, "sites", sites="https://*.shop.example")
    assert wrong.status_code == 422
    assert 'href="#sites"' in wrong.text
    assert "https://*.shop.example" in wrong.text
    assert stored(company).origins == ["https://www.shop.example"]


def test_answers_are_let_into_verdicts_by_a_switch_that_is_off_at_first(analyst, company, station):
    assert "kept apart" in analyst.get("/doors?lang=en").text
    post(analyst, station, "counting", counts="y")
    assert stored(company).open_counts
    assert "counted" in analyst.get("/doors?lang=en").text
    post(analyst, station, "counting")
    assert not stored(company).open_counts


def test_a_link_made_under_another_key_is_told_of_and_can_be_made_anew(analyst, company, station):
    with db.writing() as session:
        open_links.make(session, company.touchpoints["station"], key="the key of before, also long enough")
    page = analyst.get(f"{station}?lang=en")
    assert "another secret key" in page.text
    assert analyst.get(f"{station}/square.svg").status_code == 404
    post(analyst, station, "link")
    assert "another secret key" not in analyst.get(f"{station}?lang=en").text


def test_squares_and_posters_are_files_of_their_kind(analyst, company, station):
    post(analyst, station, "link")
    for name, kind, start in (
        ("square.svg", "image/svg+xml", b"<?xml"),
        ("square.png", "image/png", b"\x89PNG"),
        ("poster-fr.pdf", "application/pdf", b"%PDF"),
        ("poster-en.pdf", "application/pdf", b"%PDF"),
    ):
        file = analyst.get(f"{station}/{name}")
        assert (file.mimetype, file.data[: len(start)]) == (kind, start)
        assert file.headers["Content-Disposition"] == "inline"
        kept = analyst.get(f"{station}/{name}?download=1").headers["Content-Disposition"]
        assert kept.startswith("attachment; filename=pulse-station")
    assert analyst.get(f"{station}/poster-de.pdf").status_code == 404


@pytest.mark.parametrize(
    ("email", "status"),
    [("south0", 200), ("south1", 200), ("south2", 404), ("south3", 404), ("north0", 404)],
)
def test_links_are_for_analysts_and_admins(app, company, station, email, status):
    client = browser(app, f"{email}@example.org")
    for path in ("/doors", station):
        assert client.get(path).status_code == status
    assert client.post(f"{station}/link").status_code == (422 if status == 200 else 404)
    assert app.test_client().get(station).status_code == 302


def test_touchpoints_are_found_by_words_and_an_address_of_none_leads_nowhere(analyst, company):
    page = analyst.get("/doors?search=STAT&lang=en").text
    assert ">Station<" in page
    assert ">Phone<" not in page
    assert "No touchpoint was found." in analyst.get("/doors?search=100%25&lang=en").text
    assert analyst.get("/doors?page=0&search=%00").status_code == 200
    for path in ("/doors/0", "/doors/2147483647", "/doors/1/square.png"):
        assert analyst.get(path).status_code == 404


def words_of(pdf: bytes) -> str:
    """The words drawn on a sheet."""
    streams = [zlib.decompress(part) for part in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL)]
    return " ".join(
        text.decode("latin-1").replace("\\(", "(").replace("\\)", ")")
        for stream in streams
        for text in re.findall(rb"\(((?:[^()\\]|\\.)*)\)", stream)
    )


def test_a_poster_is_one_sheet_that_names_the_place_and_the_address():
    for language, asked in (("fr", "vous a gêné"), ("en", "What bothered you?")):
        made = posters.pdf("Gare de Besançon", ADDRESS, language=language)
        assert made.count(b"/Type /Page\n") == 1
        for words in (asked, "Gare de Besançon", "pulse.example.org/o/k7m2-dxqt-4hdw"):
            assert words in words_of(made)
        assert made == posters.pdf("Gare de Besançon", ADDRESS, language=language)


@pytest.mark.parametrize(
    "name", ["A" * 300, "中文車站", "Ж" * 80, "(\\)%s{}", "=cmd()", "line\nline\r\ttab", "\u202e", ""]
)
def test_no_name_spoils_a_poster(name):
    made = posters.pdf(name, ADDRESS, language="en")
    assert made.count(b"/Type /Page\n") == 1
    assert "What bothered you?" in words_of(made)


def test_a_squares_title_is_text_and_no_markup():
    made = squares.svg(ADDRESS, '<script>alert("&")</script>')
    root = ElementTree.fromstring(made)
    assert root[0].text == '<script>alert("&")</script>'
    assert b"<script" not in made


def test_making_a_poster_speaks_no_language_afterwards():
    with speaking("en"):
        posters.pdf("Gare", ADDRESS, language="fr")
        from pulse.i18n import language

        assert language() == "en"


def test_the_key_stands_nowhere_on_a_page(analyst, company, station):
    post(analyst, station, "link")
    assert SECRET not in analyst.get(station).text
