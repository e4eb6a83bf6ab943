"""Interactions coming in from several processes at once: exactly the invitations the rules allow, how fast.

    python -m benchmarks.interactions [--interactions 10000] [--processes 4]
    scripts/bench interactions                          with a PostgreSQL of its own as well

A third of them happens at the station, where everybody is asked, a third at the desk, where one in two is,
and a third in the shop, which wants so many answers a month. Customers come back, and are known by an
address, a number, or an id besides. Every interaction is sent by two of the processes, in another order, in
batches of another size; what the two are told must agree. Who is to be invited is worked out beforehand,
from the rules alone. Ends with 1 where anybody is asked who should not be, or not asked who should.
"""

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing import get_context

from sqlalchemy import select

from config import Settings
from pulse.db import Database
from pulse.organisation.models import Touchpoint
from pulse.outbox.models import Message
from surveys.invitations import rules
from surveys.invitations.interactions import Refused, Seen, take
from surveys.invitations.models import Interaction, Outcome, Quota, TouchpointSurvey, Way

NOW = datetime(2026, 11, 9, 11, tzinfo=UTC)
SHARES = {"station": 100, "desk": 50, "shop": 100}
TARGET = 30  # answers wanted of the shop: 300 invitations while nothing is known of its customers
BATCHES = (1000, 1, 170, 33)  # sizes, a process each
SECRET = "a key for benchmarks only, long enough to be taken"
KNOWN = Settings(secret_key=SECRET, site_url="https://pulse.example.org")


@dataclass
class Report:
    """What came of the interactions.

    invited -- by touchpoint; batched, single -- interactions a second, from one process alone
    seconds -- the crowd's, for each interaction twice
    faults -- in words
    """

    number: int
    invited: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    batched: float = 0.0
    single: float = 0.0
    faults: list[str] = field(default_factory=list)


def taken_by(engine: str, number: int, processes: int) -> Report:
    """Let so many processes send so many interactions, each twice, on an engine; what came of them."""
    from benchmarks.serving import databases  # the web application: the processes begun here need none of it

    report, calls = Report(number), made(number)
    with databases(engine) as urls:
        database = Database()
        database.connect(urls[0])
        _places(database)
        report.batched, report.single = _paces(database, number)
        begun = time.perf_counter()
        told = _crowd(urls[0], calls, processes)
        report.seconds = time.perf_counter() - begun
        report.faults = [*_disagreeing(told), *_wrong(database, calls)]
        with database.reading() as session:
            rows = select(Touchpoint.code).join(Interaction, Interaction.touchpoint_id == Touchpoint.id)
            asked = rows.where(Interaction.outcome == Outcome.INVITED, Interaction.code.like("call-%"))
            report.invited = Counter(session.scalars(asked))
        database.close()
    return report


