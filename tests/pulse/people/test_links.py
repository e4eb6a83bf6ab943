"""A link by mail: good once, for a quarter of an hour, and telling a stranger nothing."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from pulse import db
from pulse.db import Database
from pulse.outbox.models import Message
from pulse.outbox.secrets import filled
from pulse.people import attempts, links, service
from pulse.people.models import Grant, SignInAttempt, SignInLink
from pulse.wiring import forget_sign_ins
from tests.conftest import SECRET
from tests.pulse.test_web import PASSWORD, sign_in, without_tokens

NOW = datetime(2026, 11, 9, 9, tzinfo=UTC)
SITE = "http://127.0.0.1:8000"
PIN = "0" * 64


@pytest.fixture
def eve(app: Flask) -> None:
    """Eve, who has no password."""
    with db.writing() as session:
        service.add(session, "eve@example.org", language="en")


def token_in(page: str) -> str:
    """The token a page's first form wants back."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found is not None
    return found[1]


def asked(client: FlaskClient, email: str, onward: str = "") -> str:
    """Ask for a link; where that leads."""
    page = client.get(f"/sign-in{onward}")
    sent = {"email": email, "password": "", "link": "1", "csrf_token": token_in(page.text)}
    return str(client.post(f"/sign-in{onward}", data=sent).headers.get("Location", ""))


def mailed() -> list[str]:
    """The paths of the links that were mailed, as their readers see them."""
    with db.reading() as session:
        texts = session.scalars(select(Message.text).order_by(Message.id)).all()
    return [path for words in texts for path in re.findall(r"/sign-in/\S+", filled(words, SECRET))]


def pressed(client: FlaskClient, path: str) -> tuple[int, str]:
    """Press the button of a link's page: status, and where it leads."""
    page = client.get(path)
    if page.status_code != 200:
        return page.status_code, ""
    answer = client.post(path, data={"csrf_token": token_in(page.text)})
    return answer.status_code, answer.headers.get("Location", "")


def test_a_link_signs_in_once_and_leads_back_to_the_pulse(client: FlaskClient, eve: None) -> None:
    assert client.get("/pulse").headers["Location"] == "/sign-in?next=/pulse"
    assert asked(client, "Eve@example.org", "?next=/pulse") == "/sign-in/sent?next=/pulse"
    (path,) = mailed()
    assert pressed(client, path) == (303, "/pulse")
    assert client.get("/me").status_code == 200
    assert pressed(client, path) == (410, "")


def test_following_a_link_uses_nothing_up(client: FlaskClient, eve: None) -> None:
    asked(client, "eve@example.org")
    (path,) = mailed()
    for _ in range(5):  # as mail scanners do
        assert "eve@example.org" in client.get(path).text
        assert client.head(path).status_code == 200
    assert client.post(path).status_code == 422  # without the token of its form
    assert pressed(client, path) == (303, "/")


def test_unknown_people_get_the_same_answer_by_the_same_statements(client: FlaskClient, eve: None) -> None:
    with db.writing() as session:
        gone = service.add(session, "gone@example.org")
        gone.disabled_at = NOW
    said: list[str] = []
    event.listen(db.main.engine, "before_cursor_execute", lambda *what: said.append(what[2]))
    seen = []
    for email in ("eve@example.org", "nobody@example.org", "gone@example.org"):
        said.clear()
        seen.append((asked(client, email), list(said), without_tokens(client.get("/sign-in/sent").text)))
    assert seen[0] == seen[1] == seen[2]
    assert len(mailed()) == 1


def test_the_database_never_holds_what_signs_in(client: FlaskClient, eve: None) -> None:
    asked(client, "eve@example.org")
    (path,) = mailed()
    secret = path.removeprefix("/sign-in/")
    assert len(secret) == 43
    with db.reading() as session:
        for table in (Message, SignInLink, SignInAttempt):
            rows = session.execute(select(*table.__table__.columns)).all()
            assert rows
            assert secret not in repr(rows)


def test_a_link_runs_out_after_a_quarter_of_an_hour(client: FlaskClient, eve: None) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        asked(client, "eve@example.org")
        (path,) = mailed()
        clock.shift(links.GOOD_FOR - timedelta(seconds=1))
        assert client.get(path).status_code == 200
        clock.shift(1)
        assert client.get(path).status_code == 410
        clock.shift(links.KEPT)
        forget_sign_ins(datetime.now(UTC))
    with db.reading() as session:
        assert session.scalars(select(SignInLink)).all() == session.scalars(select(Message)).all() == []


def test_what_is_no_link_looks_like_one_that_has_run_out(client: FlaskClient, eve: None) -> None:
    pages = [client.get(f"/sign-in/{token}") for token in ("x", "é" * 43, "%00", "a" * 5000)]
    assert {page.status_code for page in pages} == {410}
    assert len({page.text for page in pages}) == 1


