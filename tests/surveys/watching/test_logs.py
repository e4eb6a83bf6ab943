"""Logs say what failed and where, and nothing of anybody: planted names, addresses and answers stay out."""

import io
import json
import logging
import re
import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

import config
from pulse import db
from pulse.outbox.service import enqueue
from pulse.people import service as people
from pulse.scheduler import Job, Watch, look, nightly, run_due
from surveys.ballots.urn import urn
from surveys.watching import logs
from tests.pulse.test_web import sign_in
from tests.surveys.conftest import OPEN, PARIS, Railway
from tests.surveys.responses.conftest import answered, filled

CANARY = "zaphod.canary@example.org"
NAME = "Zaphod Kanarienvogel"
WORDS = "the canary sang at gate 42"
PASSWORD = "correct horse battery staple"
PHONE = "+33 6 98 76 54 32"
LINK = "/r/k3yTh4tOpensTheWay-ToAnAnswer"


class Log:
    """What one process would have written to its log."""

    def __init__(self, kind: str) -> None:
        self._stream = io.StringIO()
        self.handler = logging.StreamHandler(self._stream)
        self.handler.setFormatter(logs.formatter(kind))

    @property
    def text(self) -> str:
        """All of it."""
        return self._stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Its lines, each an event."""
        return [json.loads(line) for line in self.text.splitlines()]


@pytest.fixture
def abroad(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The site is on a server, as it is in production."""
    monkeypatch.setenv("PULSE_SITE_URL", "https://pulse.example.org")
    config.settings.cache_clear()
    yield
    monkeypatch.undo()
    config.settings.cache_clear()


@pytest.fixture
def log(abroad: None) -> Iterator[Log]:
    """Everything that is logged while a test runs, whatever its level, as production writes it."""
    found, root = Log(logs.JSON), logging.getLogger()
    level = root.level
    root.addHandler(found.handler)
    root.setLevel(logging.DEBUG)
    yield found
    root.setLevel(level)
    root.removeHandler(found.handler)


def record(name: str, message: str, *args: object, **extra: Any) -> logging.LogRecord:
    made = logging.LogRecord(name, logging.WARNING, __file__, 1, message, args, extra.pop("error", None))
    made.__dict__.update(extra)
    return made


def test_a_whole_journey_leaves_nobody_in_the_log(
    app: Flask, company: Railway, client: Any, north: Any, link: str, log: Log
) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    with db.writing() as session:
        people.add(session, CANARY, name=NAME, password=PASSWORD)
    # Somebody signs in, wrongly and rightly.
    sign_in(app.test_client(), CANARY, password=WORDS)
    sign_in(app.test_client(), CANARY, password=PASSWORD)
    # A customer answers, an employee does.
    form = filled(client.get(link).text, queue="4") | {"comment": WORDS, "contact": CANARY}
    client.post(link, data=form)
    answered(app, north, "4", comment=WORDS)
    # Whatever they would do next fails, in each of three places.
    with db.writing() as session, urn.writing() as box:
        session.execute(text("DROP TABLE response_score"))
        box.execute(text("DROP TABLE ballot"))
    assert client.get(LINK + "?mail=" + CANARY).status_code == 404
    wrong = {"nonce": WORDS, "signature": CANARY, "unit": "north", "comment": WORDS}
    app.test_client().post("/b", json=wrong, base_url="http://localhost:8000")
    # A job fails with what it was about, a watch does, and mails have no server to go to.
    with db.writing() as session:
        words = {"subject": "Five questions", "text": f"https://pulse.example.org{LINK}", "now": OPEN}
        enqueue(session, key="interaction:1", channel="email", recipient=CANARY, **words)
        enqueue(session, key="interaction:2", channel="sms", recipient=PHONE, **words)

    def fail(now: datetime) -> str:
        raise ValueError(f"{NAME} <{CANARY}> said {WORDS} from {PHONE}")

    run_due(db.main, Job("a job", nightly, fail), OPEN.astimezone(PARIS))
    look(Watch("a watch", PARIS.utcoffset(OPEN), fail), OPEN.astimezone(PARIS))  # type: ignore[arg-type]
    for watch in app.extensions["pulse.watches"]:
        look(watch, OPEN.astimezone(PARIS))
    # Somebody else's program says more than it should.
    logging.getLogger("urllib3").warning("no answer for %s from %s", LINK, CANARY)
    logging.getLogger("smtplib").error(f"550 5.1.1 <{CANARY}>: user unknown at 192.0.2.7")

    assert {"a job 2026-11-09 failed", "a watch failed"} <= {line["event"] for line in log.lines}
    planted = (CANARY, "zaphod", NAME, "Zaphod", PHONE, "98 76", LINK, link[3:], PASSWORD, "192.0.2.7")
    for secret in (*planted, WORDS, "north0"):
        assert secret not in log.text, secret


