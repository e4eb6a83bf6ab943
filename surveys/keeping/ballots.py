"""The urn in a backup: whole batches of ballots, in the order of their keys, the same on each engine."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from pathlib import Path
from random import Random, SystemRandom
from typing import cast

from sqlalchemy import Connection, Table, delete, insert, or_, select, text, true
from sqlalchemy.orm import Session

from config import ROOT
from pulse import migrations
from pulse.db import Database
from surveys.ballots.models import Ballot, Code, Entered, Remark
from surveys.keeping import rows
from surveys.keeping.batches import entering
from surveys.keeping.postgresql import patiently

NAME = "urn.gz"
FOLDER = ROOT / "migrations" / "urn"


def admit(
    session: Session,
    uncounted: Mapping[date, int],
    counted: Collection[date],
    chance: Random | None = None,
) -> None:
    """Let ballots that are enough for a batch enter backups.

    session -- of the urn's database
    uncounted -- months of the waves not counted yet, with their k; counted -- of those that are: the ballots
                 of these are in every backup, and nothing need be remembered of them
    """
    if session.get_bind().dialect.name == "postgresql":  # two backups at once would each take its own batch
        session.execute(text("LOCK TABLE entered IN EXCLUSIVE MODE"))
    session.execute(delete(Entered).where(Entered.wave.in_(counted)))
    drawing = chance or SystemRandom()
    for month, k in sorted(uncounted.items()):
        already = set(session.scalars(select(Entered.key).where(Entered.wave == month)))
        found = select(Ballot.unit, Ballot.key).where(Ballot.wave == month)
        units: dict[str, list[bytes]] = {}
        for unit, key in session.execute(found):
            units.setdefault(unit, []).append(key)
        for unit in sorted(units):
            _enter(session, month, entering(units[unit], already.intersection(units[unit]), k, drawing))


def _enter(session: Session, month: date, keys: Iterable[bytes]) -> None:
    values = [{"key": key, "wave": month} for key in keys]
    if values:
        session.execute(insert(Entered), values)


def out(database: Database, folder: Path, counted: Collection[date]) -> None:
    """Put what may be kept of the urn into a folder as urn.gz.

    Of waves not counted yet: the ballots that entered, no comment (one may be alone in its unit), and the
    printed codes still good. Of the others all that is left.
    """
    tables: dict[type, object] = {
        Ballot: or_(Ballot.wave.in_(counted), Ballot.key.in_(select(Entered.key))),
        Remark: Remark.wave.in_(counted),
        Code: true(),
        Entered: true(),
    }
    chosen = {cast(Table, model.__table__): which for model, which in tables.items()}  # type: ignore[attr-defined]
    engine = database.engine
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            patiently(connection)
            named = ", ".join(table.name for table in chosen)
            connection.execute(text(f"LOCK TABLE {named} IN ACCESS SHARE MODE"))
            rows.write(connection, folder / NAME, chosen)  # type: ignore[arg-type]
    else:
        with engine.connect() as connection:
            rows.write(connection, folder / NAME, chosen)  # type: ignore[arg-type]


def back(database: Database, folder: Path, revision: str) -> None:
    """Make the urn's tables as they were at a revision, and put the rows of a folder into them."""
    migrations.upgrade(database, FOLDER, revision)
    with database.engine.execution_options(writes=True).begin() as connection:
        _read(connection, folder)


def _read(connection: Connection, folder: Path) -> None:
    rows.read(connection, folder / NAME)
