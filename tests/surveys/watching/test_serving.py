"""flask serve: refuses what is not safe, and finishes what is under way when it is told to stop."""

import os
import signal
import socket
import subprocess
import sys
import threading
from datetime import UTC, datetime

import pytest
from click import ClickException

from config import ROOT, Settings
from pulse import scheduler
from pulse.db import Database, main
from pulse.i18n import speaking
from surveys.ballots.urn import urn
from surveys.watching import checks, serving
from tests.conftest import SECRET, Addresses, made
from tests.surveys.watching.test_supervisor import PATIENCE, port

__all__ = ["port"]
GOOD = "0f3b9c5d7e1a8246b0c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5"
HOSTS = {"site_url": "https://pulse.example.org", "ballot_url": "https://ballots.example.org"}


def known(**changed: object) -> Settings:
    return Settings(**({"secret_key": GOOD, "proxies": 1} | HOSTS | changed))  # type: ignore[arg-type]


def reasons(**changed: object) -> list[str]:
    return [check.name for check in serving.refusals(known(**changed), datetime.now(UTC))]


def test_a_safe_installation_is_served(sqlite):
    assert reasons() == []


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"secret_key": None}, "secret"),
        ({"secret_key": "change-me-change-me-change-me-change-me"}, "secret"),
        ({"secret_key": "0123456789012345678901234567890123456789"}, "secret"),
        ({"secret_key": "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbcccccccc"}, "secret"),
        ({"site_url": "http://pulse.example.org"}, "addresses"),
        ({"ballot_url": "http://ballots.example.org"}, "addresses"),
        ({"ballot_url": "https://pulse.example.org:8443"}, "addresses"),
        ({"ballot_url": "https://localhost"}, "addresses"),
    ],
)
def test_what_is_not_safe_is_refused(sqlite, changed, name):
    assert reasons(**changed) == [name]


def test_debugging_is_refused_but_on_ones_own_machine(sqlite, monkeypatch):
    monkeypatch.setenv("FLASK_DEBUG", "1")
    assert reasons() == ["debugging"]
    mine = {"site_url": "http://127.0.0.1:8000", "ballot_url": "http://localhost:8000"}
    assert reasons(secret_key="a" * 32, **mine) == []


@pytest.mark.parametrize("debugging", [True, False])
def test_no_server_whatever_starts_with_a_key_that_can_be_guessed_or_debugging(
    sqlite_addresses, monkeypatch, debugging
):
    monkeypatch.setenv("FLASK_DEBUG", str(int(debugging)))
    with pytest.raises(ClickException, match="debugging is on" if debugging else "can be guessed"):
        made(sqlite_addresses, secret_key=GOOD if debugging else "secret" * 6, **HOSTS)


def test_neither_web_nor_clock_starts_on_databases_that_lack_migrations(tmp_path):
    app = made(Addresses(f"sqlite:///{tmp_path / 'main.sqlite'}", f"sqlite:///{tmp_path / 'urn.sqlite'}"))
    for command in ("serve", "clock"):
        ended = app.test_cli_runner().invoke(args=[command])
        assert (ended.exit_code, "lacks migrations" in ended.output) == (1, True), ended.output
        assert "flask db upgrade" in ended.output
    main.close(), urn.close()


def test_it_does_not_start_where_nobody_runs_jobs_and_does_once_somebody_does(sqlite):
    assert [check.name for check in serving.no_clock(within=0)] == ["clock"]
    late = threading.Timer(0.2, beat, [sqlite])
    late.start()
    assert serving.no_clock(within=PATIENCE) == []
    late.join()


def beat(database: Database) -> None:
    with database.writing() as session:
        scheduler.beat(session, "elsewhere:1", datetime.now(UTC), datetime.now(UTC))


def listens(port: int) -> bool:
    with socket.socket() as visitor:
        return visitor.connect_ex(("127.0.0.1", port)) == 0


def test_told_to_stop_it_answers_what_is_under_way_and_takes_nobody_new(sqlite, sqlite_addresses, port):
    beat(sqlite)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PULSE_")}
    ours = {"database_url": sqlite_addresses.main, "urn_url": sqlite_addresses.urn, "secret_key": SECRET}
    env = kept | {f"PULSE_{name.upper()}": value for name, value in ours.items()}
    command = [sys.executable, "-m", "flask", "serve", "--port", str(port), "--workers", "1", "--drain", "0"]
    process = subprocess.Popen(command, cwd=ROOT, env=env, stderr=subprocess.PIPE, text=True)
    watch = threading.Timer(PATIENCE, process.kill)
    watch.start()
    assert f"127.0.0.1:{port} by granian" in process.stderr.readline()
    assert process.stderr.readline() == "pulse: answering\n"
    second = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    assert (second.returncode, second.stdout, second.stderr.count("\n")) == (1, "", 1)
    assert second.stderr.startswith(f"Error: Port {port} of 127.0.0.1 is taken: ")
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as visitor:
        head = (
            "POST /b HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 4\r\n"
        )
        visitor.sendall(head.encode() + b"Expect: 100-continue\r\n\r\n")
        assert b"100 Continue" in visitor.recv(100)  # it is being worked on
        process.send_signal(signal.SIGTERM)
        assert process.stderr.readline().startswith("pulse: stopping")
        while listens(port):
            pass  # until the server has heard of it
        visitor.sendall(b'"No"')
        assert b" 422 " in visitor.recv(100)
    assert process.communicate()[1] == "pulse: stopped\n"
    watch.cancel()
    assert process.returncode == 0


def refusal(host: str, port: int) -> str:
    with pytest.raises(ClickException) as refused:
        serving.may_listen(host, port)
    return refused.value.message


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0"])
def test_a_port_that_is_taken_is_refused_though_who_took_it_would_share_it(host):
    with socket.socket() as first:
        first.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)  # as granian does
        first.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        first.bind(("127.0.0.1", 0))
        first.listen()
        taken = first.getsockname()[1]
        assert refusal(host, taken) == (
            f"Port {taken} of {host} is taken:"
            " stop what listens there (ss -ltnp), or choose another by --port"
        )
        with speaking("fr"):
            assert refusal(host, taken).startswith(f"Le port {taken} de {host} est pris\N{NO-BREAK SPACE}: ")


def test_a_port_is_free_at_once_though_connections_of_the_last_server_linger(port):
    with socket.socket() as last:
        last.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        last.bind(("127.0.0.1", port))
        last.listen()
        with socket.create_connection(("127.0.0.1", port)) as visitor:
            last.accept()[0].close()  # who closes first has its end in TIME_WAIT
            assert visitor.recv(1) == b""
    with pytest.raises(OSError, match="in use"), socket.socket() as strict:
        strict.bind(("127.0.0.1", port))
    serving.may_listen("127.0.0.1", port)
    serving.may_listen("127.0.0.1", port)  # nor does asking take it


def test_an_address_that_is_not_of_this_machine_is_refused_in_one_line():
    assert refusal("192.0.2.1", 8000).startswith(
        "Nothing can listen at port 8000 of 192.0.2.1 (Cannot assign"
    )


def test_what_it_looks_at_is_what_readiness_looks_at_and_the_settings(sqlite):
    found = checks.readiness(datetime.now(UTC), clock=False)
    assert [check.name for check in found] == ["database", "urn", "migrations"]
    assert not checks.fails(found)
