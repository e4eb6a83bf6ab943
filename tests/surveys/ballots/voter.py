"""A browser that draws ballots and casts them, as static/ballot.js does, in Python."""

import secrets
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from pulse import db
from pulse.people import login
from pulse.people.models import Person
from surveys.ballots import blind, issuing
from surveys.ballots.blind import Key
from tests.conftest import SECRET
from tests.surveys.conftest import PARIS

BALLOT_HOST = "http://localhost:8000"
TOKEN = "a token for tests"


@dataclass
class Voter:
    """One person's browser.

    key -- public key of their unit, and wave and unit as the page names them
    prepared, blinded -- what was drawn last
    """

    client: FlaskClient
    wave: str
    unit: str
    key: Key
    nonce: bytes = b""
    blinded: blind.Blinded = field(default_factory=lambda: blind.Blinded(b"", 0))

    def returns(self, email: str) -> None:
        """Sign in once more: no visit lasts as long as a wave."""
        with db.reading() as session:
            who = login.key_of(session.query(Person).filter_by(email=email).one())
        with self.client.session_transaction() as cookie:
            cookie["_user_id"] = who

    @property
    def prepared(self) -> bytes:
        return blind.prepare(issuing.message(self.wave, self.unit), self.nonce)

    def blind(self) -> blind.Blinded:
        """Draw a nonce and blind the message."""
        self.nonce = secrets.token_bytes(32)
        self.blinded = blind.blind(self.key, self.prepared)
        return self.blinded

    def ask(self, blinded: bytes, /, *, token: str = "", **more: object) -> TestResponse:
        """Ask the issuer to sign; `more` replaces parts of the request."""
        body = {"wave": self.wave, "blinded": issuing.encoded(blinded)} | more
        headers = {"X-CSRFToken": token or token_of(self.client.application)}
        return self.client.post("/pulse/ballot", json=body, headers=headers)

    def draw(self) -> dict[str, Any]:
        """A ballot ready to be cast."""
        reply = self.ask(self.blind().message)
        assert reply.status_code == 200, reply.text
        answer = issuing.decoded(reply.get_json()["signature"])
        signature = blind.finalize(self.key, self.prepared, answer, self.blinded.inverse)
        return {
            "wave": self.wave,
            "unit": self.unit,
            "nonce": issuing.encoded(self.nonce),
            "signature": issuing.encoded(signature),
        }


def voter(app: Flask, email: str, now: Any) -> Voter:
    """The browser of somebody who has signed in and opened the page, by e-mail address."""
    client = app.test_client()
    with db.reading() as session:
        person = session.query(Person).filter_by(email=email).one()
        here = issuing.place(session, person.id, now, zone=PARIS)
        data = issuing.page_data(here, root="", issue="", cast="")
        who, key = login.key_of(person), Key.read(here.key.public)
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"], cookie["csrf_token"] = who, True, TOKEN
    return Voter(client, str(data["wave"]), str(data["unit"]), key)


def token_of(app: Flask) -> str:
    """What the page hands to its script against requests of other sites."""
    return str(URLSafeTimedSerializer(SECRET, salt="wtf-csrf-token").dumps(TOKEN))


def cast(app: Flask, ballot: dict[str, Any], *, form: bool = False, **more: Any) -> TestResponse:
    """Cast a ballot from a browser that sends no cookie; `more` goes to the test client."""
    options: dict[str, Any] = {"base_url": BALLOT_HOST} | more
    client = app.test_client(use_cookies=False)
    if form:
        return client.post("/b", data=ballot, **options)
    return client.post("/b", data=app.json.dumps(ballot), content_type="text/plain;charset=UTF-8", **options)
