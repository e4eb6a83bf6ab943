"""How long a visit lasts, and that one signed out is over for every copy of its cookie."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from pulse import db
from pulse.db import Database
from pulse.people import service, visits
from pulse.people.models import EndedVisit, Grant
from pulse.wiring import forget_sign_ins
from tests.pulse.people.test_links import token_in
from tests.pulse.test_web import PASSWORD, sign_in

NOW = datetime(2026, 11, 9, 9, tzinfo=UTC)
HOUR = 60 * 60


@pytest.fixture(autouse=True)
def moment() -> Iterator[time_machine.Traveller]:
    """A Monday at nine."""
    with time_machine.travel(NOW, tick=False) as found:
        yield found


@pytest.fixture
def eve(app: Flask, client: FlaskClient) -> FlaskClient:
    """The browser of Eve, who has just signed in."""
    with db.writing() as session:
        service.add(session, "eve@example.org", language="en", password=PASSWORD)
    sign_in(client, "eve@example.org")
    return client


def inside(client: FlaskClient) -> bool:
    return client.get("/me").status_code == 200


def test_a_visit_left_alone_is_over_and_one_that_goes_on_lasts_a_day_of_work(eve, moment):
    moment.shift(2 * HOUR - 1)
    assert inside(eve)
    for _ in range(9):
        moment.shift(HOUR)
        assert inside(eve)
    moment.shift(HOUR + 1)
    assert not inside(eve)  # twelve hours, whatever was done
    sign_in(eve, "eve@example.org")
    assert inside(eve)
    moment.shift(2 * HOUR)
    assert not inside(eve)


def test_the_cookie_knows_only_roughly_when_a_page_was_asked_for(eve, moment):
    moment.shift(4 * 60)
    assert inside(eve)
    with eve.session_transaction() as cookie:
        assert "seen" not in cookie
    moment.shift(60)
    assert inside(eve)
    with eve.session_transaction() as cookie:
        assert cookie["seen"] == NOW.timestamp() + 5 * 60


def test_a_copy_of_the_cookie_opens_nothing_once_it_was_signed_out(app, eve, moment):
    with eve.session_transaction() as cookie:
        held = dict(cookie)
    copy, elsewhere = app.test_client(), app.test_client()
    with copy.session_transaction() as cookie:
        cookie.update(held)
    sign_in(elsewhere, "eve@example.org")
    assert inside(copy)

    eve.post("/sign-out", data={"csrf_token": token_in(eve.get("/me").text)})

    assert not inside(eve)
    assert not inside(copy)
    assert inside(elsewhere)  # another visit of hers goes on
    with db.reading() as session:
        kept = session.scalars(select(EndedVisit)).one()
        assert kept.forget_on == date(2026, 11, 18)
        assert kept.digest not in str(held)
    forget_sign_ins(NOW + timedelta(days=1))
    assert not inside(copy)


def test_ended_visits_are_forgotten_once_they_would_have_run_out(database: Database, moment):
    with database.writing() as session:
        for _ in range(2):  # twice is once
            visits.end(session, "a number", service.today())
    with database.reading() as session:
        assert visits.ended(session, "a number")
        assert not visits.ended(session, "another")
    moment.shift(timedelta(days=8))
    forget_sign_ins(datetime.now(UTC))
    with database.reading() as session:
        assert visits.ended(session, "a number")
    moment.shift(timedelta(days=1))
    forget_sign_ins(datetime.now(UTC))
    with database.reading() as session:
        assert not visits.ended(session, "a number")


def test_a_cookie_of_an_older_release_or_a_broken_one_opens_nothing(app, eve):
    with eve.session_transaction() as cookie:
        who, proof, began, number = cookie["_user_id"].split("-")
    for key in (f"{who}-{proof}", f"{who}-{proof}-{began}", f"{who}-{'0' * 16}-{began}-{number}", ""):
        browser = app.test_client()
        with browser.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = key, True
        assert not inside(browser), key


def test_a_grant_taken_is_gone_from_the_next_page_on(eve):
    with db.writing() as session:
        service.grant(session, service.person(session, "eve@example.org"), Grant.ADMIN)
    assert eve.get("/people").status_code == 200
    with db.writing() as session:
        person = service.person(session, "eve@example.org")
        person.grants.clear()
    assert eve.get("/people").status_code == 404
