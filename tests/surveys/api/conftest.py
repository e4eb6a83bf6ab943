"""Another program that speaks to Pulse, over the small railway."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from flask import Flask
from werkzeug.test import TestResponse

from pulse import db
from pulse.db import main, night
from pulse.people import api_keys
from pulse.people.models import Scope
from surveys.ballots.urn import urn, urn_tally
from tests.conftest import SECRET, Addresses, made
from tests.surveys.conftest import OPEN, Railway, built

ROOM = "/api/v1/interactions"


@dataclass
class Program:
    """A program with a key, and what it gets."""

    app: Flask
    key: str

    def post(self, body: Any, path: str = ROOM, **more: Any) -> TestResponse:
        """Send JSON, or bytes as they are."""
        sent = {"data": body} if isinstance(body, bytes) else {"json": body}
        headers = {"Authorization": f"Bearer {self.key}"} | more.pop("headers", {})
        return self.app.test_client().post(
            path, headers=headers, content_type="application/json", **sent, **more
        )


def new_key(*scopes: Scope, name: str = "a program", **more: Any) -> api_keys.Made:
    """A key, made as an administrator makes one."""
    with db.writing() as session:
        return api_keys.make(
            session,
            name,
            scopes or set(Scope),
            expires=more.pop("expires", None),
            secret_key=SECRET,
            now=datetime.now(UTC),
            **more,
        )


@pytest.fixture
def moment() -> Iterator[time_machine.Traveller]:
    """It is a Monday in November 2026, in the morning; tests may move on."""
    with time_machine.travel(OPEN, tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def railway(app: Flask, moment: time_machine.Traveller) -> Railway:
    """The railway in the application's database."""
    with db.writing() as session:
        found = built(session)
        session.expire_on_commit = False
    return found


@pytest.fixture
def program(app: Flask, railway: Railway) -> Program:
    """A program with a key for everything, on SQLite."""
    return Program(app, new_key().text)


@pytest.fixture
def either(addresses: Addresses, moment: time_machine.Traveller) -> Iterator[Program]:
    """The same, once on each engine."""
    app = made(addresses)
    with db.writing() as session:
        built(session)
    yield Program(app, new_key().text)
    for database in (main, night, urn, urn_tally):
        database.close()
