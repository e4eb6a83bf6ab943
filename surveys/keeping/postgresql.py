"""The main database on PostgreSQL: by pg_dump and pg_restore, with the issuing list beside, in key order.

pg_dump writes rows as they lie. The issuing list must not be seen in the order in which people came, so its
rows are left out of the dump and written by ourselves, out of the very same snapshot.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from psycopg.conninfo import make_conninfo
from sqlalchemy import Connection, func, inspect, select, table, text, true

from pulse.db import Database
from surveys.keeping import rows
from surveys.waves.models import Issued

NAME, ISSUED = "main.dump", "issued.gz"
# Written anew now and then, by emptying them first: a snapshot taken before would find them empty.
REWRITTEN = "issued, unit_key"


class NotDone(Exception):
    """PostgreSQL's program for it is not there, or refused; says why in one line."""


def out(database: Database, folder: Path) -> Mapping[str, int]:
    """Put a dump into a folder as main.dump and issued.gz; how many rows each table has. Raises NotDone."""
    with database.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        patiently(connection)
        connection.execute(text(f"LOCK TABLE {REWRITTEN} IN ACCESS SHARE MODE"))
        snapshot = str(connection.scalar(text("SELECT pg_export_snapshot()")))
        rows.write(connection, folder / ISSUED, {Issued.metadata.tables["issued"]: true()})
        names = sorted(inspect(connection).get_table_names())
        counts = {
            name: connection.scalar(select(func.count()).select_from(table(name))) or 0 for name in names
        }
        options = ["--format=custom", "--compress=3", "--no-owner", "--no-privileges"]
        options += [f"--snapshot={snapshot}", "--exclude-table-data=issued"]
        _run(database, "pg_dump", [*options, f"--file={folder / NAME}"])
    return counts


def back(database: Database, folder: Path) -> None:
    """Put a dump out of a folder into an empty database, all or nothing; raises NotDone."""
    options = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
    _run(database, "pg_restore", [*options, str(folder / NAME)])
    with database.engine.begin() as connection:
        rows.read(connection, folder / ISSUED)


def patiently(connection: Connection) -> None:
    """Let a transaction take its time: limits are made for pages."""
    for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
        connection.execute(text(f"SET LOCAL {limit} = 0"))


def _run(database: Database, program: str, options: Sequence[str]) -> None:
    """Run one of PostgreSQL's programs on a database."""
    found = shutil.which(program)
    if found is None:
        raise NotDone(f"{program} is not installed: install the package postgresql-client")
    _, known = database.engine.dialect.create_connect_args(database.engine.url)
    known.pop("context", None)  # the driver's own, and not libpq's
    password = known.pop("password", None)  # by the environment: everybody on a machine sees commands
    env = {name: value for name, value in os.environ.items() if not name.startswith("PULSE_")}
    env |= {"PGPASSWORD": str(password)} if password else {}
    command = [found, "--no-password", f"--dbname={make_conninfo('', **known)}", *options]
    ended = subprocess.run(command, env=env, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if ended.returncode != 0:
        raise NotDone(_first_line(ended.stderr.decode(errors="replace"), program))


def _first_line(said: str, program: str) -> str:
    """The first line of what went wrong: further ones quote rows."""
    lines = [line for line in said.splitlines() if "error:" in line] or said.splitlines() or [program]
    return lines[0].strip()
