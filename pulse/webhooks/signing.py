"""How receivers know that news is ours: signatures of version 1 of the Standard Webhooks specification.

Its source: github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md. What is signed is the
delivery's id, the second it is sent in and its body, joined by full stops: an older delivery sent again by a
stranger is known by its second.
"""

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.fernet import Fernet, InvalidToken

PREFIX = "whsec_"
BYTES = 32
OVERLAP = timedelta(hours=24)  # for so long after a change, the former secret signs as well


class Unreadable(Exception):
    """The secret was sealed under another installation's key."""


@dataclass(frozen=True)
class Secrets:
    """What a receiver knows our signature by.

    former -- the secret before the last change, which signs beside the current one until then
    """

    current: str
    former: str | None = None
    until: datetime | None = None

    def valid(self, now: datetime) -> list[str]:
        """The secrets to sign with."""
        both = self.former is not None and self.until is not None and now < self.until
        return [self.current, *([self.former] if both and self.former else [])]

    def replaced(self, new: str, now: datetime) -> "Secrets":
        """The secrets after a change."""
        return Secrets(new, self.current, now + OVERLAP)


def made_up() -> str:
    """A new secret: 256 random bits."""
    return PREFIX + base64.b64encode(secrets.token_bytes(BYTES)).decode()


def sealed(held: Secrets, key: str) -> str:
    """Secrets as they are kept, encrypted under the installation's key."""
    until = held.until.isoformat() if held.until else None
    return _seal(key).encrypt(json.dumps([held.current, held.former, until]).encode()).decode()


def opened(kept: str, key: str) -> Secrets:
    """The secrets that are kept so; raises Unreadable."""
    try:
        current, former, until = json.loads(_seal(key).decrypt(kept.encode()))
    except InvalidToken as error:
        raise Unreadable from error
    return Secrets(current, former, datetime.fromisoformat(until) if until else None)


def _seal(key: str) -> Fernet:
    mixed = hmac.new(key.encode(), b"seal of webhooks", hashlib.sha256).digest()
    return Fernet(base64.urlsafe_b64encode(mixed))


def signature(secret: str, name: str, second: int, body: str) -> str:
    """The signature of a delivery, by its id, the second it is sent in (since 1970) and its body."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    mixed = hmac.new(key, f"{name}.{second}.{body}".encode(), hashlib.sha256).digest()
    return "v1," + base64.b64encode(mixed).decode()


def headers(held: Secrets, name: str, body: str, now: datetime) -> dict[str, str]:
    """The headers that go with a delivery."""
    second = int(now.timestamp())
    return {
        "webhook-id": name,
        "webhook-timestamp": str(second),
        "webhook-signature": " ".join(signature(one, name, second, body) for one in held.valid(now)),
    }
