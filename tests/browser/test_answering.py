"""Answering, as a person does it: on a phone, by keyboard, in both languages, mistakes and bad luck included."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from playwright.sync_api import Browser, Request

from pulse import db
from pulse.people import service as people
from surveys.invitations import service as invitations
from tests.browser.answering import Site, site
from tests.browser.visitor import DESKTOP, PHONE, Visitor
from tests.conftest import Addresses
from tests.pulse.dashboards.told import PASSWORD
from tests.surveys.conftest import OPEN, PARIS, built, opened

WHO = "north0@example.org"


@pytest.fixture
def asking(sqlite_addresses: Addresses, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Where the small railway asks, a week after its November wave opened."""
    with time_machine.travel(OPEN, tick=True), site(sqlite_addresses, monkeypatch) as here:
        with db.writing() as session:
            built(session)
            for number in range(3):
                people.add(session, f"north{number}@example.org", password=PASSWORD)
            opened(session)
        yield here
