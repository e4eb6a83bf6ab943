"""The process in front of the web server: it says when that answers, and ends it gently."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from http.client import HTTPConnection

import pytest

from config import ROOT

# A web server as small as can be, which says at /readyz what the supervisor's mark says.
SERVER = textwrap.dedent("""
    import os, signal, sys
    from http.server import BaseHTTPRequestHandler, HTTPServer

    class Page(BaseHTTPRequestHandler):
        def do_GET(self):
            stopping = self.path == "/readyz" and os.path.exists(os.environ["SERVE_STOPPING_FILE"])
            self.send_response(503 if stopping else 200)
            self.end_headers()
        def log_message(self, *_):
            pass

    signal.signal(signal.SIGTERM, lambda *_: (print("told to stop", flush=True), os._exit(0)))
    signal.signal(signal.SIGHUP, lambda *_: print("told to begin anew", flush=True))
    HTTPServer(("127.0.0.1", int(sys.argv[1])), Page).serve_forever()
""")
Supervised = Callable[..., "subprocess.Popen[str]"]
PATIENCE = 240  # seconds until a process that hangs is killed, so that its test fails instead


@pytest.fixture
def port() -> int:
    """A port nobody listens at."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        found: int = free.getsockname()[1]
        return found


@pytest.fixture
def supervised(port: int) -> Iterator[Supervised]:
    """Starts a server under the supervisor; what both say comes out of its standard output."""
    started = []

    def start(server: str = SERVER, drain: float = 0, **env: str) -> "subprocess.Popen[str]":
        told = [str(drain), "127.0.0.1", str(port)]
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "surveys.watching.supervisor",
                *told,
                sys.executable,
                "-c",
                server,
                str(port),
            ],
            cwd=ROOT,
            env=os.environ | env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        watch = threading.Timer(PATIENCE, process.kill)
        watch.start()
        started.append((process, watch))
        return process

    yield start
    for process, watch in started:
        watch.cancel()
        process.kill()
        process.wait()
        process.stdout.close()


def status(port: int, path: str) -> int:
    asked = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    asked.request("GET", path)
    found = asked.getresponse().status
    asked.close()
    return found


def test_readiness_goes_first_everything_else_is_answered_and_a_second_word_ends_it(supervised, port):
    process = supervised(drain=600)
    assert process.stdout.readline() == "pulse: answering\n"
    assert (status(port, "/readyz"), status(port, "/")) == (200, 200)
    process.send_signal(signal.SIGTERM)
    assert process.stdout.readline().startswith("pulse: about to stop: answering for 600 s more")
    assert (status(port, "/readyz"), status(port, "/")) == (503, 200)
    process.send_signal(signal.SIGINT)
    assert process.communicate()[0] == (
        "pulse: stopping: what is under way is finished first\ntold to stop\npulse: stopped\n"
    )
    assert process.returncode == 0


def test_workers_are_replaced_when_it_is_told_to_begin_anew_and_systemd_is_told_of_it_all(
    supervised, tmp_path
):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(PATIENCE)
        process = supervised(NOTIFY_SOCKET=str(tmp_path / "notify"), drain=0.01)
        assert systemd.recv(100) == b"READY=1"
        assert process.stdout.readline() == "pulse: answering\n"
        process.send_signal(signal.SIGHUP)
        assert process.stdout.readline() == "told to begin anew\n"
        process.send_signal(signal.SIGTERM)
        assert systemd.recv(100) == b"STOPPING=1"
    assert process.communicate()[0].endswith("told to stop\npulse: stopped\n")


@pytest.mark.parametrize(
    ("ending", "code"), [("raise SystemExit(3)", 3), ("import os; os.kill(os.getpid(), 9)", 137)]
)
def test_a_server_that_ends_by_itself_ends_it_all_with_its_code(supervised, ending, code):
    process = supervised(ending)
    assert "the web server ended by itself" in process.communicate()[0]
    assert process.returncode == code


def test_no_server_outlives_it_even_where_it_is_killed(supervised):
    process = supervised()
    assert process.stdout.readline() == "pulse: answering\n"
    process.kill()
    assert process.communicate()[0] == "told to stop\n"  # the pipe ends when the server has, too
