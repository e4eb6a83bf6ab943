"""Keys are there before they are needed and gone after; urn and list are rewritten, and purged with proof."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, text

from pulse.db import Database, main
from pulse.organisation.models import Team
from surveys import jobs
from surveys.ballots import keys, merkle, retention
from surveys.ballots.blind import PrivateKey
from surveys.ballots.models import Ballot, Code, Purge, Remark, SpareKey, UnitKey, WaveFingerprint
from surveys.ballots.urn import add_codes, arrived, cast, urn, urn_tally
from surveys.waves.models import Issued, Wave
from tests.surveys.conftest import CLOSED, MONTH, OPEN, OPENS, PARIS, Railway
from tests.surveys.test_wiring import killed

DAY = timedelta(days=1)
CLOSES = datetime(2026, 11, 30, 23, tzinfo=UTC)  # midnight in Paris


def count_of(place: Database, model: type) -> int:
    with place.reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def answered(people: int, first: int = 0) -> None:
    for number in range(first, first + people):
        with urn.writing() as box:
            cast(box, MONTH, "north", {"queue": 250 * (number % 5)}, "Cold." if number % 3 == 0 else "")


def drew(railway: Railway, people: int) -> None:
    with main.writing() as session:
        wave = session.scalars(select(Wave).where(Wave.month == MONTH)).one()
        rows = [
            {"wave_id": wave.id, "person_id": person.id, "request": bytes([place]) * 32}
            for place, person in enumerate(railway.people[:people])
        ]
        session.execute(insert(Issued), rows)


def proofs() -> dict[str, tuple[int, date, str]]:
    with main.reading() as session:
        return {
            proof.what: (proof.rows, proof.purged_on, proof.digest)
            for proof in session.scalars(select(Purge))
        }


# Keys


def test_keys_are_made_ahead_as_many_as_the_next_wave_takes(database, railway):
    assert jobs.make_keys(OPENS - DAY) == "2 keys made"
    assert jobs.make_keys(OPENS - DAY) == "0 keys made"
    with main.reading() as session:
        ahead = {PrivateKey.read(row).key.der for row in session.scalars(select(SpareKey.private))}
    jobs.open_wave(OPENS)
    with main.reading() as session:
        assert set(session.scalars(select(UnitKey.public))) == ahead
    assert count_of(main, SpareKey) == 0


def test_a_wave_opens_though_no_key_was_made_ahead(database, railway):
    assert jobs.open_wave(OPENS) == "opened the wave of 2026-11"
    assert (count_of(main, UnitKey), count_of(main, SpareKey)) == (2, 0)


def test_a_few_keys_are_made_at_a_time(sqlite, monkeypatch):
    monkeypatch.setattr(keys, "BATCH", 2)
    assert keys.stock(main, 5, most=3) == 3
    assert keys.stock(main, 5, most=3) == 2
    assert keys.stock(main, 5) == 0
    assert count_of(main, SpareKey) == 5


def test_a_key_that_could_not_be_made_before_is_made_at_opening(sqlite, small_railway):
    keys.stock(main, 1)
    with main.reading() as session:
        [der] = session.scalars(select(SpareKey.private))
    with main.writing() as session:
        jobs.service.open_due(session, OPENS, zone=PARIS, k=5)
        wave = session.scalars(select(Wave).where(Wave.month == MONTH)).one()
        keys.assign(session, wave)
    with main.reading() as session:
        privates = list(session.scalars(select(UnitKey.private)))
    assert (len(privates), der in privates) == (2, True)


def test_every_unit_has_a_key_of_its_own_that_is_proved_by_the_waves_fingerprint(database, railway):
    jobs.open_wave(OPENS)
    with main.reading() as session:
        root = session.scalars(select(WaveFingerprint.root)).one()
        assert keys.fingerprint(session, MONTH) == root
        assert keys.months(session) == [MONTH]
        lines = {line.code: line for line in keys.public(session, MONTH)}
        units = {session.get_one(Team, key.unit_id).code: key for key in session.scalars(select(UnitKey))}
        assert {code: line.people for code, line in lines.items()} == {"north": 16, "south": 14}
        assert lines.keys() == units.keys()
        for code, key in units.items():
            leaf = keys.leaf(MONTH, code, key.people, key.public)
            steps = [merkle.Step(bool(left), bytes.fromhex(str(other))) for left, other in key.proof]
            assert merkle.climbed(leaf, steps).hex() == root
            assert PrivateKey.read(key.private or b"").key.der == key.public


def test_keys_are_destroyed_when_drawing_ends_and_their_public_halves_stay(database, railway):
    jobs.open_wave(OPENS)
    assert jobs.destroy_keys(CLOSES - timedelta(seconds=1)) == "0 keys destroyed"
    assert jobs.destroy_keys(CLOSES) == "2 keys destroyed"
    assert jobs.destroy_keys(CLOSES) == "0 keys destroyed"
    with main.reading() as session:
        assert set(session.scalars(select(UnitKey.private))) == {None}
        assert len(keys.public(session, MONTH)) == 2


def test_nothing_of_a_destroyed_key_is_left_in_the_file(sqlite, small_railway):
    jobs.open_wave(OPENS)
    with main.reading() as session:
        made = [PrivateKey.read(der or b"") for der in session.scalars(select(UnitKey.private))]
    parts = [private.p.to_bytes(128) for private in made]
    file = Path(main.engine.url.database or "")
    jobs.destroy_keys(CLOSES)
    jobs.close_waves(CLOSED)
    assert len(parts) == 2
    assert not any(part in file.read_bytes() for part in parts)


# Writing anew


def test_urn_and_list_are_written_anew_as_soon_as_k_new_ballots_are_there(database, railway):
    jobs.open_wave(OPENS)
    drew(railway, 4)
    answered(4)
    assert jobs.rewrite_urn(OPEN) == "nothing to write anew"
    answered(1, first=4)
    assert jobs.rewrite_urn(OPEN) == "written anew"
    assert jobs.rewrite_urn(OPEN) == "nothing to write anew"
    with urn_tally.reading() as box:
        assert arrived(box, MONTH) == (5, 0)
    answered(5, first=5)
    assert jobs.rewrite_urn(OPEN) == "written anew"
    assert count_of(urn_tally, Ballot) == 10
    if database.engine.dialect.name == "postgresql":
        with urn_tally.reading() as box:
            assert box.scalar(text("SELECT count(DISTINCT xmin::text) FROM ballot")) == 1


def test_what_the_job_says_tells_nothing_of_how_many_have_answered(database, railway):
    jobs.open_wave(OPENS)
    said = set()
    for number in range(6, 30, 6):
        answered(6, first=number)
        said.add(jobs.rewrite_urn(OPEN))
    assert said == {"written anew"}


# Purging


@pytest.fixture
def counted(database: Database, railway: Railway) -> Railway:
    """November was answered by nine people, with a printed code left over, and is counted."""
    jobs.open_wave(OPENS)
    drew(railway, 9)
    answered(9)
    with urn.writing() as box:
        add_codes(box, MONTH, "north", [b"c" * 32, b"d" * 32])
    assert jobs.close_waves(CLOSED) == "counted 2026-11: 9 scores"
    return railway


LIVES = {
    "printed codes": (CLOSED, Code, 2),
    "issuing list": (CLOSES + 30 * DAY, Issued, 9),
    "ballots": (CLOSED + 90 * DAY, Ballot, 9),
    "remarks": (CLOSED + 365 * DAY, Remark, 3),
}


@pytest.mark.parametrize("what", LIVES)
def test_what_has_lived_long_enough_is_purged_that_day_and_proved(counted, what):
    moment, model, rows = LIVES[what]
    place = main if model is Issued else urn_tally
    jobs.purge(moment - timedelta(seconds=1))
    if what != "printed codes":
        assert (count_of(place, model), what in proofs()) == (rows, False)
    assert f"{what} of 2026-11" in jobs.purge(moment) or what == "printed codes"
    assert count_of(place, model) == 0
    number, day, digest = proofs()[what]
    assert (number, len(digest)) == (rows, 64)
    assert day in (moment.astimezone(PARIS).date(), (moment - DAY).astimezone(PARIS).date())


def test_purging_again_changes_no_proof(counted):
    late = CLOSED + 400 * DAY
    assert jobs.purge(late).count("2026-11") == 4
    before = proofs()
    assert jobs.purge(late + DAY) == "purged nothing"
    assert proofs() == before
    assert {what: number for what, (number, _, _) in before.items()} == {
        what: rows for what, (_, _, rows) in LIVES.items()
    }


def test_a_purge_killed_anywhere_is_ended_by_the_next_with_the_same_proofs(counted):
    late = CLOSED + 400 * DAY
    with urn_tally.reading() as box:
        expected = {what: retention.condemned(box, what, MONTH) for what in retention.IN_THE_URN}
    at = 0
    while killed(jobs.purge, late, at):
        at += 1
    assert at > 8
    found = proofs()
    assert {what: (found[what][0], found[what][2]) for what in expected} == expected
    assert found["issuing list"][0] == 9
    assert [count_of(urn_tally, model) for model in (Ballot, Remark, Code)] == [0, 0, 0]
    assert count_of(main, Issued) == 0


def test_nothing_is_purged_of_a_wave_that_is_still_open(database, railway):
    jobs.open_wave(OPENS)
    answered(3)
    assert jobs.purge(OPEN) == "purged nothing"


def test_the_digest_of_a_purge_is_of_these_rows_and_of_no_others():
    rows = [(b"a", "north"), (b"b", "south")]
    assert retention.digest(rows) == retention.digest(list(rows))
    assert len({retention.digest(other) for other in (rows, rows[::-1], rows[:1], [])}) == 4
    assert retention.digest(rows)[0] == 2
