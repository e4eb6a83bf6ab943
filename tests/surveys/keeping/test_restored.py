"""What a backup brings back on each engine: everything, but for what was to be forgotten since."""

import hashlib
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from click.testing import Result
from flask import Flask
from sqlalchemy import MetaData, func, insert, select, text, update
from sqlalchemy.engine import make_url

from pulse import db, migrations
from pulse.db import Database, main, night
from pulse.outbox import service as outbox
from pulse.outbox.models import Message, MessageState
from pulse.people import api_keys
from pulse.people.models import ApiKey, AuditEntry, Person, Scope
from surveys import jobs
from surveys.ballots import retention
from surveys.ballots.models import Ballot, Entered, Purge, Remark
from surveys.ballots.urn import cast, urn, urn_tally
from surveys.invitations import contacts
from surveys.invitations.models import Contact, OptedOutBy
from surveys.keeping import backup
from surveys.responses import erasure
from surveys.responses.models import Erased, Recount, Response
from surveys.watching.work import BACKED_UP
from surveys.waves.models import Issued, Wave
from tests.conftest import SECRET, Addresses, made
from tests.surveys.ballots.test_roles import as_role, names  # noqa: F401  # fixtures
from tests.surveys.conftest import CLOSED, MONTH, OPEN, OPENS, Railway, built, responded

ON_SQLITE = pytest.mark.parametrize("addresses", ["sqlite"], indirect=True)  # where the engine is no matter
Empty = Callable[[], Addresses]
OURS = {"audit_entry", "audit_head", "person"}  # it is noted, and everybody is signed out


def flask(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=list(words))


def done(app: Flask, *words: str) -> str:
    found = flask(app, *words)
    assert found.exit_code == 0, found.output
    return found.output


