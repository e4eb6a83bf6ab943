"""The main database as a file: copied while others write, and put back."""

import gzip
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from pulse.db import Database
from surveys.keeping.rows import FAST

NAME = "main.sqlite.gz"


class Damaged(Exception):
    """The file is no sound database, or there is no room for it; says which."""


def out(database: Database, folder: Path) -> Mapping[str, int]:
    """Put a copy into a folder as main.sqlite.gz; how many rows each table has.

    The backup API copies a state of one moment and holds no writer up. The copy is then written anew: what
    was deleted before is not in it, and the issuing list lies in the order of its keys. Raises Damaged.
    """
    copy = folder / "main.sqlite"
    with _driver(database) as source, closing(sqlite3.connect(copy)) as target, _said():
        source.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")
        target.execute("VACUUM")
        counts = {name: _count(target, name) for name in _tables(target)}
    with copy.open("rb") as plain, gzip.open(folder / NAME, "wb", compresslevel=FAST) as packed:
        shutil.copyfileobj(plain, packed, 1 << 20)
    copy.unlink()
    return counts


def back(database: Database, folder: Path) -> None:
    """Put the copy out of a folder into an empty database; raises Damaged."""
    copy = folder / "main.sqlite"
    with gzip.open(folder / NAME, "rb") as packed, copy.open("wb") as plain:
        shutil.copyfileobj(packed, plain, 1 << 20)
    with closing(sqlite3.connect(copy)) as source, _said():
        found = source.execute("PRAGMA quick_check").fetchone()[0]
        if found != "ok":
            raise Damaged(found)
        with _driver(database) as target:
            source.backup(target)
    copy.unlink()
    database.engine.dispose()  # each new connection sets the file up again


@contextmanager
def _said() -> Iterator[None]:
    """What the driver says goes on as ours."""
    try:
        yield
    except sqlite3.Error as error:
        raise Damaged(str(error)) from error


@contextmanager
def _driver(database: Database) -> Iterator[sqlite3.Connection]:
    borrowed = database.engine.raw_connection()
    try:
        found = borrowed.driver_connection
        assert isinstance(found, sqlite3.Connection)
        yield found
    finally:
        borrowed.close()


def _tables(connection: sqlite3.Connection) -> list[str]:
    named = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    return [name for (name,) in connection.execute(named)]


def _count(connection: sqlite3.Connection, table: str) -> int:
    found: int = connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]  # noqa: S608
    return found
