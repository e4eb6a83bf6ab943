"""While a database is full, read-only or away: an honest page, nothing by halves, and all well afterwards."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from html import unescape
from typing import Any

import psycopg
import pytest
import time_machine
from flask import Flask
from sqlalchemy import event, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from pulse import db, scheduler, troubles
from pulse.db import Database, main, night
from pulse.people.models import AnswersBy
from pulse.scheduler import Job, hourly
from surveys.ballots import codes
from surveys.ballots.models import Ballot
from surveys.ballots.urn import urn, urn_tally
from surveys.invitations import open_links, service
from surveys.responses.models import Response
from tests.conftest import SECRET, made
from tests.surveys.ballots.voter import BALLOT_HOST, cast, voter
from tests.surveys.conftest import MONTH, OPEN, PARIS, Railway, built, opened
from tests.surveys.responses.conftest import fields, filled, hidden

SENT = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
LONG = 'On <b>time</b> & "cold".\r\n' + "\N{SNOWFLAKE}" * 1900  # longer than a page of a database
ENDS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
Trouble = Callable[[Database], AbstractContextManager[None]]


@contextmanager
def set_up(database: Database, *pragmas: str) -> Iterator[None]:
    """SQLite's connections as if the disk were another one, and as they are again afterwards."""

    def spoil(connection: Any, *_: object) -> None:
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    engine = database.engine
    engine.dispose()
    event.listen(engine, "connect", spoil)
    yield
    event.remove(engine, "connect", spoil)
    engine.dispose()


def full(database: Database) -> AbstractContextManager[None]:
    """The disk has no room left: SQLite says so as it does where a write fails for want of it."""
    return set_up(database, "max_page_count = 1")


def read_only(database: Database) -> AbstractContextManager[None]:
    """The database may be read and not written."""
    if database.engine.dialect.name == "sqlite":
        return set_up(database, "query_only = ON")
    return altered(database, "SET default_transaction_read_only = on", "RESET default_transaction_read_only")


def away(database: Database) -> AbstractContextManager[None]:
    """PostgreSQL ends all connections and takes none, as while it starts again."""
    return altered(database, "ALLOW_CONNECTIONS false", "ALLOW_CONNECTIONS true")


def locked(database: Database) -> AbstractContextManager[None]:
    """Somebody else writes for longer than anybody waits."""

    @contextmanager
    def held() -> Iterator[None]:
        with set_up(database, "busy_timeout = 0"), database.writing() as session:
            session.connection()
            yield

    return held()


@contextmanager
def altered(database: Database, how: str, back: str) -> Iterator[None]:
    """PostgreSQL with a database altered and its connections ended; the application's engine stays."""
    url = make_url(str(database.engine.url.render_as_string(hide_password=False)))
    name, server = url.database, url.set(drivername="postgresql", database="postgres")
    with psycopg.connect(server.render_as_string(hide_password=False), autocommit=True) as server_itself:
        server_itself.execute(f"ALTER DATABASE {name} {how}".encode())
        server_itself.execute(ENDS, (name,))
        yield
        server_itself.execute(f"ALTER DATABASE {name} {back}".encode())
        server_itself.execute(ENDS, (name,))


@dataclass
class Company:
    """The small railway, asking, and the trouble that comes over its databases."""

    app: Flask
    railway: Railway
    trouble: Trouble


@pytest.fixture
def moment() -> Iterator[time_machine.Traveller]:
    """It is a Monday in November 2026, a week after the wave opened."""
    with time_machine.travel(OPEN, tick=False) as coordinates:
        yield coordinates


TROUBLES = [("sqlite", full), ("sqlite", locked), ("postgresql", read_only), ("postgresql", away)]


@pytest.fixture(params=TROUBLES, ids=lambda pair: f"{pair[0]} {pair[1].__name__}")
def company(request: pytest.FixtureRequest, moment: time_machine.Traveller) -> Iterator[Company]:
    """The railway on the engine that each trouble happens to."""
    engine, trouble = request.param
    app = made(request.getfixturevalue(f"{engine}_addresses"))
    with db.writing() as session:
        railway = built(session)
        for person in railway.people[5:7]:
            person.answers_by = AnswersBy.CODE
        opened(session)
        session.expire_on_commit = False
    yield Company(app, railway, trouble)
    for database in (main, night, urn, urn_tally):
        database.close()


def kept() -> list[str]:
    """The comments of all customers' answers."""
    with db.reading() as session:
        return list(session.scalars(select(Response.comment)))


def ballots() -> int:
    """How many ballots lie in the urn."""
    with urn_tally.reading() as box:
        return len(box.scalars(select(Ballot.key)).all())


def again(page: str) -> dict[str, str]:
    """What a page of trouble holds ready to be sent again."""
    return {name: unescape(value) for name, value in SENT.findall(page)}


def honest(reply: Any) -> bool:
    """Whether a reply says that nothing is stored yet, when to come again, and keeps what was sent."""
    return (
        reply.status_code == 503
        and reply.headers["Retry-After"] == str(troubles.RETRY)
        and reply.headers["Cache-Control"] == "no-store"
        and "This page still holds it: send it again" in reply.text
    )


def test_answers_wait_in_the_browser_and_count_once_when_the_database_is_back(company, moment):
    for door in (invited, open_link):
        a_customers_answer(company, moment, door(company))
    a_ballot(company)
    a_ballot_to_be_drawn(company)
    a_printed_code(company)
    pages_of_somebody_signed_in(company)


