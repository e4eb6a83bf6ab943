"""Text messages leave by a gateway that answers, refuses, hangs, drops the line or answers too late."""

import json
import logging
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest
from sqlalchemy import select

from config import Settings
from pulse.outbox import secrets
from pulse.outbox.models import Message, MessageState
from pulse.outbox.service import enqueue
from surveys.delivery import naming, sms
from surveys.delivery.models import Trouble
from surveys.delivery.sender import send_due
from tests.surveys.delivery.conftest import SECRET

SENT, QUEUED, FAILED = MessageState.SENT, MessageState.QUEUED, MessageState.FAILED
IN_DOUBT, LOGGED = MessageState.IN_DOUBT, MessageState.LOGGED


class Gateway(ThreadingHTTPServer):
    """Takes text messages, and answers with `mood`: a status, or hang, drop, late, broken."""

    daemon_threads = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.mood, self.more = "200", {}
        self.asked: list[tuple[str, str, dict[str, str], str]] = []
        self.given_up = threading.Event()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: whoever asked has given up."""


class Asked(BaseHTTPRequestHandler):
    """One request to the gateway."""

    server: Gateway

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        """Take a message."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.asked.append((self.command, self.path, dict(self.headers), body))
        mood = self.server.mood
        if mood in ("hang", "late"):
            self.server.given_up.wait(20)
        if mood in ("hang", "drop"):
            self.close_connection = True
            return
        if mood == "broken":
            self.wfile.write(b"what is this\r\n\r\n")
            self.close_connection = True
            return
        self.send_response(200 if mood == "late" else int(mood))
        for name, value in self.server.more.items():
            self.send_header(name, value)
        told = b"" if mood.startswith("2") else b'{"error":\n "no 33612345678"}'
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    do_PUT = do_POST


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gateway]:
    """A gateway on this machine; nobody waits for it for long."""
    monkeypatch.setattr(sms, "TIMEOUT", 0.3)
    found = Gateway()
    thread = threading.Thread(target=found.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield found
    found.given_up.set()
    found.shutdown()
    thread.join()
    found.server_close()


def by(gateway: Gateway, **more: object) -> Settings:
    url = f"http://127.0.0.1:{gateway.server_port}/v1/send?route=fr"
    return Settings(secret_key=SECRET, **{"sms_url": url, **more})  # type: ignore[arg-type]


def queue(database, *numbers, text="Bonjour"):
    with database.writing() as session:
        for number in numbers:
            words = {"recipient": number, "subject": "", "text": text, "now": datetime.now(UTC)}
            enqueue(session, key=f"interaction:{number}", channel="sms", **words)


def states(database):
    with database.reading() as session:
        return [message.state for message in session.scalars(select(Message).order_by(Message.id))]


def message(database):
    with database.reading() as session:
        return session.scalars(select(Message)).one()


def test_a_text_message_is_one_request_with_number_text_and_name(sqlite, gateway):
    queue(sqlite, "06 12 34 56 78", text=f"« Ça va ? » https://p.example/r/{secrets.mark('n', 22)}")
    known = by(gateway, sms_header="Authorization: Bearer abc")
    assert send_due(sqlite, known, datetime.now(UTC)) == "1 sent"
    [(method, path, headers, body)] = gateway.asked
    assert (method, path) == ("POST", "/v1/send?route=fr")
    name = naming.name(message(sqlite))
    text = f"« Ça va ? » https://p.example/r/{secrets.secret(SECRET, 'n', 22)}"
    assert json.loads(body) == {"to": "+33612345678", "text": text, "id": name}
    assert headers["Idempotency-Key"] == name
    assert headers["Authorization"] == "Bearer abc"
    assert headers["Content-Type"] == "application/json"


def test_the_gateways_own_words_are_used(sqlite, gateway):
    queue(sqlite, "+33612345678", text='{to} "quoted" {id}')
    body = '{"messages": [{"from": "Acme", "to": ["{to}"], "body": "{text}"}], "flash": false}'
    send_due(sqlite, by(gateway, sms_body=body, sms_method="PUT"), datetime.now(UTC))
    [(method, _, _, sent)] = gateway.asked
    assert method == "PUT"
    assert json.loads(sent) == {
        "messages": [{"from": "Acme", "to": ["+33612345678"], "body": '{to} "quoted" {id}'}],
        "flash": False,
    }


def test_a_gateway_that_wants_a_form_gets_one(sqlite, gateway):
    queue(sqlite, "+33612345678", text="à & b")
    body = '{"To": "{to}", "Body": "{text}", "From": "Acme"}'
    send_due(sqlite, by(gateway, sms_body=body, sms_form=True), datetime.now(UTC))
    [(_, _, headers, sent)] = gateway.asked
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert parse_qs(sent) == {"To": ["+33612345678"], "Body": ["à & b"], "From": ["Acme"]}


@pytest.mark.parametrize(
    ("mood", "state", "rests"),
    [
        ("200", SENT, False),
        ("202", SENT, False),
        ("301", QUEUED, True),
        ("400", FAILED, False),
        ("401", QUEUED, True),
        ("402", QUEUED, True),
        ("404", QUEUED, True),
        ("409", IN_DOUBT, True),
        ("422", FAILED, False),
        ("429", QUEUED, True),
        ("500", IN_DOUBT, True),
        ("502", IN_DOUBT, True),
        ("503", QUEUED, True),
        ("504", IN_DOUBT, True),
        ("drop", IN_DOUBT, True),
        ("hang", IN_DOUBT, True),
        ("late", IN_DOUBT, True),
        ("broken", IN_DOUBT, True),
    ],
)
def test_what_a_gateway_answers_decides_whether_it_is_asked_again(sqlite, gateway, mood, state, rests):
    queue(sqlite, "+33612345678")
    gateway.mood = mood
    send_due(sqlite, by(gateway), datetime.now(UTC))
    with sqlite.reading() as session:
        assert bool(session.scalars(select(Trouble)).all()) == rests
    assert states(sqlite) == [state]
    gateway.given_up.set()
    gateway.mood = "200"
    send_due(sqlite, by(gateway), datetime.now(UTC) + timedelta(days=1))
    again = state is QUEUED
    assert (len(gateway.asked), states(sqlite)) == (2 if again else 1, [SENT if again else state])
    assert len({headers["Idempotency-Key"] for *_, headers, _ in gateway.asked}) == 1


def test_a_gateway_that_is_away_is_asked_again(sqlite):
    queue(sqlite, "+33612345678")
    known = Settings(secret_key=SECRET, sms_url="http://127.0.0.1:1/")
    assert send_due(sqlite, known, datetime.now(UTC)) == "1 queued"
    assert "refused" in message(sqlite).error


def test_a_gateway_that_asks_to_be_left_alone_is(sqlite, gateway):
    queue(sqlite, "+33612345678", "+33612345679")
    gateway.mood, gateway.more = "429", {"Retry-After": "1200"}
    assert send_due(sqlite, by(gateway), datetime.now(UTC)) == "1 queued"
    gateway.mood = "200"
    assert send_due(sqlite, by(gateway), datetime.now(UTC) + timedelta(minutes=19)) is None
    assert send_due(sqlite, by(gateway), datetime.now(UTC) + timedelta(minutes=21)) == "2 sent"


@pytest.mark.parametrize("trusted", [True, False])
def test_a_gateway_nobody_vouches_for_is_told_nothing(sqlite, gateway, certificate, monkeypatch, trusted):
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate.file))
    gateway.socket = certificate.context.wrap_socket(gateway.socket, server_side=True)
    queue(sqlite, "+33612345678")
    known = by(gateway, sms_url=f"https://localhost:{gateway.server_port}/")
    assert send_due(sqlite, known, datetime.now(UTC)) == ("1 sent" if trusted else "1 queued")
    assert len(gateway.asked) == trusted


def test_what_is_no_number_fails_at_once(sqlite, gateway):
    queue(sqlite, "call me")
    assert send_due(sqlite, by(gateway), datetime.now(UTC)) == "1 failed"
    assert gateway.asked == []


def test_what_the_gateway_said_is_kept_without_the_number(sqlite, gateway):
    queue(sqlite, "06 12 34 56 78")
    gateway.mood = "400"
    send_due(sqlite, by(gateway), datetime.now(UTC))
    assert message(sqlite).error == '400 Bad Request {"error": "no …"}'


def test_without_a_gateway_text_messages_go_to_the_log(sqlite, caplog):
    queue(sqlite, "+33612345678", text="https://p.example/r/secret")
    with caplog.at_level(logging.INFO, logger="surveys.delivery"):
        assert send_due(sqlite, Settings(secret_key=SECRET), datetime.now(UTC)) == "1 logged"
    assert states(sqlite) == [LOGGED]
    assert "secret" not in caplog.text