def test_an_address_is_sent_a_few_links_and_then_none(client: FlaskClient, eve: None) -> None:
    answers = {asked(client, "eve@example.org") for _ in range(attempts.LINKS + 3)}
    assert answers == {"/sign-in/sent"}
    assert len(mailed()) == attempts.LINKS


def test_what_is_no_address_is_said_at_once(client: FlaskClient) -> None:
    page = client.get("/sign-in?lang=en")
    for email, said in (("", "Enter your e-mail address"), ("eve", "Write an e-mail address")):
        sent = {"email": email, "link": "1", "csrf_token": token_in(page.text)}
        answer = client.post("/sign-in?lang=en", data=sent)
        assert answer.status_code == 422
        assert said in answer.text


def test_a_link_leads_to_no_other_site(client: FlaskClient, eve: None) -> None:
    asked(client, "eve@example.org", "?next=//evil.example.org")
    (path,) = mailed()
    assert pressed(client, path) == (303, "/")


def test_who_left_meanwhile_is_not_signed_in(client: FlaskClient, eve: None) -> None:
    asked(client, "eve@example.org")
    (path,) = mailed()
    with db.writing() as session:
        person = service.person(session, "eve@example.org")
        assert person is not None
        person.left_on = service.today() - timedelta(days=1)
    assert pressed(client, path) == (410, "")


def test_the_mail_is_written_in_its_readers_language(client: FlaskClient, app: Flask) -> None:
    with db.writing() as session:
        service.add(session, "luc@example.org", language="fr")
    asked(client, "luc@example.org")
    with db.reading() as session:
        assert session.scalars(select(Message.subject)).all() == ["Votre lien de connexion à Pulse"]


def test_of_many_at_once_one_uses_the_link(database: Database) -> None:
    with database.writing() as session:
        service.add(session, "eve@example.org")
    with database.writing() as session:
        links.ask(session, "eve@example.org", "", NOW, key=SECRET, site_url=SITE)
    (path,) = mailed()

    def try_it(_: int) -> bool:
        try:
            with database.writing() as session:
                links.redeem(session, path.removeprefix("/sign-in/"), NOW)
        except links.LinkVoid:
            return False
        return True

    with ThreadPoolExecutor(8) as several:
        assert sum(several.map(try_it, range(16))) == 1


@pytest.fixture
def signed_in(client: FlaskClient, eve: None) -> FlaskClient:
    """Eve's browser, signed in by a link."""
    asked(client, "eve@example.org")
    pressed(client, mailed()[0])
    return client


def sent(client: FlaskClient, path: str, **values: str) -> int:
    """Send one of the forms of the account's page."""
    token = token_in(client.get("/me").text)
    return client.post(path, data={**values, "csrf_token": token}).status_code


def test_a_person_chooses_the_language(signed_in: FlaskClient) -> None:
    assert sent(signed_in, "/me/language", language="fr") == 303
    assert '<html lang="fr">' in signed_in.get("/me").text
    assert sent(signed_in, "/me/language", language="xx") == 422


def test_after_a_link_a_password_is_set_without_the_old_one(signed_in: FlaskClient, app: Flask) -> None:
    elsewhere = app.test_client()
    assert sent(signed_in, "/me/password", new="short", again="short") == 422
    assert sent(signed_in, "/me/password", new=PASSWORD, again="not the same") == 422
    assert sent(signed_in, "/me/password", new=PASSWORD, again=PASSWORD) == 303
    assert signed_in.get("/me").status_code == 200
    assert sign_in(elsewhere, "eve@example.org") == "/"
    assert sent(elsewhere, "/me/password", new=PASSWORD + "!", again=PASSWORD + "!") == 422
    wrong = {"current": "wrong", "new": PASSWORD + "!", "again": PASSWORD + "!"}
    assert sent(elsewhere, "/me/password", **wrong) == 422
    assert sent(elsewhere, "/me/password", **{**wrong, "current": PASSWORD}) == 303
    assert signed_in.get("/me").status_code == 302  # the new password ended this visit


def test_signing_out_everywhere_ends_every_visit(signed_in: FlaskClient, app: Flask) -> None:
    with db.writing() as session:
        service.add(session, "eve@example.org", password=PASSWORD)
    here, there = app.test_client(), app.test_client()
    for client in (here, there):
        assert sign_in(client, "eve@example.org") == "/"
    assert sent(here, "/me/visits") == 303
    assert here.get("/me").status_code == there.get("/me").status_code == 302


def test_a_stranger_is_sent_to_sign_in(client: FlaskClient) -> None:
    assert client.get("/me").headers["Location"] == "/sign-in?next=/me"
    for path in ("/me/language", "/me/password", "/me/visits"):
        assert client.post(path).status_code == 302


def test_a_manager_starts_at_the_team(client: FlaskClient, app: Flask) -> None:
    with db.writing() as session:
        person = service.add(session, "max@example.org", password=PASSWORD)
        service.grant(session, person, Grant.MANAGER)
    sign_in(client, "max@example.org")
    assert client.get("/").headers["Location"] == "/teams"