def invited(company: Company) -> str:
    with db.writing() as session:
        return f"/r/{service.invite(session, 'station', happened_on=date(2026, 11, 8), now=OPEN)}"


def open_link(company: Company) -> str:
    with db.writing() as session:
        return f"/o/{open_links.make(session, company.railway.touchpoints['station'], key=SECRET)}"


def a_customers_answer(company: Company, moment: time_machine.Traveller, link: str) -> None:
    client, path, before = company.app.test_client(), f"{link}?lang=en", kept()
    form = filled(client.get(path).text, none=True) | {"comment": LONG}
    moment.shift(timedelta(seconds=20))
    with company.trouble(main):
        reply = client.post(path, data=form)
    assert honest(reply)
    assert again(reply.text) == form
    assert kept() == before
    done = [client.post(path, data=again(reply.text)) for _ in range(2)]
    assert [one.status_code for one in done] == [303, 303]
    assert done[0].location == done[1].location
    assert kept() == [*before, LONG.replace("\r\n", "\n")]


def a_ballot(company: Company) -> None:
    ballot = voter(company.app, "north0@example.org", OPEN).draw() | {"answers": {"queue": "3"}}
    ballot["comment"] = LONG
    with company.trouble(urn):
        reply = cast(company.app, ballot)
    assert (reply.status_code, reply.get_json()) == (503, {"status": "away"})
    assert reply.headers["Access-Control-Allow-Origin"] == "http://127.0.0.1:8000"
    assert reply.headers["Retry-After"] == "10"
    assert ballots() == 0
    assert [cast(company.app, ballot).get_json()["status"] for _ in range(2)] == ["counted", "already"]
    assert ballots() == 1


def a_ballot_to_be_drawn(company: Company) -> None:
    mine = voter(company.app, "north1@example.org", OPEN)
    with company.trouble(main):
        reply = mine.ask(mine.blind().message)
    if company.trouble is not full:  # so short a row may still find room
        assert (reply.status_code, reply.get_json()) == (503, {"error": "away", "status": "away"})
    assert mine.ask(mine.blinded.message).status_code == 200
    assert mine.ask(mine.blinded.message).status_code == 200  # the very same request again
    assert mine.ask(mine.blind().message).status_code == 409


def a_printed_code(company: Company) -> None:
    with db.writing() as session, urn.writing() as box:
        wave = codes.wave_of(session, MONTH)
        code = codes.make(session, box, wave, "north", secret=SECRET, zone=PARIS).codes[0]
    client = company.app.test_client(use_cookies=False)
    page = client.post("/b/code?lang=en", base_url=BALLOT_HOST, data={"code": code}).text
    form = hidden(page) | dict.fromkeys(fields(page), "2") | {"comment": LONG}
    path, before = "/b/code/answers?lang=en", ballots()
    with company.trouble(urn):
        reply = client.post(path, base_url=BALLOT_HOST, data=form)
    assert honest(reply)
    assert again(reply.text) == form
    assert ballots() == before
    assert client.post(path, base_url=BALLOT_HOST, data=again(reply.text)).status_code == 303
    assert ballots() == before + 1


def pages_of_somebody_signed_in(company: Company) -> None:
    client = voter(company.app, "north2@example.org", OPEN).client
    with company.trouble(main):
        pages = [client.get(path) for path in ("/pulse?lang=en", "/pulse/seen?lang=en")]
        refused = client.post("/sign-in?lang=en", data={"email": "a@example.org", "password": "hunter22"})
    assert client.get("/pulse").status_code == 200
    for page in pages:
        assert page.status_code == 200 or "Nothing is lost. Load this page again" in page.text
    assert "hunter22" not in refused.text


def test_a_page_from_a_machine_whose_clock_is_ahead_is_answered_and_not_held(app, moment):
    with db.writing() as session:
        built(session)
        token = service.invite(session, "station", happened_on=date(2026, 11, 8), now=OPEN)
    client, path = app.test_client(), f"/r/{token}"
    moment.shift(timedelta(days=1))
    form = filled(client.get(path).text, none=True)
    moment.move_to(OPEN + timedelta(minutes=1))
    assert client.post(path, data=form).status_code == 303
    with db.reading() as session:
        [response] = session.scalars(select(Response)).all()
        assert (response.held, response.month) == (None, MONTH)


def test_a_clock_goes_on_by_itself_when_the_database_is_back(postgresql_addresses, monkeypatch, caplog):
    monkeypatch.setattr(scheduler, "LOOK", timedelta(milliseconds=50))
    done, missed = threading.Event(), threading.Event()
    monkeypatch.setattr(scheduler.log, "error", lambda *_: missed.set())
    database = Database()
    database.connect(postgresql_addresses.main)
    job = Job("count", hourly, lambda now: str(done.set()))
    with away(database):
        clock = scheduler.start(database, [job], PARIS)
        assert missed.wait(30)
        assert not done.is_set()
    assert done.wait(30)
    clock.shutdown(wait=True)
    database.close()


def test_what_is_wrong_with_a_statement_is_no_trouble_of_the_database(sqlite):
    with pytest.raises(OperationalError) as missing, sqlite.reading() as session:
        session.execute(text("SELECT * FROM nothing"))
    assert not troubles.is_away(missing.value)
    assert not troubles.is_away(ValueError())
