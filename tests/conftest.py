"""What every test may stand on: real databases, freshly migrated, on SQLite and on PostgreSQL."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hypothesis
import psycopg
import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser
from werkzeug.routing import Rule

from config import ROOT, Settings
from pulse import migrations
from pulse.db import Database, main, night
from pulse.i18n import speaking
from pulse.people import passwords
from surveys.ballots.urn import urn, urn_tally
from tests.browser.visitor import CHROMIUM, chromium
from tests.emptied import Emptied

SECRET = "a key for tests only, long enough to be taken"

# An example may take as long as a busy machine needs for it: no test is about time.
hypothesis.settings.register_profile("pulse", deadline=None)
hypothesis.settings.load_profile("pulse")


@dataclass(frozen=True)
class Addresses:
    """Where a test's two databases are."""

    main: str
    urn: str


AS_IT_RUNS = passwords.HASHER
# Each test signs somebody in: hashing as it should be would take a third of the time of all tests.
passwords.HASHER = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)

BUILD, BUILDERS = Rule._compile_builder, dict[object, Any]()


def _builder(rule: Rule, append_unknown: bool = True) -> Any:
    """What builds the addresses of a rule, made once for all applications: it depends on its words alone."""
    words = (tuple(rule._trace), tuple(sorted((rule.defaults or {}).items())), append_unknown)
    if words not in BUILDERS:
        BUILDERS[words] = BUILD(rule, append_unknown)
    return BUILDERS[words]


# Nearly each test makes an application: compiling its two hundred rules anew would take five sixths of that.
Rule._compile_builder = _builder  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Each test begins in English: requests made in its thread leave their language behind."""
    with speaking("en"):
        yield


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A started Chromium: one for all tests, a second one in the same process would not start."""
    if not Path(CHROMIUM).exists():
        pytest.skip("no Chromium: run the tests by scripts/test, which installs one")
    with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def sqlite_templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with both databases migrated and empty, to be copied for each test."""
    folder = tmp_path_factory.mktemp("templates")
    for name in ("main", "urn"):
        _migrated(f"sqlite:///{folder / name}.sqlite", name)
    return folder


@pytest.fixture(scope="session")
def postgresql_databases() -> Iterator[dict[str, Emptied]]:
    """Both databases on PostgreSQL, migrated, to be emptied for each test."""
    if "PGHOST" not in os.environ:
        pytest.skip("no PostgreSQL: run the tests by scripts/test, which starts one")
    names = {name: f"pulse_{os.getpid()}_{name}" for name in ("main", "urn")}
    for name, database in names.items():
        _administer(f"CREATE DATABASE {database}")
        _migrated(_postgresql(database), name)
    found = {name: Emptied(database, _postgresql) for name, database in names.items()}
    yield found
    for name, database in names.items():
        found[name].drop()
        _administer(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")


def _migrated(url: str, name: str) -> None:
    database = Database()
    database.connect(url, keeps_log=False)
    migrations.upgrade(database, ROOT / "migrations" / name)
    database.close()


def _postgresql(database: str) -> str:
    env = os.environ
    return (
        f"postgresql://{env['PGUSER']}:{env.get('PGPASSWORD', '')}@{env['PGHOST']}:{env['PGPORT']}/{database}"
    )


def _administer(statement: str) -> None:
    with psycopg.connect(_postgresql("postgres"), autocommit=True) as connection:
        connection.execute(statement.encode())


@pytest.fixture
def sqlite_addresses(sqlite_templates: Path, tmp_path: Path) -> Addresses:
    """Two fresh SQLite files."""
    for name in ("main", "urn"):
        shutil.copy(sqlite_templates / f"{name}.sqlite", tmp_path / f"{name}.sqlite")
    return Addresses(f"sqlite:///{tmp_path / 'main.sqlite'}", f"sqlite:///{tmp_path / 'urn.sqlite'}")


@pytest.fixture
def postgresql_addresses(postgresql_databases: dict[str, Emptied]) -> Iterator[Addresses]:
    """Two PostgreSQL databases with nothing in them."""
    yield Addresses(postgresql_databases["main"].ready(), postgresql_databases["urn"].ready())
    for database in (main, night, urn, urn_tally):
        database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def addresses(request: pytest.FixtureRequest) -> Addresses:
    """Two fresh databases, once on SQLite and once on PostgreSQL."""
    found: Addresses = request.getfixturevalue(f"{request.param}_addresses")
    return found


def _connected(addresses: Addresses) -> Iterator[Database]:
    main.connect(addresses.main)
    night.connect(addresses.main)
    urn.connect(addresses.urn, keeps_log=False)
    urn_tally.connect(addresses.urn, keeps_log=False)
    yield main
    for database in (main, night, urn, urn_tally):
        database.close()


@pytest.fixture
def database(addresses: Addresses) -> Iterator[Database]:
    """The main database (pulse.db.main) and the urn, connected; a test runs once on each engine."""
    yield from _connected(addresses)


@pytest.fixture
def sqlite(sqlite_addresses: Addresses) -> Iterator[Database]:
    """The same on SQLite alone, where the engine makes no difference."""
    yield from _connected(sqlite_addresses)


def made(addresses: Addresses, **settings: Any) -> Flask:
    """The application over these databases."""
    from wsgi import create_app

    values = {"database_url": addresses.main, "urn_url": addresses.urn, "secret_key": SECRET} | settings
    app = create_app(Settings(**values))
    app.testing = True
    return app


@pytest.fixture
def app(sqlite_addresses: Addresses) -> Iterator[Flask]:
    """The application on fresh SQLite files."""
    yield made(sqlite_addresses)
    for database in (main, night, urn, urn_tally):
        database.close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Somebody's browser, not signed in."""
    return app.test_client()
