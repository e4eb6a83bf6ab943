"""One call of a receiver: to the address that was checked, once, for no longer than a few seconds."""

import re
import socket
import ssl
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta

from pulse.webhooks import guard
from pulse.webhooks.guard import Target
from pulse.webhooks.models import Trouble

PATIENCE = 10.0  # seconds for connecting, sending and the head of the answer together
MOST_READ = 16_384  # bytes of an answer: its head, and none of what it says
MOST_TRIED = 3  # addresses of a name
STATUS = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})(?: |\r?\n|$)")
WAIT = re.compile(rb"\r?\nretry-after:[ \t]*([0-9]{1,6})[ \t]*\r?\n", re.IGNORECASE)


class NoAnswer(Exception):
    """The receiver did not answer; its argument says why, as a Trouble."""


@dataclass(frozen=True)
class Answer:
    """What a receiver answered: a status of HTTP, and for how long it asks to be left alone."""

    status: int
    wait: timedelta


def call(
    url: str,
    body: str,
    headers: Mapping[str, str],
    *,
    inwards: Collection[str],
    patience: float = PATIENCE,
) -> Answer:
    """Post a body to a receiver and read the head of its answer; redirects are not followed.

    Raises NoAnswer, whatever goes wrong.
    """
    try:
        target = guard.target(url, inwards)
        found = guard.addresses(target)
    except guard.NoSuchName as error:
        raise NoAnswer(Trouble.NO_NAME) from error
    except guard.NotAnAddress as error:
        raise NoAnswer(Trouble.INWARDS) from error
    deadline = time.monotonic() + patience
    try:
        with _connected(target, [str(address) for address in found[:MOST_TRIED]], deadline) as connection:
            connection.settimeout(_left(deadline))
            connection.sendall(_request(target, body, headers))
            return _answer(connection, deadline)
    except TimeoutError as error:
        raise NoAnswer(Trouble.TIMEOUT) from error
    except OSError as error:
        raise NoAnswer(Trouble.BROKEN) from error


def _left(deadline: float) -> float:
    """Seconds left; raises TimeoutError where there are none."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _connected(target: Target, addresses: Collection[str], deadline: float) -> socket.socket:
    """A connection to the first of these addresses that takes one, encrypted where the scheme says so."""
    refused: OSError = ConnectionRefusedError()
    for address in addresses:
        try:
            # An address, not the name: it is the one that was checked.
            plain = socket.create_connection((address, target.port), timeout=_left(deadline))
        except TimeoutError:
            raise
        except OSError as error:
            refused = error
            continue
        return plain if target.scheme == "http" else _encrypted(plain, target, deadline)
    raise NoAnswer(Trouble.REFUSED) from refused


def _encrypted(plain: socket.socket, target: Target, deadline: float) -> socket.socket:
    try:
        plain.settimeout(_left(deadline))
        return ssl.create_default_context().wrap_socket(plain, server_hostname=target.host)
    except ssl.SSLError as error:
        plain.close()
        raise NoAnswer(Trouble.NOT_TRUSTED) from error
    except OSError:
        plain.close()
        raise


def _request(target: Target, body: str, headers: Mapping[str, str]) -> bytes:
    said = body.encode()
    lines = {
        "Host": target.host_header,
        "User-Agent": "Pulse",
        "Content-Type": "application/json; charset=utf-8",
        "Content-Length": str(len(said)),
        "Connection": "close",
        **headers,
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"POST {target.path} HTTP/1.1\r\n{head}\r\n".encode("ascii") + said


def _answer(connection: socket.socket, deadline: float) -> Answer:
    """The head of the answer; what comes before it (100 Continue and the like) is passed over."""
    read = b""
    while len(read) < MOST_READ:
        connection.settimeout(_left(deadline))
        some = connection.recv(min(4096, MOST_READ - len(read)))
        read += some
        while (answer := _head(read, whole=not some)) is not None and answer.status < 200:
            read = read.partition(b"\r\n\r\n")[2]
        if answer is not None:
            return answer
        if not some:
            break
    raise NoAnswer(Trouble.NO_HTTP)


def _head(read: bytes, *, whole: bool) -> Answer | None:
    """The head that these bytes hold; None where it is not all there. whole -- no more bytes will come."""
    head, end, _ = read.partition(b"\r\n\r\n")
    if not end and not whole:
        return None
    status = STATUS.match(head + end)
    if status is None:
        return None
    asked = WAIT.search(head + b"\r\n")
    return Answer(int(status[1]), timedelta(seconds=int(asked[1]) if asked else 0))
