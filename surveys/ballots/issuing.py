"""Issuing: a person who has signed in draws one ballot a wave, signed by somebody who cannot read it."""

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from pulse.db import insert_into
from pulse.i18n import Lazy
from pulse.i18n import lazy as _
from pulse.months import written
from pulse.organisation.models import Team
from pulse.people.models import AnswersBy, Membership, Person
from surveys.ballots import blind
from surveys.ballots.blind import Key, PrivateKey
from surveys.ballots.models import UnitKey
from surveys.waves.models import Issued, Wave, WaveTeam
from surveys.waves.service import current, taking_answers


class NoBallot(Exception):
    """Somebody gets no ballot: why, as a code, as a status of HTTP, and in words."""

    error = "refused"
    status = 400
    words: Lazy = _("Nothing was sent.")


class NotUnderstood(NoBallot):
    """The request is none that our page sends."""

    error = "malformed"
    words = _("The page could not be understood. Nothing was sent. Load the page again.")


class Drawn(NoBallot):
    """This person has drawn this wave's ballot, with another request than this one."""

    error, status = "drawn", 409
    words = _("You have drawn this month's ballot already, perhaps in another window or on another device.")


class OfAnotherWave(NoBallot):
    """The page was opened in an earlier wave."""

    error, status = "wave", 409
    words = _("This page is of an earlier month. Nothing was sent. Load the page again.")


class Closed(NoBallot):
    """No wave lets people draw a ballot now."""

    error, status = "closed", 410
    words = _("This month's pulse is closed. Nothing was sent.")


class NotAsked(NoBallot):
    """This person belongs to no unit of the wave."""

    error, status = "not_asked", 403
    words = _("You are asked nothing this month. Nothing was sent.")


class ByCode(NoBallot):
    """This person answers by a printed code, which is drawn by hand."""

    error, status = "by_code", 403
    words = _("You answer by a printed code this month. Nothing was sent.")


@dataclass(frozen=True)
class Ballot:
    """The right to answer once for a unit: nothing in it tells whose it is."""

    wave: str
    unit: str
    nonce: bytes
    signature: bytes


@dataclass(frozen=True)
class Place:
    """The wave a person may answer now, for which unit, and the unit's key."""

    wave: Wave
    unit: Team
    key: UnitKey


def message(wave: str, unit: str) -> bytes:
    """What a ballot's signature says, but for the nonce before it."""
    return f"pulse ballot\n{wave}\n{unit}".encode()


def place(session: Session, person_id: int, now: datetime, *, zone: ZoneInfo) -> Place:
    """Where a person may answer now; raises Closed, ByCode or NotAsked."""
    wave = taking_answers(session, now)
    if wave is None:
        raise Closed
    unit = unit_of(session, wave, person_id, zone=zone)
    key = session.get(UnitKey, (wave.id, unit.id)) if unit else None
    if unit is None or key is None:
        raise NotAsked
    person = session.get_one(Person, person_id)
    if person.answers_by is AnswersBy.CODE:
        raise ByCode
    return Place(wave, unit, key)


def unit_of(session: Session, wave: Wave, person_id: int, *, zone: ZoneInfo) -> Team | None:
    """The unit a person answers for: by the team they belonged to when the wave opened, None without one.

    Whoever moves meanwhile stays in the crowd that was counted; whoever joins waits for the next wave.
    """
    day = wave.opens_at.astimezone(zone).date()
    rows = (
        select(Team)
        .join(WaveTeam, WaveTeam.unit_id == Team.id)
        .join(Membership, Membership.team_id == WaveTeam.team_id)
        .where(WaveTeam.wave_id == wave.id, Membership.person_id == person_id, current(day))
        .order_by(Membership.since.desc())
        .limit(1)
    )
    return session.scalar(rows)


def has_drawn(session: Session, wave: Wave, person_id: int) -> bool:
    """Whether a person has drawn the ballot of a wave; nobody knows whether it was cast."""
    return session.get(Issued, (wave.id, person_id)) is not None


