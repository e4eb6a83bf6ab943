"""A secret within a message: the table holds a mark, and the secret is worked out when the message is sent.

So nobody who reads the database, or a backup of it, can follow a link that is still on its way.
"""

import base64
import hashlib
import hmac
import re

MARK = re.compile(r"\{secret:([A-Za-z0-9_-]+)\}")


def mark(nonce: str) -> str:
    """What stands in a message for the secret of a nonce (letters, digits, - and _)."""
    return f"{{secret:{nonce}}}"


def secret(key: str, nonce: str) -> str:
    """The secret of a nonce under the installation's key: 43 characters that may stand in an address."""
    mixed = hmac.new(key.encode(), b"secret of a message " + nonce.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(mixed).decode().rstrip("=")


def filled(text: str, key: str) -> str:
    """A message's text with the secrets in the places of their marks."""
    return MARK.sub(lambda found: secret(key, found[1]), text)
