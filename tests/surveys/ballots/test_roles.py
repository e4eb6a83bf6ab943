"""On PostgreSQL the web cannot read the urn: tried with real roles, as they log in."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

import psycopg
import pytest
from click.testing import CliRunner
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ProgrammingError

from pulse.db import Database, main
from surveys.ballots import roles
from surveys.ballots.models import Ballot, Code, Remark
from surveys.ballots.rewriting import rewrite
from surveys.ballots.urn import Outcome, add_codes, cast, cast_by_code, unit_of_code, urn, urn_tally
from surveys.cli import db
from tests.conftest import Addresses
from tests.surveys.conftest import MONTH

NUMBERS = count()
LogIn = Callable[[str, str], Database]


@pytest.fixture
def names(postgresql_addresses: Addresses) -> Iterator[dict[str, str]]:
    """Four roles that may log in, as an administrator makes them; by what they are for."""
    number = f"{os.getpid()}_{next(NUMBERS)}"
    made = {role: f"Pulse-{role} {number}" for role in ("web", "night", "casting", "tally")}
    with _owner(postgresql_addresses.main) as connection:
        for name in made.values():
            connection.execute(f"CREATE ROLE \"{name}\" LOGIN PASSWORD 'for this test'".encode())
    yield made
    for place in (main, urn, urn_tally):
        place.close()
    for address in (postgresql_addresses.main, postgresql_addresses.urn):
        with _owner(address) as connection:
            for name in made.values():
                connection.execute(f'DROP OWNED BY "{name}"'.encode())
    with _owner(postgresql_addresses.main) as connection:
        for name in made.values():
            connection.execute(f'DROP ROLE "{name}"'.encode())


@contextmanager
def _owner(address: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(address, autocommit=True) as connection:
        yield connection


@pytest.fixture
def as_role(names: dict[str, str], postgresql_addresses: Addresses) -> Iterator[LogIn]:
    """Gives a database as a role sees it, after the owner has run `flask db roles --apply`."""
    main.connect(postgresql_addresses.main)
    urn.connect(postgresql_addresses.urn)
    given = [f"--{role}={name}" for role, name in names.items()]
    result = CliRunner().invoke(db, ["roles", "--apply", *given])
    assert (result.exception, result.output) == (None, "main: rights given\nurn: rights given\n")
    places: list[Database] = []

    def log_in(role: str, where: str) -> Database:
        place = Database()
        url = make_url(getattr(postgresql_addresses, where))
        url = url.set(username=names[role], password="for this test")
        place.connect(url.render_as_string(hide_password=False))
        places.append(place)
        return place

    yield log_in
    for place in places:
        place.close()


def put(place: Database, nonce: bytes = b"n" * 32, remark: str = "Cold.", **scores: int) -> Outcome:
    with place.writing() as session:
        return cast(session, MONTH, "north", scores, remark, nonce=nonce)


def test_the_casting_role_casts_and_reads_nothing_whatever_it_tries(as_role):
    place = as_role("casting", "urn")
    assert put(place, delay=500) is Outcome.COUNTED
    assert put(place, delay=500) is Outcome.ALREADY
    assert put(place, delay=750) is Outcome.ALTERED
    for statement in (
        "SELECT * FROM ballot",
        "SELECT count(*) FROM ballot",
        "SELECT text FROM remark",
        "SELECT * FROM code",
        "SELECT * FROM rewritten",
        "COPY ballot TO STDOUT",
        "TABLE remark",
        "SELECT xmin FROM ballot",
        "UPDATE ballot SET unit = 'x'",
        "DELETE FROM ballot",
        "TRUNCATE ballot",
        "INSERT INTO ballot (key, wave, unit, scores, seal) VALUES ('a', '2026-11-01', 'x', '{}', 'b')",
        "INSERT INTO ballot SELECT * FROM ballot RETURNING *",
        "CREATE VIEW seen AS SELECT * FROM ballot",
        "CREATE TABLE public.mine (a int)",
        "ALTER FUNCTION cast_ballot RESET ALL",
        "LOCK TABLE ballot IN SHARE MODE",
        "SET ROLE pg_read_all_data",
    ):
        with pytest.raises(ProgrammingError, match=r"denied|must be owner"), place.writing() as session:
            session.execute(text(statement))


def test_a_search_path_of_the_callers_leads_the_functions_nowhere(as_role):
    """The trick against functions that run with their owner's rights: a table of the same name in front."""
    place = as_role("casting", "urn")
    with place.writing() as session:
        session.execute(text("CREATE TEMPORARY TABLE ballot (LIKE pg_class)"))
        session.execute(text("SET LOCAL search_path = pg_temp, public"))
        assert cast(session, MONTH, "north", {"delay": 500}, "") is Outcome.COUNTED
    with as_role("tally", "urn").reading() as session:
        assert session.scalar(text("SELECT count(*) FROM ballot")) == 1


def test_the_tallys_role_reads_rewrites_and_purges_but_casts_nothing(as_role):
    put(as_role("casting", "urn"), delay=500)
    place = as_role("tally", "urn")
    rewrite(place, Ballot, Remark, Code)
    with place.writing() as session:
        assert session.scalar(text("SELECT unit FROM ballot")) == "north"
        session.execute(text("DELETE FROM ballot"))
    with pytest.raises(ProgrammingError, match="permission denied for function cast_ballot"):
        put(place, delay=500)


@pytest.mark.parametrize(
    ("role", "where"), [("web", "urn"), ("night", "urn"), ("casting", "main"), ("tally", "main")]
)
def test_a_role_of_one_database_cannot_even_enter_the_other(as_role, role, where):
    with pytest.raises(Exception, match="permission denied for database"):
        as_role(role, where).engine.connect()


def test_printed_codes_are_used_up_by_the_casting_role_without_reading_them(as_role):
    place = as_role("casting", "urn")
    with place.writing() as session:
        add_codes(session, MONTH, "north", [b"d" * 32])
        assert unit_of_code(session, b"d" * 32, MONTH) == "north"
    for outcome in (Outcome.COUNTED, Outcome.UNKNOWN):
        with place.writing() as session:
            assert cast_by_code(session, b"d" * 32, MONTH, {"delay": 500}, "") is outcome
    with as_role("tally", "urn").reading() as session:
        assert session.scalar(text("SELECT count(*) FROM ballot")) == 1


def test_the_statements_are_printed_for_an_administrator_to_read_first(sqlite):
    said = CliRunner().invoke(db, ["roles", "--casting", "the web"]).output
    assert 'GRANT EXECUTE ON FUNCTION cast_ballot, cast_by_code, unit_of_code, add_code TO "the web";' in said
    assert said.index("-- On the main database:") < said.index("-- On the urn database:")
    for line in roles.grants("the web", "pulse_tally"):
        assert f"{line};" in said


def test_rights_are_not_given_where_no_roles_are_known(sqlite):
    result = CliRunner().invoke(db, ["roles", "--apply"])
    assert (result.exit_code, "SQLite knows no roles" in result.output) == (1, True)
