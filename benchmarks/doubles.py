"""Customers who press the button twice: one answer sent by two connections at once, to two web processes.

    python -m benchmarks.doubles [--doubles 1000]
    scripts/bench doubles                          with a PostgreSQL of its own as well

A third of them by invitations, a third by links that a till has signed, a third by an open link. Each page
is fetched from one process and sent to both at the same moment. Every fifth is sent with other words by the
second connection: then one of both counts, and the other is refused. Ends with 1 where an answer is kept
twice or not at all, or somebody who sent the same twice does not see the same thanks.
"""

import argparse
import re
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape
from queue import SimpleQueue
from threading import Barrier

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from benchmarks.serving import SECRET, Line, application, databases, engines, processes
from pulse import db
from pulse.organisation.models import Touchpoint
from pulse.people import api_keys
from pulse.people.models import Scope
from surveys.invitations import open_links, service, signed
from surveys.responses.models import Response
from tests.surveys.conftest import built

HIDDEN = re.compile(r'<input[^>]*name="(page|reminded)"[^>]*?(?:value="([^"]*)")?>')
AT_ONCE = 8  # pairs on their way at the same time
ALTERED = 5  # every so many pairs differ


@dataclass
class Report:
    """What became of the doubles.

    kept -- answers kept; alike, differing -- pairs sent
    statuses -- what pairs were answered, how often
    faults -- pairs that were not treated as they should be, in words
    """

    alike: int = 0
    differing: int = 0
    kept: int = 0
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)

    @property
    def extra(self) -> int:
        """Answers beyond one a pair."""
        return self.kept - self.alike - self.differing


def doubled(engine: str, number: int) -> Report:
    """Send so many answers twice, on an engine; what became of them."""
    report = Report(alike=number - number // ALTERED, differing=number // ALTERED)
    with databases(engine) as urls:
        with application(urls):
            links = _links(number)
        with processes(urls, 2) as sites:
            begun = time.perf_counter()
            report.faults = list(_sent(sites, links))
            report.seconds = time.perf_counter() - begun
        with application(urls), db.reading() as session:
            report.kept = session.scalar(select(func.count()).select_from(Response)) or 0
    return report


def _links(number: int) -> list[str]:
    """Paths by which to answer: invitations, signed links, and an open link again and again."""
    now = datetime.now(UTC)
    with db.writing() as session:
        built(session)
        key = api_keys.make(session, "till", [Scope.LINKS], expires=None, secret_key=SECRET, now=now)
        station = session.scalars(select(Touchpoint).where(Touchpoint.code == "station")).one()
        opened = open_links.make(session, station, key=SECRET)
        assert key.link_secret is not None
        return [_link(session, at, key.public, key.link_secret, opened, now) for at in range(number)]


def _link(session: Session, at: int, public: str, link_secret: str, opened: str, now: datetime) -> str:
    if at % 3 == 0:
        token = service.invite(session, "station", interaction=f"i{at}", happened_on=now.date(), now=now)
        return f"/r/{token}"
    if at % 3 == 1:
        expires = now + timedelta(days=1)
        return f"/r/{signed.token(public, link_secret, 'station', f'till-{at}', expires)}"
    return f"/o/{opened}"


def _sent(sites: Sequence[str], links: Sequence[str]) -> Iterator[str]:
    """Send an answer twice by each link; what was wrong."""
    with (
        ExitStack() as connected,
        ThreadPoolExecutor(AT_ONCE) as pairs,
        ThreadPoolExecutor(2 * AT_ONCE) as senders,
    ):
        free: SimpleQueue[list[Line]] = SimpleQueue()
        for _ in range(AT_ONCE):
            free.put([connected.enter_context(Line(site)) for site in sites])

        def both(at: int) -> list[str]:
            mine = free.get()
            found = list(_pair(mine, senders, links[at], differ=at % ALTERED == 0))
            free.put(mine)
            return found

        for found in pairs.map(both, range(len(links))):
            yield from found


def _pair(lines: Sequence[Line], senders: ThreadPoolExecutor, link: str, *, differ: bool) -> Iterator[str]:
    status, _, page = lines[0].get(link)
    if status != 200:
        yield f"{link[:3]} was answered {status}"
        return
    form = [(name, unescape(value)) for name, value in HIDDEN.findall(page) if name == "page"]
    form += [("q-effort", "1"), ("none", "1"), ("reminded", "1"), ("comment", "Twice")]
    other = [*form[:-1], ("comment", "Thrice")] if differ else form
    start = Barrier(2)

    def send(line: Line, filled: Sequence[tuple[str, str]]) -> tuple[int, str, str]:
        start.wait()
        return line.post(link, filled)

    replies = [
        sending.result()
        for sending in [
            senders.submit(send, line, one) for line, one in zip(lines, (form, other), strict=True)
        ]
    ]
    statuses = sorted(status for status, *_ in replies)
    if statuses != ([303, 404] if differ else [303, 303]):
        yield f"{link[:3]} was answered {statuses}"
    elif not differ and replies[0][1] != replies[1][1]:
        yield f"{link[:3]}: two different thanks"


def lines(engine: str, report: Report) -> list[str]:
    """The figures, one a line."""
    each = report.seconds / max(1, report.alike + report.differing)
    return [
        f"{engine}: {report.alike} answers sent twice at once, {report.differing} not quite alike",
        f"  kept: {report.kept}; extra: {report.extra}; not as they should be: {len(report.faults)}",
        f"  {each * 1000:.1f} ms a pair, page included, {AT_ONCE} pairs at a time",
        *(f"  {fault}" for fault in report.faults[:10]),
    ]


def run() -> int:
    """Try every engine there is; 1 where something was kept twice or lost."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--doubles", type=int, default=1000)
    asked = words.parse_args()
    wrong = 0
    for engine in engines():
        report = doubled(engine, asked.doubles)
        print("\n".join(lines(engine, report)), flush=True)
        wrong += abs(report.extra) + len(report.faults)
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(run())
