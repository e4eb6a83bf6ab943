"""The e-mail channel: SMTP, one connection for as many messages as it lasts."""

import re
import smtplib
import ssl
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, parseaddr
from urllib.parse import unquote, urlsplit

from config import Settings
from pulse.outbox.models import Message, MessageState
from surveys.delivery import naming
from surveys.delivery.outcome import PerhapsSent, Refused, TryLater

TIMEOUT = 20  # seconds without a word from the server
PATIENCE = 120  # the same when it has the whole message, and looks into it before it says that it took it
PORTS = {"smtp": 25, "smtps": 465}
SEVEN_BITS = SMTP.clone(cte_type="7bit")  # not every server takes eight
UNFOLDED = SEVEN_BITS.clone(max_line_length=998)  # folded, a long address in a header is no address any more
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
CONTENT_WANTED, CLOSING = 354, 421
# Nobody is there, or takes mail there (RFC 3463); and, of servers that say no more, the codes that mean it.
NOBODY = re.compile(r"5\d\d (5\.1\.[1236]|5\.2\.1)\b")
PERHAPS_NOBODY = re.compile(r"5(50|51|53) (?!5\.\d)")
NOT_THEIRS = re.compile(r"spam|block|black|denied|policy|reputation|reject", re.IGNORECASE)
# The server takes nothing from us, to whomever.
OURS = re.compile(
    r"530 |relay(ing)?\b.*(denied|permitted|allowed|prohibited)|to relay\b|authentication (is )?required",
    re.IGNORECASE | re.DOTALL,
)


class EmailChannel:
    """Sends through the server of PULSE_SMTP_URL. It tells what failed before the server had the whole
    message, which may be tried again, from a silence afterwards, which may not."""

    handed_over = MessageState.SENT

    def __init__(self, settings: Settings) -> None:
        self._url = urlsplit(settings.smtp_url or "")
        self._sender = settings.mail_from
        self._server: smtplib.SMTP | None = None

    def send(self, message: Message) -> None:
        """Hand a message over; raises TryLater, Refused or PerhapsSent."""
        try:
            mail = written(message, self._sender).as_bytes(policy=UNFOLDED)
            message.recipient.encode("ascii")
        except ValueError as error:
            raise Refused(f"no mail can be made of this: {error}") from error
        server = self._connected()
        self._envelope(server, message.recipient)
        self._content(server, mail)

    def open(self) -> None:
        """Connect and sign in, and send nothing; raises TryLater."""
        self._connected()

    def _connected(self) -> smtplib.SMTP:
        if self._server is not None:
            try:
                if self._server.rset()[0] == 250:  # whatever the last message came to, it is over
                    return self._server
            except (OSError, smtplib.SMTPException):
                pass  # servers end idle connections as they like: a new one is all it takes
            self._drop()
        try:
            self._server = self._opened()
        except (OSError, smtplib.SMTPException) as error:
            raise TryLater(_words(error), down=True) from error
        return self._server

    def _opened(self) -> smtplib.SMTP:
        url, host = self._url, self._url.hostname or "localhost"
        port, trusted = url.port or PORTS[url.scheme], ssl.create_default_context()
        if url.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT, context=trusted)
        else:
            server = smtplib.SMTP(host, port, timeout=TIMEOUT)
        try:
            self._introduce(server, host, trusted)
        except (OSError, smtplib.SMTPException):
            server.close()
            raise
        return server

    def _introduce(self, server: smtplib.SMTP, host: str, trusted: ssl.SSLContext) -> None:
        server.ehlo_or_helo_if_needed()
        encrypted = self._url.scheme == "smtps"
        if not encrypted and server.has_extn("starttls"):
            server.starttls(context=trusted)
            server.ehlo()
            encrypted = True
        if self._url.username is None:
            return
        if not encrypted and host not in LOOPBACK:
            raise smtplib.SMTPException("the server offers no encryption: the password was not sent")
        server.login(unquote(self._url.username), unquote(self._url.password or ""))

    def _envelope(self, server: smtplib.SMTP, recipient: str) -> None:
        try:
            ours = server.mail(parseaddr(self._sender)[1])
            theirs = server.rcpt(recipient) if ours[0] < 400 else None
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise TryLater(_words(error), down=True) from error
        if theirs is None:  # a no to the sender is no word on this message, nor a final one: it meets all
            raise TryLater(_said(*ours), down=True)
        self._check_recipient(*theirs)

    def _content(self, server: smtplib.SMTP, mail: bytes) -> None:
        try:
            reply = server.docmd("DATA")
            if reply[0] == CONTENT_WANTED:
                server.send(_stuffed(mail))
        except (OSError, smtplib.SMTPException) as error:  # its last line, which makes it whole, never left
            self._drop()
            raise TryLater(_words(error), down=True) from error
        self._check(*(self._verdict(server) if reply[0] == CONTENT_WANTED else reply))

    def _verdict(self, server: smtplib.SMTP) -> tuple[int, bytes]:
        """What the server says to the whole message; raises PerhapsSent where it says nothing."""
        try:
            _listen(server, PATIENCE)
            code, reply = server.getreply()
            _listen(server, TIMEOUT)
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise PerhapsSent(_words(error)) from error
        if not 200 <= code < 600:
            self._drop()
            raise PerhapsSent(_said(code, reply))
        return code, reply

    def _check_recipient(self, code: int, reply: bytes) -> None:
        """The same as _check, where a no may be about whom it is to, or about us."""
        said = _said(code, reply)
        if NOBODY.match(said):
            raise Refused(said, nobody=True)
        if code >= 500 and OURS.search(said):
            raise TryLater(said, down=True)
        if PERHAPS_NOBODY.match(said) and not NOT_THEIRS.search(said):
            raise Refused(said, nobody=True)
        self._check(code, reply)

    def _check(self, code: int, reply: bytes) -> None:
        """Raises Refused for a final no, TryLater for any other."""
        if 200 <= code < 300:
            return
        lost = code == CLOSING or not 400 <= code < 600  # it ends the line, or speaks no SMTP
        if lost:
            self._drop()
        if 500 <= code < 600:
            raise Refused(_said(code, reply))
        raise TryLater(_said(code, reply), down=lost)

    def _drop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    def close(self) -> None:
        """End the connection, politely where the server still listens."""
        if self._server is not None:
            try:
                self._server.quit()
            except (OSError, smtplib.SMTPException):
                self._drop()
            self._server = None


def written(message: Message, sender: str) -> EmailMessage:
    """The message as an e-mail; its Message-ID is the message's own name."""
    mail = EmailMessage(SEVEN_BITS)
    mail["From"], mail["To"], mail["Subject"] = sender, message.recipient, message.subject
    mail["Date"] = formatdate(usegmt=True)
    domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
    mail["Message-ID"] = f"<{naming.name(message)}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    for name, value in (message.headers or {}).items():
        mail[name] = value
    mail.set_content(message.text)
    if message.html is not None:
        mail.add_alternative(message.html, subtype="html")
    return mail


def _stuffed(mail: bytes) -> bytes:
    """A mail as it goes over the wire, with the line that ends it (RFC 5321, 4.5.2)."""
    whole = mail if mail.endswith(b"\r\n") else mail + b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", whole) + b".\r\n"


def _listen(server: smtplib.SMTP, seconds: float) -> None:
    if server.sock is not None:
        server.sock.settimeout(seconds)


def _said(code: int, reply: bytes) -> str:
    return f"{code} {reply.decode(errors='replace')}"


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__
