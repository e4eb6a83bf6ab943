"""The second factor: codes of an app (TOTP, RFC 6238) that shares a secret with us, and codes for a lost one.

The secret is sealed under the installation's key, and of recovery codes a keyed digest is kept: a copy of the
database alone gives neither. Codes count as attempts do: a few, then one has to wait.
"""

import base64
import enum
import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from config import settings
from pulse.people import attempts, service
from pulse.people.models import Grant, Person, RecoveryCode, SecondFactor

READ_EVERYBODY = {Grant.ANALYST, Grant.COUNCIL, Grant.ADMIN}
STEP = 30  # seconds a code stands in the app
EITHER_SIDE = 1  # steps before and after the present one whose codes are taken: clocks differ
DIGITS = 6
TRIES = 5  # codes within a quarter of an hour
CODES = 10  # recovery codes
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # without those taken for one another
OFFERED = 60 * 60  # seconds in which an offered secret may be confirmed
ATTEMPT = "second factor"


class Wanted(enum.Enum):
    """What is still wanted of somebody who has shown a password or a mailed link."""

    NOTHING = "nothing"
    CODE = "code"
    SETTING_UP = "setting up"


class Stale(Exception):
    """What was offered was offered too long ago, or to somebody else."""


@dataclass(frozen=True)
class Offer:
    """A secret to be put into an app.

    sealed -- the secret for the form to bring back, which nobody but us can read
    words -- the secret in groups of four letters; address -- the same for a QR code
    """

    sealed: str
    words: str
    address: str


@dataclass(frozen=True)
class Standing:
    """What a person is told of their second factor.

    since -- the day it was set up; None = there is none
    codes -- how many recovery codes are left
    required -- whether they could not sign in without one
    offered -- whether they may set one up: who only answers has nothing to guard by it
    """

    since: date | None
    codes: int
    required: bool
    offered: bool


def standing(session: Session, person: Person) -> Standing:
    """How things stand with a person's second factor."""
    found = session.get(SecondFactor, person.id)
    since = found.confirmed_on if found is not None else None
    may = since is not None or (bool(person.grants) and not settings().oidc_alone)
    return Standing(since, left(session, person.id), required(person), may)


def required(person: Person) -> bool:
    """Whether a person may read everybody's figures, here where that needs a second factor."""
    held = {grant.grant for grant in person.grants}
    return settings().second_factor_required and not held.isdisjoint(READ_EVERYBODY)


def wanted(session: Session, person: Person) -> Wanted:
    """What a person has to show beside a password or a mailed link."""
    if has_one(session, person.id):
        return Wanted.CODE
    return Wanted.SETTING_UP if required(person) else Wanted.NOTHING


def has_one(session: Session, person_id: int) -> bool:
    """Whether a person has set a second factor up."""
    found = session.get(SecondFactor, person_id)
    return found is not None and found.confirmed_on is not None


def offer(person: Person, key: str) -> Offer:
    """A new secret for a person's app; nothing is stored until a code of it is brought."""
    return _offer(person, secrets.token_bytes(20), key)


def offered(person: Person, sealed: str, key: str) -> Offer:
    """The same offer again, for a form that is shown once more; raises Stale."""
    return _offer(person, _opened_offer(person.id, sealed, key), key)


def _offer(person: Person, secret: bytes, key: str) -> Offer:
    words = base64.b32encode(secret).decode()
    held = json.dumps({"person": person.id, "secret": words})
    return Offer(
        sealed=_seal(key).encrypt(held.encode()).decode(),
        words=" ".join(words[place : place + 4] for place in range(0, len(words), 4)),
        address=_app(secret).get_provisioning_uri(person.email, "Pulse"),
    )


def _opened_offer(person_id: int, sealed: str, key: str) -> bytes:
    try:
        held = json.loads(_seal(key).decrypt(sealed.encode(), ttl=OFFERED))
    except (InvalidToken, ValueError):
        raise Stale from None
    if held["person"] != person_id:
        raise Stale
    return base64.b32decode(held["secret"])


def may_try(session: Session, person: Person, now: datetime) -> bool:
    """Whether a person may try one more code; counts the attempt where they may."""
    return attempts.allowed(session, ATTEMPT, person.email, now, most=TRIES)


def fits(person: Person, sealed: str, said: str, now: datetime, key: str) -> bool:
    """Whether this is a code of the secret a person was offered; raises Stale."""
    return _step_of(_opened_offer(person.id, sealed, key), said, now) is not None


