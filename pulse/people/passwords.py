"""Passwords: hashed with argon2id, a few at a time, and checked as slowly for unknown people as for known."""

import secrets
import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

HASHER = PasswordHasher()
AT_ONCE = threading.BoundedSemaphore(2)  # each hash takes 64 MiB: many sign-ins at once wait for one another
SHORTEST = 12


class WeakPassword(Exception):
    """Shorter than SHORTEST characters."""


def hashed(password: str) -> str:
    """What to store of a password; raises WeakPassword."""
    if len(password) < SHORTEST:
        raise WeakPassword
    with AT_ONCE:
        return HASHER.hash(password)


def matches(password: str, stored: str | None) -> bool:
    """Whether this is the password; takes as long where there is none to compare with."""
    with AT_ONCE:
        try:
            return HASHER.verify(stored or _nobodys(), password) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


@cache
def _nobodys() -> str:
    return HASHER.hash(secrets.token_urlsafe())


def made_up() -> str:
    """A new random password that can be read out: four groups of five letters and digits."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"  # without those taken for one another
    return "-".join("".join(secrets.choice(letters) for _ in range(5)) for _ in range(4))
