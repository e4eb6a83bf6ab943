"""On PostgreSQL, as it is meant to be run: the pages under the web's role, the jobs under the night's."""

import os
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ProgrammingError

from pulse import db
from pulse.db import Database, main, night
from pulse.people import audit, login
from pulse.people import service as people
from pulse.people.models import Grant, Person
from surveys import jobs
from surveys.ballots.urn import urn, urn_tally
from surveys.invitations.service import invite
from surveys.watching import watch
from surveys.waves.models import WaveQuestion
from tests.conftest import Addresses, made
from tests.pulse.dashboards.told import tell
from tests.surveys.ballots.test_roles import as_role, names  # noqa: F401  # fixtures
from tests.surveys.ballots.voter import cast, voter
from tests.surveys.conftest import CLOSED, MONTH, OPENS, built
from tests.surveys.responses.conftest import filled
from tests.surveys.responses.conftest import token as submitted

OPEN = OPENS + timedelta(hours=1)
TOLD = ("/chain", "/heard", "/you-said", "/you-said/staff")
FORBIDDEN = (
    "SELECT * FROM measured_cell",
    "SELECT count(*) FROM measured_cell",
    "SELECT * FROM contribution",
    "SELECT digest FROM closed_month",
    "SELECT digest FROM look",
    "SELECT * FROM closed_month",
    "UPDATE released_cell SET score = 0",
    "INSERT INTO participation_band VALUES (1, '2026-11-01', 'to_50')",
    "DELETE FROM verdict",
    "TRUNCATE released_cell",
    "UPDATE audit_entry SET subject = 'somebody else'",
    "DELETE FROM audit_entry",
    "DELETE FROM audit_head",
    "CREATE VIEW seen AS SELECT * FROM measured_cell",
    "COPY contribution TO STDOUT",
    "LOCK TABLE measured_cell IN SHARE MODE",
)


@pytest.fixture
def app(as_role, names, postgresql_addresses: Addresses) -> Iterator[Flask]:  # noqa: F811
    """The application of the railway, each database under the role that serves it."""
    if "PGHOST" not in os.environ:
        pytest.skip("no PostgreSQL: run the tests by scripts/test, which starts one")

    def address(role: str, where: str) -> str:
        url = make_url(getattr(postgresql_addresses, where))
        return url.set(username=names[role], password="for this test").render_as_string(hide_password=False)

    owner = Database()
    owner.connect(postgresql_addresses.main)
    with time_machine.travel(OPENS - timedelta(days=1), tick=False), owner.writing() as session:
        built(session)
        for email, grant, team in (
            ("south0@example.org", Grant.ANALYST, None),
            ("south1@example.org", Grant.MANAGER, "north"),
        ):
            person = people.add(session, email)
            people.grant(session, person, grant, team=people.team(session, team) if team else None)
    owner.close()
    yield made(
        Addresses(address("web", "main"), address("casting", "urn")),
        night_url=address("night", "main"),
        urn_tally_url=address("tally", "urn"),
    )
    for place in (main, night, urn, urn_tally):
        place.close()


def signed_in(app: Flask, email: str) -> FlaskClient:
    client = app.test_client()
    with db.reading() as session:
        key = login.key_of(session.scalars(select(Person).where(Person.email == email)).one())
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = key, True
    return client


def test_a_whole_month_goes_by_under_the_webs_and_the_nights_roles(app):
    with time_machine.travel(OPENS, tick=False) as clock:
        assert jobs.open_wave(OPEN) == "opened the wave of 2026-11"
        clock.move_to(OPEN)
        for number in range(8):
            email = f"north{number}@example.org"
            assert signed_in(app, email).get("/pulse").status_code == 200
            ballot = voter(app, email, OPEN).draw()
            with db.reading() as session:
                asked = session.scalars(select(WaveQuestion.measure_id)).all()
            assert asked
            assert cast(app, ballot | {"answers": {"queue": "3"}, "comment": ""}).status_code == 200
        clock.move_to(CLOSED)
        assert jobs.close_waves(CLOSED).startswith("counted 2026-11")
        jobs.count_responses(CLOSED)
        jobs.close_customer_months(CLOSED)
        for address in ("/dashboard", "/fixes", "/flags", "/teams", "/teams/north", "/ballots", *TOLD):
            assert signed_in(app, "south0@example.org").get(address).status_code == 200, address
        assert signed_in(app, "south1@example.org").get("/teams/north").status_code == 200
        assert signed_in(app, "south1@example.org").get("/teams/south").status_code == 404
        audit = app.test_cli_runner().invoke(args=["audit-disclosure", "--wave", "2026-11"])
        assert (audit.exit_code, "smallest remainder: 8" in audit.output) == (0, True), audit.output
    with night.reading() as session:
        found = session.execute(text("SELECT n FROM measured_cell WHERE month = :month"), {"month": MONTH})
        assert set(found.scalars()) == {8}


