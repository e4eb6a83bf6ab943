"""The SMS channel: one request to the HTTP gateway of PULSE_SMS_URL for each message."""

import json
import re
import ssl
from collections.abc import Mapping
from datetime import timedelta
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

from config import Settings
from pulse.outbox.models import Message, MessageState
from surveys.delivery import naming
from surveys.delivery.outcome import PerhapsSent, Refused, TryLater
from surveys.invitations.contacts import NotANumber, number

TIMEOUT = 30  # seconds without a word from the gateway
TELLING = 300  # bytes of an answer that are kept to say why
LONGEST_WAIT = timedelta(hours=1)
BUSY = {408, 425, 429, 503}  # certainly not sent, says the gateway: not now
MISSET = {401, 402, 403, 404, 405, 407, 415}  # it does not know us, or the address: any message would fail
TAKEN_BEFORE = 409  # says a gateway that still works on a message of this name
PLACES = re.compile(r"\{(?:to|text|id)\}")


class SmsChannel:
    """Asks the gateway once a message, on a connection of its own: on one that is used again nobody can tell
    a request that was lost from one that was taken. The message's name goes along (Idempotency-Key), by which
    a gateway that knows the header takes no message twice."""

    handed_over = MessageState.SENT

    def __init__(self, settings: Settings) -> None:
        self._settings, self._url = settings, urlsplit(settings.sms_url or "")

    def send(self, message: Message) -> None:
        """Hand a message over; raises TryLater, Refused or PerhapsSent."""
        try:
            to = number(message.recipient, self._settings.calling_code)
        except NotANumber as error:
            raise Refused("this is no telephone number") from error
        body, headers = _request(message, to, self._settings)
        connection = self._connected()
        try:
            answer, told = self._asked(connection, body, headers)
        finally:
            connection.close()
        _judge(answer, told.replace(to.removeprefix("+"), "…"))

    def _connected(self) -> HTTPConnection:
        host = self._url.hostname or ""
        connection = (
            HTTPSConnection(host, self._url.port, timeout=TIMEOUT, context=ssl.create_default_context())
            if self._url.scheme == "https"
            else HTTPConnection(host, self._url.port, timeout=TIMEOUT)
        )
        try:
            connection.connect()
        except (OSError, HTTPException) as error:
            connection.close()
            raise TryLater(_words(error), down=True) from error
        return connection

    def _asked(
        self, connection: HTTPConnection, body: bytes, headers: Mapping[str, str]
    ) -> tuple[HTTPResponse, str]:
        path = self._url._replace(scheme="", netloc="", fragment="").geturl() or "/"
        try:
            connection.request(self._settings.sms_method, path, body=body, headers=dict(headers))
            answer = connection.getresponse()
        except (OSError, HTTPException) as error:
            raise PerhapsSent(_words(error)) from error
        try:
            told = answer.read(TELLING).decode(errors="replace")
        except (OSError, HTTPException):
            told = ""  # what counts was in the first line
        return answer, " ".join(told.split())

    def close(self) -> None:
        """Nothing is held open."""


def _request(message: Message, to: str, settings: Settings) -> tuple[bytes, dict[str, str]]:
    """What the gateway is sent, and with which headers."""
    told = naming.name(message)
    fields = _filled(json.loads(settings.sms_body), {"{to}": to, "{text}": message.text, "{id}": told})
    headers = {"Idempotency-Key": told, "Accept": "application/json", "User-Agent": "Pulse"}
    if settings.sms_header is not None:
        name, _, value = settings.sms_header.get_secret_value().partition(":")
        headers[name] = value.strip()
    if settings.sms_form:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        return urlencode(fields).encode(), headers
    headers["Content-Type"] = "application/json"
    return json.dumps(fields).encode(), headers


def _filled(part: Any, values: Mapping[str, str]) -> Any:
    """The template with the values in their places; a value that looks like a place is not filled again."""
    if isinstance(part, dict):
        return {name: _filled(field, values) for name, field in part.items()}
    if isinstance(part, list):
        return [_filled(each, values) for each in part]
    if not isinstance(part, str):
        return part
    return PLACES.sub(lambda found: values[found[0]], part)


def _judge(answer: HTTPResponse, told: str) -> None:
    """Raises Refused, TryLater or PerhapsSent by what the gateway answered; 2xx is a yes.

    With 5xx the gateway, or one behind it, failed after the request was in: nobody knows how far it came.
    """
    code = answer.status
    said = f"{code} {answer.reason} {told}".strip()
    if 200 <= code < 300:
        return
    if code in BUSY:
        raise TryLater(said, down=True, wait=_wait(answer))
    if code in MISSET or code < 400:  # below: the address has moved, and is to be set anew
        raise TryLater(said, down=True)
    if code >= 500 or code == TAKEN_BEFORE:
        raise PerhapsSent(said)
    raise Refused(said)


def _wait(answer: HTTPResponse) -> timedelta | None:
    """How long the gateway asks to be left alone, where it says so in seconds; an hour at most."""
    asked = (answer.getheader("Retry-After") or "").strip()
    return (
        min(timedelta(seconds=int(asked[:9])), LONGEST_WAIT) if asked.isascii() and asked.isdigit() else None
    )


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__
