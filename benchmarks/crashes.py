"""Crashes while people answer: no answer that was acknowledged is lost, and none is counted twice.

    python -m benchmarks.crashes [--kills 200] [--crashes 50] [--sqlite-only]

Customers answer by invitations, by links that a till has signed and by an open link; employees draw blind
ballots and cast them, and answer by printed codes: all over HTTP, from many connections at once. Meanwhile
workers of a real web server are ended by SIGKILL, and then a PostgreSQL of our own, with fsync on, is crashed
(`pg_ctl stop -m immediate`) over and over. Most people send again until they are thanked, by exactly the same
request, as their page does; every fifth gives up at the first failure. Afterwards what people were told is
held against what the databases hold. Then, without any crash, answers are sent one after another, and the
calls that make the disk keep them are counted.
"""

import argparse
import json
import random
import re
import secrets
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlencode, urlsplit

import psycopg
from flask import Flask, session
from flask_wtf.csrf import generate_csrf
from sqlalchemy import func, select

from benchmarks.crashing import BINARIES, Cluster, Web, cluster, syncs, web
from benchmarks.doubles import HIDDEN
from benchmarks.serving import SECRET, application, databases
from pulse import db
from pulse.months import month_of
from pulse.organisation.models import Touchpoint
from pulse.people import api_keys, login
from pulse.people.models import AnswersBy, Person, Scope
from surveys.ballots import blind, codes, issuing, keys
from surveys.ballots.blind import Key
from surveys.ballots.models import Ballot, Code, Remark
from surveys.ballots.urn import sealed, urn, urn_tally
from surveys.invitations import open_links, service, signed
from surveys.invitations.models import Invitation
from surveys.responses.models import Response
from surveys.waves.models import Issued, Wave, WaveState
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
LOAD = 12  # people who answer for each kill or crash
ONE_AFTER_ANOTHER = 60  # answers for which the syncs are counted


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


@dataclass
class Report:
    """What became of the answers.

    told -- way to answers acknowledged; unsure -- of those whose senders gave up, how many were sent
    statuses -- what requests were answered, how often
    """

    kills: int = 0
    crashes: int = 0
    seconds: float = 0.0
    told: Counter[str] = field(default_factory=Counter)
    unsure: int = 0
    arrived: int = 0
    lost: int = 0
    doubled: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    broken: int = 0
    faults: list[str] = field(default_factory=list)


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


def _acts(app: Flask, number: int) -> list[Act]:
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


# What happens meanwhile


def killed(engine: str, kills: int, chance: random.Random, *, load: int = LOAD) -> Report:
    """Kill so many workers of a web server, one at a time, while people answer."""
    report = Report()

    def strike(server: Web) -> None:
        server.kill()
        report.kills += 1

    with databases(engine) as urls:
        _endured(report, urls, kills, strike, chance, load)
    return report


def crashed(postgresql: Cluster, crashes: int, chance: random.Random, *, load: int = LOAD) -> Report:
    """Crash PostgreSQL so often, while people answer; the web server is left alone."""
    report = Report()

    def strike(_: Web) -> None:
        postgresql.crash()
        time.sleep(chance.uniform(0, 1.0))
        postgresql.start()
        report.crashes += 1

    with databases("postgresql") as urls:
        _endured(report, urls, crashes, strike, chance, load)
    return report


def _endured(
    report: Report,
    urls: tuple[str, str],
    times: int,
    strike: Callable[[Web], None],
    chance: random.Random,
    load: int,
) -> None:
    """Let some people answer, and strike while they do, so many times."""
    with application(urls) as app:
        acts = _acts(app, load * times)
        with web(urls, 2) as server:
            crowd, begun = Crowd(server.address, acts), time.perf_counter()
            crowd.start()
            for _ in range(times):
                so_far = crowd.done
                crowd.let(load)
                crowd.see(so_far + chance.randrange(1, load))
                strike(server)
            crowd.see(len(acts))
            crowd.end()
            report.seconds = time.perf_counter() - begun
        _hold_against(report, crowd, acts)


def _hold_against(report: Report, crowd: Crowd, acts: Sequence[Act]) -> None:
    """What people were told against what is kept."""
    report.statuses, report.broken = crowd.statuses, crowd.broken
    for act in acts:
        report.told[act.way] += act.told
        report.unsure += act.sent and not act.told
        if act.fault:
            report.faults.append(f"{act.way}: {act.fault}")
    with db.reading() as session, urn_tally.reading() as box:
        kept = Counter(session.scalars(select(Response.comment))) + Counter(box.scalars(select(Remark.text)))
        there = set(box.scalars(select(Ballot.key)))
        unused = len(box.scalars(select(Code.digest)).all())
        issued = session.scalar(select(func.count()).select_from(Issued)) or 0
        spent = session.scalar(select(func.count()).where(Invitation.spent_at.is_not(None))) or 0
        invited = session.scalar(select(func.count()).where(Response.invitation_id.is_not(None))) or 0
    for act in acts:
        times = kept[act.mark]
        report.lost += act.told and times == 0
        report.doubled += times > 1
        report.arrived += act.sent and not act.told and times == 1
        if act.way == "ballot" and (act.key in there) != (times == 1):
            report.faults.append("a ballot without its comment, or a comment without its ballot")
    report.faults += list(sums(acts, kept, len(there), unused, issued, spent - invited))


