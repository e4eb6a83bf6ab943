"""Forms that stand nowhere by themselves: of fixes that have not started, and of people half-way in.

Each of them is made for its string, since sending it once takes it away.
"""

import os
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from benchmarks.hostility.forms import Sender
from benchmarks.hostility.stage import Browsers, kept
from config import settings
from pulse import db
from pulse.organisation import fixes
from pulse.organisation.fixes import Act, Draft
from pulse.organisation.models import Irritant
from pulse.people import login
from pulse.people.models import Person
from tests.pulse.dashboards.line import COUNCIL
from tests.pulse.dashboards.told import ANALYST

REACHED = {"pulse.registering.edit", "pulse.registering.withdraw"}
REACHED |= {"pulse.people.second_factor", "pulse.people.set_up_now"}


def sent(app: Flask, browsers: Browsers, strings: Sequence[str]) -> Iterator[str]:
    """Send each string in each field of these forms; what went wrong, and forms that were not there."""
    chance = random.Random(len(strings))
    with second_factor():
        yield from _sent(app, browsers, strings, chance)


@contextmanager
def second_factor() -> Iterator[None]:
    """Who reads everybody's figures needs a second factor, as at any address that begins with https."""
    os.environ["PULSE_SECOND_FACTOR"] = "required"
    settings.cache_clear()
    try:
        yield
    finally:
        del os.environ["PULSE_SECOND_FACTOR"]
        settings.cache_clear()


def _sent(app: Flask, browsers: Browsers, strings: Sequence[str], chance: random.Random) -> Iterator[str]:
    for number, text in enumerate(strings):
        path = f"/register/fix/{_planned(number, text)}"
        for target in ("pulse.registering.edit", "pulse.registering.withdraw"):
            yield from _by(
                Sender(app, browsers, "analyst", target, "POST", None), path, strings, number, chance
            )
        for email, target, door in (
            (COUNCIL, "pulse.people.second_factor", "/sign-in/code"),
            (ANALYST, "pulse.people.set_up_now", "/sign-in/factor"),
        ):
            half_way = Sender(app, HalfWay(app, email), "analyst", target, "POST", None)
            yield from _by(half_way, door, strings, number, chance)


def _by(
    sender: Sender, path: str, strings: Sequence[str], number: int, chance: random.Random
) -> Iterator[str]:
    _, fault = sender.send(path, strings, number, chance)
    if fault:
        yield f"{sender.target} at {path} is not there" if fault == "gone" else fault


def _planned(number: int, text: str) -> str:
    """Put a fix on record that starts in a month, in a string's words; its code."""
    now = datetime.now(UTC)
    words = " ".join(kept(text).split())[:200]
    with db.writing() as session:
        irritant = session.scalars(select(Irritant).where(Irritant.code == "refunds")).one()
        draft = Draft(
            name_en=f"Planned {number}",
            name_fr=words,
            irritant_id=irritant.id,
            touchpoints=frozenset(),
            teams=frozenset(),
            started=now.date() + timedelta(days=30),
            owner=None,
            requested_by=words,
            hypothesis=words,
            staff_task=words,
            expected_customer=None,
            expected_staff=None,
        )
        return fixes.register(session, draft, Act(by=ANALYST, now=now, today=now.date())).code


class HalfWay(Browsers):
    """Browsers of somebody who has shown a password and no second factor."""

    def __init__(self, app: Flask, email: str) -> None:
        super().__init__(app)
        self._client, self._email = app.test_client(), email

    def of(self, role: str) -> FlaskClient:
        """The browser, just after the password."""
        with db.reading() as session:
            person = session.scalars(select(Person).where(Person.email == self._email)).one()
            who = "-".join(login.key_of(person).split("-")[:2])
        with self._client.session_transaction(base_url=settings().site_url) as cookie:
            cookie["half"] = {"who": who, "since": int(time.time()), "by_link": False}
        return self._client
