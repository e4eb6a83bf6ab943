"""People who answer at a running site, each once, and what they were told.

Customers answer by invitations, by links that a till has signed and by an open link; employees draw blind
ballots and cast them, and answer by printed codes: all over HTTP, from many connections at once.
"""

import json
import random
import re
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlencode, urlsplit

from flask import Flask, session
from flask_wtf.csrf import generate_csrf
from sqlalchemy import select

from benchmarks.doubles import HIDDEN
from benchmarks.serving import SECRET
from pulse import db
from pulse.months import month_of
from pulse.organisation.models import Touchpoint
from pulse.people import api_keys, login
from pulse.people.models import AnswersBy, Person, Scope
from surveys.ballots import blind, codes, issuing, keys
from surveys.ballots.blind import Key
from surveys.ballots.urn import sealed, urn
from surveys.invitations import open_links, service, signed
from surveys.waves.models import Wave, WaveState
from surveys.waves.service import open_due
from tests.surveys.conftest import PARIS, built

SENDERS = 6  # connections at the same time
GIVES_UP = 5  # every so many people do not try again
PATIENCE = 600.0  # seconds in which somebody who tries again has to be thanked, on a busy machine
AT_BALLOTS = {"Host": "localhost"}  # the ballot host, by its name
PAGE = re.compile(r'<script type="application/json" id="ballot">(.*?)</script>', re.DOTALL)
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]*)"')
QUESTION = re.compile(r'name="(q-[^"]+)"')
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
NONE: Mapping[str, str] = {}


@dataclass
class Act:
    """Somebody who answers once, and what they were told.

    way -- by which; mark -- their comment, by which their answer is known again
    told -- whether they were thanked; sent -- whether the answer left at all
    key -- of a ballot: what the urn knows it by
    """

    way: str
    what: str
    mark: str
    patient: bool
    told: bool = False
    sent: bool = False
    drawn: bool = False
    key: bytes = b""
    fault: str = ""


class Crowd:
    """People who answer at a site, each once, from several connections."""

    def __init__(self, address: str, acts: Sequence[Act], *, connections: int = SENDERS) -> None:
        parts = urlsplit(address)
        self._host, self._port = parts.hostname or "", parts.port or 0
        self._acts = iter(acts)
        self._one_at_a_time = threading.Lock()
        self.statuses: Counter[int] = Counter()
        self.broken = 0
        self.done = 0
        self._over = threading.Event()
        self._let = threading.Semaphore(0)
        self._threads = [threading.Thread(target=self._work) for _ in range(connections)]

    def start(self) -> None:
        """Let them begin."""
        for thread in self._threads:
            thread.start()

    def let(self, number: int) -> None:
        """Let so many more begin."""
        self._let.release(number)

    def see(self, number: int) -> None:
        """Wait until so many in all have ended, or it takes too long."""
        until = time.monotonic() + PATIENCE
        while self.done < number and time.monotonic() < until:
            time.sleep(0.005)

    def end(self) -> None:
        """Let nobody begin any more, and wait for those who have."""
        self._over.set()
        self._let.release(len(self._threads))
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        ways: dict[str, Callable[[Act, Sender], None]] = {"ballot": _by_ballot, "code": _by_code}
        sender = Sender(self._host, self._port, self)
        while self._let.acquire() and not self._over.is_set():
            with self._one_at_a_time:
                act = next(self._acts, None)
            if act is None:
                break
            try:
                ways.get(act.way, _by_link)(act, sender)
            except GaveUp:
                if act.patient:
                    act.fault = "was never thanked"
            with self._one_at_a_time:
                self.done += 1
        sender.close()

    def note(self, status: int | None) -> None:
        """A request was answered, or its connection broke."""
        with self._one_at_a_time:
            if status is None:
                self.broken += 1
            else:
                self.statuses[status] += 1


class GaveUp(Exception):
    """Somebody did not try again, or not any longer."""


