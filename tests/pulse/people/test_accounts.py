"""Accounts: admins look after them, the works council reads what was done, nobody else sees either."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from pulse import db
from pulse.db import Database
from pulse.organisation.models import Team
from pulse.people import accounts, service
from pulse.people.accounts import Search
from pulse.people.models import AuditEntry, Grant, Person
from tests.pulse.test_web import PASSWORD, sign_in

ADMIN, COUNCIL, ANALYST, EVE = "ada@example.org", "cor@example.org", "ana@example.org", "eve@example.org"


@pytest.fixture
def staffed(app: Flask) -> Flask:
    """An admin, a works council, an analyst and Eve, who only answers."""
    with db.writing() as session:
        session.add(Team(code="west", name_en="West", name_fr="Ouest"))
        for email, grant in (
            (ADMIN, Grant.ADMIN),
            (COUNCIL, Grant.COUNCIL),
            (ANALYST, Grant.ANALYST),
            (EVE, None),
        ):
            person = service.add(session, email, language="en", password=PASSWORD)
            if grant:
                service.grant(session, person, grant)
    return app


def browser_of(app: Flask, email: str) -> FlaskClient:
    """Somebody's browser, signed in."""
    client = app.test_client()
    sign_in(client, email)
    return client


def number_of(email: str) -> int:
    """Somebody's number."""
    with db.reading() as session:
        return session.scalars(select(Person.id).where(Person.email == email)).one()


def send(client: FlaskClient, path: str, **values: str) -> int:
    """Send a form with the token of the page it stands on; the status it is answered with."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/me").text)
    assert token is not None
    return client.post(path, data={**values, "csrf_token": token[1]}).status_code


def deeds() -> list[tuple[str, str, str]]:
    """What was written down."""
    with db.reading() as session:
        rows = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
        return [(entry.action, entry.subject, entry.detail) for entry in rows]


@pytest.mark.parametrize(
    ("path", "welcome"),
    [
        ("/people", {ADMIN}),
        ("/people/1", {ADMIN}),
        ("/people/file", {ADMIN}),
        ("/audit", {ADMIN, COUNCIL}),
        ("/dashboard", {ADMIN, COUNCIL, ANALYST}),
    ],
)
def test_each_page_is_for_those_it_is_meant_for(staffed: Flask, path: str, welcome: set[str]) -> None:
    for email in (ADMIN, COUNCIL, ANALYST, EVE):
        assert browser_of(staffed, email).get(path).status_code == (200 if email in welcome else 404), email
    assert staffed.test_client().get(path).headers["Location"] == f"/sign-in?next={path}"


def test_only_an_admin_changes_an_account(staffed: Flask) -> None:
    eve = number_of(EVE)
    for email in (COUNCIL, ANALYST, EVE):
        client = browser_of(staffed, email)
        assert send(client, f"/people/{eve}/grants", grant="admin", team="") == 404
        assert send(client, f"/people/{eve}/access", close="1") == 404
    assert deeds() == []


def test_grants_are_given_and_taken_and_both_written_down(staffed: Flask) -> None:
    client, eve = browser_of(staffed, ADMIN), number_of(EVE)
    assert send(client, f"/people/{eve}/grants", grant="owner", team="") == 303
    assert send(client, f"/people/{eve}/grants", grant="manager", team="nowhere") == 422
    assert send(client, f"/people/{eve}/grants", grant="manager", team="west") == 303
    page = client.get(f"/people/{eve}").text
    taken = re.findall(rf"/people/{eve}/grants/(\d+)", page)
    assert len(taken) == 2
    assert send(client, f"/people/{eve}/grants/{taken[0]}") == 303
    assert send(client, f"/people/{eve}/grants/{taken[0]}") == 303  # a second click is no matter
    assert deeds() == [
        ("grant given", EVE, "owner"),
        ("grant given", EVE, "manager west"),
        ("grant taken", EVE, "manager west"),
    ]
    assert "grant taken" in browser_of(staffed, COUNCIL).get("/audit").text


def test_a_closed_account_is_out_at_once_and_may_be_opened_again(staffed: Flask) -> None:
    client, eve = browser_of(staffed, ADMIN), number_of(EVE)
    there = browser_of(staffed, EVE)
    assert send(client, f"/people/{eve}/access", close="1") == 303
    assert there.get("/me").status_code == 302
    assert "closed on" in client.get(f"/people/{eve}").text
    assert send(client, f"/people/{eve}/access") == 303
    assert there.get("/me").status_code == 302  # the visit of before is over all the same
    assert sign_in(there, EVE) == "/"


def test_an_admin_shuts_nobody_out_of_looking_after_accounts(staffed: Flask) -> None:
    client, me = browser_of(staffed, ADMIN), number_of(ADMIN)
    assert send(client, f"/people/{me}/access", close="1") == 422
    grant = re.findall(rf"/people/{me}/grants/(\d+)", client.get(f"/people/{me}").text)
    assert send(client, f"/people/{me}/grants/{grant[0]}") == 422
    assert client.get("/people").status_code == 200


def test_who_left_comes_back_by_the_file_alone(staffed: Flask) -> None:
    eve = number_of(EVE)
    with db.writing() as session:
        person = session.get_one(Person, eve)
        person.left_on, person.disabled_at = service.today() - timedelta(days=3), None
    client = browser_of(staffed, ADMIN)
    assert "Last day:" in client.get(f"/people/{eve}").text
    assert send(client, f"/people/{eve}/access") == 400


def test_people_are_found_by_name_address_and_grant(database: Database) -> None:
    with database.writing() as session:
        for number in range(accounts.PAGE + 5):
            service.add(session, f"p{number:03}@example.org", name=f"Person {number}")
        service.grant(session, service.add(session, "ana@example.org", name="Ana 100%"), Grant.ANALYST)
        service.add(session, "gone@example.org").left_on = service.today() - timedelta(days=1)
    with database.reading() as session:

        def found(**query: str) -> tuple[list[str], int]:
            listing = accounts.search(session, Search.read(query), service.today())
            return [account.person.email for account in listing.accounts], listing.pages

        assert (
            found(search="ANA")[0]
            == found(search="100%")[0]
            == found(grant="analyst")[0]
            == ["ana@example.org"]
        )
        assert found(search="person 999")[0] == found(search="_")[0] == []
        assert found(search="p007")[0] == ["p007@example.org"]
        assert found(closed="1")[0] == ["gone@example.org"]
        everybody, pages = found()
        assert (len(everybody), pages) == (accounts.PAGE, 2)
        assert len(found(page="2")[0]) == 6
        for nonsense in ("0", "-1", "x", "٣", "9" * 50):
            assert found(page=nonsense)[1] == 2


def test_a_page_of_nobody_is_no_page(staffed: Flask) -> None:
    client = browser_of(staffed, ADMIN)
    assert client.get("/people/999").status_code == client.get(f"/people/{10**30}").status_code == 404
    assert send(client, "/people/999/access", close="1") == 404
    assert client.get("/people/file/999").status_code == 404
