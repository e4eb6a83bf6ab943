"""The urn holds scores and nothing else: neither person, time, language nor order can be read from it."""

import hashlib
import hmac
import random
import sqlite3
import traceback
from contextlib import closing
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, inspect, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError

from pulse.db import Database, main
from surveys.ballots.models import Ballot, Remark, UrnBase
from surveys.ballots.rewriting import StillRead, rewrite
from surveys.ballots.urn import (
    Outcome,
    add_codes,
    cast,
    cast_by_code,
    sealed,
    tally,
    unit_of_code,
    urn,
    urn_tally,
)
from surveys.waves.models import Issued, Wave, WaveState
from tests.surveys.conftest import MONTH, OPENS, OVER

ASKED = {"north": {"delay", "queue"}, "south": {"delay"}}


def put(unit, remark="", **scores):
    with urn.writing() as session:
        cast(session, MONTH, unit, scores, remark)


def counted():
    with urn_tally.reading() as session:
        return [(t.unit, t.irritant, t.n, t.total, t.squares) for t in tally(session, MONTH, ASKED)]


def file_of(database):
    return Path(make_url(str(database.engine.url)).database or "")


def test_the_urns_tables_have_columns_for_nothing_else():
    columns = {table.name: set(table.columns.keys()) for table in UrnBase.metadata.sorted_tables}
    assert columns == {
        "ballot": {"key", "wave", "unit", "scores", "seal"},
        "code": {"digest", "wave", "unit"},
        "entered": {"key", "wave"},
        "remark": {"key", "wave", "unit", "text"},
        "rewritten": {"wave", "ballots"},
    }


def test_what_is_stored_is_month_unit_and_scores_under_a_random_key(database):
    put("north", "It is cold", queue=750, delay=250)
    with urn.reading() as session:
        ballot, remark = session.scalars(select(Ballot)).one(), session.scalars(select(Remark)).one()
        assert (ballot.wave, ballot.unit, ballot.scores) == (MONTH, "north", {"delay": 250, "queue": 750})
        assert (remark.wave, remark.unit, remark.text) == (MONTH, "north", "It is cold")
        assert (len(ballot.key), len(ballot.seal), len(remark.key)) == (32, 32, 16)
        assert ballot.key != remark.key


def test_answers_are_stored_in_the_same_order_whatever_order_they_came_in(sqlite):
    put("north", queue=750, delay=250)
    put("north", delay=250, queue=750)
    with urn.reading() as session:
        assert len(set(session.scalars(text("SELECT scores FROM ballot")))) == 1


def test_the_tally_counts_each_unit_and_irritant_in_hundredths(database):
    put("north", queue=750, delay=250)
    put("north", queue=1000)
    put("south", delay=0)
    assert counted() == [
        ("north", "delay", 1, 250, 62_500),
        ("north", "queue", 2, 1750, 1_562_500),
        ("south", "delay", 1, 0, 0),
    ]
    assert counted() == counted()


def test_what_was_not_asked_or_cannot_be_a_score_is_not_counted(database):
    put("south", queue=750)
    put("nowhere", delay=750)
    put("south", delay=1001)
    put("south", delay=-1)
    with urn.writing() as session:
        cast(session, date(2026, 10, 1), "south", {"delay": 500}, "")
    assert counted() == []


def test_rewriting_keeps_every_ballot_and_may_be_done_twice(database):
    for score in (0, 250, 500):
        put("north", "said", delay=score)
    before = counted()
    for _ in range(2):
        rewrite(urn_tally, Ballot, Remark)
    assert counted() == before
    put("north", delay=750)
    assert counted()[0][2] == 4


def test_on_postgresql_rewritten_ballots_lie_in_key_order_and_bear_one_transaction_number(database):
    if database.engine.dialect.name != "postgresql":
        pytest.skip("about the inside of PostgreSQL")
    for _ in range(20):
        put("north", delay=500)
    with urn.reading() as session:
        rows = "SELECT count(DISTINCT xmin::text) FROM ballot"
        assert session.scalar(text(rows)) == 20
    rewrite(urn_tally, Ballot, Remark)
    with urn.reading() as session:
        assert session.scalar(text(rows)) == 1
        keys = list(session.scalars(text("SELECT key FROM ballot ORDER BY ctid")))
        assert keys == sorted(keys)
        assert len(keys) == 20