class Sender:
    """A connection that is opened again where it breaks."""

    def __init__(self, host: str, port: int, crowd: Crowd) -> None:
        self._host, self._port, self._crowd = host, port, crowd
        self._line: HTTPConnection | None = None

    def ask(
        self,
        act: Act,
        method: str,
        path: str,
        body: str = "",
        headers: Mapping[str, str] = NONE,
        *,
        again: bool | None = None,
    ) -> tuple[int, str, str]:
        """Status, address gone on to, and text of a page: asked for until there is one, by who is patient."""
        until = time.monotonic() + PATIENCE
        while True:
            found = self._once(method, path, body, headers)
            if found is not None and found[0] < 500:
                return found
            patient = act.patient if again is None else again
            if not patient or time.monotonic() > until:
                raise GaveUp
            time.sleep(0.1)

    def _once(
        self, method: str, path: str, body: str, headers: Mapping[str, str]
    ) -> tuple[int, str, str] | None:
        said = {"Accept-Language": "en"} | dict(headers)
        try:
            if self._line is None:
                self._line = HTTPConnection(self._host, self._port, timeout=60)
            self._line.request(method, path, body.encode() or None, said)
            reply = self._line.getresponse()
            found = reply.status, reply.headers.get("Location", ""), reply.read().decode()
        except (OSError, HTTPException):
            self.close()
            self._crowd.note(None)
            return None
        self._crowd.note(found[0])
        return found

    def close(self) -> None:
        """End the connection."""
        if self._line is not None:
            self._line.close()
            self._line = None


def _by_link(act: Act, sender: Sender) -> None:
    """A customer looks at the page and sends it."""
    status, _, page = sender.ask(act, "GET", act.what, again=True)
    if status != 200:
        act.fault = f"their page was answered {status}"
        return
    form = [(name, unescape(value)) for name, value in HIDDEN.findall(page) if name == "page"]
    form += [("q-effort", "1"), ("none", "1"), ("reminded", "1"), ("comment", act.mark)]
    act.sent = True
    status, onward, _ = sender.ask(act, "POST", act.what, urlencode(form), FORM)
    act.told = status == 303 and "thanks" in onward
    act.fault = "" if act.told else f"was answered {status}"


def _by_ballot(act: Act, sender: Sender) -> None:
    """An employee signed in draws a ballot blindly, and casts it without a name."""
    cookie = act.what
    status, _, page = sender.ask(act, "GET", "/pulse", "", {"Cookie": cookie}, again=True)
    found = PAGE.search(page)
    if status != 200 or found is None:
        act.fault = f"their page was answered {status}"
        return
    asked, nonce = json.loads(found[1]), secrets.token_bytes(blind.NONCE)
    act.key = sealed(nonce, {}, "")["key"]  # type: ignore[assignment]
    key = Key(*(int.from_bytes(issuing.decoded(asked["key"][name])) for name in ("n", "e")))
    prepared = blind.prepare(issuing.message(asked["wave"], asked["unit"]), nonce)
    blinded = blind.blind(key, prepared)
    token = TOKEN.findall(page)[-1]
    wanted = json.dumps({"wave": asked["wave"], "blinded": issuing.encoded(blinded.message)})
    proof = {"Cookie": cookie, "X-CSRFToken": token, "Content-Type": "application/json"}
    status, _, reply = sender.ask(act, "POST", asked["issue"], wanted, proof)
    if status != 200:
        act.fault = f"was given no ballot: {status}"
        return
    act.drawn = True
    signature = blind.finalize(
        key, prepared, issuing.decoded(json.loads(reply)["signature"]), blinded.inverse
    )
    ballot = {"wave": asked["wave"], "unit": asked["unit"], "answers": {}, "comment": act.mark}
    ballot |= {"nonce": issuing.encoded(nonce), "signature": issuing.encoded(signature)}
    act.sent = True
    kind = {"Content-Type": "text/plain"}
    status, _, reply = sender.ask(act, "POST", "/b", json.dumps(ballot), AT_BALLOTS | kind)
    act.told = status == 200 and json.loads(reply)["status"] in ("counted", "already")
    act.fault = "" if act.told else f"their ballot was answered {status}"


