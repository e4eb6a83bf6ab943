"""Printed codes: as many as people, known by their digests alone, good for one answer."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from pulse.people.models import AnswersBy
from surveys.ballots import codes
from surveys.ballots.models import Ballot, Code
from surveys.ballots.urn import Outcome, cast_by_code, unit_of_code, urn, urn_tally
from tests.surveys.conftest import MONTH, PARIS, opened

KEY = "a secret key for these tests alone"


@pytest.fixture
def wave(database, railway):
    """The open November wave; three people in the north and one at the desk answer by code."""
    with database.writing() as session:
        for person in railway.people:
            if person.email in ("north0@example.org", "north1@example.org", "desk0@example.org"):
                session.merge(person).answers_by = AnswersBy.CODE
        found = opened(session)
        session.expire_on_commit = False
    return found


def made(database, wave, unit="north"):
    with database.writing() as session, urn.writing() as box:
        return codes.make(session, box, wave, unit, secret=KEY, zone=PARIS)


def test_a_unit_needs_a_code_for_each_of_its_people_who_answers_by_one(database, wave):
    with database.reading() as session:
        needs = codes.needs(session, wave, zone=PARIS)
    assert [(need.unit.code, need.people, need.made) for need in needs] == [("north", 3, False)]


def test_codes_are_made_once_and_kept_as_digests(database, wave):
    batch = made(database, wave)
    assert len(set(batch.codes)) == 3
    with urn_tally.reading() as box:
        kept = set(box.scalars(select(Code.digest)))
    assert kept == {codes.digest(code, KEY) for code in batch.codes}
    with pytest.raises(codes.AlreadyMade):
        made(database, wave)
    with database.reading() as session:
        assert [need.made for need in codes.needs(session, wave, zone=PARIS)] == [True]


@pytest.mark.parametrize("unit", ["south", "nobody"])
def test_a_unit_without_such_people_gets_none(database, wave, unit):
    with pytest.raises(codes.NoSuchUnit):
        made(database, wave, unit)


def test_a_month_without_an_open_wave_gets_none(database, railway):
    with database.reading() as session, pytest.raises(codes.NoSuchWave):
        codes.wave_of(session, MONTH)


def test_a_code_answers_once_though_it_is_sent_many_times_at_once(database, wave):
    digest = codes.digest(made(database, wave).codes[0], KEY)
    with urn.reading() as box:
        assert unit_of_code(box, digest, MONTH) == "north"
    found, together = [], threading.Barrier(4, timeout=20)

    def use() -> None:
        together.wait()
        with urn.writing() as box:
            found.append(cast_by_code(box, digest, MONTH, {"queue": 500}, ""))

    users = [threading.Thread(target=use) for _ in range(4)]
    for user in users:
        user.start()
    for user in users:
        user.join()
    assert sorted(found, key=lambda one: one.value) == [Outcome.COUNTED] + 3 * [Outcome.UNKNOWN]
    with urn_tally.reading() as box:
        assert [(ballot.unit, ballot.scores) for ballot in box.scalars(select(Ballot))] == [
            ("north", {"queue": 500})
        ]


def test_nothing_of_a_code_is_kept_with_the_answers_given_by_it(database, wave):
    code = made(database, wave).codes[0]
    with urn.writing() as box:
        cast_by_code(box, codes.digest(code, KEY), MONTH, {"queue": 500}, "")
    with urn_tally.reading() as box:
        [ballot] = box.scalars(select(Ballot))
        assert codes.digest(code, KEY) not in (ballot.key, ballot.seal)
        assert len(box.scalars(select(Code)).all()) == 2


@given(st.text("ACDEFGHJKMNPQRTVWXY34679", min_size=12, max_size=12), st.sampled_from(["-", " ", "", " - "]))
def test_a_code_is_known_however_it_is_typed(code, between):
    typed = between.join((code[:4], code[4:8], code[8:])).lower()
    assert codes.digest(typed, KEY) == codes.digest(code, KEY)


def test_codes_have_nothing_in_them_that_looks_like_something_else():
    assert not set("0O1IL5S2Z8BU") & set(codes.ALPHABET)
    code = codes.drawn()
    assert [len(group) for group in code.split("-")] == [4, 4, 4]
