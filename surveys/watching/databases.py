"""What is looked at in the two databases: whether they answer, fit the code, and keep what they should."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from config import Settings
from pulse import migrations
from pulse.cli import explained
from pulse.db import ENCODING, Database, WrongEncoding, main, night
from pulse.i18n import gettext as _
from pulse.ledger.roles import NOT_FOR_THE_WEB
from surveys.ballots.urn import urn, urn_tally
from surveys.watching.check import Check, State

SKEW = timedelta(
    seconds=30
)  # between this machine and the database: times of the one are compared to the other
FAR_SKEW = timedelta(minutes=5)
# What may not be in what the urn's server writes down (docs/postgresql.md): setting to its right value.
KEEPS_NO_RECORD = {
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_connections": "off",
    "archive_mode": "off",
    "track_commit_timestamp": "off",
}
# Of these, what deploy/make-settings sets for the urn alone: lost where that is made anew.
OF_THE_DATABASE = (
    "log_min_error_statement",
    "log_error_verbosity",
    "log_statement",
    "log_min_duration_statement",
)
FIGURES = sorted(NOT_FOR_THE_WEB)
DURABLE = {"fsync": "on", "full_page_writes": "on"}


def let_go() -> None:
    """Give all connections back: this process is about to become another one."""
    for database in (main, night, urn, urn_tally):
        database.close()


def on_postgresql(database: Database) -> bool:
    """Whether a database is PostgreSQL rather than SQLite."""
    return database.engine.dialect.name == "postgresql"


def reached() -> Iterator[Check]:
    """Whether both databases answer, under every role that is set."""
    yield _reached("database", _("The main database answers"), main, night)
    yield _reached("urn", _("The urn answers"), urn, urn_tally)


def _reached(name: str, well: str, *databases: Database) -> Check:
    distinct = {str(database.engine.url): database for database in databases}
    try:
        for database in distinct.values():
            with database.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
    except WrongEncoding as error:
        return _wrongly_encoded(name, error)
    except DBAPIError as error:
        return Check(
            name,
            State.FAILING,
            explained(error),
            _("Start the database server, or correct PULSE_DATABASE_URL or PULSE_URN_URL."),
        )
    return Check(name, State.OK, well)


def _wrongly_encoded(name: str, error: WrongEncoding) -> Check:
    said = _("The database %(name)s is encoded in %(encoding)s", name=error.database, encoding=error.encoding)
    advice = _("Make it anew with ENCODING '%(encoding)s' (docs/operate.md, step 5).", encoding=ENCODING)
    return Check(name, State.FAILING, said, advice)


def migrated() -> Check:
    """Whether both databases are at the revision of this code."""
    for name, database in (("main", main), ("urn", urn)):
        here, known = migrations.current(database), migrations.revisions(migrations.FOLDERS[name])
        if here and here not in known:
            return Check(
                "migrations",
                State.WARNING,
                _("The database “%(name)s” is newer than this code (%(revision)s)", name=name, revision=here),
                _("Update Pulse on this machine too: older code runs on a newer database for one step only."),
            )
        if here != known[-1]:
            return Check(
                "migrations",
                State.FAILING,
                _("The database “%(name)s” lacks migrations (it is at %(at)s)", name=name, at=here or "-"),
                _("Run “flask db upgrade” as the owner; on PostgreSQL then “flask db roles --apply”."),
            )
    return Check("migrations", State.OK, _("Both databases are up to date"))


def roles(settings: Settings) -> Iterator[Check]:
    """Whether each role of PostgreSQL may do what it has to and no more; SQLite knows no roles."""
    if not on_postgresql(main):
        yield Check("roles", State.OK, _("SQLite knows no roles: who reads the files reads everything"))
        return
    fault = next(_faults(settings), None)
    if fault is None:
        yield Check("roles", State.OK, _("Each database role may do what it has to and no more"))
        return
    yield Check(
        "roles",
        State.FAILING,
        fault,
        _("Give each address a role of its own, then run “flask db roles --apply” as the owner."),
    )


def _faults(settings: Settings) -> Iterator[str]:
    too_strong = _("The role %(role)s of %(setting)s may read what is not for it")
    too_weak = _("The role %(role)s of %(setting)s lacks rights it needs")
    # Setting, its database, what its role must be able to do, and what it must not.
    looked_at: list[tuple[str, Database, Callable[[Connection], bool], Callable[[Connection], bool]]] = [
        ("PULSE_DATABASE_URL", main, _may("INSERT", "person"), _may("SELECT", *FIGURES)),
        ("PULSE_URN_URL", urn, _may_cast, _may("SELECT", "ballot")),
    ]
    if settings.night_url:
        looked_at.append(("PULSE_NIGHT_URL", night, _may("INSERT", *FIGURES), _is_superuser))
    if settings.urn_tally_url:
        looked_at.append(("PULSE_URN_TALLY_URL", urn_tally, _may("DELETE", "ballot"), _is_superuser))
    for setting, database, wanted, forbidden in looked_at:
        with database.engine.connect() as connection:
            role = connection.scalar(text("SELECT current_user"))
            if _is_superuser(connection) or forbidden(connection):
                yield too_strong % {"role": role, "setting": setting}
            elif not wanted(connection):
                yield too_weak % {"role": role, "setting": setting}


def _may(right: str, *tables: str) -> Callable[[Connection], bool]:
    """Asks whether a role has a right on any of these tables."""
    question = text("SELECT has_table_privilege(:table, :right)")
    return lambda connection: any(
        connection.scalar(question, {"table": table, "right": right}) for table in tables
    )


def _may_cast(connection: Connection) -> bool:
    question = (
        "SELECT bool_and(has_function_privilege(oid, 'EXECUTE')) FROM pg_proc WHERE proname = 'cast_ballot'"
    )
    return bool(connection.scalar(text(question)))


def _is_superuser(connection: Connection) -> bool:
    return connection.scalar(text("SELECT current_setting('is_superuser')")) == "on"


def durability() -> Iterator[Check]:
    """Whether an answer that was acknowledged is on disk."""
    for database in (main, urn):
        wrong = {name: value for name, value in _shown(database, DURABLE).items() if value != DURABLE[name]}
        if _shown(database, ["synchronous_commit"]).get("synchronous_commit", "on") == "off":
            wrong["synchronous_commit"] = "off"
        if wrong:
            said = ", ".join(f"{name} = {value}" for name, value in wrong.items())
            yield Check(
                "durability",
                State.FAILING,
                _("A crash may lose answers that were acknowledged: %(settings)s", settings=said),
                _("Set them to “on” in postgresql.conf and restart the database server."),
            )
            return
    yield Check("durability", State.OK, _("An answer is on disk before it is acknowledged"))


def records() -> Iterator[Check]:
    """Whether the urn's server writes down in which order ballots come; PostgreSQL only."""
    if not on_postgresql(urn):
        return
    seen = _shown(urn, KEEPS_NO_RECORD)
    kept = {name: value for name, value in seen.items() if value != KEEPS_NO_RECORD[name]}
    if kept:
        said = ", ".join(f"{name} = {value}" for name, value in kept.items())
        yield Check(
            "records",
            State.WARNING,
            _("The urn's server keeps records of when ballots come: %(settings)s", settings=said),
            " ".join(_how_to_keep_none(kept)),
        )
    elif seen.keys() == KEEPS_NO_RECORD.keys():  # of what the role may not see nothing is claimed
        yield Check("records", State.OK, _("The urn's server keeps no record of when ballots come"))