def test_on_sqlite_the_rewritten_file_is_the_same_whatever_the_order_of_arrival(sqlite, tmp_path):
    """Byte by byte: nothing of the order is left, and nothing else of the moment either."""
    ballots = [(random.Random(number).randbytes(16), number % 11 * 100) for number in range(400)]
    files = []
    for name, order in (("one", ballots), ("two", ballots[::-1])):
        place = Database()
        place.connect(f"sqlite:///{tmp_path / name}", keeps_log=False)
        UrnBase.metadata.create_all(place.engine)
        for arrived in range(0, len(order), 20):  # a commit each would take seconds
            with place.writing() as session:
                for key, score in order[arrived : arrived + 20]:
                    row = {
                        "key": key,
                        "wave": MONTH,
                        "unit": "north",
                        "scores": {"delay": score},
                        "seal": key,
                    }
                    session.execute(insert(Ballot).values(**row))
        files.append(tmp_path / name)
        rewrite(place, Ballot, Remark)
        place.close()
    first, second = (file.read_bytes() for file in files)
    counters = slice(24, 100)  # of changes made to the file since it was made, in SQLite's header
    assert first[:24] == second[:24]
    assert first[counters.stop :] == second[counters.stop :]
    assert not list(tmp_path.glob("*-journal")) + list(tmp_path.glob("*-wal"))


def test_on_sqlite_the_urn_keeps_no_log_and_no_row_numbers(sqlite):
    put("north", "x", delay=500)
    with urn.reading() as session:
        assert session.scalar(text("PRAGMA journal_mode")) == "delete"
        assert session.scalar(text("PRAGMA secure_delete")) == 1
        with pytest.raises(Exception, match="no such column: rowid"):
            session.execute(text("SELECT rowid FROM ballot"))
    assert not list(file_of(urn).parent.glob("urn.sqlite-*"))


def test_the_issuing_list_says_neither_what_nor_when(database, railway):
    assert set(Issued.__table__.columns.keys()) == {"wave_id", "person_id", "request"}
    with main.writing() as session:
        wave = Wave(month=MONTH, opens_at=OPENS, closes_at=OVER, state=WaveState.OPEN, threshold=5)
        session.add(wave)
        session.flush()
        wave_id = wave.id
    people = [person.id for person in railway.people]
    random.Random(3).shuffle(people)
    for person in people:
        with main.writing() as session:
            session.add(Issued(wave_id=wave_id, person_id=person, request=bytes(32)))
    rewrite(main, Issued)
    with main.reading() as session:
        assert sorted(session.scalars(select(Issued.person_id))) == sorted(people)
        if main.engine.dialect.name == "postgresql":
            assert session.scalar(text("SELECT count(DISTINCT xmin::text) FROM issued")) == 1
            assert list(session.scalars(text("SELECT person_id FROM issued ORDER BY ctid"))) == sorted(people)
        else:
            log = file_of(main).with_name("main.sqlite-wal")
            assert not log.exists() or log.stat().st_size == 0


