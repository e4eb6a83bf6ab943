"""When answers through an open link come in a burst. Such answers are held, never refused. Pure.

Customers answer by a poster one by one; many within an hour, from one place or all in all, look like
somebody who answers in the place of others. What they send is kept apart until an analyst has looked at it.
"""

import hashlib
import hmac
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil

HOUR = timedelta(hours=1)
STEP = timedelta(minutes=10)  # answers are counted in pieces of the hour, so that no time of one is kept
FROM_ONE_PLACE = 10  # within the hour: a family, a shared network of a shop
AT_A_TOUCHPOINT = 30  # within the hour, where customers do not usually answer as often
A_HOME = 64  # bits of an IPv6 address: every line has as many addresses as it likes below these
TELLS_NOTHING = [
    ip_network(block)
    for block in (
        *("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"),
        *("::/127", "fc00::/7", "fe80::/10"),
    )
]  # behind such an address stands a proxy that PULSE_PROXIES does not count, and behind that everybody


def is_burst(*, from_there: int | None, in_all: int, usual: float) -> bool:
    """Whether the newest of these answers is one too many.

    from_there -- answers of the last hour from the same place, this one included; None = no place is known
    in_all -- answers of the last hour at the touchpoint, this one included
    usual -- answers a day at the touchpoint lately: as many may come within one hour
    """
    return (from_there or 0) > FROM_ONE_PLACE or in_all > max(AT_A_TOUCHPOINT, ceil(usual))


def step(now: datetime) -> datetime:
    """The beginning of the piece of the hour that a moment belongs to."""
    return now - timedelta(minutes=now.minute % 10, seconds=now.second, microseconds=now.microsecond)


def since(now: datetime) -> datetime:
    """The beginning of the first piece that belongs to the last hour: 50 to 60 minutes ago."""
    return step(now) - HOUR + STEP


def place(address: str | None) -> str | None:
    """The line an address belongs to; None where it tells nothing about who is there."""
    try:
        found = ip_address((address or "").partition("%")[0])
    except ValueError:
        return None
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    if any(found in block for block in TELLS_NOTHING):
        return None
    if isinstance(found, IPv6Address):
        return str(ip_network((found, A_HOME), strict=False))
    return str(found)


def client(remote: str | None, forwarded: str, proxies: int) -> str | None:
    """The address a request comes from.

    remote -- of the connection; forwarded -- the X-Forwarded-For header
    proxies -- how many stand in front of us: each appends who it heard from, so what stands further to the
               left was written by whoever is asking, and is not believed
    """
    if proxies == 0:
        return remote
    heard = [part.strip() for part in forwarded.split(",") if part.strip()]
    return heard[-proxies] if len(heard) >= proxies else None


def source(key: str, salt: str, touchpoint_id: int, line: str) -> str:
    """What is kept of a line for a day: nobody finds the way back without the day's salt and our key."""
    subject = f"source\n{salt}\n{touchpoint_id}\n{line}".encode()
    return hmac.new(key.encode(), subject, hashlib.sha256).hexdigest()[:32]
