"""Each mail once, however often its sender is killed: nothing doubled, nothing lost without being said.

    python -m benchmarks.kills [--kills 100] [--mails 4000]

A real sender process sends a mailing to a real mail server in another process, and is ended by SIGKILL at
random moments. Then what the server was given is held against what the database says. On SQLite, and on the
PostgreSQL of PGHOST where there is one. Besides, how many mails a second leave when nobody is killed.
"""

import argparse
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import func, select

from benchmarks.serving import SECRET, databases, engines
from config import ROOT, Settings
from pulse.db import Database
from pulse.outbox.models import Message, MessageState
from pulse.outbox.service import Draft, enqueue_all
from surveys.delivery.claims import CLAIM
from surveys.delivery.sender import send_due

LONGEST = 0.4  # seconds a sender lives at most
PATIENCE = 120.0  # seconds in which a mailing has to get on
TEXT = "Bonjour,\n\n" + "Quel problème de nos clients est retombé sur vous ? " * 20 + "\n"
PAGE = f"<!doctype html><html lang='fr'><body><p>{TEXT * 3}</p></body></html>"


@dataclass(frozen=True)
class Report:
    """What became of a mailing whose sender was killed so many times.

    caught -- kills that met a sender with a mail in its hand
    doubled -- mails the server was given more than once
    lost -- mails it was not given, and nobody is told so
    unsure -- mails in doubt; arrived -- those of them that it was given
    """

    mails: int
    kills: int
    caught: int
    doubled: int
    lost: int
    unsure: int
    arrived: int

    @property
    def faults(self) -> list[str]:
        """What must not be; empty where all is well."""
        found = [f"{self.doubled} mails doubled"] if self.doubled else []
        found += [f"{self.lost} mails lost silently"] if self.lost else []
        return found + (
            [f"{self.unsure} in doubt after {self.kills} kills"] if self.unsure > self.kills else []
        )


@contextmanager
def server(folder: Path) -> Iterator[tuple[str, Path]]:
    """The address of a mail server in a process of its own, and the file in which it writes mails down."""
    book = folder / "book"
    book.touch()
    with _process("serve", str(book)) as process:
        assert process.stdout is not None
        yield f"smtp://127.0.0.1:{process.stdout.readline().strip()}", book
        process.terminate()


@contextmanager
def sender(database_url: str, smtp_url: str) -> Iterator["subprocess.Popen[str]"]:
    """A sender in a process of its own that has begun to look for messages."""
    known = {"DATABASE_URL": database_url, "SMTP_URL": smtp_url, "SECRET_KEY": SECRET}
    with _process("send", **known) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process


@contextmanager
def _process(*words: str, **known: str) -> Iterator["subprocess.Popen[str]"]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("PULSE_")}
    env |= {f"PULSE_{name}": value for name, value in known.items()}
    command = [sys.executable, "-m", "benchmarks.mailing", *words]
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        if known or process.poll() is None:
            process.kill()
        process.communicate()


@contextmanager
def mailing(engine: str, mails: int) -> Iterator[tuple[str, Database]]:
    """A database with so many mails to be sent: its address and the database itself."""
    with databases(engine) as (url, _):
        database = Database()
        database.connect(url)
        drafts = [
            Draft(f"news:{n}", "email", f"reader{n}@example.org", "Cinq questions", TEXT, PAGE)
            for n in range(mails)
        ]
        with database.writing() as session:
            enqueue_all(session, drafts, datetime.now(UTC))
        try:
            yield url, database
        finally:
            database.close()


def killed(engine: str, mails: int, kills: int, chance: random.Random) -> Report:
    """Kill senders of a mailing at random moments; then let one finish, and look when claims have run out."""
    with (
        TemporaryDirectory() as folder,
        server(Path(folder)) as (smtp, book),
        mailing(engine, mails) as (
            url,
            database,
        ),
    ):
        for _ in range(kills):
            with sender(url, smtp) as process:
                time.sleep(chance.uniform(0, LONGEST))
                process.kill()
        caught = _count(database)[MessageState.CLAIMED]
        known = Settings(database_url=url, smtp_url=smtp, secret_key=SECRET)
        while send_due(database, known, datetime.now(UTC) + CLAIM) is not None:
            pass
        return _held_against(book, database, kills, caught)


def _held_against(book: Path, database: Database, kills: int, caught: int) -> Report:
    given = Counter(int(line) for line in book.read_text().splitlines())
    with database.reading() as session:
        states = {number: state for number, state in session.execute(select(Message.id, Message.state))}
    unsure = {number for number, state in states.items() if state is MessageState.IN_DOUBT}
    return Report(
        mails=len(states),
        kills=kills,
        caught=caught,
        doubled=sum(times > 1 for times in given.values()),
        lost=sum(number not in given and number not in unsure for number in states),
        unsure=len(unsure),
        arrived=len(unsure & given.keys()),
    )


def per_second(engine: str, mails: int, senders: int) -> float:
    """How many mails a second leave, from the first look of so many senders to the last mail."""
    with (
        TemporaryDirectory() as folder,
        server(Path(folder)) as (smtp, _),
        mailing(engine, mails) as (
            url,
            database,
        ),
        ExitStack() as running,
    ):
        for _ in range(senders):
            running.enter_context(sender(url, smtp))
        before, begun = _sent(database), time.monotonic()
        while _sent(database) < mails and time.monotonic() - begun < PATIENCE:
            time.sleep(0.05)
        return (_sent(database) - before) / (time.monotonic() - begun)


def _count(database: Database) -> Counter[MessageState]:
    with database.reading() as session:
        rows = select(Message.state, func.count()).group_by(Message.state)
        return Counter({state: n for state, n in session.execute(rows)})


def _sent(database: Database) -> int:
    return _count(database)[MessageState.SENT]


def lines(engine: str, report: Report) -> list[str]:
    """What is printed of a report."""
    return [
        f"{engine}: {report.mails} mails, {report.kills} kills ({report.caught} with a mail in hand)",
        f"  doubled: {report.doubled}; lost silently: {report.lost};"
        f" in doubt: {report.unsure}, of which {report.arrived} had arrived",
    ]


def run() -> int:
    """Carry it out; 1 where a mail was doubled or lost."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--kills", type=int, default=100)
    words.add_argument("--mails", type=int, default=4000)
    words.add_argument("--seed", type=int, default=7)
    asked = words.parse_args()
    faults = []
    for engine in engines():
        report = killed(engine, asked.mails, asked.kills, random.Random(asked.seed))
        print(*lines(engine, report), *report.faults, sep="\n", flush=True)
        faults += report.faults
        for senders in (1, 2):
            speed = per_second(engine, asked.mails // 2, senders)
            print(f"  {senders} sender(s), nobody killed: {speed:.0f} mails a second", flush=True)
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(run())
