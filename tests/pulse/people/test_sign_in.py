"""The door: who gets in, who does not, and what neither can find out."""

import re
import secrets
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import Type
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from pulse import db
from pulse.db import Database
from pulse.people import attempts, passwords, service
from pulse.people.models import Grant, SignInAttempt
from tests.conftest import AS_IT_RUNS, Addresses, made
from tests.pulse.test_web import PASSWORD, sign_in, without_tokens

NOW = datetime(2026, 11, 9, 9, tzinfo=UTC)


@pytest.fixture
def ana(app: Flask) -> None:
    """Ana, an analyst."""
    with db.writing() as session:
        person = service.add(session, "Ana@Example.org ", language="en", password=PASSWORD)
        service.grant(session, person, Grant.ANALYST)


def test_an_address_is_the_same_in_large_letters(client: FlaskClient, ana: None) -> None:
    assert sign_in(client, " ANA@example.ORG") == "/"
    assert client.get("/").headers["Location"] == "/dashboard"


def test_the_cookie_says_who_signed_in_and_nothing_of_browser_or_network(
    client: FlaskClient, ana: None
) -> None:
    with client.session_transaction() as before:
        before["planted"] = "by somebody else"
    sign_in(client, "ana@example.org")
    with client.session_transaction() as cookie:
        assert set(cookie) <= {"_user_id", "_fresh", "csrf_token"}  # the first holds when the visit began


def test_an_employee_starts_at_the_months_questions(client: FlaskClient, app: Flask) -> None:
    with db.writing() as session:
        service.add(session, "eve@example.org", password=PASSWORD)
    sign_in(client, "eve@example.org")
    assert client.get("/").headers["Location"] == "/pulse"


def test_unknown_people_and_wrong_passwords_are_refused_in_the_same_words(
    client: FlaskClient, ana: None
) -> None:
    pages = [refused(client, email) for email in ("ana@example.org", "nobody@example.org")]
    assert pages[0] == pages[1].replace("nobody@example.org", "ana@example.org")
    assert "do not belong together" in pages[0]


def refused(client: FlaskClient, email: str) -> str:
    """The page a wrong password gets, without what is new in each form."""
    page = client.get("/sign-in?lang=en")
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert token is not None
    answer = client.post(
        "/sign-in?lang=en", data={"email": email, "password": "wrong", "csrf_token": token[1]}
    )
    assert answer.status_code == 422
    return without_tokens(answer.text)


def test_after_a_few_failures_an_address_has_to_wait(client: FlaskClient, ana: None) -> None:
    for _ in range(attempts.PASSWORDS):
        refused(client, "ana@example.org")
    assert "Too many attempts" in refused(client, "ana@example.org")
    assert sign_in(client, "ana@example.org") == ""


def test_a_form_without_its_token_is_refused(client: FlaskClient, ana: None) -> None:
    page = client.post("/sign-in?lang=en", data={"email": "ana@example.org", "password": PASSWORD})
    assert page.status_code == 422
    assert "open for too long" in page.text


def test_a_new_password_ends_all_visits(client: FlaskClient, ana: None) -> None:
    sign_in(client, "ana@example.org")
    assert client.get("/flags").status_code == 200
    with db.writing() as session:
        service.add(session, "ana@example.org", password="another password altogether")
    assert client.get("/flags").status_code == 302


def test_signing_out_takes_a_button_and_leaves_nothing(client: FlaskClient, ana: None) -> None:
    sign_in(client, "ana@example.org")
    assert client.get("/sign-out").status_code == 405
    client.post("/sign-out")
    assert client.get("/flags").status_code == 200  # without its token the form does nothing
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/flags").text)
    assert token is not None
    client.post("/sign-out", data={"csrf_token": token[1]})
    assert client.get("/flags").status_code == 302


def test_a_password_is_never_stored(app: Flask, ana: None) -> None:
    with db.reading() as session:
        person = service.person(session, "ana@example.org")
        assert person is not None
        assert person.password_hash is not None
        assert person.password_hash.startswith("$argon2id$")


def test_a_short_password_is_refused() -> None:
    with pytest.raises(passwords.WeakPassword):
        passwords.hashed("short")


def test_nobody_without_a_password_gets_in() -> None:
    assert not passwords.matches("", None)


def test_attempts_are_counted_for_all_processes_and_forgotten_after_a_quarter_of_an_hour(
    database: Database,
) -> None:
    later = NOW + attempts.WITHIN
    with database.writing() as session:
        tried = [attempts.allowed(session, "link", "eve@example.org", NOW, most=2) for _ in range(3)]
        assert tried == [True, True, False]
        assert attempts.allowed(session, "password", "eve@example.org", NOW, most=2)
    with database.writing() as session:
        assert not attempts.allowed(session, "link", "eve@example.org", NOW, most=2)
        assert attempts.allowed(session, "link", "eve@example.org", later, most=2)
        attempts.forget_old(session, later)
        assert len(session.scalars(select(SignInAttempt)).all()) == 1
        assert "eve" not in repr(session.scalars(select(SignInAttempt.subject)).all())


def test_who_left_is_signed_out_and_stays_out(client: FlaskClient, ana: None) -> None:
    sign_in(client, "ana@example.org")
    with db.writing() as session:
        person = service.person(session, "ana@example.org")
        assert person is not None
        person.left_on = service.today()
    assert client.get("/flags").status_code == 200  # the last day at work
    with db.writing() as session:
        person = service.person(session, "ana@example.org")
        assert person is not None
        person.left_on = service.today() - timedelta(days=1)
    assert client.get("/flags").status_code == 302
    assert sign_in(client, "ana@example.org") == ""


def test_on_an_encrypted_site_the_cookie_belongs_to_this_host_alone(sqlite_addresses: Addresses) -> None:
    drawn = secrets.token_hex(32)  # one that people make up is refused where anybody can come
    client = made(sqlite_addresses, site_url="https://pulse.example.org", secret_key=drawn).test_client()
    cookie = client.get("/sign-in", base_url="https://pulse.example.org").headers["Set-Cookie"]
    assert cookie.startswith("__Host-pulse=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


def test_a_stolen_hash_is_slow_to_try_passwords_on():
    # OWASP, Password Storage Cheat Sheet: argon2id with 19 MiB and two rounds at the least.
    assert AS_IT_RUNS.type is Type.ID
    assert AS_IT_RUNS.memory_cost >= 19 * 1024
    assert AS_IT_RUNS.time_cost >= 2
