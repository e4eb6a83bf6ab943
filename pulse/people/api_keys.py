"""Keys of the API: made once, known by a digest, good for what they name until a day or until revoked.

A key is written `pulse_<public>_<secret>`. The public part finds the row; the secret has 256 bits, so that a
plain digest of it is enough to know it by. A key that may sign links has a second secret, worked out from
the installation's key and the public part: Pulse can check a signature without keeping what made it.
"""

import base64
import hashlib
import hmac
import secrets
import string
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from pulse.people import attempts, service
from pulse.people.models import ApiKey, Person, Scope

PREFIX = "pulse"
LETTERS = string.ascii_letters + string.digits  # one word: a double click marks the whole key
PUBLIC_LENGTH, SECRET_LENGTH = 12, 43
WRONG = 30  # wrong secrets within a quarter of an hour, after which these are told to wait
LONGEST_NAME = 100
NOBODYS = hashlib.sha256(b"nobody's key").hexdigest()


class NameTaken(Exception):
    """There is a key of this name that still works."""


class NotAName(Exception):
    """A name has 1 to 100 characters on one line."""


class NoScope(Exception):
    """A key that may be used for nothing is no key."""


class Over(Exception):
    """The last day of a key that is to be made is over already."""


class UnknownKey(Exception):
    """There is no key of this public part, or it is revoked already."""


class WrongKey(Exception):
    """This is no key that works: unknown, altered, expired or revoked; which of them is not said."""


class TooManyWrong(WrongKey):
    """It is no key that works, and too many of these came lately."""


class NotForThis(Exception):
    """The key works, but may not be used for this."""


@dataclass(frozen=True)
class Made:
    """A key just made: the one time that its secrets can be read."""

    public: str
    text: str
    link_secret: str | None


@dataclass(frozen=True)
class Listed:
    """A key as admins see it, and the address of whoever made it (None = the command line)."""

    key: ApiKey
    by: str | None

    def works(self, today: date) -> bool:
        """Whether it may still be used."""
        return works(self.key, today)


def works(key: ApiKey, today: date) -> bool:
    """Whether a key may be used on a day: neither revoked nor past its last day."""
    return key.revoked_at is None and (key.expires_on is None or today <= key.expires_on)


def make(
    session: Session,
    name: str,
    scopes: Collection[Scope],
    *,
    expires: date | None,
    secret_key: str,
    now: datetime,
    by: int | None = None,
) -> Made:
    """A new key.

    name -- what it is for, in somebody's own words; no two keys that work have the same
    expires -- the last day it works; None = until it is revoked
    secret_key -- the installation's, of which the secret for links is worked out
    by -- a person's id; None = the command line

    Raises NotAName, NameTaken, NoScope or Over.
    """
    name, today = name.strip(), service.today()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise NotAName
    if not scopes:
        raise NoScope
    if expires is not None and expires < today:
        raise Over
    if any(works(key, today) for key in session.scalars(select(ApiKey).where(ApiKey.name == name))):
        raise NameTaken(name)
    public, secret = _made_up(PUBLIC_LENGTH), _made_up(SECRET_LENGTH)
    named = [scope.value for scope in Scope if scope in scopes]
    key = ApiKey(public=public, name=name, secret_digest=_digest(secret), scopes=named, made_at=now)
    key.made_by, key.expires_on, key.last_used_on, key.revoked_at = by, expires, None, None
    session.add(key)
    session.flush()
    service.note(session, "key made", name, " ".join([public, *named]), by=by)
    signs = link_secret(secret_key, public) if Scope.LINKS in scopes else None
    return Made(public, f"{PREFIX}_{public}_{secret}", signs)


def revoke(session: Session, public: str, now: datetime, *, by: int | None = None) -> ApiKey:
    """Let a key, and the links it signed, work no more from now on; raises UnknownKey."""
    key = working(session, public)
    key.revoked_at = now
    service.note(session, "key revoked", key.name, key.public, by=by)
    return key


def working(session: Session, public: str) -> ApiKey:
    """A key that was not revoked; raises UnknownKey."""
    key = session.scalar(select(ApiKey).where(ApiKey.public == public, ApiKey.revoked_at.is_(None)))
    if key is None:
        raise UnknownKey(public)
    return key


def listed(session: Session) -> Sequence[Listed]:
    """All keys: those not revoked first, then by name."""
    rows = (
        select(ApiKey, Person.email)
        .outerjoin(Person, Person.id == ApiKey.made_by)
        .order_by(ApiKey.revoked_at.is_not(None), ApiKey.name, ApiKey.id)
    )
    return [Listed(key, email) for key, email in session.execute(rows)]


def known(session: Session, text: str, scope: Scope, today: date, now: datetime) -> ApiKey:
    """The key that somebody shows, where it may be used for this.

    Raises NotForThis, WrongKey or TooManyWrong. A right key is always taken: only wrong ones are counted,
    those of each key there is by themselves, so that a stranger can shut nobody out. Secrets are compared in
    constant time, and an unknown public part costs as much as a known one.
    """
    public, secret = parts(text)
    key = session.scalar(select(ApiKey).where(ApiKey.public == public))
    right = hmac.compare_digest(key.secret_digest if key else NOBODYS, _digest(secret))
    if key is None or not right or not works(key, today):
        wrong = key.public if key else ""
        if attempts.exhausted(session, "api key", wrong, now, most=WRONG):
            raise TooManyWrong(wrong)
        raise WrongKey(wrong)
    if scope.value not in key.scopes:
        raise NotForThis
    return key


def parts(text: str) -> tuple[str, str]:
    """The public part and the secret of a key as it is written; raises WrongKey for what cannot be one."""
    prefix, _, rest = text.partition("_")
    public, _, secret = rest.partition("_")
    letters = set(public + secret)
    if prefix != PREFIX or (len(public), len(secret)) != (PUBLIC_LENGTH, SECRET_LENGTH):
        raise WrongKey
    if not letters <= set(LETTERS):
        raise WrongKey
    return public, secret


def count_wrong(session: Session, wrong: WrongKey, now: datetime) -> None:
    """Remember that a wrong key was shown, without whose or from where."""
    if wrong.args:
        attempts.allowed(session, "api key", str(wrong.args[0]), now, most=WRONG)


def note_use(session: Session, key_id: int, today: date) -> None:
    """Remember the day a key was last used on."""
    earlier = or_(ApiKey.last_used_on.is_(None), ApiKey.last_used_on < today)
    session.execute(update(ApiKey).where(ApiKey.id == key_id, earlier).values(last_used_on=today))


def signer(session: Session, public: str, today: date) -> ApiKey | None:
    """The key of a public part, where it works and may sign links."""
    key = session.scalar(select(ApiKey).where(ApiKey.public == public))
    return key if key is not None and works(key, today) and Scope.LINKS.value in key.scopes else None


def link_secret(secret_key: str, public: str) -> str:
    """With what a key signs links: 43 characters, whose bytes are the key of an HMAC-SHA256.

    secret_key -- the installation's: who changes it ends all links signed before
    """
    mixed = hmac.new(secret_key.encode(), b"links of an api key " + public.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(mixed).decode().rstrip("=")


def _made_up(length: int) -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(length))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
