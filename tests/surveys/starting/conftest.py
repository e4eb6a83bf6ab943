"""An administrator before an empty database, and what they do on the pages of the first run."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from io import BytesIO

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from pulse import db
from pulse.people import login
from pulse.people import service as people
from pulse.people.models import Grant
from surveys.starting import example, uploads

ADMIN = "ada@example.org"
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)  # a Friday
TODAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def now(tmp_path, monkeypatch) -> Iterator[time_machine.Traveller]:
    """Friday, 20 November 2026; folders that wait are kept in the test's own place."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def admin(app: Flask) -> FlaskClient:
    """The first administrator's browser: nothing is there yet."""
    return entered(app, ADMIN, Grant.ADMIN)


def entered(app: Flask, email: str, *grants: Grant) -> FlaskClient:
    """The browser of somebody with these grants."""
    client = app.test_client()
    with db.writing() as session:
        person = people.add(session, email, language="en")
        for grant in grants:
            people.grant(session, person, grant)
        key = login.key_of(person)
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = key, True
    return client


def press(client: FlaskClient, path: str, **values: object) -> TestResponse:
    """Send the form of a page, with what is written into it."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(path).text)
    assert found is not None, path
    return client.post(path, data={"csrf_token": found[1], **values}, content_type="multipart/form-data")


def bring(client: FlaskClient, *files: tuple[str, bytes], query: str = "") -> TestResponse:
    """Bring files in."""
    return press(client, f"/start/folder{query}", files=[(BytesIO(body), name) for name, body in files])


def example_files(**changed: str | None) -> Sequence[tuple[str, bytes]]:
    """The files of the example, some of them changed (by name without .csv) or left out (None)."""
    files: dict[str, str | None] = dict(example.folder(TODAY))
    files |= {f"{name}.csv": text for name, text in changed.items()}
    return [(name, text.encode()) for name, text in files.items() if text is not None]


STRUCTURE = example_files(customer_answers=None, employee_answers=None)  # no answers: it is loaded sooner


def waiting_path(reply: TestResponse) -> str:
    """Where somebody is led who brought a folder in."""
    assert reply.status_code == 303, reply.text
    return str(reply.headers["Location"])


def loaded(client: FlaskClient, *files: tuple[str, bytes]) -> None:
    """Bring a folder in and load it."""
    path = waiting_path(bring(client, *(files or STRUCTURE)))
    assert press(client, path).status_code == 303
    assert uploads.waiting() == []
