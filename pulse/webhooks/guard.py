"""Where webhooks may go: outwards only, to the very address that was looked at.

Whoever may write an address could otherwise have Pulse ask for things inside the organisation's network that
they cannot reach themselves (server-side request forgery). So names are resolved here, once; every address
found must be a public one; and the connection is made to that address, not to the name, which might lead
elsewhere a moment later.
"""

import ipaddress
import re
import socket
import threading
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import urlsplit

LONGEST = 500  # characters of an address
PATIENCE = 5.0  # seconds for a name
SCHEMES = {"https": 443, "http": 80}
LOWEST_PORT = 1024  # but for 443: below are mail, files, remote control
LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
NAME = re.compile(rf"(?=.{{1,253}}\Z){LABEL}(\.{LABEL})*")
TARGET = re.compile(r"[\x21-\x7e]*")
NOT_PUBLIC = [
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carriers' own (CGNAT)
        "127.0.0.0/8",  # this machine
        "169.254.0.0/16",  # link-local; where clouds keep their keys
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocols
        "192.0.2.0/24",  # examples
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # examples
        "203.0.113.0/24",  # examples
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
        "2001::/23",  # protocols, Teredo
        "2001:db8::/32",  # examples
        "2002::/16",  # 6to4: an IPv4 address within
        "3fff::/20",  # examples
    )
]
# Leaves out ::1, IPv4 within IPv6, NAT64, fc00::/7, fe80::/10, ff00::/8.
PUBLIC_6 = ipaddress.ip_network("2000::/3")
OWN_RANGES = [
    ipaddress.ip_network(network)
    for network in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "::1/128", "fc00::/7")
]
Address = IPv4Address | IPv6Address


class NotAnAddress(Exception):
    """This cannot be an address to tell news to."""


class Inwards(NotAnAddress):
    """It leads into the organisation's own network, or to this machine."""


class NoSuchName(Exception):
    """The name leads nowhere at present."""


@dataclass(frozen=True)
class Target:
    """An address taken apart: where to connect, and what to ask for there.

    named -- whether the operator has named it as one within their own network
    """

    scheme: str
    host: str
    port: int
    path: str
    named: bool

    @property
    def host_header(self) -> str:
        """The host as a request names it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == SCHEMES[self.scheme] else f"{host}:{self.port}"


def target(url: str, inwards: Collection[str] = ()) -> Target:
    """An address taken apart; raises NotAnAddress or Inwards. Names are not resolved here.

    inwards -- scheme, host and port of what the operator has named within their own network
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        well_formed = _is_plain(url) and not parts.fragment and "@" not in parts.netloc
        literal = _literal(host)
        host = host if literal else host.encode("idna").decode("ascii").lower()
    except (ValueError, UnicodeError) as error:
        raise NotAnAddress(url) from error
    if not well_formed or parts.scheme not in SCHEMES or not TARGET.fullmatch(path):
        raise NotAnAddress(url)
    if literal is None and not NAME.fullmatch(host):
        raise NotAnAddress(url)
    found = Target(parts.scheme, host, SCHEMES[parts.scheme] if port is None else port, path, False)
    if origin(found) in {origin(target_of_origin) for target_of_origin in map(_origin, inwards)}:
        return Target(found.scheme, found.host, found.port, found.path, True)
    if found.scheme != "https" or not (found.port == SCHEMES["https"] or found.port >= LOWEST_PORT):
        raise NotAnAddress(url)
    if host == "localhost" or (literal is not None and not is_public(literal)):
        raise Inwards(url)
    return found


def _is_plain(url: str) -> bool:
    """Whether every program reads the same into an address: no blanks, nothing unseen, no backslash."""
    return len(url) <= LONGEST and url.isprintable() and not set(url) & set(" \\\u00a0")


def origin(found: Target) -> tuple[str, str, int]:
    """Scheme, host and port."""
    return found.scheme, found.host, found.port


def _origin(text: str) -> Target:
    parts = urlsplit(text)
    return Target(parts.scheme, parts.hostname or "", parts.port or SCHEMES[parts.scheme], "/", True)


def _literal(host: str) -> Address | None:
    """The address that is written out instead of a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def is_public(address: Address) -> bool:
    """Whether an address is one of the public internet's, and hides no other one within it."""
    if isinstance(address, IPv6Address) and (address not in PUBLIC_6 or address.scope_id is not None):
        return False
    listed = any(address in network for network in NOT_PUBLIC if network.version == address.version)
    return address.is_global and not listed


def may_be_reached(address: Address, found: Target) -> bool:
    """Whether news may go to this address: a public one, or a private one that the operator has named."""
    if found.named:
        return is_public(address) or any(
            address in network for network in OWN_RANGES if network.version == address.version
        )
    return is_public(address)


def addresses(found: Target) -> list[Address]:
    """Where a target is at present; raises NoSuchName, or Inwards where any of it may not be reached."""
    resolved = [ipaddress.ip_address(text) for text in _resolved(found)]
    if not all(may_be_reached(address, found) for address in resolved):
        raise Inwards(found.host)
    return resolved


def _resolved(found: Target) -> list[str]:
    """The addresses of a name, as text. A resolver that hangs is waited for no longer than PATIENCE."""
    answers: list[str] = []

    def ask() -> None:
        try:
            told = socket.getaddrinfo(found.host, found.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return
        answers.extend(dict.fromkeys(str(each[4][0]) for each in told))

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(PATIENCE)
    if asking.is_alive() or not answers:
        raise NoSuchName(found.host)
    return list(answers)