def made(number: int) -> list[Seen]:
    """So many interactions of about half as many customers, the same each time; the shop's come once each.

    Nobody is a customer of two places: who is asked would else hang on which of the two comes first.
    """
    draw = random.Random(number)
    return [_call(at, draw.randrange(number // 2 or 1)) for at in range(number)]


def _call(at: int, customer: int) -> Seen:
    where = tuple(SHARES)[at % 3]
    who = f"{where}{at if where == 'shop' else customer}"
    if where == "desk" and customer % 3 == 0:
        return Seen(f"call-{at}", where, NOW, phone=f"+336{customer:08d}")
    known = who if customer % 2 else None
    return Seen(f"call-{at}", where, NOW, customer=known, email=f"{who}@example.org")


def _places(database: Database) -> None:
    with database.writing() as session:
        for code, share in SHARES.items():
            place = Touchpoint(code=code, name_en=code.title(), name_fr=code.title())
            session.add(place)
            session.flush()
            target = TARGET if code == "shop" else None
            how = TouchpointSurvey(touchpoint_id=place.id, share=share, target=target, way=Way.EMAIL)
            how.origins = []
            session.add(how)


def _paces(database: Database, number: int) -> tuple[float, float]:
    """Interactions a second in thousands and one by one, each of a new customer with an address."""
    paces = []
    for name, many, size in (("batch", number, 1000), ("single", -(-number // 5), 1)):
        calls = [Seen(f"{name}-{at}", "station", NOW, None, f"{name}{at}@example.org") for at in range(many)]
        begun = time.perf_counter()
        _sent(database, calls, size)
        paces.append(many / (time.perf_counter() - begun))
    return paces[0], paces[1]


def _sent(database: Database, calls: Sequence[Seen], size: int) -> list[tuple[str, str, bool]]:
    told = []
    for start in range(0, len(calls), size):
        with database.writing() as session:
            became = take(session, calls[start : start + size], NOW, known=KNOWN)
        for each in became:
            assert not isinstance(each, Refused)  # there is nothing wrong with any of them
            told.append((each.code, each.outcome.value, each.new))
    return told


def _crowd(url: str, calls: list[Seen], processes: int) -> list[tuple[str, str, bool]]:
    """What all processes were told: each sends every interaction whose turn is its own or its neighbour's."""
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        shares = [
            [call for at, call in enumerate(calls) if (at - mine) % processes in (0, 1)]
            for mine in range(processes)
        ]
        jobs = [
            pool.submit(_process, url, share, BATCHES[mine % len(BATCHES)], mine)
            for mine, share in enumerate(shares)
        ]
        return [line for job in jobs for line in job.result()]


def _process(url: str, calls: list[Seen], size: int, mine: int) -> list[tuple[str, str, bool]]:
    random.Random(mine).shuffle(calls)
    database = Database()
    database.connect(url)
    try:
        return _sent(database, calls, size)
    finally:
        database.close()


def _disagreeing(told: list[tuple[str, str, bool]]) -> list[str]:
    """Where two that sent the same were told differently, or not exactly one of them that it was new."""
    outcomes: dict[str, set[str]] = {}
    new: Counter[str] = Counter()
    for code, outcome, first in told:
        outcomes.setdefault(code, set()).add(outcome)
        new[code] += first
    return [f"{code} led to {found}" for code, found in outcomes.items() if len(found) > 1] + [
        f"{code} was new {new[code]} times" for code in outcomes if new[code] != 1
    ]


def _wrong(database: Database, calls: list[Seen]) -> list[str]:
    """Where the database does not hold exactly the invitations the rules allow."""
    expected = {
        who(call)
        for call in calls
        if call.touchpoint != "shop" and rules.sampled(call.code, SHARES[call.touchpoint])
    }
    faults = []
    with database.reading() as session:
        rows = session.execute(select(Interaction.code, Interaction.outcome)).all()
        outcomes = {code: outcome for code, outcome in rows if code.startswith("call-")}
        quota = session.scalars(select(Quota)).one()
        mails = Counter(session.scalars(select(Message.recipient)))
    invited = Counter(who(call) for call in calls if outcomes[call.code] is Outcome.INVITED)
    elsewhere = {one for one in invited if not one.startswith("shop")}
    shop = sum(one.startswith("shop") for one in invited.elements())
    if len(outcomes) != len(calls):
        faults.append(f"{len(calls)} interactions came, {len(outcomes)} are kept")
    faults += [f"{one} was invited {times} times" for one, times in invited.items() if times > 1]
    faults += [f"{one} was not invited" for one in expected - elsewhere]
    faults += [f"{one} was invited" for one in elsewhere - expected]
    there = sum(call.touchpoint == "shop" for call in calls)
    if not shop == quota.invited == min(quota.allowed, there) or quota.allowed != 10 * TARGET:
        faults.append(f"the shop invited {shop}, counted {quota.invited}, of {quota.allowed}")
    return faults + [
        f"{address} was written to {times} times" for address, times in mails.items() if times > 1
    ]


def who(call: Seen) -> str:
    """By what a customer is known here."""
    return str(call.email or call.phone)


def lines(engine: str, report: Report) -> list[str]:
    """The report, a line for each thing."""
    invited = ", ".join(f"{place} {number}" for place, number in sorted(report.invited.items()))
    return [
        f"{engine}: {report.batched:.0f} interactions a second in thousands, {report.single:.0f} one by one",
        f"{engine}: {report.number} sent twice from all sides in {report.seconds:.1f} s; invited: {invited}",
        *(f"{engine}: WRONG: {fault}" for fault in report.faults[:20]),
        f"{engine}: {len(report.faults)} faults",
    ]


def run() -> None:
    """Measure on every engine there is."""
    from benchmarks.serving import engines

    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--interactions", type=int, default=10_000)
    words.add_argument("--processes", type=int, default=4)
    asked = words.parse_args()
    wrong = False
    for engine in engines():
        report = taken_by(engine, asked.interactions, asked.processes)
        print("\n".join(lines(engine, report)))
        wrong = wrong or bool(report.faults)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    run()
