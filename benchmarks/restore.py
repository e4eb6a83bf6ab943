"""A backup taken while customers and employees answer, brought back on an empty machine.

    python -m benchmarks.restore [--people 400] [--months 24] [--answers 4000] [--ballots 400]
    scripts/bench restore                     with a PostgreSQL of its own as well

A made-up company is loaded and its months are replayed; then a wave is open, customers answer through two web
processes, and employees draw and cast, while `flask backup` runs twice, as an operator runs it. The first
backup is brought back into two empty databases by `flask restore`. Told are: whether the verdicts are the
same to the byte, whether the audit's chain verifies, whether an answer is missing that was acknowledged
before the backup began, how many employees are linked to their ballots by whoever holds both backups, the
restored databases and the live ones, and how long everybody waited meanwhile.
"""

import argparse
import hashlib
import os
import random
import re
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from html import unescape
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import Any

from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from benchmarks import linkage
from benchmarks.alone import fitting
from benchmarks.doubles import HIDDEN
from benchmarks.serving import SECRET, Line, _empty, application, databases, engines, processes
from config import ROOT
from pulse import db
from pulse.months import month_of
from pulse.organisation.models import Team, Touchpoint
from pulse.people import audit
from pulse.people.models import Membership, Person
from surveys import jobs
from surveys.ballots import blind, issuing
from surveys.ballots.models import Ballot
from surveys.ballots.urn import urn_tally
from surveys.invitations import service as invitations
from surveys.keeping import rows
from surveys.responses import erasure
from surveys.responses.models import Response
from surveys.waves.models import Issued, Wave, WaveState, WaveTeam
from tests.surveys.ballots.voter import TOKEN, Voter, cast, voter

FLASK = str(ROOT / ".venv" / "bin" / "flask")
TEAMS = 8
SOME = 20  # customers and employees who answer before each backup
PATIENCE = 30.0  # seconds in which they have to
PART = re.compile(r"/thanks/([^/?#]+)")


@dataclass
class Load:
    """What was sent and acknowledged while backups were made.

    answers -- of customers: when each was acknowledged, and the digest of the link that erases it
    ballots -- when each was acknowledged, who cast it, and the key it lies under
    slowest -- the longest wait of a customer, and of an employee for drawing and casting, in seconds
    """

    answers: list[tuple[float, str]] = field(default_factory=list)
    ballots: list[tuple[float, int, bytes]] = field(default_factory=list)
    slowest: dict[str, float] = field(default_factory=lambda: {"customer": 0.0, "employee": 0.0})
    refused: list[str] = field(default_factory=list)

    def waited(self, who: str, since: float) -> None:
        """Somebody was served."""
        self.slowest[who] = max(self.slowest[who], time.monotonic() - since)


@dataclass
class Report:
    """What came of it; seconds -- how long a backup and its return took."""

    engine: str
    load: Load = field(default_factory=Load)
    seconds: dict[str, float] = field(default_factory=dict)
    size: int = 0
    same_verdicts: bool = False
    verdicts: int = 0
    chain: int = 0
    answers_before: int = 0
    answers_lost: int = 0
    ballots_before: int = 0
    ballots_back: int = 0
    by_order: int = 0
    pairs: int = 0
    smallest: int | None = None
    faults: list[str] = field(default_factory=list)


