"""A backup: both databases in one file, taken while people answer."""

import sqlite3
import time
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import IO

from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from pulse import db, migrations
from pulse.people import service as people
from surveys.ballots.models import Ballot, Code, Remark
from surveys.ballots.models import UnitKey as Key
from surveys.ballots.rewriting import StillRead, rewrite
from surveys.ballots.urn import urn_tally
from surveys.keeping import archive, ballots, forgotten, postgresql
from surveys.keeping import sqlite as on_sqlite
from surveys.keeping.archive import Manifest
from surveys.watching.work import BACKED_UP
from surveys.waves.models import Issued, Wave, WaveState

TRIES, PAUSE = 5, 2.0  # how often the rewriting is tried, and how many seconds between
WORK = ".pulse-backup-"  # folders that are worked in


class CannotBackUp(Exception):
    """No backup was made; says why and what to do."""


def take(
    out: IO[bytes],
    beside: Path | None,
    *,
    secret: str,
    now: datetime,
    whole: bool = True,
    chance: Random | None = None,
) -> str:
    """Write a backup; SHA-256 of it. Raises CannotBackUp before a byte is written.

    beside -- the folder in which to work, where there is room for it; None = the system's own for such files
    whole -- or else only what must not come back
    chance -- who draws which ballots stay out; for tests
    """
    with TemporaryDirectory(prefix=WORK, dir=beside) as name:
        folder = Path(name)
        manifest = _gathered(folder, now, chance) if whole else _only_forgotten(folder, now)
        return archive.write(out, manifest, folder, secret)


def _gathered(folder: Path, now: datetime, chance: Random | None) -> Manifest:
    written_anew()
    with db.night.reading() as session:
        waves = {wave.month: (wave.state, wave.threshold) for wave in session.scalars(select(Wave))}
    counted = [month for month, (state, _) in waves.items() if state is WaveState.TALLIED]
    taking = (WaveState.OPEN, WaveState.CLOSED)
    uncounted: dict[date, int] = {month: k for month, (state, k) in waves.items() if state in taking}
    with urn_tally.writing() as box:
        ballots.admit(box, uncounted, counted, chance)
    # The urn first: whoever draws and casts from here on is on the list without a ballot, and answers no
    # second time; the other way round they would have a ballot, and could draw another one.
    ballots.out(urn_tally, folder, counted)
    kept, engine = _main(folder)
    forgotten.write(folder, _forgotten(now.date()))
    return _manifest(archive.WHOLE, folder, now, engine=engine, counts=kept)


def _main(folder: Path) -> tuple[dict[str, int], str]:
    engine = db.night.engine.dialect.name
    try:
        counts = (postgresql.out if engine == "postgresql" else on_sqlite.out)(db.night, folder)
    except (postgresql.NotDone, on_sqlite.Damaged) as error:
        raise CannotBackUp(str(error)) from error
    return dict(counts), engine


def _only_forgotten(folder: Path, now: datetime) -> Manifest:
    forgotten.write(folder, _forgotten(now.date()))
    engine = db.night.engine.dialect.name
    return _manifest(archive.FORGOTTEN_ONLY, folder, now, engine=engine, counts={})


def _forgotten(today: date) -> forgotten.Forgotten:
    with db.night.writing() as session:
        forgotten.let_go(session, today)
        return forgotten.listed(session)


def _manifest(kind: str, folder: Path, now: datetime, *, engine: str, counts: dict[str, int]) -> Manifest:
    revisions = {"main": migrations.current(db.night) or "", "urn": migrations.current(urn_tally) or ""}
    members = [archive.member(folder, name) for name in archive.MEMBERS if (folder / name).exists()]
    return Manifest(kind, now, engine, revisions, counts, members)


def written_anew(pause: Callable[[float], None] = time.sleep) -> None:
    """Write the urn and the issuing list anew in the order of their keys; raises CannotBackUp."""
    for left in range(TRIES, 0, -1):
        try:
            rewrite(urn_tally, Ballot, Remark, Code)
            rewrite(db.night, Issued, Key)
        except (StillRead, OperationalError, sqlite3.OperationalError) as error:
            if left == 1:
                said = str(getattr(error, "orig", error)).partition("\n")[0]
                raise CannotBackUp(
                    "the urn and the list of who drew a ballot could not be written anew in the order of"
                    f" their keys ({said}): try again later"
                ) from error
            pause(PAUSE)
        else:
            return


def note(name: str, digest: str) -> None:
    """Write down that a backup was made, from which its age is told, and the digest by which it is known."""
    with db.night.writing() as session:
        people.note(session, BACKED_UP, name, f"SHA-256 {digest}")