def sums(
    acts: Sequence[Act], kept: Counter[str], ballots: int, unused: int, issued: int, in_vain: int
) -> Iterator[str]:
    """What does not add up between what people were told and what is kept, in words.

    kept -- mark to how often it is kept; in_vain -- invitations used up without an answer
    """
    by = {way: [act for act in acts if act.way == way] for way in ("ballot", "code")}
    answered = sum(kept[act.mark] for act in by["code"])
    cast = sum(kept[act.mark] for act in by["ballot"])
    if ballots != cast + answered:
        yield f"{ballots} ballots, but {cast} were cast and {answered} given by codes"
    if unused != len(by["code"]) - answered:
        yield f"{unused} codes are unused, of {len(by['code'])} of which {answered} answered"
    given = sum(act.drawn for act in by["ballot"])
    if issued < given:
        yield f"{given} were given a ballot, but {issued} are known to have drawn one"
    if in_vain:
        yield f"{in_vain} invitations were used up without an answer"
    strange = sum(kept.values()) - sum(kept[act.mark] for act in acts)
    if strange:
        yield f"{strange} answers that nobody sent"


# How often the disk is made to keep something


def synced(engine: str, number: int) -> tuple[int, int | None]:
    """Answers acknowledged one after another, and the syncs meanwhile; None where nobody can count these."""
    with databases(engine) as urls, application(urls) as app:
        acts = _acts(app, number)
        with web(urls, 1) as server:
            crowd = Crowd(server.address, acts, connections=1)
            if engine == "sqlite":
                with syncs(server.workers()) as count:
                    _all_answer(crowd, number)
                    counted = count()
            else:
                before = _wal_syncs()
                _all_answer(crowd, number)
                counted = _wal_syncs() - before
        return sum(act.told for act in acts), counted


def _all_answer(crowd: Crowd, number: int) -> None:
    crowd.start()
    crowd.let(number)
    crowd.see(number)
    crowd.end()


def _wal_syncs() -> int:
    """How often PostgreSQL has had its log written to the disk, as soon as it has counted it all."""
    with psycopg.connect("dbname=postgres", autocommit=True) as connection:
        found, before = _counted(connection), -1
        while found != before:  # processes tell what they have done within some seconds of having done it
            time.sleep(12)
            before, found = found, _counted(connection)
        return found


def _counted(connection: "psycopg.Connection[tuple[int]]") -> int:
    row = connection.execute("SELECT wal_sync FROM pg_stat_wal").fetchone()
    assert row is not None
    return int(row[0])


def lines(engine: str, report: Report) -> list[str]:
    """The figures, one a line."""
    struck = f"{report.kills} workers killed" if report.kills else f"{report.crashes} crashes of the database"
    ways = ", ".join(f"{number} by {way}" for way, number in sorted(report.told.items()))
    answered = ", ".join(f"{status}: {number}" for status, number in sorted(report.statuses.items()))
    return [
        f"{engine}: {struck} in {report.seconds:.0f} s; {report.told.total()} answers acknowledged ({ways})",
        f"  lost: {report.lost}; counted twice: {report.doubled}",
        f"  not acknowledged, and not sent again: {report.unsure}, of which {report.arrived} are kept once",
        f"  requests by status: {answered}; broken off: {report.broken}",
        f"  not as it should be: {len(report.faults)}",
        *(f"  {fault}" for fault in report.faults[:10]),
    ]


def run() -> int:
    """Carry it all out; 1 where an answer was lost or kept twice, or less was synced than acknowledged."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--kills", type=int, default=200)
    words.add_argument("--crashes", type=int, default=50)
    words.add_argument("--seed", type=int, default=7)
    words.add_argument("--sqlite-only", action="store_true")
    asked = words.parse_args()
    chance = random.Random(asked.seed)
    wrong = _tried("sqlite", asked.kills, chance)
    if asked.sqlite_only or not BINARIES:
        print("PostgreSQL was not tried")
        return min(wrong, 1)
    with cluster() as postgresql:
        wrong += _tried("postgresql", asked.kills, chance)
        if asked.crashes:
            wrong += _told("postgresql", crashed(postgresql, asked.crashes, chance))
    return min(wrong, 1)


def _tried(engine: str, kills: int, chance: random.Random) -> int:
    wrong = _told(engine, killed(engine, kills, chance)) if kills else 0
    acknowledged, counted = synced(engine, ONE_AFTER_ANOTHER)
    print(f"{engine}: {acknowledged} answers one after another, {counted} syncs", flush=True)
    return wrong + (counted is not None and counted < acknowledged)


def _told(engine: str, report: Report) -> int:
    print(*lines(engine, report), sep="\n", flush=True)
    return report.lost + report.doubled + len(report.faults)


if __name__ == "__main__":
    sys.exit(run())