def test_a_log_that_cannot_be_emptied_is_not_taken_for_one_that_is(sqlite):
    with main.writing() as session:
        session.execute(text("PRAGMA busy_timeout = 10"))
    with closing(sqlite3.connect(file_of(main), isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM issued").fetchone()
        with pytest.raises(StillRead):
            rewrite(main, Issued)
    rewrite(main, Issued)


def test_no_error_quotes_a_ballot(database):
    half = text("INSERT INTO ballot (key, wave, scores) VALUES (:key, '2026-11-01', :scores)")
    row = {"key": b"0123456789abcdef", "scores": '{"delay": 250}'}
    with pytest.raises(IntegrityError) as refused, urn.writing() as session:
        session.execute(half, row)
    said = "".join(traceback.format_exception(refused.value))
    assert "unit" in said
    assert "250" not in said


def test_no_key_leads_from_one_database_to_the_other(database):
    for place in (urn, main):
        tables = inspect(place.engine)
        names = set(tables.get_table_names())
        for name in names:
            assert {key["referred_table"] for key in tables.get_foreign_keys(name)} <= names
    assert not set(inspect(urn.engine).get_table_names()) & set(inspect(main.engine).get_table_names()) - {
        "alembic_version"
    }
    assert not [
        c for t in UrnBase.metadata.sorted_tables for c in t.columns if c.type.python_type is datetime
    ]


# One nonce, one ballot; one code, one ballot

NONCE = b"a nonce of thirty-two bytes here"


def test_a_ballot_is_kept_under_the_digest_of_its_nonce_which_is_kept_nowhere(database):
    with urn.writing() as session:
        assert cast(session, MONTH, "north", {"delay": 250}, "Cold.", nonce=NONCE) is Outcome.COUNTED
    with urn.reading() as session:
        ballot, remark = session.scalars(select(Ballot)).one(), session.scalars(select(Remark)).one()
    said = '[{"delay":250},"Cold."]'
    assert ballot.key == hashlib.sha256(NONCE).digest()
    assert ballot.seal == hmac.digest(NONCE, said.encode(), "sha256")
    everything = b"".join(
        value if isinstance(value, bytes) else str(value).encode()
        for row in (ballot, remark)
        for value in (getattr(row, column.key) for column in row.__table__.columns)
    )
    assert NONCE not in everything


def test_the_same_ballot_again_is_told_from_another_one_of_its_nonce(database):
    said = []
    for scores, remark in (({"delay": 250}, ""), ({"delay": 250}, ""), ({"delay": 500}, ""), ({}, "Cold.")):
        with urn.writing() as session:
            said.append(cast(session, MONTH, "north", scores, remark, nonce=NONCE).value)
    assert said == ["counted", "already", "altered", "altered"]
    assert counted() == [("north", "delay", 1, 250, 62_500)]
    with urn.reading() as session:
        assert session.scalars(select(Remark)).all() == []


def test_a_printed_code_is_good_for_one_ballot_of_its_unit_and_wave(database):
    code, other = b"c" * 32, b"d" * 32
    with urn.writing() as session:
        add_codes(session, MONTH, "south", [other, code])
    with urn.writing() as session:
        assert unit_of_code(session, code, MONTH) == "south"
        assert unit_of_code(session, b"e" * 32, MONTH) is None
        assert cast_by_code(session, code, date(2026, 12, 1), {"delay": 250}, "") is Outcome.UNKNOWN
        assert cast_by_code(session, code, MONTH, {"delay": 250}, "Warm.") is Outcome.COUNTED
        assert cast_by_code(session, code, MONTH, {"delay": 250}, "") is Outcome.UNKNOWN
    assert counted() == [("south", "delay", 1, 250, 62_500)]
    with urn.reading() as session:
        assert unit_of_code(session, code, MONTH) is None
        assert unit_of_code(session, other, MONTH) == "south"


def test_a_ballot_that_is_broken_off_uses_up_no_code(database):
    with urn.writing() as session:
        add_codes(session, MONTH, "south", [b"c" * 32])
    with urn.writing() as session:
        cast_by_code(session, b"c" * 32, MONTH, {"delay": 250}, "")
        session.rollback()
    assert counted() == []
    with urn.reading() as session:
        assert unit_of_code(session, b"c" * 32, MONTH) == "south"


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.text(max_size=5), st.integers(0, 1000), max_size=5),
    st.text(max_size=20),
    st.dictionaries(st.text(max_size=5), st.integers(0, 1000), max_size=5),
    st.text(max_size=20),
)
def test_two_ballots_have_the_same_seal_only_if_they_say_the_same(scores, remark, others, another):
    same = sealed(NONCE, scores, remark)["seal"] == sealed(NONCE, others, another)["seal"]
    assert same == ((scores, remark) == (others, another))
