"""The told company on a day in January 2026, and people who have signed in to put fixes on record."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from pulse import db
from pulse.organisation.models import Fix
from pulse.people import service as people
from pulse.people.models import Grant
from tests.pulse.dashboards.conftest import analyst, told
from tests.pulse.dashboards.told import PASSWORD
from tests.pulse.test_web import sign_in

__all__ = ["analyst", "told"]

NOW = datetime(2026, 1, 15, 10, tzinfo=UTC)
OWNER, COUNCIL, SECOND = "omar@example.org", "cor@example.org", "ada@example.org"


@pytest.fixture(autouse=True)
def this_day() -> Iterator[None]:
    """The day on which everything here happens."""
    with time_machine.travel(NOW, tick=False):
        yield


def arrived(told: Flask, email: str, grant: Grant) -> FlaskClient:
    """The browser of somebody with a grant."""
    with db.writing() as session:
        person = people.add(session, email, name=email[:4].title(), language="en", password=PASSWORD)
        people.grant(session, person, grant)
    client = told.test_client()
    sign_in(client, email)
    return client


@pytest.fixture
def owner(told: Flask) -> FlaskClient:
    """The browser of the owner of some fixes."""
    return arrived(told, OWNER, Grant.OWNER)


@pytest.fixture
def council(told: Flask) -> FlaskClient:
    """The browser of somebody of the works council."""
    return arrived(told, COUNCIL, Grant.COUNCIL)


def sent(client: FlaskClient, page: str, to: str = "", **data: object) -> TestResponse:
    """What comes of filling in a page's form and sending it: what was read of it goes along."""
    read = client.get(page).text
    fields = {}
    for name in ("csrf_token", "seen", "agreed", "corrects"):
        found = re.search(rf'name="{name}"[^>]*?value="([^"]*)"', read)
        fields[name] = found[1] if found else ""
    return client.post(to or page.partition("?")[0], data={**fields, **data})


def recorded(code: str) -> Fix:
    """What is on record of a fix."""
    with db.reading() as session:
        fix = session.scalars(select(Fix).where(Fix.code == code)).one()
        assert fix.places is not None
        return fix
