"""The keys of a wave's ballots: one a unit, made ahead, public to all, destroyed when the wave is over."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from pulse.db import Database
from pulse.months import month_of, written
from pulse.organisation.models import Team
from pulse.organisation.trees import open_tree
from surveys.ballots import merkle
from surveys.ballots.blind import PrivateKey
from surveys.ballots.models import SpareKey, UnitKey, WaveFingerprint
from surveys.waves.calendar import opening
from surveys.waves.models import Wave, WaveState, WaveTeam
from surveys.waves.service import attached
from surveys.waves.units import ballot_units

AN_HOUR = 1000  # keys that a job makes at most in one go: a minute of work
BATCH = 25  # keys made between two writes: about a second and a half of work


@dataclass(frozen=True)
class UnitLine:
    """What everybody may know of a unit's key: whose it is, how many they are, and its fingerprint."""

    code: str
    names: Mapping[str, str]  # by language
    people: int
    fingerprint: str


def stock(database: Database, wanted: int, *, most: int | None = None) -> int:
    """Make keys until so many are spare; how many were made. 56 ms each, in small transactions.

    most -- keys to make in one go, for a job that must not keep a machine busy for long
    """
    with database.reading() as session:
        there = session.scalar(select(func.count()).select_from(SpareKey)) or 0
    missing = max(0, wanted - there if most is None else min(most, wanted - there))
    for done in range(0, missing, BATCH):
        made = [{"private": PrivateKey.made().der} for _ in range(min(BATCH, missing - done))]
        with database.writing() as session:
            session.execute(insert(SpareKey), made)
    return missing


def due(session: Session, now: datetime, *, zone: ZoneInfo) -> int:
    """How many keys this month's wave will take, once its time to open has come; 0 before and after."""
    day = now.astimezone(zone).date()
    month = month_of(day)
    wave = session.scalar(select(Wave).where(Wave.month == month))
    opens = wave.opens_at if wave else opening(month, zone)
    if opens > now or (wave is not None and wave.state is not WaveState.PLANNED):
        return 0
    return wanted(session, month, day)


def wanted(session: Session, month: date, day: date) -> int:
    """How many keys the wave of a month would take if it opened on this day."""
    people = attached(session, day)
    units = ballot_units(open_tree(session, month), people)
    return len({units[team] for team, number in people.items() if number and team in units})


def assign(session: Session, wave: Wave) -> str:
    """Give each unit of a wave that opens a key of its own; the fingerprint of the wave.

    Keys that are missing are made here, though it is better to have made them before: 56 ms each, in which
    nobody else can write.
    """
    units = _crowds(session, wave.id)
    taken = _taken(session, len(units))
    der = {unit.id: PrivateKey.read(private).key.der for (unit, _), private in zip(units, taken, strict=True)}
    leaves = [leaf(wave.month, unit.code, people, der[unit.id]) for unit, people in units]
    root, ways = merkle.grown(leaves)
    rows = [
        {
            "wave_id": wave.id,
            "unit_id": unit.id,
            "people": people,
            "public": der[unit.id],
            "private": private,
            "proof": [[int(step.left), step.hash.hex()] for step in way],
        }
        for (unit, people), private, way in zip(units, taken, ways, strict=True)
    ]
    if rows:
        session.execute(insert(UnitKey), rows)
    session.add(WaveFingerprint(wave_id=wave.id, root=root.hex()))
    session.flush()
    return root.hex()


def leaf(month: date, unit: str, people: int, der: bytes) -> bytes:
    """What a unit's leaf of the tree says: wave, unit, how many people share the key, and which key."""
    return f"{written(month)}\n{unit}\n{people}\n{hashlib.sha256(der).hexdigest()}".encode()


def _crowds(session: Session, wave_id: int) -> Sequence[tuple[Team, int]]:
    """The units of a wave and how many people each had when it opened, in the order of their codes."""
    people = func.sum(WaveTeam.people)
    crowds = (
        select(WaveTeam.unit_id, people.label("people"))
        .where(WaveTeam.wave_id == wave_id)
        .group_by(WaveTeam.unit_id)
        .having(people > 0)
        .subquery()
    )
    rows = select(Team, crowds.c.people).join(crowds, crowds.c.unit_id == Team.id)
    found = [(unit, int(number)) for unit, number in session.execute(rows)]
    return sorted(found, key=lambda crowd: crowd[0].code.encode())  # not as a database sorts: they differ


def _taken(session: Session, number: int) -> list[bytes]:
    first = select(SpareKey.id).order_by(SpareKey.id).limit(number)
    mine = delete(SpareKey).where(SpareKey.id.in_(first)).returning(SpareKey.private)
    taken = list(session.scalars(mine))
    return taken + [PrivateKey.made().der for _ in range(number - len(taken))]


def fingerprint(session: Session, month: date) -> str | None:
    """The fingerprint of a month's wave, which stands in its mails; None where no keys were given out."""
    rows = (
        select(WaveFingerprint.root).join(Wave, Wave.id == WaveFingerprint.wave_id).where(Wave.month == month)
    )
    return session.scalar(rows)


def months(session: Session) -> list[date]:
    """The months whose keys were given out, the newest first."""
    rows = select(Wave.month).join(WaveFingerprint, WaveFingerprint.wave_id == Wave.id)
    return list(session.scalars(rows.order_by(Wave.month.desc())))


def public(session: Session, month: date) -> list[UnitLine]:
    """Every unit of a month's wave with its people and its key's fingerprint, in the order of their codes."""
    rows = (
        select(Team.code, Team.name_en, Team.name_fr, UnitKey.people, UnitKey.public)
        .join(UnitKey, UnitKey.unit_id == Team.id)
        .join(Wave, Wave.id == UnitKey.wave_id)
        .where(Wave.month == month)
    )
    found = [
        UnitLine(code, {"en": english, "fr": french}, people, hashlib.sha256(der).hexdigest())
        for code, english, french, people, der in session.execute(rows)
    ]
    return sorted(found, key=lambda line: line.code.encode())


def forget(session: Session, now: datetime) -> int:
    """Destroy the private keys of the waves in which nobody can draw a ballot any more; how many.

    Checking a ballot needs the public half only.
    """
    over = select(Wave.id).where(Wave.closes_at <= now)
    gone = (
        update(UnitKey)
        .where(UnitKey.wave_id.in_(over), UnitKey.private.is_not(None))
        .values(private=None)
        .returning(UnitKey.unit_id)
    )
    return len(session.execute(gone).all())
