"""Interactions by the API, under load: the real application behind its web server, and who is then invited.

    python -m benchmarks.api [--interactions 10000] [--connections 16]
    scripts/bench api                               with a PostgreSQL of its own as well

One web process on SQLite, two on PostgreSQL. Half of the interactions come singly, half in arrays of a
hundred; one in eleven is sent again, by another connection and with other words. Customers come back, known
by an id, an address, a number or several of these; some complained or cannot be reached, as told by the API
before. What each interaction must lead to is worked out here from what is sent, without the code that
decides: exactly, where the order of arrival changes nothing; where it does (which of two contacts of one
customer came first, who was among the last that a target allows) by what must hold in any order. Ends with 1
where anything else happened.
"""

import argparse
import hashlib
import json
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select

from benchmarks.serving import SECRET, application, databases, engines, processes
from pulse import db
from pulse.organisation.models import Touchpoint
from pulse.outbox.models import Message
from pulse.people import api_keys
from pulse.people.models import Scope
from surveys.invitations.models import Interaction, Quota, TouchpointSurvey

BATCH = 100
AGAIN = 11  # every so many are sent again
WEB = {"sqlite": 1, "postgresql": 2}  # processes
SHARES = {"station": 100, "desk": 40, "shop": 100}
ANSWERS = 10  # of a hundred invitations, while nothing is known of a touchpoint
FIXED = ("too_old", "no_address", "opted_out", "unreachable", "not_sampled")  # in whatever order they come
Told = dict[str, Any]


@dataclass
class Latencies:
    """How long requests took, in seconds."""

    took: list[float] = field(default_factory=list)

    def at(self, share: float) -> float:
        """The time within which this share of the requests was answered, in milliseconds."""
        ordered = sorted(self.took)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@dataclass
class Report:
    """What became of the load.

    sent -- interactions, those sent again among them; requests -- in how many requests; seconds -- for all
    counts -- how many interactions led to what
    faults -- what is not as the rules allow, in words
    """

    sent: int = 0
    requests: int = 0
    seconds: float = 0.0
    single: Latencies = field(default_factory=Latencies)
    batch: Latencies = field(default_factory=Latencies)
    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Load:
    """What is sent: bounces and complaints first, then requests in any order.

    target -- answers the shop wants this month
    """

    bounced: Sequence[Told]
    requests: Sequence[list[Told]]
    target: int

    @property
    def interactions(self) -> dict[str, Told]:
        """Each interaction by its id, as it is sent first or again: what decides is the same in both."""
        return {told["interaction"]: told for request in self.requests for told in request}


def loaded(engine: str, number: int, connections: int) -> Report:
    """Send so many interactions over so many connections, on an engine; what became of them."""
    report, load = Report(), made(number, datetime.now(UTC))
    with databases(engine) as urls:
        with application(urls):
            key = _prepared(load)
        with processes(urls, WEB[engine]) as sites:
            for told in load.bounced:
                with Caller(sites[0], key) as caller:
                    assert caller.post("/api/v1/bounces", told)[0] == 200
            begun = time.perf_counter()
            replies = list(_sent(sites, key, load.requests, connections, report))
            report.seconds = time.perf_counter() - begun
        report.sent = sum(map(len, load.requests))
        report.requests = len(load.requests)
        with application(urls):
            report.faults = [*_of_replies(load, replies), *_of_rules(load, report)]
    return report