def test_customers_answer_and_erase_under_the_webs_role_and_are_counted_under_the_nights(app):
    with time_machine.travel(OPEN, tick=False) as clock:
        browser, erasing = app.test_client(), []
        for number in range(7):
            with db.writing() as session:
                token = invite(session, "station", interaction=f"c{number}", happened_on=MONTH, now=OPEN)
            form = filled(browser.get(f"/r/{token}").text, queue="4")
            clock.shift(timedelta(seconds=20 if number else 1))  # the first one is no person
            erasing.append(browser.post(f"/r/{token}", data=form).location.replace("/r/thanks/", "/erase/"))
        over = CLOSED + timedelta(days=3)
        clock.move_to(over)
        assert jobs.close_customer_months(over) == "closed 2026-11"
        assert _customers() == 6
        assert browser.post(erasing[-1]).status_code == 303
        analyst = signed_in(app, "south0@example.org")
        group = dict(re.findall(r'name="(touchpoint|day|reason)" value="([^"]*)"', analyst.get("/held").text))
        sent = group | {"decided": "in"} | submitted(analyst.get("/held").text)
        assert analyst.post("/held", data=sent).status_code == 303
        for secret in erasing[1:3]:
            assert browser.post(secret).status_code == 303
        assert jobs.count_months_again(over) == "counted again 2026-11"
        assert _customers() == 0  # four are too few to be measured
    with night.reading() as session:
        assert session.execute(text("SELECT max(n) FROM contribution")).scalar() == 4


def _customers() -> int:
    """How many customers' answers about the queue are measured."""
    of_customers = "SELECT n FROM measured_cell c JOIN measure m ON m.id = measure_id WHERE side = 'customer'"
    with night.reading() as session:
        return session.execute(text(f"{of_customers} AND m.code = 'queue'")).scalar() or 0


def test_pages_of_verdicts_and_flags_are_read_and_followed_up_under_the_webs_role(app, postgresql_addresses):
    owner = Database()
    owner.connect(postgresql_addresses.main)
    with owner.writing() as session:
        session.execute(text("TRUNCATE place, measure, person CASCADE"))
        tell(session)
        flag = session.scalar(text("SELECT min(id) FROM flag"))
        fix = session.scalar(text("SELECT min(code) FROM fix"))
    owner.close()
    analyst = signed_in(app, "ana@example.org")
    for address in ("/dashboard", f"/fixes/{fix}", "/flags", f"/flags/{flag}", "/changes"):
        assert analyst.get(address).status_code == 200, address


def test_the_webs_role_adds_to_the_audit_and_the_nights_takes_names_out_of_it(app):
    with main.writing() as session:
        people.note(session, "grant given", "south0@example.org", "analyst")
    with night.writing() as session:
        audit.forget(session, "south0@example.org", f"{audit.FORGOTTEN}1")
    with main.reading() as session:
        found = audit.verify(session)
    assert (found.checked, found.fault) == (2, None)


def test_what_is_watched_is_told_and_warned_of_under_the_webs_role(app):
    with main.writing() as session:
        admin = session.scalars(select(Person).where(Person.email == "south1@example.org")).one()
        people.grant(session, admin, Grant.ADMIN)
    client = signed_in(app, "south1@example.org")
    client.get("/r/unknown")
    for address in ("/status", "/metrics", "/readyz?web"):
        assert client.get(address).status_code == 200, address
    found = watch.over(
        OPEN, jobs=lambda: app.extensions["pulse.jobs"]
    )  # a test's settings are none to run with
    assert re.fullmatch(r"\d warnings, 0 over", found)
    assert watch.forget(OPEN) == "0 warnings and 0 runs forgotten"
    assert "Warned of" in client.get("/status").text


def test_the_webs_role_reads_no_sum_that_is_not_released_and_changes_no_figure(app):
    for statement in FORBIDDEN:
        with pytest.raises(ProgrammingError, match="denied"), main.writing() as session:
            session.execute(text(statement))