def test_a_failure_is_told_by_view_error_and_place_without_its_words(abroad: None) -> None:
    try:
        try:
            int(CANARY)
        except ValueError as error:
            raise LookupError(WORDS) from error
    except LookupError:
        line = json.loads(
            logs.formatter(logs.JSON, process="clock").format(
                record("wsgi", "%s failed (%s)", "surveys.responses.survey", "POST", error=sys.exc_info())
            )
        )
    assert line["event"] == "surveys.responses.survey failed (POST)"
    assert (line["level"], line["process"], line["error"]) == ("warning", "clock", "LookupError < ValueError")
    assert re.fullmatch(r"tests\.surveys\.watching\.test_logs:test_a_failure\w+:\d+", line["where"][0])
    assert list(line)[:4] == ["at", "level", "logger", "event"]


def test_of_a_database_and_a_mail_server_the_number_of_an_error_is_told(abroad: None) -> None:
    class Refused(Exception):
        smtp_code = 550

    for error, named in ((OSError(28, "No space left"), "OSError (28)"), (Refused(CANARY), "Refused (550)")):
        told = logs.formatter(logs.JSON).format(record("pulse", "x", error=(type(error), error, None)))
        assert json.loads(told)["error"] == named


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("to ana@example.org: 5", "to …: 5"),
        ("GET https://pulse.example.org/r/abc?x=1 done", "GET … done"),
        ("from 192.0.2.7 and 2001:db8::7:1", "from … and …"),
        ("call +33 6 12 34 56 78 or 0612345678", "call … or …"),
        ("token eyJhbGciOiJIUzI1NiJ9abc.", "token …."),
        ("correlate 2026-11-03 failed", "correlate 2026-11-03 failed"),
        ("open the wave 2026-11-03T09Z begun", "open the wave 2026-11-03T09Z begun"),
        ("surveys.responses.draw_confidentially failed (POST)",) * 2,
    ],
)
def test_what_could_be_somebody_is_left_out(said: str, left: str) -> None:
    assert logs.scrubbed(said) == left
    assert logs.scrubbed({"a": [said]}) == {"a": [left]}


def test_only_numbers_and_words_are_written_of_what_goes_with_an_event(abroad: None) -> None:
    told = record(
        "surveys.watching", "slow page", endpoint="pulse.dashboards.flags", seconds=6.1, whom={CANARY}
    )
    line = json.loads(logs.formatter(logs.JSON).format(told))
    assert (line["endpoint"], line["seconds"], line["whom"]) == ("pulse.dashboards.flags", 6.1, "set")


def test_on_ones_own_machine_lines_are_for_people_and_the_log_is_the_mail_box(app: Flask) -> None:
    lines = logs.formatter(logs.LINES)
    sent = record("surveys.delivery", "not sent: message to %s", "ana@example.org")
    assert lines.format(sent).endswith(" surveys.delivery: not sent: message to ana@example.org")
    assert lines.format(record("pulse", "to %s", CANARY, seconds=2)).endswith(" pulse: to … seconds=2")


def test_a_process_logs_once_however_many_applications_it_makes(app: Flask) -> None:
    logs.set_up(app.__class__("another"))
    assert len([h for h in logging.getLogger().handlers if isinstance(h, logs.Written)]) == 1
    assert logging.getLogger("werkzeug").level == logging.ERROR