def restored(engine: str, *, people: int, months: int, answers: int, ballots: int) -> Report:
    """Back up under load and bring it back, on an engine."""
    report = Report(engine)
    with ExitStack() as stack:
        urls = stack.enter_context(databases(engine))
        folder = Path(stack.enter_context(TemporaryDirectory()))
        _flask(urls, "demo", "--people", str(people), "--months", str(months))
        with application(urls) as app:
            now = datetime.now(UTC)
            _hire(ballots)
            links, month = _links(answers, now), _open_wave(now)
            with processes(urls, 2) as sites, _answering(app, sites, links, ballots, report.load):
                files = [_backed_up(urls, folder, name, report) for name in ("first", "second")]
            began = report.seconds.pop("began first")
            live = _history(urls)
            truth = {key: who for _, who, key in report.load.ballots}
            before = {digest for at, digest in report.load.answers if at < began}
            report.ballots_before = sum(at < began for at, *_ in report.load.ballots)
            report.smallest = _smallest(files, month)
        new = stack.enter_context(_empty(engine))
        begun = time.monotonic()
        _flask(new, "restore", str(files[0]))
        report.seconds["restore"] = time.monotonic() - begun
        said = _history(new)
        report.same_verdicts, report.verdicts = said == live, said.count(b"\n") - 1
        with application(new):
            _looked_over(report, before, truth)
    return report


def _flask(urls: tuple[str, str], *words: str) -> bytes:
    env = {name: value for name, value in os.environ.items() if not name.startswith("PULSE_")}
    env |= {"PULSE_DATABASE_URL": urls[0], "PULSE_URN_URL": urls[1], "PULSE_SECRET_KEY": SECRET}
    ended = subprocess.run([FLASK, *words], cwd=ROOT, env=env, capture_output=True, check=False)
    if ended.returncode:
        raise RuntimeError(f"flask {words[0]}: {ended.stderr.decode()[-2000:]}")
    return ended.stdout


def _history(urls: tuple[str, str]) -> bytes:
    return _flask(urls, "verdicts", "--history", "--format", "csv")


def _links(number: int, now: datetime) -> list[str]:
    with db.writing() as session:
        place = session.scalars(select(Touchpoint.code).order_by(Touchpoint.id)).first() or ""
        return [
            "/r/" + invitations.invite(session, place, interaction=f"b{at}", happened_on=now.date(), now=now)
            for at in range(number)
        ]


def _hire(number: int) -> None:
    """Let so many more people work for the company, in its first teams: those who have an account are few."""
    with db.writing() as session:
        teams = session.scalars(select(Team.id).order_by(Team.id).limit(TEAMS)).all()
        people = [
            Person(email=f"answers{at}@example.org", name=f"A{at}", language="en", grants=[])
            for at in range(number)
        ]
        session.add_all(people)
        session.flush()
        session.add_all(
            Membership(
                person_id=person.id, team_id=teams[at % len(teams)], since=date(2020, 1, 1), until=None
            )
            for at, person in enumerate(people)
        )


def _open_wave(now: datetime) -> date:
    """A wave that is open now, whatever the calendar says; its month."""
    first = datetime.combine(month_of(now.date()), datetime.min.time(), UTC)
    moment = first + timedelta(days=8, hours=12)
    jobs.open_wave(moment)
    with db.writing() as session:
        wave = session.scalars(select(Wave).where(Wave.state == WaveState.OPEN)).one()
        wave.opens_at, wave.closes_at = now - timedelta(hours=1), now + timedelta(days=7)
        return wave.month


@contextmanager
def _answering(
    app: Flask, sites: Sequence[str], links: Sequence[str], ballots: int, load: Load
) -> Iterator[None]:
    """Customers and employees answer as long as this lasts."""
    over = Event()
    with db.reading() as session:
        emails = _members(session, list(session.scalars(select(WaveTeam.team_id))))
    random.Random(1).shuffle(emails)
    threads = [
        Thread(target=_customers, args=(site, links[at :: len(sites)], load, over))
        for at, site in enumerate(sites)
    ]
    threads.append(Thread(target=_employees, args=(app, emails[:ballots], load, over)))
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def _members(session: Session, teams: Sequence[int]) -> list[tuple[int, str]]:
    found = (
        select(Person.id, Person.email)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.team_id.in_(teams), Membership.until.is_(None))
        .order_by(Person.id)
    )
    return [(int(number), str(email)) for number, email in session.execute(found)]


