"""What is looked at: found as it is, on both engines, and told with what to do."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import psycopg
import pytest
from sqlalchemy import make_url, text

from config import Settings
from pulse import db, scheduler
from pulse.db import main, night
from pulse.outbox.service import enqueue
from pulse.people import service as people
from pulse.scheduler import Job, hourly, nightly, run_due
from surveys.ballots.urn import urn, urn_tally
from surveys.watching import check, checks, databases, machine, work
from surveys.watching.check import State
from tests.conftest import SECRET, Addresses, made
from tests.surveys.ballots.test_roles import as_role, names  # noqa: F401  # fixtures

NOW = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OK, WARNING, FAILING = State.OK, State.WARNING, State.FAILING
OURS = Settings(site_url="https://pulse.example.org", ballot_url="https://ballots.example.org", proxies=1)


def test_readiness_is_databases_migrations_and_a_clock(database):
    found = {one.name: one.state for one in checks.readiness(NOW)}
    assert found == {"database": OK, "urn": OK, "migrations": OK, "clock": FAILING}
    assert [one.name for one in checks.readiness(NOW, clock=False)] == ["database", "urn", "migrations"]


def test_a_database_that_is_away_is_said_and_nothing_further_is_looked_for(sqlite, tmp_path):
    urn.connect(f"sqlite:///{tmp_path / 'urn'}")
    (tmp_path / "urn").mkdir()
    found = {one.name: one.state for one in checks.readiness(NOW)}
    assert found == {"database": OK, "urn": FAILING}


def test_everything_has_a_name_in_words_and_what_is_not_well_says_what_to_do(database, app):
    found = checks.everything(datetime.now(UTC), OURS, app.extensions["pulse.jobs"], asks_mail_server=True)
    assert {one.name for one in found} <= check.titles().keys()
    assert {one.name for one in found if one.state is not OK and not one.advice} == set()
    assert {"secret", "clock", "mail", "backup", "jobs"} <= {one.name for one in found if one.state is not OK}


@pytest.mark.parametrize(
    ("ago", "state"), [(timedelta(minutes=4), OK), (timedelta(minutes=6), FAILING), (-HOUR, WARNING)]
)
def test_a_clock_is_at_work_while_it_says_so(sqlite, ago, state):
    assert work.clock(NOW).state is FAILING
    with db.writing() as session:
        scheduler.beat(session, "here:1", NOW - DAY, NOW - ago)
    assert work.clock(NOW).state is state


def test_a_newer_database_is_warned_of_and_an_older_one_refused(sqlite):
    for revision, state in (("9999", WARNING), ("0001", FAILING)):
        with main.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :to"), {"to": revision})
        found = databases.migrated()
        assert (found.state, revision in found.said) == (state, True)


def test_jobs_are_late_when_neither_this_period_nor_the_last_was_run(sqlite):
    known = [Job("count", hourly, lambda now: "done"), Job("correlate", nightly, lambda now: "done")]
    assert work.jobs(NOW, known, PARIS).said == "No job has run yet"
    for job in known:
        run_due(sqlite, job, NOW.astimezone(PARIS))
    assert work.jobs(NOW, known, PARIS).state is OK
    assert work.jobs(NOW + 2 * HOUR, known, PARIS).state is OK
    late = work.jobs(NOW + 5 * HOUR, known, PARIS)
    assert (late.state, late.said) == (WARNING, "These jobs have not run when they should: count")


def test_a_job_that_failed_is_named(sqlite):
    def fails(now: datetime) -> str:
        raise RuntimeError("no")

    job = Job("count", hourly, lambda now: "done")
    run_due(sqlite, job, (NOW - HOUR).astimezone(PARIS))
    run_due(sqlite, Job("count", hourly, fails), NOW.astimezone(PARIS))
    found = work.jobs(NOW, [job], PARIS)
    assert (found.state, found.said) == (WARNING, "These jobs failed at their last run: count")


def test_messages_and_backups_grow_old(sqlite):
    assert (work.messages(NOW).state, work.backup(NOW, wanted=False).state) == (OK, OK)
    assert work.backup(NOW, wanted=True).state is WARNING
    with db.writing() as session:
        enqueue(session, key="a", channel="email", recipient="a@example.org", subject="a", text="a", now=NOW)
        people.note(session, work.BACKED_UP, "pulse.backup", "SHA-256 0")
    for after, state in ((HOUR / 2, OK), (2 * HOUR, WARNING), (2 * DAY, FAILING)):
        assert work.messages(NOW + after).state is state
    made_at = datetime.now(UTC)
    for after, state in ((DAY, OK), (3 * DAY, WARNING), (8 * DAY, FAILING)):
        assert work.backup(made_at + after, wanted=True).state is state


def test_a_mail_server_that_does_not_answer_fails_and_one_that_is_not_set_is_warned_of(sqlite):
    assert machine.mail(OURS).state is WARNING
    by_page = checks.everything(NOW, OURS, [], asks_mail_server=False)
    assert [one.state for one in by_page if one.name == "mail"] == [WARNING]
    silent = OURS.model_copy(update={"smtp_url": "smtp://127.0.0.1:1"})
    assert machine.mail(silent).state is FAILING
    assert "mail" not in {one.name for one in checks.everything(NOW, silent, [], asks_mail_server=False)}


def test_on_postgresql_each_role_may_do_what_it_has_to_and_no_more(as_role, postgresql_addresses):  # noqa: F811
    places = {
        "web": (main, "main"),
        "night": (night, "main"),
        "casting": (urn, "urn"),
        "tally": (urn_tally, "urn"),
    }
    known = OURS.model_copy(update={"night_url": "set", "urn_tally_url": "set"})

    def log_in(**others: str) -> None:
        for role, (place, where) in places.items():
            place.close()
            place._engine = as_role(others.get(role, role), where).engine

    log_in()
    assert [one.state for one in databases.roles(known)] == [OK]
    assert databases.time().state is OK
    for role, other, setting in (
        ("web", "night", "PULSE_DATABASE_URL"),
        ("casting", "tally", "PULSE_URN_URL"),
        ("night", "web", "PULSE_NIGHT_URL"),
        ("tally", "casting", "PULSE_URN_TALLY_URL"),
    ):
        log_in(**{role: other})
        (found,) = databases.roles(known)
        assert (found.state, setting in found.said) == (FAILING, True), found.said
    main.connect(postgresql_addresses.main)
    assert [one.state for one in databases.roles(OURS)] == [FAILING]  # an administrator of the server


def test_what_the_urn_lost_when_it_was_made_anew_is_found_out_and_how_to_set_it_again(
    as_role,  # noqa: F811
    postgresql_addresses,
):
    seen = as_role("casting", "urn")
    urn.close()
    urn._engine = seen.engine
    (found,) = databases.records()
    name = seen.engine.url.database
    statements = [
        f"ALTER DATABASE {name} SET log_min_error_statement = panic;",
        f"ALTER DATABASE {name} SET log_error_verbosity = terse;",
    ]
    assert (found.state, found.advice[-len(" ".join(statements)) :]) == (WARNING, " ".join(statements))
    assert "log_min_error_statement = error, log_error_verbosity = default" in found.said
    with psycopg.connect(postgresql_addresses.urn, autocommit=True) as administrator:
        for statement in statements:
            administrator.execute(statement.encode())
    seen.engine.dispose()  # a setting of a database holds for those who connect from then on
    assert [one.state for one in databases.records()] == [OK]


def test_of_what_a_role_may_not_see_nothing_is_claimed(postgresql_addresses, monkeypatch):
    urn.connect(postgresql_addresses.urn)
    monkeypatch.setattr(databases, "KEEPS_NO_RECORD", {"archive_mode": "off", "no_such_setting": "off"})
    assert [*databases.records()] == []


@pytest.fixture
def other_encoding(request) -> Iterator[str]:
    """The address of a database that is encoded in what the test says."""
    server = request.getfixturevalue("postgresql_addresses").main
    name = f"pulse_{os.getpid()}_encoded"
    with psycopg.connect(server, autocommit=True) as administrator:
        options = f"ENCODING '{request.param}' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'"
        administrator.execute(f"CREATE DATABASE {name} {options}".encode())
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
        administrator.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.mark.parametrize("other_encoding", ["SQL_ASCII", "LATIN1"], indirect=True)
def test_a_database_that_is_not_encoded_in_utf_8_is_refused_in_one_line_by_all_commands(
    other_encoding, postgresql_addresses, request
):
    encoding = request.node.callspec.params["other_encoding"]
    app = made(Addresses(other_encoding, postgresql_addresses.urn))
    name = make_url(other_encoding).database
    for arguments in (
        ("db", "upgrade"),
        ("db", "roles", "--apply"),
        ("users", "add", "ana@example.org"),
        ("flags",),
    ):
        ended = app.test_cli_runner().invoke(args=arguments)
        assert (ended.exit_code, ended.stdout) == (1, ""), ended.output
        assert ended.stderr == (
            f"Error: The database {name} is encoded in {encoding}: make it anew with ENCODING 'UTF8'"
            " (docs/operate.md, step 5)\n"
        )
    said = f"The database {name} is encoded in {encoding}"
    for command in ("doctor", "serve", "clock"):
        ended = app.test_cli_runner().invoke(args=[command])
        assert (ended.exit_code, said in ended.output) == (1, True), ended.output
        assert "ake it anew with ENCODING 'UTF8' (docs/operate.md, step 5)." in ended.output
        assert isinstance(ended.exception, SystemExit)
    assert app.test_client().get("/readyz").text.startswith("database: failing\nurn: ok\n")
    main.close(), night.close()


def test_a_server_that_does_not_wait_for_its_disk_is_found_out(postgresql_addresses):
    for place in (main, urn):
        place.connect(postgresql_addresses.main + "?options=-c%20synchronous_commit%3Doff")
    (found,) = databases.durability()
    assert (found.state, "synchronous_commit = off" in found.said) == (FAILING, True)


def test_the_doctor_ends_with_one_where_something_fails(sqlite_addresses, monkeypatch):
    monkeypatch.setenv("FLASK_DEBUG", "0")
    app = made(sqlite_addresses, secret_key=SECRET)
    told = app.test_cli_runner().invoke(args=["doctor", "--without-mail-server"])
    assert told.exit_code == 1
    assert "FAILING  Clock: No clock runs" in told.output
    assert "\n         -> Start “flask clock”" in told.output
    with db.writing() as session:
        scheduler.beat(session, "here:1", datetime.now(UTC), datetime.now(UTC))
    told = app.test_cli_runner().invoke(args=["doctor", "--format", "json"])
    assert '"name": "clock",\n  "state": "ok"' in told.output
