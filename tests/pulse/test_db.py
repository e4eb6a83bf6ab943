"""Engines: pooled on PostgreSQL, on terms that pages and the night's work do not share."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolEmpty

from pulse.db import Database, Terms

LIMITS = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")


def shown(place: Database) -> list[str]:
    with place.reading() as session:
        return [str(session.scalar(text(f"SHOW {name}"))) for name in LIMITS]


def test_pages_give_up_and_work_takes_its_time(postgresql_addresses):
    place = Database()
    place.connect(postgresql_addresses.main)
    assert shown(place) == ["0", "0", "0"]
    place.connect(postgresql_addresses.main, terms=Terms(60))
    assert shown(place) == ["1min", "10s", "5min"]
    place.connect(postgresql_addresses.main + "?options=-c%20lock_timeout%3D2s", terms=Terms(60))
    assert shown(place) == ["1min", "2s", "5min"]  # what the address says goes first
    place.close()


def test_a_process_keeps_to_its_connections_and_finds_a_server_again_that_was_away(postgresql_addresses):
    place, other = Database(), Database()
    place.connect(postgresql_addresses.main, terms=Terms(seconds=1, most=2))
    other.connect(postgresql_addresses.main)
    with place.engine.connect() as one, place.engine.connect():
        with pytest.raises(PoolEmpty), place.engine.connect():
            pass
        mine = one.scalar(text("SELECT pg_backend_pid()"))
        with other.engine.connect() as ender:
            ender.execute(text("SELECT pg_terminate_backend(:mine)"), {"mine": mine})
        with pytest.raises(OperationalError):
            one.execute(text("SELECT 1"))
    with place.reading() as session:
        assert session.scalar(text("SELECT 1")) == 1
    place.close(), other.close()
