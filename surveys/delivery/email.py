"""The e-mail channel: SMTP, one connection for as many messages as it lasts."""

import smtplib
import ssl
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid, parseaddr
from urllib.parse import unquote, urlsplit

from config import Settings
from pulse.outbox.models import Message
from surveys.delivery.outcome import PerhapsSent, Refused, TryLater

TIMEOUT = 20  # seconds without a word from the server
PORTS = {"smtp": 25, "smtps": 465}
SEVEN_BITS = SMTP.clone(cte_type="7bit")  # not every server takes eight
UNFOLDED = SEVEN_BITS.clone(max_line_length=998)  # folded, a long address in a header is no address any more
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class EmailChannel:
    """Sends through the server of PULSE_SMTP_URL. It tells what failed before the server had the whole
    message, which may be tried again, from a silence afterwards, which may not."""

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

    def _connected(self) -> smtplib.SMTP:
        if self._server is not None:
            try:
                if self._server.noop()[0] == 250:
                    return self._server
            except (OSError, smtplib.SMTPException):
                pass  # servers end idle connections as they like: a new one is all it takes
            self._drop()
        try:
            self._server = self._opened()
        except (OSError, smtplib.SMTPException) as error:
            raise TryLater(_words(error)) from error
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
            replies = [server.mail(parseaddr(self._sender)[1]), server.rcpt(recipient)]
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise TryLater(_words(error)) from error
        for code, reply in replies:
            self._check(code, reply)

    def _content(self, server: smtplib.SMTP, mail: bytes) -> None:
        try:
            self._check(*server.data(mail))
        except smtplib.SMTPDataError as error:  # refused before the content was asked for
            self._check(error.smtp_code, error.smtp_error)
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise PerhapsSent(_words(error)) from error

    def _check(self, code: int, reply: bytes | str) -> None:
        """Raises Refused for a final no, TryLater for any other; the next message gets a new connection."""
        if code < 400:
            return
        self._drop()
        said = f"{code} {reply.decode(errors='replace') if isinstance(reply, bytes) else reply}"
        raise Refused(said) if code >= 500 else TryLater(said)

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
    """The message as an e-mail. Its id comes from the row: a copy that arrives twice can be told."""
    mail = EmailMessage(SEVEN_BITS)
    mail["From"], mail["To"], mail["Subject"] = sender, message.recipient, message.subject
    mail["Date"] = formatdate(usegmt=True)
    domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
    mail["Message-ID"] = make_msgid(str(message.id), domain)
    mail["Auto-Submitted"] = "auto-generated"
    for name, value in (message.headers or {}).items():
        mail[name] = value
    mail.set_content(message.text)
    if message.html is not None:
        mail.add_alternative(message.html, subtype="html")
    return mail


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__