def _how_to_keep_none(kept: Iterable[str]) -> Iterator[str]:
    yield _("Set them as docs/postgresql.md says: they could tie a ballot to whoever was there just then.")
    name = urn.engine.dialect.identifier_preparer.quote(urn.engine.url.database or "urn")
    lost = [one for one in OF_THE_DATABASE if one in kept]
    if lost:
        said = " ".join(f"ALTER DATABASE {name} SET {one} = {KEEPS_NO_RECORD[one]};" for one in lost)
        yield _("As an administrator of that server: %(statements)s", statements=said)


def _shown(database: Database, names: Iterable[str]) -> dict[str, str]:
    """These settings as the role that is connected has them; without those it may not see."""
    if not on_postgresql(database):
        return {}
    question = text("SELECT name, setting FROM pg_settings WHERE name = ANY(:names)")
    with database.engine.connect() as connection:
        found = {name: value for name, value in connection.execute(question, {"names": [*names]})}
    return {name: found[name] for name in names if name in found}


def time() -> Check:
    """Whether this machine and the database server agree on the time; SQLite has none of its own."""
    if not on_postgresql(main):
        return Check("time", State.OK, _("The database is on this machine: there is one time"))
    with main.engine.connect() as connection:
        before = datetime.now(UTC)
        theirs: datetime = connection.scalar(text("SELECT clock_timestamp()"))
        apart = abs(theirs - before)
    state = State.FAILING if apart > FAR_SKEW else State.WARNING if apart > SKEW else State.OK
    said = _("This machine and the database server are %(n)s s apart", n=round(apart.total_seconds()))
    advice = _("Let both take their time from the same server: install chrony, or systemd-timesyncd.")
    return Check("time", state, said, "" if state is State.OK else advice)
