"""Printed codes: drawn by hand, typed once, and known to the urn by a digest alone."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pulse.db import insert_into
from pulse.organisation.models import Team
from pulse.people.models import AnswersBy, Membership, Person
from surveys.ballots.models import CodeSheet
from surveys.ballots.urn import add_codes
from surveys.waves.models import Wave, WaveState, WaveTeam
from surveys.waves.service import current

ALPHABET = (
    "ACDEFGHJKMNPQRTVWXY34679"  # nothing that looks or sounds like something else of it: 55 bits a code
)
LENGTH, GROUP = 12, 4


class NoSuchWave(Exception):
    """No wave of this month is open."""


class NoSuchUnit(Exception):
    """Nobody of such a unit answers this wave by a printed code."""


class AlreadyMade(Exception):
    """The unit's codes of this wave were made before: more of them could be more answers than people."""


@dataclass(frozen=True)
class Need:
    """A ballot unit with people who answer by printed code, and whether their codes were made."""

    unit: Team
    people: int
    made: bool


@dataclass(frozen=True)
class Batch:
    """The codes of a unit in a wave, as they are printed: one a person. They are kept nowhere."""

    month: date
    unit: Team
    closes: datetime
    codes: Sequence[str]


def wave_of(session: Session, month: date) -> Wave:
    """The wave of a month; raises NoSuchWave."""
    wave = session.scalar(select(Wave).where(Wave.month == month))
    if wave is None or wave.state is not WaveState.OPEN:
        raise NoSuchWave(month)
    return wave


def drawn() -> str:
    """A new code, in groups of four."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return "-".join(letters[at : at + GROUP] for at in range(0, LENGTH, GROUP))


def plain(typed: str) -> str:
    """A code as it was meant, however it was typed: capitals, without dashes and blanks."""
    return "".join(letter for letter in typed.upper() if letter.isalnum())[: 2 * LENGTH]


def digest(code: str, secret: str) -> bytes:
    """What the urn knows a code by: without the secret key nobody can try codes out against it."""
    return hmac.digest(secret.encode(), b"printed code " + plain(code).encode(), hashlib.sha256)


def needs(session: Session, wave: Wave, *, zone: ZoneInfo) -> list[Need]:
    """The units of a wave with people who answer by code, in the order of their codes."""
    people = func.count(Person.id.distinct()).label("people")
    counted = (
        select(WaveTeam.unit_id, people)
        .join(Membership, Membership.team_id == WaveTeam.team_id)
        .join(Person, Person.id == Membership.person_id)
        .where(
            WaveTeam.wave_id == wave.id,
            current(wave.opens_at.astimezone(zone).date()),
            Person.disabled_at.is_(None),
            Person.answers_by == AnswersBy.CODE,
        )
        .group_by(WaveTeam.unit_id)
        .subquery()
    )
    rows = (
        select(Team, counted.c.people, CodeSheet.unit_id)
        .join(counted, counted.c.unit_id == Team.id)
        .outerjoin(CodeSheet, (CodeSheet.wave_id == wave.id) & (CodeSheet.unit_id == Team.id))
    )
    found = [Need(unit, number, made is not None) for unit, number, made in session.execute(rows)]
    return sorted(found, key=lambda need: need.unit.code)


def make(session: Session, box: Session, wave: Wave, unit: str, *, secret: str, zone: ZoneInfo) -> Batch:
    """Make a code for each person of a unit who answers by code, once; raises NoSuchUnit or AlreadyMade.

    session, box -- of the main database and of the urn's; the urn's is to be committed first: codes that
                    nobody has printed do no harm, printed ones that are not known would
    """
    need = next((need for need in needs(session, wave, zone=zone) if need.unit.code == unit), None)
    if need is None:
        raise NoSuchUnit(unit)
    row = {"wave_id": wave.id, "unit_id": need.unit.id}
    mine = insert_into(session, CodeSheet).values(**row).on_conflict_do_nothing().returning(CodeSheet.unit_id)
    if session.execute(mine).first() is None:
        raise AlreadyMade(unit)
    codes = [drawn() for _ in range(need.people)]
    add_codes(box, wave.month, unit, [digest(code, secret) for code in codes])
    return Batch(wave.month, need.unit, wave.closes_at, codes)
