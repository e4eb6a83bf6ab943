"""Passwords: hashed with argon2id, a few at a time, and checked as slowly for unknown people as for known."""

import re
import secrets
import threading
from collections.abc import Iterable
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from config import settings
from pulse.people import breaches

HASHER = PasswordHasher()
AT_ONCE = threading.BoundedSemaphore(2)  # each hash takes 64 MiB: many sign-ins at once wait for one another
SHORTEST = 12
GUESSES = 9  # powers of ten: what is found among the first thousand million guesses is refused
LOOKED_AT = 72  # characters; what follows makes a password no easier to guess
OURS = ("pulse", "survey", "enquete", "sondage", "irritant", "works council", "admin", "analyst", "password")


class WeakPassword(Exception):
    """Shorter than SHORTEST characters."""


def hashed(password: str) -> str:
    """What to store of a password; raises WeakPassword."""
    if len(password) < SHORTEST:
        raise WeakPassword
    with AT_ONCE:
        return HASHER.hash(password)


def easily_guessed(password: str, about: Iterable[str] = ()) -> bool:
    """Whether a password is among the first guesses, or in the operator's file of stolen ones.

    about -- what tells of the person: address, name, organisation; their words are guessed first

    Guesses are counted as zxcvbn does (Wheeler, USENIX Security 2016): 30,000 common passwords, words and
    names of several languages, dates, rows of keys, repetitions, and what is usually done to these.
    """
    from zxcvbn import zxcvbn  # 100,000 words: only where a password is chosen

    words = {
        word for text in (*about, *OURS) for word in re.split(r"[\W_]+", text.casefold()) if len(word) > 2
    }
    estimated = zxcvbn(password[:LOOKED_AT], user_inputs=sorted(words))["guesses_log10"]
    stolen = settings().breached_passwords
    return estimated < GUESSES or (stolen is not None and breaches.holds(stolen, password))


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