def confirm(
    session: Session, person: Person, sealed: str, said: str, now: datetime, key: str
) -> Sequence[str]:
    """Ask for an offered secret from now on, of which a code was brought; recovery codes, to be shown once.

    It ends all visits, and takes the place of an earlier secret. Raises Stale, also where the code is wrong.
    """
    secret = _opened_offer(person.id, sealed, key)
    step = _step_of(secret, said, now)
    if step is None:
        raise Stale
    factor = SecondFactor(person_id=person.id, confirmed_on=service.today(), last_step=step)
    factor.sealed = _seal(key).encrypt(secret).decode()
    session.merge(factor)
    person.visits += 1
    attempts.forget(session, ATTEMPT, person.email)
    return fresh_codes(session, person.id, key)


def taken(session: Session, person: Person, said: str, now: datetime, key: str) -> bool:
    """Whether this is a code of a person's app, or one of their recovery codes; each is taken once."""
    plain = "".join(said.split())
    good = _taken_of_app(session, person.id, plain, now, key) or _taken_of_paper(
        session, person.id, plain, key
    )
    if good:
        attempts.forget(session, ATTEMPT, person.email)
    return good


def _taken_of_app(session: Session, person_id: int, said: str, now: datetime, key: str) -> bool:
    factor = session.get(SecondFactor, person_id)
    if factor is None or factor.confirmed_on is None:
        return False
    try:
        secret = _seal(key).decrypt(factor.sealed.encode())
    except InvalidToken:  # the installation has a new key: an admin resets it
        return False
    step = _step_of(secret, said, now)
    if step is None:
        return False
    # The database decides which of two requests with the same code was first.
    newer = update(SecondFactor).where(SecondFactor.person_id == person_id, SecondFactor.last_step < step)
    return session.execute(newer.values(last_step=step).returning(SecondFactor.person_id)).first() is not None


def _taken_of_paper(session: Session, person_id: int, said: str, key: str) -> bool:
    used = delete(RecoveryCode).where(
        RecoveryCode.person_id == person_id, RecoveryCode.digest == _digest(person_id, said, key)
    )
    return session.execute(used.returning(RecoveryCode.person_id)).first() is not None


def fresh_codes(session: Session, person_id: int, key: str) -> Sequence[str]:
    """New recovery codes in place of all earlier ones, to be shown once."""
    codes = [_code() for _ in range(CODES)]
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    rows = [{"person_id": person_id, "digest": _digest(person_id, code, key)} for code in codes]
    session.execute(insert(RecoveryCode), rows)
    return codes


def left(session: Session, person_id: int) -> int:
    """How many recovery codes a person has left."""
    return session.scalar(select(func.count()).where(RecoveryCode.person_id == person_id)) or 0


def forget(session: Session, person_id: int) -> None:
    """Ask a person for no second factor any more, until one is set up again."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    session.execute(delete(SecondFactor).where(SecondFactor.person_id == person_id))


def reset(session: Session, person: Person, *, by: int | None) -> None:
    """Forget a person's second factor, end their visits, and write it down (by None = the command line)."""
    forget(session, person.id)
    person.visits += 1
    service.note(session, "second factor reset", person.email, by=by)


def forget_steps(session: Session, now: datetime) -> None:
    """Forget which code was taken last once it would be taken no more: it tells when somebody signed in."""
    over = int(now.timestamp()) // STEP - 2 * EITHER_SIDE
    old = update(SecondFactor).where(SecondFactor.last_step > 0, SecondFactor.last_step < over)
    session.execute(old.values(last_step=0))


def _step_of(secret: bytes, said: str, now: datetime) -> int | None:
    """The step of 30 seconds whose code this is, of those around now; None = of none."""
    plain, here = "".join(said.split()), int(now.timestamp()) // STEP
    app, found = _app(secret), None
    for step in range(here - EITHER_SIDE, here + EITHER_SIDE + 1):
        if hmac.compare_digest(app.generate(step * STEP), plain.encode("utf-8", "replace")):
            found = step
    return found


def _app(secret: bytes) -> TOTP:
    return TOTP(secret, DIGITS, SHA1(), STEP)  # the digest every app knows; as a HMAC it holds


def _seal(key: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_key_for(key, b"seal of second factors")))


def _key_for(key: str, purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=purpose).derive(key.encode())


def _code() -> str:
    drawn = "".join(secrets.choice(LETTERS) for _ in range(10))
    return f"{drawn[:5]}-{drawn[5:]}"


def _digest(person_id: int, said: str, key: str) -> str:
    plain = said.casefold().replace("-", "")
    told = f"{person_id} {plain}".encode("utf-8", "replace")
    return hmac.new(_key_for(key, b"recovery codes"), told, hashlib.sha256).hexdigest()
