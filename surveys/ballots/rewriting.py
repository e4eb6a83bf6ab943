"""Rewriting tables in the order of their keys, so that no file of a database tells who came after whom.

Random keys are not enough: SQLite fills its pages, and PostgreSQL numbers its transactions, in the order of
arrival, and pairing those orders of two tables re-linked 50 of 50 people (privacy.md §2).
"""

from collections.abc import Sequence
from typing import cast

from psycopg.errors import LockNotAvailable
from sqlalchemy import Table, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase

from pulse.db import Database

WAIT = "5s"


class StillRead(Exception):
    """A reader kept the log, which tells the order of arrival, from being emptied."""


def rewrite(database: Database, *models: type[DeclarativeBase]) -> None:
    """Write tables anew in the order of their primary keys; changes no row, and doing it twice does no harm.

    SQLite -- writes the whole file anew and empties the write-ahead log, where there is one; raises
              StillRead where a reader keeps it from being emptied: to be done again a little later
    PostgreSQL -- writes each table anew in one transaction: all rows then bear the same transaction number,
                  which CLUSTER would have kept apart; raises StillRead where a reader keeps the table for
                  longer than WAIT, since everybody who answers waits behind us
    """
    if database.engine.dialect.name == "sqlite":
        _rewrite_file(database)
        return
    try:
        _rewrite_tables(database, models)
    except OperationalError as error:
        if isinstance(error.orig, LockNotAvailable):
            raise StillRead("a table could not be written anew while somebody was reading") from error
        raise


def _rewrite_tables(database: Database, models: Sequence[type[DeclarativeBase]]) -> None:
    with database.engine.begin() as connection:
        connection.execute(text(f"SET LOCAL lock_timeout = '{WAIT}'"))
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        quoted = connection.dialect.identifier_preparer.format_table
        for table in (cast(Table, model.__table__) for model in models):
            name, key = quoted(table), ", ".join(column.name for column in table.primary_key)
            # Names come from our own models; a lock first, so that no row is cast between copy and return.
            connection.execute(text(f"LOCK TABLE {name} IN ACCESS EXCLUSIVE MODE"))
            connection.execute(text(f"CREATE TEMPORARY TABLE kept ON COMMIT DROP AS TABLE {name}"))
            connection.execute(text(f"TRUNCATE {name}"))
            connection.execute(text(f"INSERT INTO {name} SELECT * FROM kept ORDER BY {key}"))  # noqa: S608
            connection.execute(text("DROP TABLE kept"))


def _rewrite_file(database: Database) -> None:
    # On the driver's own connection: VACUUM must stand outside any transaction, and SQLAlchemy begins one.
    connection = database.engine.raw_connection()
    try:
        driver = connection.driver_connection
        assert driver is not None
        driver.execute("VACUUM")
        blocked, *_ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if blocked:
            raise StillRead("the write-ahead log could not be emptied while somebody was reading")
    finally:
        connection.close()
