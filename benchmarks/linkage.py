"""Whether everything stored fits every pairing of people with ballots: the proof that nothing links them.

Two worlds are run through the real code. In both, the same people draw in the same order with the same
requests, and the same ballots lie in the urn at the end; but in the second each person casts another one's.
That this can be is the blinding: for each person there is a factor by which their request is one for the
other ballot too, and it is computed and used. Where all that both databases then hold is the same, down to
the order of rows (and to the byte, where a database is a file), nothing stored tells which of the two worlds
was real: every pair of a person and a ballot in either is consistent with everything stored. The N shifts of
N ballots against N people hold each of the N x N pairs once.

    scripts/bench linkage
"""

import hashlib
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import reduce
from math import gcd
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

from sqlalchemy import MetaData, delete, insert, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from config import ROOT
from pulse import migrations
from pulse.db import Database, main, night
from pulse.organisation.models import Irritant, Team
from pulse.people.models import Membership, Person
from surveys.ballots import blind, issuing, keys
from surveys.ballots.blind import PrivateKey
from surveys.ballots.models import Ballot, Code, Remark, SpareKey, UnitKey
from surveys.ballots.rewriting import rewrite
from surveys.ballots.urn import Outcome, cast, urn, urn_tally
from surveys.questions.landing import LANDING
from surveys.waves.models import Issued, Wave, WaveQuestion, WaveState, WaveTeam

MONTH = date(2026, 11, 1)
OPENS = datetime(2026, 11, 3, 9, tzinfo=UTC)
NOW = OPENS + timedelta(days=2)
ZONE = ZoneInfo("Europe/Paris")
CREW = "crew"
LANGUAGES = ("fr", "en")
CHANGES = slice(24, 100)  # of SQLite's header: counters of changes to the file


@dataclass(frozen=True)
class Filled:
    """A ballot as the urn gets it, and the salt its message was encoded with."""

    nonce: bytes
    salt: bytes
    scores: dict[str, int]
    remark: str
    remark_key: bytes

    @property
    def prepared(self) -> bytes:
        """What the signature is for."""
        return blind.prepare(issuing.message("2026-11", CREW), self.nonce)


@dataclass(frozen=True)
class Plan:
    """What happens in every world: who draws, in which order, with which request; and all ballots.

    order -- positions of people in the order in which they draw and cast
    requests -- person -> the blinded message, which is all that the issuer ever sees
    answers -- person -> its signature, which is all that the issuer ever says
    signatures -- ballot -> the signature it is cast with: there is but one for a message and its salt
    """

    private: PrivateKey
    people: tuple[int, ...]
    order: tuple[int, ...]
    requests: tuple[bytes, ...]
    answers: tuple[bytes, ...]
    signatures: tuple[bytes, ...]
    ballots: tuple[Filled, ...]

    def factor(self, person: int, ballot: int) -> int:
        """The blinding factor by which this person's request is one for this ballot.

        r with r^e = request / message modulo n: the signature of that quotient. Raises Refused without one.
        """
        key, filled = self.private.key, self.ballots[ballot]
        message = blind.encode(filled.prepared, key.n.bit_length() - 1, salt=filled.salt)
        quotient = int.from_bytes(self.requests[person]) * pow(int.from_bytes(message), -1, key.n) % key.n
        if quotient == 1:
            return 1
        return int.from_bytes(blind.blind_sign(self.private, quotient.to_bytes(key.size)))


@dataclass(frozen=True)
class Planted:
    """A column of the urn that must not be, and what it says of who casts, and as which one, a ballot."""

    column: str
    value: Callable[[int, int], object]


PLANTED = {
    "time": Planted("at", lambda who, place: f"2026-11-05T10:{place:03d}"),
    "sequence": Planted("number", lambda who, place: place),
    "language": Planted("language", lambda who, place: LANGUAGES[who % 2]),
    "question subset": Planted("asked", lambda who, place: "delay" if who % 3 else "queue"),
}


@contextmanager
def connected(main_url: str, urn_url: str) -> Iterator[None]:
    """Both databases connected, as the application connects them."""
    main.connect(main_url)
    night.connect(main_url)
    urn.connect(urn_url, keeps_log=False)
    urn_tally.connect(urn_url, keeps_log=False)
    try:
        yield
    finally:
        for place in (main, night, urn, urn_tally):
            place.close()