def _customers(site: str, links: Sequence[str], load: Load, over: Event) -> None:
    with Line(site) as line:
        for link in links:
            if over.is_set():
                return
            since = time.monotonic()
            status, _, page = line.get(link)
            form = [(name, unescape(value)) for name, value in HIDDEN.findall(page) if name == "page"]
            form += [("q-effort", "1"), ("none", "1"), ("reminded", "1"), ("comment", "Under load")]
            status, onward, _ = line.post(link, form)
            load.waited("customer", since)
            thanked = PART.search(onward)
            if status != 303 or thanked is None:
                load.refused.append(f"customer: {status}")
                continue
            load.answers.append((time.monotonic(), erasure.digest(thanked.group(1))))


def _employees(app: Flask, people: Sequence[tuple[int, str]], load: Load, over: Event) -> None:
    token = str(URLSafeTimedSerializer(SECRET, salt="wtf-csrf-token").dumps(TOKEN))
    for number, email in people:
        if over.is_set():
            return
        since = time.monotonic()
        browser = voter(app, email, datetime.now(UTC))
        drawn = browser.ask(browser.blind().message, token=token)
        reply = cast(app, _unblinded(browser, drawn) | {"answers": {}, "comment": ""})
        load.waited("employee", since)
        if reply.status_code != 200:
            load.refused.append(f"employee: {reply.status_code}")
            continue
        load.ballots.append((time.monotonic(), number, hashlib.sha256(browser.nonce).digest()))


def _unblinded(browser: Voter, drawn: TestResponse) -> dict[str, str]:
    """The ballot that was drawn, as it is cast."""
    answer = issuing.decoded(drawn.get_json()["signature"])
    signature = blind.finalize(browser.key, browser.prepared, answer, browser.blinded.inverse)
    said = {"nonce": issuing.encoded(browser.nonce), "signature": issuing.encoded(signature)}
    return said | {"wave": browser.wave, "unit": browser.unit}


def _backed_up(urls: tuple[str, str], folder: Path, name: str, report: Report) -> Path:
    """A backup made by the command once some have answered; the time at which it began is noted."""
    until, load = time.monotonic() + PATIENCE, report.load
    wanted = len(load.answers) + SOME, len(load.ballots) + SOME
    while len(load.answers) < wanted[0] or len(load.ballots) < wanted[1]:
        if time.monotonic() > until:
            break
        time.sleep(0.05)
    file = folder / name
    began = time.monotonic()
    if name == "first":
        report.seconds["began first"] = began
    _flask(urls, "backup", str(file))
    report.seconds[f"{name} backup"] = time.monotonic() - began
    report.size = file.stat().st_size
    return file


def _looked_over(report: Report, before: set[str], truth: dict[bytes, int]) -> None:
    with db.reading() as session:
        found = audit.verify(session)
        report.chain = found.checked
        if found.fault is not None:
            report.faults.append(f"the audit's chain does not verify: {found.fault.why}")
        back = set(session.scalars(select(Response.erasure)))
    report.answers_before, report.answers_lost = len(before), len(before - back)
    with urn_tally.reading() as box:
        keys = set(box.scalars(select(Ballot.key)))
    report.ballots_back = len(keys)
    report.by_order, report.pairs = _by_order({key: who for key, who in truth.items() if key in keys})
    if not report.same_verdicts:
        report.faults.append("the verdicts differ")
    if report.answers_lost:
        report.faults.append(f"{report.answers_lost} acknowledged answers are missing")
    if report.smallest is not None and report.smallest < 5:
        report.faults.append(f"two backups show {report.smallest} ballots apart")
    report.faults += report.load.refused