def made(number: int, now: datetime) -> Load:
    """So many interactions in all, the same each time but for their day."""
    draw = random.Random(number)
    fresh = number - number // AGAIN
    customers = max(4, fresh // 3)
    once = [_contact(f"c{at}", draw.randrange(customers), draw, now) for at in range(fresh)]
    again = [_retold(once[draw.randrange(fresh)]) for _ in range(number - fresh)]
    every = once + again
    draw.shuffle(every)
    half = number // 2
    requests = [[told] for told in every[:half]]
    requests += [every[at : at + BATCH] for at in range(half, number, BATCH)]
    draw.shuffle(requests)
    bounced = [{"recipient": f"ana{at}@example.org", "kind": "bounce"} for at in range(0, customers, 29)]
    bounced += [{"recipient": f"ana{at}@example.org", "kind": "complaint"} for at in range(7, customers, 31)]
    return Load(bounced, requests, target=max(1, number // 250))


def _contact(code: str, customer: int, draw: random.Random, now: datetime) -> Told:
    """A contact of a customer, known this time by some of what they are known by."""
    known = {
        "customer": f"id-{customer}",
        "email": f"ana{customer}@example.org",
        "phone": f"+336{customer:08d}",
    }
    told: Told = {"interaction": code, "touchpoint": draw.choice(list(SHARES))}
    told |= {name: known[name] for name in draw.choice(WAYS)}
    old = draw.random() < 0.03
    told["happened_at"] = (now - timedelta(days=40 if old else 0, minutes=draw.randrange(90))).isoformat()
    return told


WAYS = (
    ("email",),
    ("email", "customer"),
    ("phone", "customer"),
    ("email", "phone", "customer"),
    ("phone",),
    ("customer",),
)


def _retold(told: Told) -> Told:
    """The same interaction, sent again with something else that changes nothing."""
    return told | {"name": "Told again", "channel": "retry"}


def _prepared(load: Load) -> str:
    """Make the touchpoints, and a key."""
    with db.writing() as session:
        for code, share in SHARES.items():
            place = Touchpoint(code=code, name_en=code.title(), name_fr=code.title())
            session.add(place)
            session.flush()
            asked = TouchpointSurvey(touchpoint_id=place.id, share=share)
            asked.target = load.target if code == "shop" else None
            session.add(asked)
        made = api_keys.make(
            session, "load", set(Scope), expires=None, secret_key=SECRET, now=datetime.now(UTC)
        )
    return made.text


class Caller:
    """A connection of another program, kept open from one request to the next."""

    def __init__(self, site: str, key: str) -> None:
        parts = urlsplit(site)
        assert parts.hostname is not None
        self._connection = HTTPConnection(parts.hostname, parts.port, timeout=120)
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def __enter__(self) -> "Caller":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def post(self, path: str, body: object) -> tuple[int, Told, float]:
        """Status and reply of what is sent, and the seconds that it took."""
        begun = time.perf_counter()
        self._connection.request("POST", path, json.dumps(body).encode(), self._headers)
        reply = self._connection.getresponse()
        told: Told = json.loads(reply.read())
        return reply.status, told, time.perf_counter() - begun


Reply = tuple[list[Told], int, Told]


def _sent(
    sites: Sequence[str], key: str, requests: Sequence[list[Told]], connections: int, report: Report
) -> Iterator[Reply]:
    """Send all requests over so many connections, each of which takes the next one that is left."""
    left = iter(requests)

    def work(mine: int) -> list[tuple[Reply, float]]:
        done = []
        with Caller(sites[mine % len(sites)], key) as caller:
            for told in left:  # one iterator of all: taking the next is one step of the interpreter
                body = told[0] if len(told) == 1 else told
                status, reply, took = caller.post("/api/v1/interactions", body)
                done.append(((told, status, reply), took))
        return done

    with ThreadPoolExecutor(connections) as pool:
        for done in pool.map(work, range(connections)):
            for reply, took in done:
                (report.single if len(reply[0]) == 1 else report.batch).took.append(took)
                yield reply


def _of_replies(load: Load, replies: Sequence[Reply]) -> Iterator[str]:
    """What is wrong with the replies: each answered, in order, alike for the same interaction, new once."""
    outcomes: dict[str, set[str]] = defaultdict(set)
    new: Counter[str] = Counter()
    for sent, status, reply in replies:
        codes = [told["interaction"] for told in sent]
        results = reply.get("results", [])
        if status != 200 or [result.get("interaction") for result in results] != codes:
            yield f"{len(sent)} interactions were answered {status} {reply.get('error', 'in another order')}"
            continue
        for result in results:
            outcomes[result["interaction"]].add(result["outcome"])
            new[result["interaction"]] += not result["repeated"]
        if Counter(result["outcome"] for result in results) != reply["counts"]:
            yield "the counts of a reply are not those of its results"
    yield from (f"{code} led to {sorted(found)}" for code, found in outcomes.items() if len(found) > 1)
    yield from (f"{code} was new {new[code]} times" for code in outcomes if new[code] != 1)
    if outcomes.keys() != load.interactions.keys():
        yield f"{len(load.interactions)} interactions were sent, {len(outcomes)} answered"


def _of_rules(load: Load, report: Report) -> Iterator[str]:
    """What is not as the rules allow, of what the database holds in the end."""
    sent = load.interactions
    with db.reading() as session:
        rows = session.execute(select(Interaction.code, Interaction.outcome)).all()
        quotas = session.scalars(select(Quota)).all()
        mails = Counter(session.scalars(select(Message.recipient)))
    became = {code: outcome.value for code, outcome in rows}
    report.counts = Counter(became.values())
    if became.keys() != sent.keys() or len(rows) != len(became):
        yield f"{len(sent)} interactions were sent, {len(rows)} are kept"
        return
    yield from _of_fixed(load, sent, became)
    yield from doubly(sent, became)
    yield from _of_target(load, sent, became, quotas)
    invited = Counter(
        told.get("email") or told["phone"] for code, told in sent.items() if became[code] == "invited"
    )
    if mails != invited:
        yield f"{mails.total()} messages are queued for {invited.total()} invitations"


def _of_fixed(load: Load, sent: dict[str, Told], became: dict[str, str]) -> Iterator[str]:
    """Interactions that whatever the order lead to one thing: what else they led to."""
    lost: dict[str, set[str]] = {"bounce": set(), "complaint": set()}
    for told in load.bounced:
        lost[told["kind"]].add(told["recipient"])
    for code, told in sent.items():
        must = _fixed(told, lost)
        if must is not None and became[code] != must:
            yield f"{code} led to {became[code]}, and must lead to {must}"
        if must is None and became[code] in FIXED:
            yield f"{code} led to {became[code]}, and nothing of it is so"


def _fixed(told: Told, lost: dict[str, set[str]]) -> str | None:
    """The reason not to ask that hangs on the interaction alone, and on what was told before; None = none."""
    address = told.get("email")
    reasons = {
        "too_old": datetime.now(UTC) - datetime.fromisoformat(told["happened_at"]) > timedelta(days=30),
        "no_address": address is None and "phone" not in told,
        "opted_out": address in lost["complaint"],
        "unreachable": address in lost["bounce"],
        "not_sampled": not _drawn(told["interaction"], SHARES[told["touchpoint"]]),
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def _drawn(code: str, share: int) -> bool:
    """Whether the first 64 bits of a digest, as a fraction of 1, are under the share."""
    first = int(hashlib.sha256(f"sample {code}".encode()).hexdigest()[:16], 16)
    return first / 2**64 < share / 100


def _keys(told: Told) -> set[str]:
    return {told[name] for name in ("customer", "email", "phone") if name in told}


def doubly(sent: dict[str, Told], became: dict[str, str]) -> Iterator[str]:
    """Whoever was invited twice, or was said to have been asked lately and was not."""
    invited = [told for code, told in sent.items() if became[code] == "invited"]
    asked = Counter(key for told in invited for key in _keys(told))
    yield from (f"{key} was invited {times} times" for key, times in asked.items() if times > 1)
    for code, told in sent.items():
        if became[code] == "asked_recently" and not _keys(told) & asked.keys():
            yield f"{code} was asked recently, but no invitation knows the customer"


def _of_target(
    load: Load, sent: dict[str, Told], became: dict[str, str], quotas: Iterable[Quota]
) -> Iterator[str]:
    """Whether exactly as many were invited where a target holds as it allows, and the others only there."""
    allowed = load.target * 100 // ANSWERS
    shop = Counter(became[code] for code, told in sent.items() if told["touchpoint"] == "shop")
    told_full = sum(outcome == "target_reached" for outcome in became.values())
    if [(quota.allowed, quota.invited) for quota in quotas] != [(allowed, shop["invited"])]:
        yield f"the shop's quota is not {shop['invited']} of {allowed}"
    if shop["invited"] > allowed or (told_full and shop["invited"] != allowed):
        yield f"the shop invited {shop['invited']} of {allowed} and told {told_full} that it was full"
    if told_full != shop["target_reached"]:
        yield "a place without a target told that it was reached"


def lines(engine: str, report: Report) -> list[str]:
    """The report, a line for each thing."""
    times = [
        f"{engine}: {name}: median {found.at(0.5):.1f} ms, 95 % {found.at(0.95):.1f},"
        f" 99 % {found.at(0.99):.1f}, longest {found.at(1):.1f}"
        for name, found in (("one by one", report.single), (f"by {BATCH}", report.batch))
        if found.took
    ]
    counts = ", ".join(f"{outcome} {number}" for outcome, number in report.counts.most_common())
    return [
        f"{engine}: {report.sent} interactions in {report.requests} requests in {report.seconds:.1f} s:"
        f" {report.requests / report.seconds:.0f} requests and {report.sent / report.seconds:.0f}"
        " interactions a second",
        *times,
        f"{engine}: {counts}",
        *(f"{engine}: WRONG: {fault}" for fault in report.faults[:20]),
        f"{engine}: {len(report.faults)} faults",
    ]


def run() -> None:
    """Measure on every engine there is."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--interactions", type=int, default=10_000)
    words.add_argument("--connections", type=int, default=16)
    asked = words.parse_args()
    wrong = False
    for engine in engines():
        report = loaded(engine, asked.interactions, asked.connections)
        print("\n".join(lines(engine, report)))
        wrong = wrong or bool(report.faults)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    run()
