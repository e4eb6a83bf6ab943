"""Forms that stand nowhere for long: of fixes that have not started, of people half-way in; a new password.

A fix is made for each string, since withdrawing takes it away; a password is what it was after each.
"""

import os
import random
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from benchmarks.hostility.filling import Report, Sender
from benchmarks.hostility.forms import kind_of
from benchmarks.hostility.pages import Page
from benchmarks.hostility.stage import Browsers, kept
from config import settings
from pulse import db
from pulse.organisation import fixes
from pulse.organisation.fixes import Act, Draft
from pulse.organisation.models import Irritant
from pulse.people import login, passwords
from pulse.people.models import Person
from tests.pulse.dashboards.line import COUNCIL
from tests.pulse.dashboards.told import ANALYST, PASSWORD


def planned(app: Flask, strings: Sequence[str], numbers: range) -> Report:
    """Send the strings of these numbers in each field of forms about a fix that has not started."""
    report, browsers = Report(), Browsers(app)
    first = f"/register/fix/{_planned(-1 - numbers.start, 'x')}"
    senders = [
        _sender(app, browsers, f"pulse.registering.{name}", first, report) for name in ("edit", "withdraw")
    ]
    for number in numbers:
        path = f"/register/fix/{_planned(number, strings[number])}"
        for sender in senders:
            sender.places = deque([path])
            sender.write(strings[number], number)
    return report


def doors(app: Flask, strings: Sequence[str]) -> Report:
    """Send each string in each field of forms that somebody half-way in sees, and as a new password."""
    report, stored = Report(), passwords.hashed(PASSWORD)
    with second_factor():
        senders = [
            _sender(app, HalfWay(app, COUNCIL), "pulse.people.second_factor", "/sign-in/code", report),
            _sender(app, HalfWay(app, ANALYST), "pulse.people.set_up_now", "/sign-in/factor", report),
        ]
        for number, text in enumerate(strings):
            for sender in senders:
                sender.write(text, number)
    password = _sender(app, Browsers(app), "pulse.people.new_password", "/me", report)
    for number, text in enumerate(strings):
        password.write(text, number)
        with db.writing() as session:
            session.execute(update(Person).where(Person.email == ANALYST).values(password_hash=stored))
    return report


def _sender(app: Flask, browsers: Browsers, target: str, path: str, report: Report) -> Sender:
    """An analyst who fills in the form of a page that is sent to this endpoint; raises LookupError."""
    reply = browsers.of("analyst").get(path, base_url=settings().site_url)
    kinds = [kind_of(app, path, form) for form in Page(reply.text).forms]
    kind = next((kind for kind in kinds if kind and kind.target == target), None)
    if kind is None:
        raise LookupError(f"{path} holds no form that is sent to {target}")
    report.kinds.add(kind)
    return Sender(app, browsers, "analyst", kind, deque([path]), report, random.Random(0))


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