def _by_order(truth: dict[bytes, int]) -> tuple[int, int]:
    """How many are linked by pairing lists and ballots in the order in which they lie; out of how many."""
    engine = db.main.engine.dialect.name
    if engine == "postgresql":
        issued = [int(who) for who in linkage._arrived(db.main, "issued", "person_id")]
        ballots = [bytes(key) for key in linkage._arrived(urn_tally, "ballot", "key")]
    else:
        with db.reading() as session:
            digests = dict(session.execute(select(Issued.request, Issued.person_id)).all())
        lists, box = linkage._bytes(db.main), linkage._bytes(urn_tally)
        issued = [who for _, who in sorted((lists.find(digest), who) for digest, who in digests.items())]
        ballots = sorted(truth, key=box.find)
    mine = [who for who in issued if who in set(truth.values())]
    ballots = [key for key in ballots if key in truth]
    return sum(truth[key] == who for key, who in zip(ballots, mine, strict=False)), len(ballots)


def _smallest(files: Sequence[Path], month: date) -> int | None:
    """The fewest ballots of a unit that two backups, or the last one and the live urn, show apart."""
    sets: list[dict[str, set[bytes]]] = []
    for file in files:
        with tarfile.open(file) as tar, TemporaryDirectory() as folder:
            content = tar.extractfile("urn.gz")
            assert content is not None
            (Path(folder) / "urn.gz").write_bytes(content.read())
            found = rows.listed(Path(folder) / "urn.gz")["ballot"]
        sets.append(_by_unit((key, wave, unit) for key, wave, unit, *_ in found if wave == month))
    with urn_tally.reading() as box:
        lying = box.execute(select(Ballot.key, Ballot.wave, Ballot.unit).where(Ballot.wave == month)).all()
    sets.append(_by_unit((bytes(key), wave, unit) for key, wave, unit in lying))
    apart = [
        len(later.get(unit, set()) - earlier.get(unit, set()))
        for earlier, later in pairwise(sets)
        for unit in later
        if earlier.get(unit)  # a unit of which no backup held anything shows all its ballots at once
    ]
    return min((number for number in apart if number), default=None)


def _by_unit(found: Any) -> dict[str, set[bytes]]:
    units: dict[str, set[bytes]] = {}
    for key, _, unit in found:
        units.setdefault(unit, set()).add(key)
    return units


def lines(report: Report) -> list[str]:
    """The figures, one a line."""
    load, seconds = report.load, report.seconds
    same = "the same to the byte" if report.same_verdicts else "NOT the same"
    met = f"{len(load.answers)} customers and {len(load.ballots)} employees"
    return [
        f"{report.engine}: {met} answered meanwhile",
        f"  backups: {seconds['first backup']:.1f} and {seconds['second backup']:.1f} s,"
        f" {report.size / 1e6:.1f} MB; brought back in {seconds['restore']:.1f} s (starting Pulse included)",
        f"  the longest anybody waited: a customer {load.slowest['customer']:.2f} s (page and answer),"
        f" an employee {load.slowest['employee']:.2f} s (drawing and casting)",
        f"  verdicts: {report.verdicts}, {same}; the audit's chain verifies, {report.chain} entries",
        f"  answers acknowledged before the backup began: {report.answers_before};"
        f" missing: {report.answers_lost}",
        f"  ballots acknowledged before: {report.ballots_before}; back: {report.ballots_back} (the others are"
        " in no backup before the wave is counted)",
        f"  linked by the order in which rows lie: {report.by_order} of {report.pairs};"
        f" fewest ballots two copies show apart: {report.smallest}",
        *(f"  FAULT {fault}" for fault in report.faults[:10]),
    ]


def run() -> int:
    """Try every engine there is; 1 where something is not as it should be."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, number in (("people", 400), ("months", 24), ("answers", 4000), ("ballots", 400)):
        words.add_argument(f"--{name}", type=int, default=number)
    asked = vars(words.parse_args())
    alike, out = fitting()
    print(f"somebody answers alone between two backups: {alike} of {out} ballots held back fit all three")
    wrong = out - alike
    for engine in engines():
        report = restored(engine, **asked)
        print("\n".join(lines(report)), flush=True)
        wrong += len(report.faults)
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(run())