def _by_code(act: Act, sender: Sender) -> None:
    """An employee types a printed code and sends the answers."""
    typed = urlencode({"code": act.what})
    status, _, page = sender.ask(act, "POST", "/b/code", typed, AT_BALLOTS | FORM, again=True)
    if status != 200:
        act.fault = f"their code was answered {status}"
        return
    form = dict.fromkeys(QUESTION.findall(page), "2")
    form |= {"code": act.what, "reminded": "1", "comment": act.mark}
    act.sent = True
    status, *_ = sender.ask(act, "POST", "/b/code/answers", urlencode(form), AT_BALLOTS | FORM)
    # Where the thanks got lost, a code is used up: its page says that the answers have arrived.
    act.told = status in (303, 404)
    act.fault = "" if act.told else f"their answers were answered {status}"


# Who answers


def people(app: Flask, number: int) -> list[Act]:
    """So many people, and all that lets them answer: two thirds customers, the others employees."""
    now = datetime.now(UTC)
    employees = number // 3
    with db.writing() as session:
        railway = built(session)
        for at in range(employees):
            person = railway.person(f"p{at}@example.org", "south" if at % 3 == 2 else "north")
            person.answers_by = AnswersBy.CODE if at % 3 == 2 else AnswersBy.BALLOT
        wave = Wave(month=month_of(now.astimezone(PARIS).date()), threshold=5, state=WaveState.PLANNED)
        wave.opens_at, wave.closes_at = now - timedelta(hours=1), now + timedelta(days=20)
        session.add(wave)
    with db.writing() as session:
        opened = open_due(session, now, zone=PARIS, k=5)
        assert opened is not None
        keys.assign(session, opened)
    acts = [Act("ballot", cookie, "", True) for cookie in _cookies(app)]
    acts += [Act("code", code, "", True) for code in _codes(month_of(now.astimezone(PARIS).date()))]
    acts += list(_customers(number - len(acts), now))
    random.Random(7).shuffle(acts)
    for at, act in enumerate(acts):
        act.mark, act.patient = f"answer {at} {secrets.token_hex(4)}", at % GIVES_UP != 0
    return acts


def _customers(number: int, now: datetime) -> Iterator[Act]:
    with db.writing() as session:
        key = api_keys.make(session, "till", [Scope.LINKS], expires=None, secret_key=SECRET, now=now)
        station = session.scalars(select(Touchpoint).where(Touchpoint.code == "station")).one()
        opened = open_links.make(session, station, key=SECRET)
        assert key.link_secret is not None
        for at in range(number):
            if at % 3 == 0:
                token = service.invite(
                    session, "station", interaction=f"i{at}", happened_on=now.date(), now=now
                )
                yield Act("invitation", f"/r/{token}", "", True)
            elif at % 3 == 1:
                expires = now + timedelta(days=1)
                token = signed.token(key.public, key.link_secret, "station", f"till-{at}", expires)
                yield Act("signed link", f"/r/{token}", "", True)
            else:
                yield Act("open link", f"/o/{opened}", "", True)


def _cookies(app: Flask) -> list[str]:
    """The cookies of browsers in which everybody who draws a ballot has signed in."""
    with db.reading() as box:
        drawing = select(Person).where(Person.answers_by == AnswersBy.BALLOT, Person.email.like("p%"))
        return [_cookie(app, person) for person in box.scalars(drawing)]


def _cookie(app: Flask, person: Person) -> str:
    with app.test_request_context():
        login.enter(person)
        generate_csrf()
        reply = app.response_class()
        app.session_interface.save_session(app, session._get_current_object(), reply)  # type: ignore[attr-defined]
        return reply.headers["Set-Cookie"].partition(";")[0]


def _codes(month: object) -> list[str]:
    with db.writing() as session, urn.writing() as box:
        wave = session.scalars(select(Wave).where(Wave.month == month)).one()
        return list(codes.make(session, box, wave, "south", secret=SECRET, zone=PARIS).codes)
