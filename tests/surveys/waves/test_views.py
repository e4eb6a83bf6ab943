"""The calendar's pages: who sees them, what they refuse, and the link that ends reminders."""

import re
from collections.abc import Callable
from datetime import datetime

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from pulse import db
from pulse.people import login
from pulse.people import service as people
from pulse.people.models import Grant, Person
from surveys.waves import reminders
from surveys.waves.models import NoReminder, Wave
from surveys.waves.planning import plan_ahead
from surveys.waves.service import open_due
from tests.surveys.conftest import MONTH, OPEN, OPENS, PARIS, built

TOKEN = re.compile(r'name="csrf_token" (?:type="hidden" )?value="([^"]*)"')
Browser = Callable[[str], FlaskClient]


@pytest.fixture
def browser(app: Flask) -> Browser:
    """The browser of somebody signed in: an analyst, one of the works council, or anybody else."""
    with db.writing() as session:
        built(session)
        for name, grant in (("ana", Grant.ANALYST), ("carl", Grant.COUNCIL), ("max", Grant.OWNER)):
            people.grant(session, people.add(session, f"{name}@example.org", language="en"), grant)
        plan_ahead(session, OPENS.replace(day=2), zone=PARIS, k=5)

    def signed_in(name: str) -> FlaskClient:
        client = app.test_client()
        with db.reading() as session:
            key = login.key_of(session.query(Person).filter_by(email=f"{name}@example.org").one())
        with client.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = key, True
        return client

    return signed_in


@pytest.fixture(autouse=True)
def monday():
    """It is the day before the wave opens."""
    with time_machine.travel(datetime(2026, 11, 2, 12, tzinfo=PARIS), tick=False) as moment:
        yield moment


def sent(client: FlaskClient, address: str, **fields: str):
    page = client.get(address).text
    return client.post(address, data=fields | {"csrf_token": TOKEN.findall(page)[-1]})


def opens() -> datetime:
    with db.reading() as session:
        return session.scalars(select(Wave.opens_at).where(Wave.month == MONTH)).one()


def test_an_analyst_sees_all_waves_and_the_works_council_moves_none(browser):
    page = browser("ana").get("/waves?lang=en").text
    assert "November 2026" in page
    assert "3 November 2026" in page
    assert 'href="/waves/2026-11' in page
    council = browser("carl")
    assert council.get("/waves").status_code == 200
    assert "/waves/2026-11" not in council.get("/waves").text
    assert council.get("/waves/2026-11").status_code == 404
    assert browser("max").get("/waves").status_code == 404
    assert browser("north0").get("/waves.ics").status_code == 404


def test_a_wave_is_moved_by_a_form(browser):
    reply = sent(browser("ana"), "/waves/2026-11?lang=en", opens="2026-11-12", closes="2026-11-25")
    assert (reply.status_code, reply.location) == (303, "/waves?lang=en")
    assert opens() == datetime(2026, 11, 12, 10, tzinfo=PARIS)
    assert "25 November 2026" in browser("ana").get("/waves?lang=en").text


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2026-11-01", "2026-11-25", "This day has begun already: choose a later one"),
        ("2026-11-12", "2026-12-02", "Choose days of the wave&#39;s own month"),
        ("2026-11-12", "2026-11-14", "Leave at least 5 days to answer"),
        ("", "2026-11-25", "Enter the first day"),
        ("the 12th", "2026-11-25", "Enter the first day"),
    ],
)
def test_days_a_wave_cannot_have_are_refused_in_words(browser, first, last, words):
    reply = sent(browser("ana"), "/waves/2026-11?lang=en", opens=first, closes=last)
    assert reply.status_code == 422
    assert words in reply.text
    assert opens() == OPENS


def test_a_wave_that_opened_meanwhile_keeps_its_days_and_the_page_says_why(browser, monday):
    monday.move_to(OPEN)
    ana = browser("ana")
    with db.writing() as session:
        assert open_due(session, OPEN, zone=PARIS, k=5) is not None
    page = ana.get("/waves/2026-11?lang=en").text
    assert "This wave has opened" in page
    assert "<form" not in page.partition("<main")[2]


@pytest.mark.parametrize("address", ["/waves/2026-13", "/waves/2030-01", "/waves/all", "/reminders/x"])
def test_there_is_no_other_wave(browser, address):
    assert browser("ana").get(address).status_code == 404


def test_the_calendar_comes_as_a_file_for_other_calendars(browser):
    reply = browser("ana").get("/waves.ics?lang=fr")
    lines = reply.text.split("\r\n")
    assert reply.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert (lines[0], lines[-2], lines[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR", "")
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == 4
    at = lines.index("UID:wave-2026-11@127.0.0.1")
    assert lines[at + 2 : at + 5] == [
        "DTSTART;VALUE=DATE:20261103",
        "DTEND;VALUE=DATE:20261201",
        "SUMMARY:Pulse\u00a0: questions aux salariés",
    ]
    assert all(len(line.encode()) <= 75 for line in lines)


def test_reminders_are_refused_by_a_button_and_not_by_looking(app, browser):
    with db.reading() as session:
        person = session.query(Person).filter_by(email="north0@example.org").one().id
    address = f"/reminders/{reminders.token('', person)}?lang=en"
    stranger = app.test_client()
    assert "No more reminders?" in stranger.get(address).text
    assert refused() == []
    assert stranger.post(address).status_code == 303
    assert refused() == [person]
    page = stranger.get(address)
    assert "You get no reminders" in page.text
    assert "Set-Cookie" not in page.headers
    stranger.post(address)
    assert refused() == []


def refused() -> list[int]:
    with db.reading() as session:
        return list(session.scalars(select(NoReminder.person_id)))
