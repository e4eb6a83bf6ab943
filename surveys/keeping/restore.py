"""A backup brought back into empty databases, without what was to be forgotten since."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from sqlalchemy import delete, func, inspect, or_, select, table, update

from config import ROOT
from pulse import db, migrations
from pulse.db import Database
from pulse.outbox.models import Message, MessageState
from pulse.people import service as people
from pulse.people.models import Person, SignInLink
from pulse.scheduler import Beat, Job
from surveys.ballots.urn import urn, urn_tally
from surveys.keeping import archive, ballots, forgotten, postgresql, sqlite
from surveys.keeping.archive import Manifest
from surveys.keeping.backup import written_anew
from surveys.responses.erasure import Forget

BROUGHT_BACK = "restored from a backup"
MAIN = ROOT / "migrations" / "main"
# What the clock does by and by to forget: done at once, so that nothing is back for a day.
FORGETTING = (
    "destroy keys",
    "purge",
    "forget mails of waves",
    "forget customers",
    "forget messages",
    "forget cases",
    "forget arrivals",
    "forget sign-ins",
    "see leavers off",
    "forget news",
)


class CannotRestore(Exception):
    """Nothing can be brought back; says why and what to do."""


class BrokenOff(CannotRestore):
    """It failed half-way: what is in the databases by now is not to be used."""


@dataclass(frozen=True)
class Brought:
    """What came of it.

    again -- what was erased, wished and revoked since the backup, done again
    doubtful -- messages that waited, and may have been sent since: somebody has to decide
    reports -- of the jobs that forget, in the order in which they ran
    """

    again: forgotten.Done
    doubtful: int
    reports: Sequence[tuple[str, str]]


def opened(source: IO[bytes], folder: Path, secret: str | None) -> Manifest:
    """Take a backup apart into a folder and compare all of it with its digests; changes no database.

    secret -- None where the backup was made under another key, on purpose. Raises CannotRestore.
    """
    try:
        return archive.read(source, folder, secret)
    except archive.NotABackup as error:
        raise CannotRestore(str(error)) from error
    except archive.OtherKey as error:
        raise CannotRestore(
            "it was made under another PULSE_SECRET_KEY, or somebody changed it. Set the key it was made"
            " under: without it links in mails, wishes of customers and second factors are good for nothing"
        ) from error


def newer(files: Iterable[Path], than: datetime, work: Path, secret: str) -> list[forgotten.Forgotten]:
    """What later backups of the same installation say is to be forgotten; others are passed over."""
    found = []
    for file in files:
        try:
            with file.open("rb") as source:
                manifest = archive.read(source, work, secret, wanted=[forgotten.NAME])
        except (archive.NotABackup, archive.OtherKey):
            continue
        if manifest.made_at > than:
            found.append(forgotten.read(work))
    return found


def fits(manifest: Manifest) -> None:
    """Raises CannotRestore where this backup cannot be put into the connected databases."""
    if manifest.kind != archive.WHOLE:
        raise CannotRestore(
            "it holds only what is to be forgotten, and no database: give it as --also of a whole backup"
        )
    engine = db.main.engine.dialect.name
    if manifest.engine != engine:
        raise CannotRestore(f"it was made on {manifest.engine}, and the main database is on {engine}")
    for name, folder in (("main", MAIN), ("urn", ballots.FOLDER)):
        if manifest.revisions.get(name) not in migrations.revisions(folder):
            raise CannotRestore(
                f"it was made by a newer Pulse (the {name} database is at {manifest.revisions.get(name)}):"
                " install that one first"
            )
    for name, place in (("main", db.main), ("urn", urn)):
        if inspect(place.engine).get_table_names():
            raise CannotRestore(f"the {name} database is not empty; give a new one, nothing is overwritten")


def bring_back(manifest: Manifest, folder: Path) -> None:
    """Put what was taken apart into both databases and bring these up to date; raises BrokenOff.

    Run as their owner, on PostgreSQL. Both must be empty (fits).
    """
    try:
        (postgresql.back if manifest.engine == "postgresql" else sqlite.back)(db.main, folder)
        ballots.back(urn, folder, manifest.revisions["urn"])
    except (postgresql.NotDone, sqlite.Damaged, ballots.rows.NotRows) as error:
        raise BrokenOff(str(error)) from error
    _compare(db.main, manifest)
    for database, steps in ((db.main, MAIN), (urn, ballots.FOLDER)):
        migrations.upgrade(database, steps)
    for database in (db.main, db.night, urn, urn_tally):
        database.engine.dispose()
    written_anew()


def _compare(database: Database, manifest: Manifest) -> None:
    with database.reading() as session:
        for name, number in manifest.counts.items():
            there = session.scalar(select(func.count()).select_from(table(name)))
            if there != number:
                raise BrokenOff(f"table {name} has {there} rows, and had {number} when the backup was made")


def forget(
    manifest: Manifest,
    since: Sequence[forgotten.Forgotten],
    now: datetime,
    *,
    also: Sequence[Forget],
    jobs: Sequence[Job],
    moved: bool,
) -> Brought:
    """Forget in the restored databases what is to be forgotten by now, and end what must not go on.

    since -- what later backups know; jobs -- the clock's, of which those that forget are run
    moved -- nothing has happened since the backup was made: messages that waited may go

    Everybody is signed out, for a visit that was ended since would be good again.
    """
    with db.night.writing() as session:
        done = [forgotten.again(session, one, now, also=also) for one in since]
        session.execute(update(Person).values(visits=Person.visits + 1))
        session.execute(delete(SignInLink))
        session.execute(delete(Beat))
        doubtful = 0 if moved else _put_in_doubt_messages(session, now)
        people.note(session, BROUGHT_BACK, manifest.made_at.isoformat(timespec="seconds"))
    by_name = {job.name: job for job in jobs}
    reports = [(name, by_name[name].work(now)) for name in FORGETTING]
    again = forgotten.Done(*(sum(each) for each in zip(*map(_numbers, done), strict=True))) if done else None
    return Brought(again or forgotten.Done(0, 0, 0), doubtful, reports)


def _numbers(done: forgotten.Done) -> tuple[int, int, int]:
    return done.answers, done.contacts, done.api_keys


def _put_in_doubt_messages(session: db.Session, now: datetime) -> int:
    """Messages that were waiting when the backup was made and due by now: they may have gone since."""
    waiting = or_(
        (Message.state == MessageState.QUEUED) & (Message.due_at <= now),
        Message.state == MessageState.CLAIMED,
    )
    doubtful = update(Message).where(waiting).values(state=MessageState.IN_DOUBT).returning(Message.id)
    return len(session.scalars(doubtful).all())
