"""A mail server that takes messages, and others that do what mail servers do on bad days."""

import shutil
import ssl
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from config import Settings
from surveys.delivery import email

SECRET = "a key for tests only, long enough to be taken"


class Postman:
    """Takes mail; `answers` maps a recipient to what is said instead of yes."""

    def __init__(self) -> None:
        self.taken: list[tuple[list[str], str]] = []
        self.at_recipient: dict[str, str] = {}
        self.at_content: dict[str, str] = {}
        self.meanwhile: Callable[[int], object] = lambda taken: None  # done before a mail is taken

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
        self.meanwhile(len(self.taken))
        said = self.at_content.get(envelope.rcpt_tos[0], "250 OK")
        if said == "silence":
            server.transport.abort()
            return "250 never said"
        if said.startswith("250"):
            content: Any = envelope.content
            self.taken.append((list(envelope.rcpt_tos), content.decode()))
        return said


async def hang(server: SMTP) -> None:
    """Say nothing until the other side gives up."""
    try:
        await server._reader.read()
    finally:
        server.transport.abort()


class BadDay(SMTP):
    """A server that, at the stages named in `moods`, hangs, drops the line, or says what stands there.

    connect, EHLO, MAIL, RCPT, DATA -- at that word; body -- in the middle of the message; end -- after it
    """

    moods: ClassVar[dict[str, str]] = {}

    async def _moody(self, stage: str) -> bool:
        mood = self.moods.get(stage)
        if mood == "hang":
            await hang(self)
        elif mood == "drop":
            self.transport.abort()
        elif mood:
            await self.push(mood)
        return mood is not None

    async def _handle_client(self) -> None:
        if await self._moody("connect"):
            self.transport.close()
        else:
            await super()._handle_client()

    async def smtp_EHLO(self, hostname: str) -> None:
        """The other side says who it is."""
        if not await self._moody("EHLO"):
            await super().smtp_EHLO(hostname)

    async def smtp_HELO(self, hostname: str) -> None:
        """The same, as it was said of old."""
        if not await self._moody("EHLO"):
            await super().smtp_HELO(hostname)

    async def smtp_MAIL(self, arg: str | None) -> None:
        """Who writes."""
        if not await self._moody("MAIL"):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:
        """To whom."""
        if not await self._moody("RCPT"):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:
        """The message."""
        if "body" in self.moods:
            await self.push("354 go on")
            await self._reader.read(100)
            await self._moody("body")
        elif not await self._moody("DATA"):
            await super().smtp_DATA(arg)


class LateTaker(Postman):
    """Takes mail, and does at the end what the server's mood says: it may hang with the mail taken."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """The whole message is there."""
        mood = BadDay.moods.get("end", "250 OK")
        if mood in ("hang", "drop") or mood.startswith("250"):
            content: Any = envelope.content
            self.taken.append((list(envelope.rcpt_tos), content.decode()))
        if mood == "hang":
            await hang(server)
        if mood == "drop":
            server.transport.abort()
        return mood


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


class Bad(FreePort):
    """The controller of a server that has bad days."""

    def factory(self) -> SMTP:
        """What talks to one client."""
        return BadDay(self.handler, **self.SMTP_kwargs)


@pytest.fixture
def bad_day(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[LateTaker, dict[str, str], Settings]]:
    """A server, its moods to be set, and settings that send by it; nobody waits for it for long."""
    monkeypatch.setattr(email, "TIMEOUT", 0.3)
    monkeypatch.setattr(email, "PATIENCE", 0.3)
    found = LateTaker()
    controller = Bad(found, hostname="127.0.0.1", port=0)
    controller.start()
    yield found, BadDay.moods, settings_for(f"smtp://127.0.0.1:{controller.port}")
    BadDay.moods.clear()
    controller.stop()


@pytest.fixture
def by(postman: Postman) -> Settings:
    """Settings that send by this server."""
    return settings_for(f"smtp://127.0.0.1:{postman.port}")  # type: ignore[attr-defined]


def settings_for(url: str | None, **more: Any) -> Settings:
    """Settings with this mail server."""
    return Settings(secret_key=SECRET, smtp_url=url, mail_from="Pulse <pulse@example.org>", **more)


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
