"""What is sent without a form that somebody comes to: by programs, by the pulse's script, by printed code."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from benchmarks.hostility.filling import Report
from benchmarks.hostility.forms import Kind, host
from benchmarks.hostility.pages import dangers
from benchmarks.hostility.stage import Browsers, Stage
from benchmarks.serving import SECRET
from config import settings
from pulse import db
from pulse.months import month_of, written
from pulse.organisation.models import Team
from surveys.ballots import blind, codes, issuing
from surveys.ballots.blind import PrivateKey
from surveys.ballots.models import UnitKey
from surveys.ballots.urn import add_codes, urn
from surveys.waves.models import Wave

AT_THE_DOOR = {401, 403, 429, 500, 503}  # answered without looking at what was sent
CONTACT = {
    "interaction": "i",
    "touchpoint": "station",
    "happened_at": (datetime.now(UTC) - timedelta(days=1)).isoformat(),
    "language": "en",
    "customer": "c",
    "email": "c@example.org",
    "phone": "+33612345678",
    "name": "Somebody",
}


@dataclass
class Program:
    """Something that sends strings, and notes how they were answered."""

    report: Report
    number: int = 0  # of the string that is being sent

    def note(self, target: str, names: str, reply: TestResponse) -> None:
        """Note an answer: to which endpoint the string was sent, in which fields."""
        kind = Kind(target, "POST", tuple(names.split()))
        self.report.kinds.add(kind)
        self.report.sent += 1
        for name in kind.names if reply.status_code not in AT_THE_DOOR else ():
            self.report.given[kind, name].add(self.number)
            if reply.status_code < 400:
                self.report.taken[kind, name].add(self.number)
        self.look(target, reply)

    def look(self, what: str, reply: TestResponse) -> None:
        """Note what is wrong with an answer."""
        if reply.status_code >= 500:
            self.report.faults.append(f"{what} was answered {reply.status_code}")
        elif reply.mimetype == "text/html":
            self.report.faults += [f"{what}: {danger}" for danger in dangers(reply.text)]


def said(app: Flask, stage: Stage, strings: Sequence[str]) -> Report:
    """Send each string in each field of what programs, scripts and printed codes send."""
    program, booth, browsers = Program(Report()), _booth(), Browsers(app)
    for program.number, text in enumerate(strings):
        _by_key(program, app.test_client(), stage.key, text)
        _by_script(program, browsers.of("employee"), text)
        _by_ballot(program, app.test_client(use_cookies=False), booth, text)
        _by_code(program, app.test_client(use_cookies=False), booth, text)
        for path in (f"/fixes/{quoted(text)}", f"/teams/{quoted(text)}", f"/?lang={quoted(text)}"):
            program.look(path, browsers.of("analyst").get(path, base_url=settings().site_url))
    return program.report


def quoted(text: str) -> str:
    """A text as a part of an address."""
    return quote(text, safe="", errors="replace")


def _by_key(program: Program, client: FlaskClient, key: str, text: str) -> None:
    head, number = {"Authorization": f"Bearer {key}"}, program.number
    for at, name in enumerate(CONTACT):
        who = 10 * number + at  # another one each time: nobody is asked twice in a while
        contact = CONTACT | {
            "interaction": f"said-{who}",
            "customer": f"c{who}",
            "phone": f"+336{10**7 + who}",
        }
        contact |= {"email": f"c{who}@example.org", name: text}
        reply = client.post("/api/v1/interactions", json=contact, headers=head)
        program.note("surveys.api.interactions", name, reply)
    hidden = "".join(text.split()) + "@example.org"
    contact = CONTACT | {"interaction": f"address-{number}", "customer": f"d{number}", "email": hidden}
    program.look("an address", client.post("/api/v1/interactions", json=contact, headers=head))
    everywhere = dict.fromkeys(CONTACT, text)
    program.look("a batch", client.post("/api/v1/interactions", json=[everywhere, text], headers=head))
    for name in ("message_id", "recipient", "kind"):
        bounce = {"kind": "bounce", name: text}
        reply = client.post("/api/v1/bounces", json=bounce, headers=head)
        program.note("surveys.api.bounced", name, reply)
    reply = client.post("/api/v1/fixes/refund-48h/success", json={"confirmed": text}, headers=head)
    program.note("surveys.api.success", "confirmed", reply)


def _by_script(program: Program, client: FlaskClient, text: str) -> None:
    site = settings().site_url
    token = re.search(r'name="csrf_token"[^>]*value="([^"]*)"', client.get("/me", base_url=site).text)
    assert token is not None
    for name in ("wave", "blinded"):
        asked = {"wave": written(month_of(datetime.now(UTC).date())), "blinded": "x", name: text}
        reply = client.post("/pulse/ballot", json=asked, headers={"X-CSRFToken": token[1]}, base_url=site)
        program.note("surveys.ballots.draw", name, reply)


@dataclass(frozen=True)
class Booth:
    """Where ballots of an open wave are made, as many as wanted: its unit and the key of it."""

    wave: Wave
    unit: str
    private: PrivateKey

    def ballot(self) -> dict[str, str]:
        """A ballot of the unit that nobody cast yet."""
        month = written(self.wave.month)
        nonce = secrets.token_bytes(blind.NONCE)
        prepared = blind.prepare(issuing.message(month, self.unit), nonce)
        blinded = blind.blind(self.private.key, prepared)
        answer = blind.blind_sign(self.private, blinded.message)
        signature = blind.finalize(self.private.key, prepared, answer, blinded.inverse)
        drawn = {"nonce": issuing.encoded(nonce), "signature": issuing.encoded(signature)}
        return {"wave": month, "unit": self.unit} | drawn

    def code(self) -> str:
        """A printed code of the unit that nobody used yet."""
        code = codes.drawn()
        with urn.writing() as box:
            add_codes(box, self.wave.month, self.unit, [codes.digest(code, SECRET)])
        return code


def _booth() -> Booth:
    with db.reading() as session:
        row = session.execute(
            select(Wave, Team.code, UnitKey.private)
            .join(UnitKey, UnitKey.wave_id == Wave.id)
            .join(Team, Team.id == UnitKey.unit_id)
            .order_by(Wave.month.desc())
        ).first()
        assert row is not None
        assert row.private is not None
        session.expunge(row.Wave)
        return Booth(row.Wave, row.code, PrivateKey.read(row.private))


def _by_ballot(program: Program, client: FlaskClient, booth: Booth, text: str) -> None:
    for name in ("comment", "wave", "unit", "nonce", "signature", "answers"):
        ballot: dict[str, object] = {**booth.ballot(), "comment": "", "answers": {}}
        ballot[name] = {text: text} if name == "answers" else text
        by_script = client.post("/b", json=ballot, base_url=settings().ballot_url)
        program.note("surveys.ballots.cast_ballot", name, by_script)
    by_form = booth.ballot() | {"comment": text, f"q-{text}": ""}
    program.note(
        "surveys.ballots.cast_ballot", "comment q-*", client.post("/b", data=by_form, base_url=host("/b/"))
    )


def _by_code(program: Program, client: FlaskClient, booth: Booth, text: str) -> None:
    typed = client.post("/b/code", data={"code": text}, base_url=host("/b/code"))
    program.note("surveys.codes.code", "code", typed)
    for name in ("code", "comment", "reminded", "q-delay"):
        said = {"code": booth.code(), "comment": "", "reminded": "1", name: text}
        reply = client.post("/b/code/answers", data=said, base_url=host("/b/code"))
        program.note("surveys.codes.answers", name, reply)
