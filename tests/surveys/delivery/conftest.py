"""A mail server that takes messages, and others that do what mail servers do on bad days."""

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

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


@dataclass(frozen=True)
class Certificate:
    """A certificate of this machine by nobody anybody trusts, and what a server shows it with."""

    file: Path
    context: ssl.SSLContext


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """Made by openssl, once for all tests of this process."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl: run the tests by scripts/test, which installs it")
    folder = tmp_path_factory.mktemp("certificate")
    key, file = folder / "key.pem", folder / "certificate.pem"
    make = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
    ]
    whose = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    subprocess.run([*make, *whose, "-keyout", key, "-out", file], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, key)
    return Certificate(file, context)


def right_password(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, entered: LoginPassword
) -> AuthResult:
    """Whether somebody may send: only one person may."""
    right = (entered.login, entered.password) == (b"me@example.org", b"p@ss:word")
    return AuthResult(success=right, handled=False)


@pytest.fixture(params=["smtp", "smtps"])
def guarded(
    request: pytest.FixtureRequest, certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Postman, Callable[[str], Settings]]]:
    """A server that takes mail only by encryption and with a password; settings for a user:password.

    smtp -- encrypted on demand (STARTTLS); smtps -- from the first byte
    """
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.file))  # an administrator who trusts this server
    found = Postman()
    rules: dict[str, Any] = {"authenticator": right_password}
    if request.param == "smtp":
        rules |= {"tls_context": certificate.context, "require_starttls": True, "auth_required": True}
    else:
        rules |= {"ssl_context": certificate.context, "auth_require_tls": False}
    controller = FreePort(found, hostname="127.0.0.1", port=0, **rules)
    controller.start()
    yield found, lambda who: settings_for(f"{request.param}://{who}@localhost:{controller.port}")
    controller.stop()


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
