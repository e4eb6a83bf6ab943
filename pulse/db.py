"""The declarative base, the engines, and the two kinds of session: reading and writing."""

import enum
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    BigInteger,
    Date,
    DateTime,
    Dialect,
    Engine,
    Enum,
    Integer,
    MetaData,
    String,
    create_engine,
    event,
)
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.engine import Connection, ExceptionContext, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Moment(TypeDecorator[datetime]):
    """A point in time, always UTC: SQLite keeps no time zone, so none is stored anywhere."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The naive UTC time to store; refuses a time without a zone, which could mean anything."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The stored time with its zone."""
        return None if value is None else value.replace(tzinfo=UTC)


def named(members: type[enum.Enum]) -> list[str]:
    """What the database stores of an enum: its values, which are codes of the contract."""
    return [str(member.value) for member in members]


TYPES: dict[Any, Any] = {
    str: String(),
    int: Integer(),
    date: Date(),
    datetime: Moment(),
    enum.Enum: Enum(enum.Enum, native_enum=False, length=20, values_callable=named, create_constraint=False),
}
Big = BigInteger()
MOST = 10  # connections of a process to one database under one role
KEPT = 5  # of these, how many stay open while nobody needs them
HALF_AN_HOUR = 1800
# A network that swallows packets is found out within a minute instead of two hours (libpq).
LISTENING = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
ENCODING = "UTF8"
ANEW = f"make it anew with ENCODING '{ENCODING}' (docs/operate.md, step 5)"


class WrongEncoding(OperationalError):
    """A PostgreSQL database that cannot hold every letter, and of which the driver reads bytes, not words."""

    def __init__(self, database: str, encoding: str) -> None:
        self.database, self.encoding = database, encoding
        said = f"The database {database} is encoded in {encoding}: {ANEW}"
        super().__init__(None, None, ValueError(said))


class Base(DeclarativeBase):
    """All tables of the main database."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = TYPES


@dataclass(frozen=True)
class Terms:
    """On which terms a process uses PostgreSQL.

    seconds -- how long a statement may take; a lock, and a connection while all are in use, is waited for
               a sixth of it. None = as long as it takes: a night's work does
    most -- connections it has open to a database at once, under one role
    """

    seconds: int | None = None
    most: int = MOST

    def limits(self) -> str:
        """What the server is told of them as a connection begins, in its own words."""
        if self.seconds is None:
            return ""
        of_waiting = {"statement_timeout": self.seconds, "lock_timeout": self.wait}
        # A process that stopped in the middle of a page holds its locks no longer than some pages take.
        of_waiting["idle_in_transaction_session_timeout"] = 5 * self.seconds
        return " ".join(f"-c {name}={seconds}s" for name, seconds in of_waiting.items())

    @property
    def wait(self) -> int:
        """For how many seconds a connection or a lock is waited for."""
        return 10 * 60 if self.seconds is None else max(1, self.seconds // 6)


def engine_for(url: str, *, keeps_log: bool = True, terms: Terms = Terms()) -> Engine:
    """An engine for SQLite or PostgreSQL.

    keeps_log -- SQLite only: False uses no write-ahead log and overwrites deleted rows, because a log
                 keeps the order in which ballots arrived (privacy.md §2)
    terms -- PostgreSQL only; SQLite waits half a minute for whoever is writing

    Its errors never quote the values of a statement: they are logged, and a ballot's are an answer. Every
    connection to a PostgreSQL database that is not encoded in UTF-8 raises WrongEncoding.
    """
    address = make_url(url)
    if address.get_backend_name() != "sqlite":
        engine = _pooled(address, terms)
        event.listen(engine, "handle_error", _quote_no_row)
        # Before SQLAlchemy asks a new server what it is: it would stumble over the bytes of the answer.
        event.listen(engine, "connect", _refuse_other_encodings, insert=True)
        return engine
    if address.database and address.database != ":memory:":
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(address, connect_args={"timeout": 30}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # the driver must not begin transactions by itself: "begin" does
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA journal_mode = " + ("WAL" if keeps_log else "DELETE"))
        connection.execute("PRAGMA secure_delete = " + ("OFF" if keeps_log else "ON"))

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A writer that reads first and asks for the lock later fails when overtaken; asking at once waits.
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _pooled(address: URL, terms: Terms) -> Engine:
    kept = min(KEPT, terms.most)
    # What the address itself says of a connection goes before what we would say.
    said = {name: value for name, value in LISTENING.items() if name not in address.query}
    options = " ".join([terms.limits(), *address.normalized_query.get("options", ())]).strip()
    return create_engine(
        address.difference_update_query(["options"]),
        connect_args=said | ({"options": options} if options else {}),
        hide_parameters=True,
        max_overflow=terms.most - kept,
        pool_pre_ping=True,
        pool_recycle=HALF_AN_HOUR,
        pool_size=kept,
        pool_timeout=terms.wait,
        pool_use_lifo=True,
    )


def _refuse_other_encodings(connection: Any, _: Any) -> None:
    encoding = connection.info.parameter_status("server_encoding")  # told by the server unasked
    if encoding not in (ENCODING, None):
        name = connection.info.dbname
        connection.close()
        raise WrongEncoding(name, encoding)


def _quote_no_row(context: ExceptionContext) -> None:
    """Keep the first line of what PostgreSQL says: its further ones quote the row that it refused."""
    raw, ours = context.original_exception, context.sqlalchemy_exception
    said = str(raw)
    first = said.partition("\n")[0]
    if ours is not None:
        ours.args = (str(ours.args[0]).replace(said, first),)
    raw.args = (first,)


def insert_into(session: Session, table: type[Base]) -> Any:
    """An INSERT that knows ON CONFLICT, in the words of this session's engine; straight into the table."""
    insert = insert_postgresql if session.get_bind().dialect.name == "postgresql" else insert_sqlite
    return insert(table.__table__)  # type: ignore[arg-type]


class Database:
    """One database: sessions that read and sessions that write, each one transaction."""

    def __init__(self) -> None:
        self._engine: Engine | None = None

    def connect(self, url: str, *, keeps_log: bool = True, terms: Terms = Terms()) -> None:
        """Use the database at this address from now on."""
        self.close()
        self._engine = engine_for(url, keeps_log=keeps_log, terms=terms)

    def close(self) -> None:
        """Give all connections back."""
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    @property
    def engine(self) -> Engine:
        """The engine in use; raises RuntimeError before connect()."""
        if self._engine is None:
            raise RuntimeError("not connected: create_app() connects the databases")
        return self._engine

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that only reads; what it is made to write is rolled back."""
        with Session(self.engine) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that commits at the end, or rolls everything back on an exception."""
        with Session(self.engine.execution_options(writes=True)) as session, session.begin():
            yield session


main = Database()
night = Database()
reading, writing = main.reading, main.writing
