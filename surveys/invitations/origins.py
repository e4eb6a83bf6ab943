"""Sites that may show a survey in a frame: read strictly, because they go into a header as they are. Pure."""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

MOST = 20  # sites a touchpoint
NAME = re.compile(
    r"(?=.{1,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*"
)
PORTS = {"http": 80, "https": 443}


class NotASite(Exception):
    """No site has such an address; the exception holds it."""


class TooManySites(Exception):
    """More sites than a header should hold."""


def origin(address: str) -> str:
    """The site that an address is on: https://www.example.org, with its port where it is not the usual one.

    address -- of any page of the site, or its bare name; raises NotASite
    """
    typed = address.strip()
    try:
        parts = urlsplit(typed if "://" in typed else f"https://{typed}")
        host = (parts.hostname or "").encode("idna").decode().lower()
        port = parts.port
    except ValueError:  # of which the errors of encodings are a kind
        raise NotASite(address) from None
    if parts.scheme not in PORTS or parts.username is not None or not NAME.fullmatch(host) or port == 0:
        raise NotASite(address)
    return f"{parts.scheme}://{host}" + (f":{port}" if port not in (None, PORTS[parts.scheme]) else "")


def origins(text: str) -> Sequence[str]:
    """The sites in a text, one a line, each once and in order; raises NotASite or TooManySites."""
    found = list(dict.fromkeys(origin(line) for line in text.splitlines() if line.strip()))
    if len(found) > MOST:
        raise TooManySites(len(found))
    return found
