"""A PostgreSQL database that tests use one after the other: emptied in between, or made anew if it must be.

Copying one for each test took a sixth of the time of all tests. What a test may leave is rows, and where
sequences stand: these go. Whatever else it changed (tables, columns, triggers, rights, settings, a migration)
is told by a fingerprint, and the database is then thrown away and copied again.
"""

from collections.abc import Callable

import psycopg
from psycopg import Connection, sql

FINGERPRINT = """
WITH relation AS (SELECT * FROM pg_class WHERE relnamespace = 'public'::regnamespace)
SELECT md5(string_agg(it, '|' ORDER BY it)) FROM (
    SELECT concat_ws(' ', 'column', relname, attname, atttypid, attnotnull, attacl) AS it
    FROM pg_attribute JOIN relation ON relation.oid = attrelid WHERE attnum > 0
    UNION ALL SELECT concat_ws(' ', 'relation', relname, relkind, relowner, relacl) FROM relation
    UNION ALL SELECT concat_ws(' ', 'trigger', tgname, tgenabled) FROM pg_trigger
    UNION ALL SELECT concat_ws(' ', 'function', proname) FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', 'constraint', conname, conrelid) FROM pg_constraint
    UNION ALL SELECT concat_ws(' ', 'schema', nspname, nspacl) FROM pg_namespace WHERE nspname !~ '^pg_'
    UNION ALL SELECT concat_ws(' ', 'database', datacl) FROM pg_database WHERE datname = current_database()
    UNION ALL SELECT concat_ws(' ', 'setting', setrole, setconfig) FROM pg_db_role_setting
    JOIN pg_database ON pg_database.oid = setdatabase WHERE datname = current_database()
    UNION ALL SELECT concat_ws(' ', 'default rights', defaclrole, defaclacl) FROM pg_default_acl
    UNION ALL SELECT concat_ws(' ', 'revision', version_num) FROM alembic_version
) AS told(it)
"""
TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
REVISION = "alembic_version"


class Emptied:
    """A database made from a template, and emptied for each test.

    address -- the address of a database by its name
    """

    def __init__(self, template: str, address: Callable[[str], str]) -> None:
        self.name = f"{template}_test"
        self._template = template
        self._address = address
        self._made = False
        with psycopg.connect(address(template), autocommit=True) as connection:
            self._tables = [name for (name,) in connection.execute(TABLES) if name != REVISION]
            self._rows = {name: _rows(connection, name) for name in self._filled(connection)}
        self._fingerprint = ""

    def ready(self) -> str:
        """The address of the database, which is as if it had just been migrated."""
        if not self._made or not self._empty():
            self.drop()
            self._administer(f"CREATE DATABASE {self.name} TEMPLATE {self._template}")
            self._made = True
            with psycopg.connect(self._address(self.name)) as connection:
                self._fingerprint = _fingerprint(connection)
        return self._address(self.name)

    def drop(self) -> None:
        """Throw the database away."""
        self._administer(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")

    def _empty(self) -> bool:
        """Take everything out that tests left; False where it is no longer the database that was made."""
        try:
            with psycopg.connect(self._address(self.name)) as connection:
                return self._emptied(connection)
        except psycopg.Error:  # gone, or its owner may no longer do what owners do
            return False

    def _emptied(self, connection: Connection) -> bool:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        if _fingerprint(connection) != self._fingerprint:
            return False
        connection.execute("SET LOCAL session_replication_role = replica")  # no order of tables, no triggers
        for name in self._filled(connection):
            connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)))
        for name, rows in self._rows.items():
            with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(name))) as into:
                into.write(rows)
        connection.execute("SELECT setval(seqrelid::regclass, seqstart, false) FROM pg_sequence")
        return True

    def _filled(self, connection: Connection) -> list[str]:
        """The tables with rows in them."""
        there = sql.SQL(", ").join(
            sql.SQL("EXISTS (SELECT FROM {})").format(sql.Identifier(name)) for name in self._tables
        )
        found = connection.execute(sql.SQL("SELECT {}").format(there)).fetchone() or ()
        return [name for name, filled in zip(self._tables, found, strict=True) if filled]

    def _administer(self, statement: str) -> None:
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())


def _rows(connection: Connection, table: str) -> bytes:
    """What a migration put into a table, as COPY writes it."""
    with connection.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))) as out:
        return b"".join(map(bytes, out))


def _fingerprint(connection: Connection) -> str:
    found = connection.execute(FINGERPRINT).fetchone()
    assert found is not None
    return str(found[0])
