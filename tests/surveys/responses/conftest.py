"""Browsers of people who answer, on the small railway."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from pulse import db
from pulse.people import login
from pulse.people.models import Person
from surveys.invitations import service as invitations
from tests.surveys.conftest import OPEN, PARIS, Railway, built, opened

HIDDEN = re.compile(r'<input[^>]*name="([a-z_]+)"[^>]*type="hidden"[^>]*value="([^"]*)"')
TOKEN = re.compile(r'name="csrf_token" (?:type="hidden" )?value="([^"]*)"')
BALLOTS = "http://localhost:8000"  # the ballot host, as the settings have it by default


@pytest.fixture
def moment() -> Iterator[time_machine.Traveller]:
    """It is a Monday in November 2026, a week after the wave opened; tests may move on."""
    with time_machine.travel(OPEN, tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def company(app: Flask, moment: time_machine.Traveller) -> Railway:
    """The railway in the application's database, its November wave open."""
    with db.writing() as session:
        found = built(session)
        session.expire_on_commit = False
    with db.writing() as session:
        opened(session)
    return found


class Returning(FlaskClient):
    """A browser whose owner signs in again on whatever day it is: no visit lasts over weeks."""

    email = ""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        with db.reading() as session:
            key = login.key_of(session.query(Person).filter_by(email=self.email).one())
        with self.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = key, True
            cookie.pop("seen", None)
        return super().open(*args, **kwargs)


@pytest.fixture
def signed_in(app: Flask, company: Railway) -> Callable[[str], FlaskClient]:
    """The browser of somebody, by e-mail address."""

    def browser(email: str) -> FlaskClient:
        client = Returning(app, app.response_class, use_cookies=True)
        client.email = email
        return client

    return browser


@pytest.fixture
def north(signed_in: Callable[[str], FlaskClient]) -> FlaskClient:
    """The browser of somebody in the north."""
    return signed_in("north0@example.org")


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """The browser of a customer who reads English."""
    found = app.test_client()
    found.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return found


@pytest.fixture
def link(company: Railway) -> str:
    """A customer's link about the station."""
    with db.writing() as session:
        today = OPEN.astimezone(PARIS).date()
        token = invitations.invite(
            session, "station", interaction="call-1", happened_on=today - timedelta(days=1), now=OPEN
        )
    return f"/r/{token}"


def listed(page: str) -> list[str]:
    """The codes of the irritants on a customer's page, in the order shown."""
    return re.findall(r'name="t-([^"]+)"', page)


def filled(page: str, *, opening: str = "2", none: bool = False, **bothered: str) -> dict[str, str]:
    """A customer's page filled in.

    bothered -- codes of irritants to how much each bothered ("" = ticked, and not said how much)
    """
    form = hidden(page) | dict.fromkeys(fields(page), opening)
    for code, degree in bothered.items():
        form |= {f"t-{code}": "1"} | ({f"d-{code}": degree} if degree else {})
    return form | ({"none": "1"} if none else {})


def fields(page: str) -> list[str]:
    """The names of the questions on a page, in the order shown."""
    return list(dict.fromkeys(re.findall(r'name="(q-[^"]+)"', page)))


def hidden(page: str) -> dict[str, str]:
    """What a page's form sends without being asked."""
    return {name: value for name, value in HIDDEN.findall(page) if name != "reminded"}


def token(page: str) -> dict[str, str]:
    """The token by which a form of somebody signed in is known to be ours."""
    return {"csrf_token": TOKEN.findall(page)[-1]}


def answered(app: Flask, person: FlaskClient, value: str, **more: str) -> str:
    """Answer the open wave by the confidential way, every question alike; the page that then comes."""
    drawn = person.post("/pulse/confidential", data=token(person.get("/pulse").text), follow_redirects=True)
    form = hidden(drawn.text) | dict.fromkeys(fields(drawn.text), value) | more
    return app.test_client().post("/b?lang=en", base_url=BALLOTS, data=form).text
