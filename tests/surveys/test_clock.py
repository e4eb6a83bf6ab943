"""flask clock: starts, runs what is due, and stops when told to, with what it has begun done."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import select

from config import ROOT, Settings
from pulse.outbox.models import Message, MessageState
from pulse.outbox.service import enqueue
from pulse.scheduler import Run, RunState
from surveys.delivery.claims import CLAIM
from surveys.delivery.sender import send_due
from tests.conftest import SECRET, Addresses
from tests.surveys.delivery.conftest import FreePort

Clock = Callable[..., "subprocess.Popen[str]"]
PATIENCE = 240  # seconds until a clock that hangs is killed, so that its test fails instead


class SlowPostman:
    """A mail server that has been given a mail and takes its time to say that it took it."""

    def __init__(self) -> None:
        self.heard, self.may_answer = threading.Event(), threading.Event()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """The whole message is there."""
        self.heard.set()
        await asyncio.get_running_loop().run_in_executor(None, self.may_answer.wait, PATIENCE)
        return "250 OK"


@pytest.fixture
def postman() -> Iterator[SlowPostman]:
    """A slow mail server on this machine; its port is in `port`."""
    found = SlowPostman()
    controller = FreePort(found, hostname="127.0.0.1", port=0)
    controller.start()
    found.port = controller.port  # type: ignore[attr-defined]
    yield found
    found.may_answer.set()
    controller.stop()


@pytest.fixture
def clock(sqlite_addresses: Addresses) -> Iterator[Clock]:
    """Starts `flask clock` on the test's databases."""
    started = []

    def start(**settings: str) -> "subprocess.Popen[str]":
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PULSE_")}
        ours = {"database_url": sqlite_addresses.main, "urn_url": sqlite_addresses.urn, "secret_key": SECRET}
        process = subprocess.Popen(
            [sys.executable, "-m", "flask", "clock"],
            cwd=ROOT,
            env=kept | {f"PULSE_{name.upper()}": value for name, value in (ours | settings).items()},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
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
        process.communicate()


def queue(database, recipient: str) -> None:
    with database.writing() as session:
        words = {"subject": "Five questions", "text": "https://pulse.example.org/pulse"}
        enqueue(session, key=recipient, channel="email", recipient=recipient, now=datetime.now(UTC), **words)


def test_told_to_end_it_finishes_what_it_has_begun(sqlite, clock, postman):
    queue(sqlite, "ana@example.org")
    process = clock(smtp_url=f"smtp://127.0.0.1:{postman.port}")
    assert process.stdout.readline().startswith("clock started: correlate, ")
    assert postman.heard.wait(PATIENCE)
    process.send_signal(signal.SIGTERM)
    assert process.stdout.readline() == "clock stopping: what has begun is finished first\n"
    postman.may_answer.set()
    said, complained = process.communicate()
    assert (process.returncode, said, complained) == (0, "clock stopped\n", "")
    with sqlite.reading() as session:
        assert session.scalars(select(Message)).one().state is MessageState.SENT
        assert {run.state for run in session.scalars(select(Run))} == {RunState.DONE}


def test_without_a_mail_server_it_says_to_whom_it_would_have_written_and_ends_on_ctrl_c(sqlite, clock):
    queue(sqlite, "ana@example.org")
    process = clock()
    assert process.stdout.readline().startswith("clock started: ")
    assert "message to ana@example.org: Five questions" in process.stderr.readline()
    queue(sqlite, "bob@example.org")  # it looks again every two seconds
    assert "message to bob@example.org: Five questions" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    said, complained = process.communicate()
    assert (process.returncode, complained) == (0, "")
    assert said.endswith("clock stopped\n")


def test_killed_in_the_middle_of_a_mail_it_leaves_it_in_doubt_and_never_sent_twice(sqlite, clock, postman):
    queue(sqlite, "ana@example.org")
    process = clock(smtp_url=f"smtp://127.0.0.1:{postman.port}")
    assert postman.heard.wait(PATIENCE)
    process.kill()
    process.wait()
    another = Settings(smtp_url=f"smtp://127.0.0.1:{postman.port}")
    assert send_due(sqlite, another, datetime.now(UTC)) is None
    assert send_due(sqlite, another, datetime.now(UTC) + CLAIM + timedelta(seconds=1)) == "1 in_doubt"
    assert send_due(sqlite, another, datetime.now(UTC) + timedelta(days=1)) is None