def rows(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Everything a database holds, read past the models."""
    tables = MetaData()
    tables.reflect(database.engine)
    with database.reading() as session:
        return {
            name: sorted(map(tuple, session.execute(select(table))), key=repr)
            for name, table in tables.tables.items()
        }


def number(database: Database, what: type) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(what)) or 0


@pytest.fixture
def railway(running: Flask) -> Railway:
    """People in an open wave: twelve of the north answered, three of the south; customers answered too."""
    with main.writing() as session:
        found = built(session)
        session.expire_on_commit = False
    with time_machine.travel(OPENS, tick=False):
        jobs.open_wave(OPENS)
    with main.writing() as session:
        wave = session.scalars(select(Wave).where(Wave.month == MONTH)).one()
        drawn = [{"wave_id": wave.id, "person_id": who.id, "request": bytes(32)} for who in found.people[:15]]
        session.execute(insert(Issued), drawn)
    for place in range(15):
        with urn.writing() as box:
            unit = "north" if place < 12 else "south"
            cast(box, MONTH, unit, {"queue": 250 * (place % 5)}, "Cold." if place % 4 == 0 else "")
    for score in (0, 250, 500, 750, 1000):
        responded(main, found, MONTH, queue=score)
    return found


def test_everything_comes_back_but_for_the_last_ballots_of_an_open_wave(running, railway, empty, tmp_path):
    with time_machine.travel(OPEN, tick=False):
        said = done(running, "backup", f"{tmp_path}/a.backup")
        assert said.startswith(f"{tmp_path}/a.backup: SHA-256 ")
        before, ballots = rows(night), rows(urn_tally)["ballot"]
        restored = made(empty())
        done(restored, "restore", f"{tmp_path}/a.backup", "--moved")
        after, urns = rows(night), rows(urn_tally)
    assert {name for name in before if before[name] != after[name]} - OURS == set()
    assert (len(after["issued"]), len(after["response"]), len(urns["ballot"])) == (15, 5, 12 - 5)
    assert set(map(repr, urns["ballot"])) < set(map(repr, ballots))
    assert {row[2] for row in urns["ballot"]} == {"north"}
    assert urns["remark"] == []


@ON_SQLITE
def test_two_backups_of_an_open_wave_show_no_ballot_apart_and_all_come_once_it_is_counted(
    running, railway, empty, tmp_path
):
    sizes = []
    with time_machine.travel(OPEN, tick=False):
        for late in range(3):
            done(running, "backup", f"{tmp_path}/{late}.backup")
            sizes.append(number(urn_tally, Entered))
            for _ in range(late * 4 + 1):  # one more, then five more
                with urn.writing() as box:
                    cast(box, MONTH, "north", {"queue": 500}, "")
    assert sizes == [7, 7, 13 + 5 - 5]
    with time_machine.travel(CLOSED, tick=False):
        assert jobs.close_waves(CLOSED).startswith("counted 2026-11")
        done(running, "backup", f"{tmp_path}/counted.backup")
        assert number(urn_tally, Entered) == 0
        before = rows(urn_tally)
        done(made(empty()), "restore", f"{tmp_path}/counted.backup")
        after = rows(urn_tally)
    assert (after["ballot"], after["remark"]) == (before["ballot"], before["remark"])


def test_what_is_purged_from_a_restored_urn_is_what_was_purged_before(running, railway, empty, tmp_path):
    long_after = CLOSED + timedelta(days=91)
    with time_machine.travel(CLOSED, tick=False):
        jobs.close_waves(CLOSED)
        done(running, "backup", f"{tmp_path}/a.backup")
    proofs = []
    with time_machine.travel(long_after, tick=False):
        assert "ballots of 2026-11" in jobs.purge(long_after)
        proofs.append(_proof())
        said = done(made(empty()), "restore", f"{tmp_path}/a.backup")
        proofs.append(_proof())
    assert "purge: purged ballots of 2026-11, issuing list of 2026-11" in said
    assert proofs[0] == proofs[1]
    assert proofs[0][0] == 15
    assert number(urn_tally, Ballot) == number(night, Issued) == 0
    assert number(urn_tally, Remark) == 4  # a year
    with urn_tally.reading() as box:
        assert retention.condemned(box, "ballots", MONTH)[0] == 0


def _proof() -> tuple[int, str]:
    with night.reading() as session:
        found = session.get_one(Purge, ("ballots", MONTH))
        return found.rows, found.digest


@ON_SQLITE
def test_what_was_erased_wished_and_revoked_since_does_not_come_back(
    running, addresses, railway, empty, tmp_path
):
    now = CLOSED + timedelta(days=4)
    with time_machine.travel(now, tick=False) as clock:
        jobs.close_customer_months(now)
        with db.writing() as session:
            api_keys.make(session, "till", [Scope.LINKS], expires=None, secret_key=SECRET, now=now)
        done(running, "backup", "--into", f"{tmp_path}/kept")
        [first] = (tmp_path / "kept").iterdir()
        secret = _regretted(now)
        clock.shift(60)
        done(running, "backup", "--forgotten", f"{tmp_path}/list.backup")
        done(made(empty()), "restore", str(first))
        assert number(night, Response) == 5  # nothing later was known
        said = done(made(empty()), "restore", str(first), "--also", f"{tmp_path}/list.backup")
        assert "1 answers erased again, 1 customers asked no more, 1 keys of the API revoked again" in said
        with night.reading() as session:
            assert secret not in set(session.scalars(select(Response.erasure)))
            assert session.scalars(select(Erased.digest)).all() == [secret]
            assert session.scalars(select(Contact.opted_out_by)).all() == [OptedOutBy.LINK]
            assert session.scalars(select(ApiKey.revoked_at)).one() is not None
        assert (number(night, Response), number(night, Recount)) == (4, 1)
        assert jobs.count_months_again(now) == "counted again 2026-11"
        running = made(addresses)
        done(running, "backup", "--into", f"{tmp_path}/kept", "--keep", "2")  # a whole one lies beside now
        assert "1 answers erased again" in done(made(empty()), "restore", str(first))


def _regretted(now: datetime) -> str:
    """An answer is erased, a customer wants no more surveys, a key is revoked; the answer's digest."""
    with db.writing() as session:
        gone = session.scalars(select(Response).order_by(Response.id)).first()
        assert gone is not None
        secret = gone.erasure
        erasure.erase(session, gone, now, also=())
        contacts.opt_out(session, ["k" * 20], OptedOutBy.LINK, now)
        session.execute(update(ApiKey).values(revoked_at=now))
    return secret


@ON_SQLITE
def test_nobody_is_signed_in_and_no_message_is_sent_twice_unwatched(running, railway, empty, tmp_path):
    with time_machine.travel(OPEN, tick=False) as clock:
        with db.writing() as session:
            for key, due in (("now", OPEN), ("later", OPEN + timedelta(days=9))):
                words = {"channel": "email", "recipient": "a@example.org", "subject": "A", "text": "B"}
                outbox.enqueue(session, key=key, now=OPEN, due=due, **words)
            [visits] = set(session.scalars(select(Person.visits)))
        done(running, "backup", f"{tmp_path}/a.backup")
        clock.shift(3600)
        for more, expected in (([], MessageState.IN_DOUBT), (["--moved"], MessageState.QUEUED)):
            said = done(made(empty()), "restore", f"{tmp_path}/a.backup", *more)
            with db.reading() as session:
                states = dict(session.execute(select(Message.key, Message.state)).all())
                assert (states["now"], states["later"]) == (expected, MessageState.QUEUED)
                assert set(session.scalars(select(Person.visits))) == {visits + 1}
            assert ("1 messages waited" in said) is (not more)


# What is refused


@pytest.fixture
def kept(app, tmp_path) -> Path:
    """A backup of empty tables."""
    done(app, "backup", f"{tmp_path}/a.backup")
    return tmp_path / "a.backup"


def refused(app: Flask, *words: str) -> str:
    found = flask(app, *words)
    assert (found.exit_code, "Traceback" in found.output) == (1, False), found.output
    return found.output


def fresh(tmp_path: Path, **more: str) -> Flask:
    return made(Addresses(f"sqlite:///{tmp_path}/new.sqlite", f"sqlite:///{tmp_path}/newurn.sqlite"), **more)


def test_nothing_is_overwritten(app, kept):
    assert "there already" in refused(app, "backup", str(kept))
    assert "the main database is not empty" in refused(app, "restore", str(kept))


def test_a_backup_is_for_its_owner_alone_to_read_and_leaves_nothing_beside(kept):
    assert kept.stat().st_mode & 0o777 == 0o600
    assert {file.name for file in kept.parent.iterdir() if "backup" in file.name} == {"a.backup"}


def test_the_key_a_backup_was_made_under_is_needed(kept, tmp_path):
    app = fresh(tmp_path, secret_key="another key, and long enough to be taken as one")
    assert "another PULSE_SECRET_KEY" in refused(app, "restore", str(kept))
    assert "Everybody is signed out" in done(app, "restore", str(kept), "--other-key")


def test_a_damaged_backup_is_refused_before_anything_is_written(kept, tmp_path):
    content = bytearray(kept.read_bytes())
    content[len(content) // 2] ^= 1
    kept.write_bytes(content)
    app = fresh(tmp_path)
    assert "cannot be restored" in refused(app, "restore", str(kept))
    assert rows(main) == rows(urn) == {}


def test_checking_a_backup_writes_nothing(kept, tmp_path):
    assert "whole, as it was written" in done(fresh(tmp_path), "restore", str(kept), "--check")
    assert rows(main) == {}


def test_a_backup_of_a_newer_pulse_is_refused_and_one_of_an_older_is_brought_up_to_date(app, tmp_path):
    migrations.downgrade(main, migrations.FOLDERS["main"], "0062")
    done(app, "backup", f"{tmp_path}/older.backup")
    with main.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    done(app, "backup", f"{tmp_path}/newer.backup")
    restored = fresh(tmp_path)
    assert "made by a newer Pulse" in refused(restored, "restore", f"{tmp_path}/newer.backup")
    done(restored, "restore", f"{tmp_path}/older.backup")
    assert migrations.pending(main, migrations.FOLDERS["main"]) == []


def test_a_list_of_what_is_forgotten_is_no_backup(app, tmp_path):
    done(app, "backup", "--forgotten", f"{tmp_path}/list.backup")
    assert "holds only what is to be forgotten" in refused(
        fresh(tmp_path), "restore", f"{tmp_path}/list.backup"
    )


def test_a_reader_who_does_not_go_keeps_a_backup_from_being_made(app, tmp_path, monkeypatch):
    monkeypatch.setattr(backup, "PAUSE", 0)
    monkeypatch.setattr(backup, "TRIES", 1)
    with main.writing() as session:
        built(session)
    with closing(sqlite3.connect(tmp_path / "main.sqlite", timeout=0)) as reader:
        reader.execute("BEGIN").execute("SELECT count(*) FROM team").fetchone()
        with night.engine.connect() as connection:
            assert connection.connection.driver_connection is not None
            connection.connection.driver_connection.execute("PRAGMA busy_timeout = 0")
        assert "while somebody was reading" in refused(app, "backup", f"{tmp_path}/a.backup")
    assert not (tmp_path / "a.backup").exists()


def test_old_backups_are_deleted_and_other_files_are_not(app, tmp_path):
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "notes.txt").write_text("mine")
    with time_machine.travel(OPEN, tick=False) as clock:
        for _ in range(3):
            done(app, "backup", "--into", f"{tmp_path}/kept", "--keep", "2")
            clock.shift(3600)
    left = sorted(file.name for file in (tmp_path / "kept").iterdir())
    assert left == ["notes.txt", "pulse-20261109T100000Z.backup", "pulse-20261109T110000Z.backup"]


def test_a_backup_is_noted_with_its_digest(kept, app):
    with main.reading() as session:
        noted = session.scalars(select(AuditEntry).where(AuditEntry.action == BACKED_UP)).one()
    assert (noted.subject, noted.detail) == (
        "a.backup",
        f"SHA-256 {hashlib.sha256(kept.read_bytes()).hexdigest()}",
    )


# The four roles of PostgreSQL


def test_the_clocks_roles_make_backups_and_the_webs_do_not(
    as_role,  # noqa: F811
    names,  # noqa: F811
    postgresql_addresses,
    tmp_path,
):
    def under(place: str, role: str) -> str:
        url = make_url(getattr(postgresql_addresses, place))
        return url.set(username=names[role], password="for this test").render_as_string(hide_password=False)

    web = {"database_url": under("main", "web"), "urn_url": under("urn", "casting")}
    app = made(postgresql_addresses, **web)
    assert "the database refuses: permission denied" in refused(app, "backup", f"{tmp_path}/web.backup")
    clocks = {"night_url": under("main", "night"), "urn_tally_url": under("urn", "tally")}
    app = made(postgresql_addresses, **web, **clocks)
    done(app, "backup", f"{tmp_path}/a.backup")
    assert "whole, as it was written" in done(app, "restore", f"{tmp_path}/a.backup", "--check")
    assert "not empty" in refused(app, "restore", f"{tmp_path}/a.backup")
    assert [file.name for file in tmp_path.iterdir()] == ["a.backup"]
    for database in (main, night, urn, urn_tally):
        database.close()
