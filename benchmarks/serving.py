"""Fresh databases, and Pulse served by as many real processes as wanted, as scripts/run serves it."""

import os
import random
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode, urlsplit

import psycopg
from flask import Flask

from config import ROOT, settings
from pulse import migrations
from pulse.db import Database, main, night
from surveys.ballots.urn import urn, urn_tally
from wsgi import create_app

SECRET = "a key for benchmarks only, long enough to be taken"
GRANIAN = str(ROOT / ".venv" / "bin" / "granian")
PATIENCE = 180.0  # seconds in which a process has to answer, on a machine that has much else to do


@contextmanager
def databases(engine: str) -> Iterator[tuple[str, str]]:
    """Addresses of a fresh main database and a fresh urn on "sqlite" or on the "postgresql" of PGHOST."""
    with _empty(engine) as urls:
        for name, url in zip(("main", "urn"), urls, strict=True):
            database = Database()
            database.connect(url, keeps_log=name == "main")
            migrations.upgrade(database, ROOT / "migrations" / name)
            database.close()
        yield urls


@contextmanager
def _empty(engine: str) -> Iterator[tuple[str, str]]:
    if engine == "sqlite":
        with TemporaryDirectory() as folder:
            yield f"sqlite:///{Path(folder) / 'main.sqlite'}", f"sqlite:///{Path(folder) / 'urn.sqlite'}"
        return
    env, number = os.environ, random.randrange(10**9)
    server = f"postgresql://{env['PGUSER']}:{env.get('PGPASSWORD', '')}@{env['PGHOST']}:{env['PGPORT']}"
    names = [f"measured_{name}_{number}" for name in ("main", "urn")]
    _administer(server, *(f"CREATE DATABASE {name}" for name in names))
    try:
        yield f"{server}/{names[0]}", f"{server}/{names[1]}"
    finally:
        _administer(server, *(f"DROP DATABASE {name} WITH (FORCE)" for name in names))


def _administer(server: str, *statements: str) -> None:
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def engines() -> tuple[str, ...]:
    """The engines there are: PostgreSQL where one is running for us."""
    return ("sqlite", "postgresql") if "PGHOST" in os.environ else ("sqlite",)


@contextmanager
def application(urls: tuple[str, str], **more: str) -> Iterator[Flask]:
    """The application in this process, over these databases; more -- settings by their whole names."""
    before = {name: value for name, value in os.environ.items() if name.startswith("PULSE_")}
    _set({"PULSE_DATABASE_URL": urls[0], "PULSE_URN_URL": urls[1], "PULSE_SECRET_KEY": SECRET} | more)
    app = create_app()
    app.testing = True
    try:
        yield app
    finally:
        for database in (main, night, urn, urn_tally):
            database.close()
        _set(before)


def _set(values: Mapping[str, str]) -> None:
    """Make these the settings of this process, and no others."""
    for name in [name for name in os.environ if name.startswith("PULSE_")]:
        del os.environ[name]
    os.environ.update(values)
    settings.cache_clear()


@contextmanager
def processes(urls: tuple[str, str], number: int) -> Iterator[Sequence[str]]:
    """The addresses of so many web processes over the same databases."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PULSE_")}
    env |= {"PULSE_DATABASE_URL": urls[0], "PULSE_URN_URL": urls[1], "PULSE_SECRET_KEY": SECRET}
    with ExitStack() as running:
        found = []
        for _ in range(number):
            port = free_port()
            command = [
                GRANIAN,
                "--interface",
                "wsgi",
                "--factory",
                "--host",
                "127.0.0.1",
                "--port",
                str(port),
            ]
            command += ["--no-ws", "--blocking-threads", "4", "--log-level", "warning", "wsgi:create_app"]
            process = subprocess.Popen(command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL)
            running.callback(stop, process)
            found.append((process, f"http://127.0.0.1:{port}"))
        for process, address in found:
            wait(process, address)
        yield [address for _, address in found]


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait(process: "subprocess.Popen[bytes]", address: str) -> None:
    """Until a web process serves pages; raises RuntimeError where it ends or takes too long."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            with Line(address) as line:
                line.get("/sign-in")
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("a web process did not start: its reason stands above")


def stop(process: "subprocess.Popen[bytes]") -> None:
    """End a process, and wait until it has ended."""
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Line:
    """A connection to a web process, kept open from one request to the next."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        assert parts.hostname is not None
        self._connection = HTTPConnection(parts.hostname, parts.port, timeout=PATIENCE)

    def __enter__(self) -> "Line":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def get(self, path: str) -> tuple[int, str, str]:
        """Status, address gone on to, and text of a page."""
        self._connection.request("GET", path, headers={"Accept-Language": "en"})
        return self._read(self._connection.getresponse())

    def post(self, path: str, form: Sequence[tuple[str, str]]) -> tuple[int, str, str]:
        """The same of a form that is sent."""
        headers = {"Accept-Language": "en", "Content-Type": "application/x-www-form-urlencoded"}
        self._connection.request("POST", path, urlencode(form).encode(), headers)
        return self._read(self._connection.getresponse())

    @staticmethod
    def _read(reply: HTTPResponse) -> tuple[int, str, str]:
        return reply.status, reply.headers.get("Location", ""), reply.read().decode()
