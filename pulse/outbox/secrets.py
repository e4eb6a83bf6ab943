"""A secret within a message: the table holds a mark, and the secret is worked out when the message is sent.

So nobody who reads the database, or a backup of it, can follow a link that is still on its way.
"""

import base64
import hashlib
import hmac
import re

WHOLE = 43  # characters of a secret
MARK = re.compile(r"\{secret:([A-Za-z0-9_-]+)(?::([0-9]+))?\}")


def mark(nonce: str, length: int = WHOLE) -> str:
    """What stands in a message for the secret of a nonce (letters, digits, - and _), or for its beginning."""
    return f"{{secret:{nonce}}}" if length == WHOLE else f"{{secret:{nonce}:{length}}}"


def secret(key: str, nonce: str, length: int = WHOLE) -> str:
    """The secret of a nonce under the installation's key, or its beginning: it may stand in an address.

    length -- in characters of 6 bits each
    """
    mixed = hmac.new(key.encode(), b"secret of a message " + nonce.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(mixed).decode()[:length]


def filled(text: str, key: str) -> str:
    """A message's text with the secrets in the places of their marks."""
    return MARK.sub(lambda found: secret(key, found[1], int(found[2] or WHOLE)), text)
