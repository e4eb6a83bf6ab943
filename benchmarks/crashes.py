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
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import psycopg
from sqlalchemy import func, select

from benchmarks.crashing import BINARIES, Cluster, Web, cluster, syncs, web
from benchmarks.crowd import Act, Crowd, people
from benchmarks.serving import application, databases
from pulse import db
from surveys.ballots.models import Ballot, Code, Remark
from surveys.ballots.urn import urn_tally
from surveys.invitations.models import Invitation
from surveys.responses.models import Response
from surveys.waves.models import Issued

LOAD = 12  # people who answer for each kill or crash
ONE_AFTER_ANOTHER = 60  # answers for which the syncs are counted


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
        acts = people(app, load * times)
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
        acts = people(app, number)
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