def page_data(place: Place, *, root: str, issue: str, cast: str) -> dict[str, object]:
    """What the page hands to the script that draws and casts a ballot.

    root -- the fingerprint of the wave
    issue, cast -- addresses: where a ballot is drawn, and where it is cast
    """
    key = Key.read(place.key.public)
    return {
        "wave": written(place.wave.month),
        "unit": place.unit.code,
        "people": place.key.people,
        "key": {"n": encoded(key.n.to_bytes(key.size)), "e": encoded(key.e.to_bytes(3))},
        "root": root,
        "proof": [{"left": bool(left), "hash": neighbour} for left, neighbour in place.key.proof],
        "issue": issue,
        "cast": cast,
    }


def admit(
    session: Session, person_id: int, month: str, blinded: bytes, now: datetime, *, zone: ZoneInfo
) -> PrivateKey:
    """Note that a person has drawn the open wave's ballot; the key to sign their request with.

    month -- of the wave the request is for, YYYY-MM
    blinded -- the request: the blinded message

    The row decides races: the first request wins, and the very same one again is admitted again, because
    its answer may have been lost. To sign takes longer than all of this, so it is left to the caller, after
    the transaction. Raises NoBallot.
    """
    here = place(session, person_id, now, zone=zone)
    if month != written(here.wave.month):
        raise OfAnotherWave
    if here.key.private is None:
        raise Closed
    key = PrivateKey.read(here.key.private)
    if len(blinded) != key.key.size or not 1 < int.from_bytes(blinded) < key.key.n - 1:
        raise NotUnderstood
    request = hashlib.sha256(blinded).digest()
    row = {"wave_id": here.wave.id, "person_id": person_id, "request": request}
    mine = insert_into(session, Issued).values(**row).on_conflict_do_nothing().returning(Issued.wave_id)
    if session.execute(mine).first() is None:
        first = select(Issued.request).where(Issued.wave_id == here.wave.id, Issued.person_id == person_id)
        if not hmac.compare_digest(session.scalars(first).one(), request):
            raise Drawn
    return key


def issue_confidentially(
    session: Session, person_id: int, month: str, now: datetime, *, zone: ZoneInfo
) -> Ballot:
    """Draw a ballot for somebody whose browser runs no scripts: nonce and signature are made here.

    Nothing more is stored than of a blind one; but whoever runs the server could look on meanwhile, so this
    way is called confidential and never anonymous. Raises NoBallot.
    """
    here = place(session, person_id, now, zone=zone)
    nonce = secrets.token_bytes(blind.NONCE)
    prepared = blind.prepare(message(month, here.unit.code), nonce)
    key = Key.read(here.key.public)
    blinded = blind.blind(key, prepared)
    private = admit(session, person_id, month, blinded.message, now, zone=zone)
    signature = blind.finalize(key, prepared, blind.blind_sign(private, blinded.message), blinded.inverse)
    return Ballot(month, here.unit.code, nonce, signature)


def genuine(session: Session, wave: Wave, ballot: Ballot) -> bool:
    """Whether a ballot's signature is that of its unit's key in this wave."""
    public = session.scalar(
        select(UnitKey.public)
        .join(Team, Team.id == UnitKey.unit_id)
        .where(UnitKey.wave_id == wave.id, Team.code == ballot.unit)
    )
    if public is None or len(ballot.nonce) != blind.NONCE:
        return False
    prepared = blind.prepare(message(written(wave.month), ballot.unit), ballot.nonce)
    return blind.verified(Key.read(public), prepared, ballot.signature)


def encoded(data: bytes) -> str:
    """Bytes as they travel: base64 for addresses, without padding (RFC 4648 §5)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: object) -> bytes:
    """The bytes behind such a text; raises NotUnderstood for anything else, other spellings included."""
    try:
        if not isinstance(text, str):
            raise NotUnderstood
        found = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise NotUnderstood from None
    if encoded(found) != text:
        raise NotUnderstood
    return found