def prepared(number: int, *, bits: int = blind.BITS, seed: int = 1) -> Plan:
    """A plan for so many people of one unit, who are put into the connected database with an open wave."""
    with main.writing() as session:
        people = _crew(session, number, bits)
        private = PrivateKey.read(session.scalars(select(UnitKey.private)).one() or b"")
    chance = Random(seed)
    order = list(range(number))
    chance.shuffle(order)
    ballots = tuple(
        Filled(
            nonce=chance.randbytes(32),
            salt=chance.randbytes(48),
            scores={"delay": chance.randrange(0, 1001, 250), "queue": chance.randrange(0, 1001, 250)},
            remark=f"Remark {place}" if place % 4 == 0 else "",
            remark_key=chance.randbytes(16),
        )
        for place in range(number)
    )
    asked = [blind.blind(private.key, ballot.prepared, salt=ballot.salt) for ballot in ballots]
    answers = tuple(blind.blind_sign(private, request.message) for request in asked)
    signatures = tuple(
        blind.finalize(private.key, ballot.prepared, answer, request.inverse)
        for ballot, answer, request in zip(ballots, answers, asked, strict=True)
    )
    requests = tuple(request.message for request in asked)
    return Plan(private, tuple(people), tuple(order), requests, answers, signatures, ballots)


def _crew(session: Session, number: int, bits: int) -> list[int]:
    team = Team(code=CREW, name_en="Crew", name_fr="Équipe")
    for name in ("headcount", "parent_id", "opened", "closed", "split_from_id", "merged_into_id"):
        setattr(team, name, None)
    asked = [_irritant(code) for code in ("delay", "queue")]
    people = [
        Person(email=f"p{i}@example.org", name=f"P{i}", language=LANGUAGES[i % 2], grants=[])
        for i in range(number)
    ]
    for person in people:
        person.password_hash = person.disabled_at = person.left_on = None
    wave = Wave(month=MONTH, opens_at=OPENS, closes_at=OPENS + timedelta(days=27), threshold=5)
    wave.state = WaveState.OPEN
    session.add_all([team, wave, *asked, *people])
    session.add(SpareKey(private=PrivateKey.made(bits).der))
    session.flush()
    since = date(2020, 1, 1)
    session.add_all(Membership(person_id=p.id, team_id=team.id, since=since, until=None) for p in people)
    session.add(WaveTeam(wave_id=wave.id, team_id=team.id, unit_id=team.id, parent_id=None, people=number))
    for position, irritant in enumerate(asked):
        words = {"kind": LANDING.name, "words_en": "How much?", "words_fr": "Combien ?"}
        where = {"wave_id": wave.id, "unit_id": team.id, "measure_id": irritant.id, "position": position}
        session.execute(insert(WaveQuestion).values(**where, **words))
    session.flush()
    keys.assign(session, wave)
    return [person.id for person in people]


def _irritant(code: str) -> Irritant:
    names = ("label", "customer_question", "employee_question")
    return Irritant(code=code, **{f"{name}_{tongue}": code for name in names for tongue in LANGUAGES})


def run(plan: Plan, shift: int, *, planted: Planted | None = None, rewritten: bool = True) -> None:
    """A world: everybody draws and casts at once, person i the ballot i + shift; then all is written anew."""
    for place, who in enumerate(plan.order):
        ballot = (who + shift) % len(plan.ballots)
        _answer(plan, who, ballot)
        if planted:
            _plant(planted, plan.ballots[ballot], planted.value(who, place))
    if rewritten:
        rewrite(urn_tally, Ballot, Remark, Code)
        rewrite(night, Issued, UnitKey)


def _answer(plan: Plan, who: int, ballot: int) -> None:
    filled, key, request = plan.ballots[ballot], plan.private.key, request_of(plan, who, ballot)
    assert request.message == plan.requests[who]
    with main.writing() as session:
        private = issuing.admit(session, plan.people[who], "2026-11", request.message, NOW, zone=ZONE)
    assert private == plan.private
    signature = int.from_bytes(plan.answers[who]) * request.inverse % key.n
    assert signature.to_bytes(key.size) == plan.signatures[ballot]
    # The key of a remark is drawn at random; here the same remark gets the same key in each world.
    with urn.writing() as box, patch("surveys.ballots.urn.secrets.token_bytes", lambda _: filled.remark_key):
        said = cast(box, MONTH, CREW, filled.scores, filled.remark, nonce=filled.nonce)
    assert said is Outcome.COUNTED


