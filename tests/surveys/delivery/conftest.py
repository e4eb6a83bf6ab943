"""A mail server that takes messages, and others that do what mail servers do on bad days."""

import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from config import Settings

SECRET = "a key for tests only, long enough to be taken"


class Postman:
    """Takes mail; `answers` maps a recipient to what is said instead of yes."""

    def __init__(self) -> None:
        self.taken: list[tuple[list[str], str]] = []
        self.at_recipient: dict[str, str] = {}
        self.at_content: dict[str, str] = {}

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """A recipient is named."""
        if address in self.at_recipient:
            return self.at_recipient[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """The whole message is there."""
        said = self.at_content.get(envelope.rcpt_tos[0], "250 OK")
        if said == "silence":
            server.transport.abort()
            return "250 never said"
        if said.startswith("250"):
            content: Any = envelope.content
            self.taken.append((list(envelope.rcpt_tos), content.decode()))
        return said


class FreePort(Controller):
    """A controller on a port that the system chooses."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def postman() -> Iterator[Postman]:
    """A real mail server on this machine; its port is in `port`."""
    found = Postman()
    controller = FreePort(found, hostname="127.0.0.1", port=0)
    controller.start()
    found.port = controller.port  # type: ignore[attr-defined]
    yield found
    controller.stop()


@pytest.fixture
def by(postman: Postman) -> Settings:
    """Settings that send by this server."""
    return settings_for(f"smtp://127.0.0.1:{postman.port}")  # type: ignore[attr-defined]


def settings_for(url: str | None) -> Settings:
    """Settings with this mail server."""
    return Settings(secret_key=SECRET, smtp_url=url, mail_from="Pulse <pulse@example.org>")


@pytest.fixture
def hanging_up() -> Iterator[Callable[[str], Settings]]:
    """Settings for a server that hangs up when it hears a word: EHLO, MAIL, RCPT or DATA."""
    listeners: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def server(at: str) -> Settings:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)
        thread = threading.Thread(target=_listen, args=(listener, at))
        thread.start()
        threads.append(thread)
        return settings_for(f"smtp://127.0.0.1:{listener.getsockname()[1]}")

    yield server
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
    for thread in threads:
        thread.join()


def _listen(listener: socket.socket, at: str) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection, connection.makefile("rwb") as talk:
            _talk(talk, at)


def _talk(talk: Any, at: str) -> None:
    def say(words: bytes) -> None:
        talk.write(words + b"\r\n")
        talk.flush()

    say(b"220 here")
    for line in talk:
        heard = line[:4].decode().strip().upper()
        if heard == at:
            return
        say(b"250 fine")
