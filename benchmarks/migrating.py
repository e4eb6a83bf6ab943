"""Migrations with a million rows, up and down, and the code of the release before on the schema of now.

    python -m benchmarks.migrating [--rows 1000000] [--first 0058] [--old COMMIT | --no-old-code]

The main database is brought to the revision given, half of the rows become messages and half entries of the
audit, and it is then moved up one revision after the other to the newest, down again and up once more. Each
step is timed, and so is the longest that somebody who reads one of these tables, and somebody who writes it,
had to wait meanwhile: on PostgreSQL a step's locks hold them up, on SQLite every write waits for the whole of
it. Afterwards the code as it was before the newest migration came is unpacked beside the migrations of now,
and its own journeys are walked: it works on a schema one step ahead of it. Ends with 1 where a step fails,
rows are lost, or the old code does not work.
"""

import argparse
import io
import os
import shutil
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text

from benchmarks.serving import _empty, engines
from config import ROOT
from pulse import migrations
from pulse.db import Database

FOLDER = ROOT / "migrations" / "main"
# {NUMBERS} is a row for each number up to as many as there are to be.
NUMBERS = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :rows)"
FILL = {
    "message": """
        INSERT INTO message (key, mailing, channel, recipient, subject, text, urgent, state, attempts,
                             queued_at, due_at)
        {NUMBERS} SELECT 'a:' || n, 'a', 'email', '', '', '', false, 'sent', 1, '2026-01-01 00:00:00',
                         '2026-01-01 00:00:00' FROM numbers""",
    "audit_entry": """
        INSERT INTO audit_entry (at, action, subject, detail)
        {NUMBERS} SELECT '2026-01-01 00:00:00', 'tried', 's' || n, '' FROM numbers""",
}
READ = "SELECT subject FROM audit_entry WHERE id = 1"
WRITE = "UPDATE audit_entry SET subject = subject WHERE id = 1"
JOURNEYS = (
    "tests/surveys/test_end_to_end.py",
    "tests/surveys/starting/test_journey.py",
    "tests/pulse/people",
)


@dataclass
class Step:
    """A revision moved to: seconds it took, and the longest that a reader and a writer waited meanwhile."""

    way: str
    revision: str
    seconds: float = 0.0
    reader: float = 0.0
    writer: float = 0.0


def revisions(first: str) -> list[str]:
    """The revisions from one on, oldest first."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    found = [one.revision for one in ScriptDirectory.from_config(config).walk_revisions()][::-1]
    return found[found.index(first) :]


def moved(engine: str, rows: int, first: str) -> Iterator[Step]:
    """Move a database with so many rows up, down and up again; raises AssertionError where rows are lost."""
    with _empty(engine) as urls:
        database = Database()
        database.connect(urls[0])
        listed = revisions(first)
        migrations.upgrade(database, FOLDER, listed[0])
        with database.engine.execution_options(writes=True).begin() as connection:
            for statement in FILL.values():
                connection.execute(text(statement.replace("{NUMBERS}", NUMBERS)), {"rows": rows // 2})
        up = [("up", revision, migrations.upgrade) for revision in listed[1:]]
        down = [("down", revision, migrations.downgrade) for revision in listed[-2::-1]]
        for way, revision, step in (*up, *down, *up):
            found = Step(way, revision)
            with _waiting(urls[0], found):
                begun = time.monotonic()
                step(database, FOLDER, revision)
                found.seconds = time.monotonic() - begun
            yield found
        with database.engine.connect() as connection:
            for table in FILL:
                there = connection.scalar(text(f"SELECT count(*) FROM {table}"))  # noqa: S608
                assert there == rows // 2, f"{table}: {there} rows of {rows // 2}"
        database.close()


@contextmanager
def _waiting(url: str, step: Step) -> Iterator[None]:
    """Somebody reads and somebody writes as long as a step takes; their longest wait is written down."""
    over = threading.Event()
    people = [
        threading.Thread(target=_tried, args=(url, who, statement, step, over))
        for who, statement in (("reader", READ), ("writer", WRITE))
    ]
    for person in people:
        person.start()
    try:
        yield
    finally:
        over.set()
        for person in people:
            person.join()


def _tried(url: str, who: str, statement: str, step: Step, over: threading.Event) -> None:
    database = Database()
    database.connect(url)
    options = {"writes": True} if who == "writer" else {}
    while not over.is_set():
        begun = time.monotonic()
        try:
            with database.engine.execution_options(**options).begin() as connection:
                connection.execute(text(statement))
        except Exception as error:  # given up after the patience of the engine: that is told as the wait
            print(f"  {who}: {type(error).__name__}", file=sys.stderr)
        setattr(step, who, max(getattr(step, who), time.monotonic() - begun))
        over.wait(0.005)
    database.close()


def old_code(commit: str = "") -> tuple[str, int, str]:
    """Walk the journeys of a commit's code (the one before the newest migration) on the schema of now.

    The commit, how the tests ended (0 = all passed), and their last line.
    """
    newest = max(path.name for path in (FOLDER / "versions").glob("[0-9]*.py"))
    came = _git("log", "--diff-filter=A", "--format=%H", "-1", "--", f"migrations/main/versions/{newest}")
    before = commit or _git("rev-parse", f"{came.decode().strip()}^").decode().strip()
    with TemporaryDirectory() as folder:
        place = Path(folder, "pulse")
        with tarfile.open(fileobj=io.BytesIO(_git("archive", before))) as archive:
            archive.extractall(place, filter="data")
        for name in ("main", "urn"):  # the steps alone: what runs them knows the code it belongs to
            versions = Path("migrations", name, "versions")
            shutil.copytree(ROOT / versions, place / versions, dirs_exist_ok=True)
        (place / ".venv").symlink_to(ROOT / ".venv")
        command = [str(place / ".venv/bin/python"), "-m", "pytest", "-q", "-p", "no:cacheprovider", *JOURNEYS]
        env = {name: value for name, value in os.environ.items() if not name.startswith("PULSE_")}
        done = subprocess.run(command, cwd=place, env=env, capture_output=True, text=True, check=False)
        return before, done.returncode, (done.stdout.strip().splitlines() or [done.stderr[-300:]])[-1]


def _git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=True).stdout


def run() -> int:
    """The whole; 1 where something is wrong."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--rows", type=int, default=1_000_000)
    words.add_argument("--first", default="0058")
    words.add_argument("--old", default="", metavar="COMMIT")
    words.add_argument("--no-old-code", action="store_true")
    asked = words.parse_args()
    for engine in engines():
        print(f"{engine}, {asked.rows} rows\n{'':5}{'to':>6}{'seconds':>10}{'reader':>9}{'writer waits':>14}")
        for step in moved(engine, asked.rows, asked.first):
            print(
                f"{step.way:5}{step.revision:>6}{step.seconds:>10.2f}{step.reader:>9.2f}{step.writer:>14.2f}",
                flush=True,
            )
    if asked.no_old_code:
        return 0
    commit, ended, said = old_code(asked.old)
    print(f"the code of {commit[:7]} on the schema of now: {said}")
    return min(1, ended)


if __name__ == "__main__":
    sys.exit(run())