def request_of(plan: Plan, who: int, ballot: int) -> blind.Blinded:
    """A ballot blinded by the factor that makes it a person's request."""
    filled = plan.ballots[ballot]
    return blind.blind(plan.private.key, filled.prepared, salt=filled.salt, r=plan.factor(who, ballot))


def _plant(planted: Planted, filled: Filled, value: object) -> None:
    with urn.writing() as box:
        said = text(f"UPDATE ballot SET {planted.column} = :value WHERE key = :key")  # noqa: S608
        box.execute(said, {"value": str(value), "key": key_of(filled)})


def key_of(filled: Filled) -> bytes:
    """The key a ballot is kept under."""
    return hashlib.sha256(filled.nonce).digest()


def plant(planted: Planted) -> None:
    """Add a column that must not be to the connected urn."""
    with urn.writing() as box:
        box.execute(text(f"ALTER TABLE ballot ADD COLUMN {planted.column} VARCHAR"))


def emptied() -> None:
    """Take everything that was drawn and cast out again."""
    with main.writing() as session:
        session.execute(delete(Issued))
    with urn.writing() as box:
        for model in (Ballot, Remark):
            box.execute(delete(model))


# What is stored


@dataclass(frozen=True)
class Dump:
    """Everything both databases hold.

    rows -- table -> key -> every other column
    order -- table -> keys in the order in which the rows lie, on PostgreSQL with the transaction of each
    files -- the bytes of both files, where they are files
    """

    rows: dict[str, dict[tuple[object, ...], dict[str, object]]]
    order: dict[str, list[object]]
    files: dict[str, bytes] = field(default_factory=dict)


def dumped() -> Dump:
    """What lies in the connected databases now, read past the models: columns they do not know count too."""
    dump = Dump({}, {})
    for name, place in (("main", main), ("urn", urn_tally)):
        engine = place.engine
        tables = MetaData()
        tables.reflect(engine)
        for table in tables.sorted_tables:
            with place.reading() as session:
                rows = [row._asdict() for row in session.execute(select(table).order_by(*table.primary_key))]
            key = [column.name for column in table.primary_key]
            dump.rows[table.name] = {
                tuple(row[part] for part in key): {n: v for n, v in row.items() if n not in key}
                for row in rows
            }
            if engine.dialect.name == "postgresql":
                dump.order[table.name] = _lying(place, table.name, key)
        if engine.dialect.name == "sqlite":
            dump.files[name] = _bytes(place)
    return dump


def _lying(place: Database, table: str, key: Sequence[str]) -> list[object]:
    names = ", ".join(f'"{name}"' for name in key)
    with place.reading() as session:
        rows = session.execute(text(f'SELECT xmin::text, {names} FROM "{table}" ORDER BY ctid')).all()  # noqa: S608
    numbers = {number: rank for rank, number in enumerate(sorted({int(row[0]) for row in rows}))}
    return [(numbers[int(number)], *values) for number, *values in rows]


def _bytes(place: Database) -> bytes:
    with place.engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    content = Path(make_url(str(place.engine.url)).database or "").read_bytes()
    return content[: CHANGES.start] + content[CHANGES.stop :]


def differences(one: Dump, other: Dump) -> list[str]:
    """What two worlds do not have in common: columns, orders of rows, files; nothing where they are alike."""
    found: list[str] = []
    for table in sorted(one.rows.keys() | other.rows.keys()):
        found += _columns(table, one.rows.get(table, {}), other.rows.get(table, {}))
    found += [f"{table}: order of rows" for table in one.order if one.order[table] != other.order[table]]
    return found + [f"{name}: file" for name in one.files if one.files[name] != other.files[name]]


def _columns(
    table: str,
    one: dict[tuple[object, ...], dict[str, object]],
    other: dict[tuple[object, ...], dict[str, object]],
) -> list[str]:
    if one.keys() != other.keys():
        return [f"{table}: rows"]
    names = sorted({name for row in (*one.values(), *other.values()) for name in row})
    return [
        f"{table}.{name}" for name in names if any(one[key].get(name) != other[key].get(name) for key in one)
    ]


# The algebra of all pairs


