"""Bursts of answers through an open link: what the rule holds, and what is kept for how long."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from pulse.db import Database
from surveys.responses import arrivals, bursts
from surveys.responses.models import Arrivals, Held, Salt
from tests.conftest import SECRET
from tests.surveys.conftest import Railway

NOON = datetime(2026, 11, 9, 12, 4, 30, tzinfo=UTC)
HOME = "203.0.113.7"
numbers = st.integers(0, 10_000)
addresses = st.ip_addresses().map(str)


@given(numbers, numbers, st.floats(0, 1e6))
def test_one_more_answer_never_ends_a_burst(there, in_all, usual):
    held = bursts.is_burst(from_there=there, in_all=in_all, usual=usual)
    assert held <= bursts.is_burst(from_there=there + 1, in_all=in_all + 1, usual=usual)


@given(numbers, numbers, st.floats(0, 1e6), st.floats(0, 1e6))
def test_where_more_is_usual_no_more_is_held(there, in_all, usual, more):
    busy = bursts.is_burst(from_there=there, in_all=in_all, usual=usual + more)
    assert busy <= bursts.is_burst(from_there=there, in_all=in_all, usual=usual)


@given(st.integers(0, bursts.FROM_ONE_PLACE), st.integers(0, bursts.AT_A_TOUCHPOINT), st.floats(0, 1e6))
def test_a_few_answers_are_never_held(there, in_all, usual):
    assert not bursts.is_burst(from_there=there, in_all=in_all, usual=usual)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)))
def test_the_last_hour_is_at_least_fifty_minutes_and_at_most_sixty(now):
    assert timedelta(minutes=50) <= now - bursts.since(now) < timedelta(minutes=60)
    assert bursts.step(now) <= now < bursts.step(now) + bursts.STEP


@given(st.ip_addresses(v=6), st.integers(0, 2**64 - 1))
def test_a_home_is_one_place_whichever_of_its_addresses_it_uses(address, other):
    same = IPv6Address((int(address) >> 64 << 64) + other)
    if address.ipv4_mapped is None and same.ipv4_mapped is None and int(address) >> 64:
        assert bursts.place(str(address)) == bursts.place(str(same))


@given(st.ip_addresses(v=4))
def test_an_address_written_the_new_way_is_the_same_place(address):
    assert bursts.place(f"::ffff:{address}") == bursts.place(str(address))


NOWHERE = "127.0.0.1 ::1 10.1.2.3 172.17.0.1 192.168.1.1 fe80::1%eth0 fd00::1 unix: nonsense 1.2.3.4.5 \0"


@pytest.mark.parametrize("address", ["", None, *NOWHERE.split(" ")])
def test_what_a_proxy_or_nobody_stands_behind_tells_no_place(address):
    assert bursts.place(address) is None


@given(st.text(max_size=200), st.integers(1, 3), addresses)
def test_what_a_visitor_writes_into_the_header_moves_nobody_elsewhere(written, proxies, seen):
    heard = ", ".join([written, seen, *["10.0.0.1"] * (proxies - 1)])
    assert bursts.client("10.0.0.9", heard, proxies) == seen


def test_without_a_proxy_the_header_is_not_believed():
    assert bursts.client(HOME, "198.51.100.1", 0) == HOME
    assert bursts.client("10.0.0.9", "", 1) is None


@given(addresses, addresses)
def test_what_is_kept_of_a_place_holds_neither_it_nor_what_it_was_yesterday(here, there):
    kept = bursts.source(SECRET, "salt", 1, here)
    assert here not in kept
    assert kept != bursts.source(SECRET, "another day", 1, here)
    assert kept != bursts.source(SECRET, "salt", 2, here)
    assert (kept == bursts.source(SECRET, "salt", 1, there)) == (here == there)


def sent(database: Database, railway: Railway, now: datetime, address: str | None = HOME) -> Held | None:
    with database.writing() as session:
        return arrivals.note(session, railway.touchpoints["station"].id, address, now, key=SECRET)


def test_many_from_one_place_are_held_and_others_are_not(database, railway):
    mine = [sent(database, railway, NOON) for _ in range(14)]
    assert mine == [None] * bursts.FROM_ONE_PLACE + [Held.BURST] * 4
    assert sent(database, railway, NOON, "203.0.113.8") is None
    assert sent(database, railway, NOON + timedelta(hours=1)) is None


def test_many_from_everywhere_are_held_at_a_touchpoint_that_is_usually_quiet(database, railway):
    from_everywhere = [
        sent(database, railway, NOON, str(IPv4Address("198.51.100.0") + number)) for number in range(33)
    ]
    assert from_everywhere == [None] * bursts.AT_A_TOUCHPOINT + [Held.BURST] * 3


def test_processes_that_share_a_database_count_together(database, railway):
    with ThreadPoolExecutor(6) as pool:
        held = list(pool.map(lambda _: sent(database, railway, NOON), range(24)))
    assert held.count(None) == bursts.FROM_ONE_PLACE


def test_where_no_place_is_known_only_the_touchpoint_counts(database, railway):
    assert {sent(database, railway, NOON, "127.0.0.1") for _ in range(20)} == {None}
    with database.reading() as session:
        assert session.scalars(select(Arrivals.source)).all() == [arrivals.ALL]
        assert session.scalars(select(Salt)).all() == []


def test_the_salt_is_gone_the_next_day_and_no_address_was_ever_kept(database, railway):
    sent(database, railway, NOON)
    with database.reading() as session:
        kept = [*session.scalars(select(Arrivals.source)), *session.scalars(select(Salt.salt))]
    assert len(kept) == 3
    assert not any(HOME in text for text in kept)
    with database.writing() as session:
        arrivals.forget(session, NOON + timedelta(minutes=30))
        assert len(session.scalars(select(Arrivals)).all()) == 2
        arrivals.forget(session, NOON + timedelta(hours=12))
        assert session.scalars(select(Arrivals)).all() == session.scalars(select(Salt)).all() == []


def test_a_new_day_has_a_salt_of_its_own(database, railway):
    sent(database, railway, NOON)
    sent(database, railway, NOON + timedelta(days=1))
    with database.reading() as session:
        sources = {source for source in session.scalars(select(Arrivals.source)) if source}
        assert len(sources) == len(session.scalars(select(Salt.salt)).all()) == 2
