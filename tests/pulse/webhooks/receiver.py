"""A receiver of webhooks on this machine: it takes news, or does whatever a receiver may do wrong."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "news.example"


@dataclass(frozen=True)
class Got:
    """One request that came in."""

    path: str
    headers: dict[str, str]
    body: str


@dataclass
class Receiver:
    """What came in, and until when whoever asks a hanging path waits."""

    origin: str
    got: list[Got] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    heard: threading.Condition = field(default_factory=threading.Condition)

    def take(self, one: Got) -> None:
        """Note what came in."""
        with self.heard:
            self.got.append(one)
            self.heard.notify_all()

    def arrived(self, path: str, number: int) -> bool:
        """Whether so many came in at a path, waiting for them."""
        with self.heard:
            return self.heard.wait_for(lambda: len(self.at(path)) >= number, timeout=30)

    def at(self, path: str) -> list[Got]:
        """What came in at a path."""
        return [one for one in self.got if one.path == path]


class Handler(BaseHTTPRequestHandler):
    """Does what the path says."""

    protocol_version = "HTTP/1.1"
    receiver: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.receiver.take(Got(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        self.close_connection = True
        match self.path.split("/")[1]:
            case "hangs":
                self.receiver.over.wait(20)
            case "late":  # once: it takes the news, but says so when nobody listens any more
                if len(self.receiver.at(self.path)) == 1:
                    self.receiver.over.wait(20)
                self._answer(200)
            case "drips":
                self._drip()
            case "shouts":
                self.wfile.write(b"HTTP/1.1 200 " + b"x" * 100_000)
            case "mumbles":
                self.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n")
            case "continues":
                self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n")
            case "redirects":
                self._answer(302, Location=f"{self.receiver.origin}/ok")
            case "busy":
                self._answer(503, **{"Retry-After": "7200"})
            case "status":
                self._answer(int(self.path.split("/")[2]))
            case _:
                self._answer(200)

    def _answer(self, status: int, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def _drip(self) -> None:
        for byte in b"HTTP/1.1 200 " + b"x" * 400:
            if self.receiver.over.wait(0.05):
                return
            try:
                self.wfile.write(bytes([byte]))
            except OSError:
                return

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Quiet(ThreadingHTTPServer):
    """A server that does not write about clients who went away: half of these tests do."""

    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def receiving(context: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A receiver at work."""
    handler = type("MyHandler", (Handler,), {})
    server = Quiet(("127.0.0.1", 0), handler)
    port = server.server_address[1]
    receiver = Receiver(f"http://127.0.0.1:{port}")
    if context is not None:
        receiver.origin = f"https://{HOST}:{port}"
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    handler.receiver = receiver
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


def certificate(folder: Path, name: str = HOST) -> tuple[Path, ssl.SSLContext]:
    """The file of a certificate that vouches for itself, and what a server uses it by."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName(name), x509.IPAddress(ip_address("127.0.0.2"))])
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "certificate.pem", folder / "key.pem"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return public, context