def pairs_with_a_factor(plan: Plan) -> int:
    """How many of all (request, ballot) pairs have a blinding factor that makes the one of the other.

    r^e = request / message has a solution, and one only, where the quotient is invertible modulo n: e is
    coprime to the order of the group, so that x -> x^e is one-to-one on it.
    """
    n = plan.private.key.n
    requests = [int.from_bytes(request) for request in plan.requests]
    messages = [
        int.from_bytes(blind.encode(ballot.prepared, n.bit_length() - 1, salt=ballot.salt))
        for ballot in plan.ballots
    ]
    assert gcd(plan.private.key.e, (plan.private.p - 1) * (plan.private.q - 1)) == 1
    found = 0
    for inverse in (pow(message, -1, n) for message in messages):
        quotients = [request * inverse % n for request in requests]
        # One common divisor for all of them, and one by one only where that finds something.
        product = reduce(lambda so_far, quotient: so_far * quotient % n, quotients, 1)
        found += len(quotients) if gcd(product, n) == 1 else sum(gcd(one, n) == 1 for one in quotients)
    return found


# Pairing by where the rows lie


def repaired(plan: Plan, shift: int = 0) -> int:
    """How many people an attacker links who pairs both tables by the order in which their rows lie."""
    which = {key_of(ballot): place for place, ballot in enumerate(plan.ballots)}
    if main.engine.dialect.name == "sqlite":
        lists, box = _bytes(main), _bytes(urn_tally)
        digests = [hashlib.sha256(request).digest() for request in plan.requests]
        issued = sorted(range(len(digests)), key=lambda who: lists.find(digests[who]))
        ballots = [which[key] for key in sorted(which, key=box.find)]
    else:
        number = {person: who for who, person in enumerate(plan.people)}
        issued = [number[int(person)] for person in _arrived(main, "issued", "person_id")]
        ballots = [which[bytes(key)] for key in _arrived(urn_tally, "ballot", "key")]
    return sum((who + shift) % len(ballots) == ballot for who, ballot in zip(issued, ballots, strict=True))


def _arrived(place: Database, table: str, column: str) -> list[Any]:
    with place.reading() as session:
        rows = text(f"SELECT {column} FROM {table} ORDER BY xmin::text::bigint, ctid")  # noqa: S608
        return list(session.scalars(rows))


# The whole of it


@contextmanager
def fresh(folder: Path) -> Iterator[None]:
    """Two new SQLite files, migrated and connected."""
    urls = [f"sqlite:///{folder / name}.sqlite" for name in ("main", "urn")]
    with connected(*urls):
        migrations.upgrade(main, ROOT / "migrations" / "main")
        migrations.upgrade(urn, ROOT / "migrations" / "urn")
        yield


@contextmanager
def in_memory() -> Iterator[Path]:
    """A folder that waits for no disk, where there is such: each ballot is two commits."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)


def world(plan: Plan, base: Path, shift: int, planted: Planted | None = None) -> Dump:
    """What is stored at the end of a world that starts from the same two SQLite files as every other."""
    with tempfile.TemporaryDirectory(dir=base) as folder:
        for name in ("main", "urn"):
            shutil.copy(base / f"{name}.sqlite", folder)
        with connected(*(f"sqlite:///{folder}/{name}.sqlite" for name in ("main", "urn"))):
            if planted:
                plant(planted)
            run(plan, shift, planted=planted)
            return dumped()


def report(number: int = 200, shifts: int = 10, bits: int = 1024) -> bool:
    """Run so many of the shifts of so many people, print what was found; whether all is as it should be."""
    began = time.monotonic()
    with in_memory() as base:
        with fresh(base):
            plan = prepared(number, bits=bits)
        chosen = [round(turn * number / shifts) for turn in range(shifts)]
        first = world(plan, base, 0)
        alike = sum(number for shift in chosen if not differences(first, world(plan, base, shift)))
        found = pairs_with_a_factor(plan)
        print(f"pairs of a request and a ballot with a blinding factor: {found} of {number * number}")
        print(
            f"pairs run through the code and consistent with everything stored: {alike} of {number * shifts}"
        )
        told = {
            name: differences(world(plan, base, 0, planted), world(plan, base, 1, planted))
            for name, planted in PLANTED.items()
        }
    for name, told_by in told.items():
        print(f"with a planted {name}: told apart by {', '.join(told_by) or 'nothing'}")
    print(f"{time.monotonic() - began:.0f} s")
    return alike == number * shifts and found == number * number and all(told.values())


if __name__ == "__main__":  # people, and how many of their shifts: 200 200 runs each of the 40,000 pairs
    sys.exit(0 if report(*(int(given) for given in sys.argv[1:3])) else 1)
