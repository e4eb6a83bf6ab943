"""The admin's page for the file of people: looked at first, then taken over by a button."""

import re
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from pulse import db
from pulse.organisation.models import Team
from pulse.people import service
from pulse.people.models import AuditEntry, Grant, PeopleFile, PeopleFileRow, Person
from tests.pulse.test_web import PASSWORD, sign_in

ADMIN = "ada@example.org"
FEW = "email;team\n" + "".join(f"p{i}@example.org;west\n" for i in range(10))


@pytest.fixture
def admin(app: Flask) -> FlaskClient:
    """An admin's browser; there is one team."""
    with db.writing() as session:
        session.add(Team(code="west", name_en="West", name_fr="Ouest"))
        person = service.add(session, ADMIN, language="en", password=PASSWORD)
        service.grant(session, person, Grant.ADMIN)
    client = app.test_client()
    sign_in(client, ADMIN)
    return client


def token_on(client: FlaskClient, path: str) -> str:
    """The token of a page's form."""
    found = re.search(r'id="csrf_token"[^>]*value="([^"]+)"', client.get(path).text)
    assert found is not None
    return found[1]


def bring(client: FlaskClient, *, file: bytes | None = None, lang: str = "en", **values: str) -> TestResponse:
    """Bring a file in, or its lines."""
    path = f"/people/file?lang={lang}"
    sent: dict[str, object] = {"starts": "2026-11-22", "csrf_token": token_on(client, path), **values}
    if file is not None:
        sent["file"] = (BytesIO(file), "../../staff <1>.csv")
    return client.post(path, data=sent, content_type="multipart/form-data")


@pytest.mark.parametrize("starts", ["", "tomorrow", "2026-02-30"])
def test_a_day_that_is_none_is_asked_for_again(admin: FlaskClient, starts: str):
    page = bring(admin, text=FEW, starts=starts, lang="fr")
    assert page.status_code == 422
    assert "Indiquez un jour du calendrier" in page.text


def test_without_a_day_nothing_is_read(admin: FlaskClient):
    token = token_on(admin, "/people/file")
    assert admin.post("/people/file", data={"csrf_token": token, "text": FEW}).status_code == 422


def keep(client: FlaskClient, path: str, **values: str) -> TestResponse:
    """Press a button of the page that shows what a file changes."""
    return client.post(path, data={"csrf_token": token_on(client, path), **values})


def people() -> int:
    """How many people there are beside the admin."""
    with db.reading() as session:
        return (session.scalar(select(func.count()).select_from(Person)) or 0) - 1


def test_a_file_is_shown_first_and_taken_over_by_a_button(admin: FlaskClient) -> None:
    path = bring(admin, file=FEW.encode("utf-8-sig")).headers["Location"]
    page = admin.get(path).text
    assert "staff &lt;1&gt;.csv, from 22 November 2026 on" in page
    assert "p0@example.org" in page
    assert people() == 0
    assert keep(admin, path).status_code == 303
    assert people() == 10
    assert "The file was taken over" in admin.get(path).text
    with db.reading() as session:
        entry = session.scalars(select(AuditEntry)).one()
        assert (entry.action, entry.detail) == ("people file", "from 2026-11-22: joined 10")
        assert entry.person_id is not None
        assert session.scalars(select(PeopleFileRow)).all() == []


def test_pasted_lines_do_as_well(admin: FlaskClient) -> None:
    path = bring(admin, text=FEW.replace("\n", "\r\n")).headers["Location"]
    keep(admin, path.partition("?")[0])
    assert people() == 10


def test_a_file_put_aside_leaves_nothing(admin: FlaskClient) -> None:
    path = bring(admin, text=FEW).headers["Location"]
    assert keep(admin, path, aside="1").status_code == 303
    assert admin.get(path).status_code == 404
    with db.reading() as session:
        assert session.scalars(select(PeopleFile)).all() == session.scalars(select(PeopleFileRow)).all() == []


def test_what_is_wrong_is_told_by_line_in_the_readers_language(admin: FlaskClient) -> None:
    wrong = "email;team\nana;west\nbob@example.org;<b>east</b>\n"
    english, french = (bring(admin, text=wrong, lang=lang) for lang in ("en", "fr"))
    assert english.status_code == french.status_code == 422
    assert "2 values were refused, so nothing was kept" in english.text
    assert "&#34;ana&#34; is no e-mail address; write one such as name@example.org" in english.text
    assert "&lt;b&gt;east&lt;/b&gt;" in english.text
    assert "n’est pas une adresse" in french.text
    assert "is no " not in french.text
    assert people() == 0


def test_nothing_at_all_is_refused_in_a_sentence(admin: FlaskClient) -> None:
    page = bring(admin)
    assert page.status_code == 422
    assert "Choose a file, or paste its lines below" in page.text


def test_many_leavers_need_their_number(admin: FlaskClient) -> None:
    keep(admin, bring(admin, text=FEW).headers["Location"])
    half = "\n".join(FEW.splitlines()[:6])
    path = bring(admin, text=half, full="y").headers["Location"]
    page = admin.get(path).text
    assert "5 of 10 people would leave" in page
    assert keep(admin, path).status_code == 409
    assert keep(admin, path, leavers="4").status_code == 409
    assert keep(admin, path, leavers="5").status_code == 303
    with db.reading() as session:
        assert session.scalar(select(func.count()).where(Person.left_on.is_not(None))) == 5


def test_a_file_of_before_another_one_is_out_of_date(admin: FlaskClient) -> None:
    first, second = (bring(admin, text=FEW).headers["Location"] for _ in range(2))
    assert keep(admin, first).status_code == 303
    late = keep(admin, second)
    assert late.status_code == 409
    assert "People were changed since this file was read" in late.text


def test_columns_by_other_names_are_named_on_the_page(admin: FlaskClient) -> None:
    text = FEW.replace("email;team", "Mail;Unit")
    refused = bring(admin, text=text)
    assert "column &#34;email&#34; is missing" in refused.text
    assert bring(admin, text=text, email="mail", team="UNIT").status_code == 303


def test_a_form_without_its_token_brings_nothing(admin: FlaskClient) -> None:
    assert admin.post("/people/file", data={"text": FEW, "starts": "2026-11-22"}).status_code == 422
    with db.reading() as session:
        assert session.scalars(select(PeopleFile)).all() == []
