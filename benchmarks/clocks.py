"""Each period run exactly once, by two clocks that are killed over and over, across both changes of the hour.

    python -m benchmarks.clocks [--periods 500] [--kills 100]
    scripts/bench clocks                          with a PostgreSQL of its own as well

Two real processes run the real clock (pulse.scheduler.start) with an hourly and a nightly job, each of which
has an effect that nothing else keeps from being had twice: a row. Time is told to them by this program and
goes by 6,000 times as fast: half of the hours around the change to winter time, half around the one to summer
time. One of the two at a time is ended by SIGKILL, and another one started. Then each hour and each night
has to have had its effect once. They look, and say that they are alive, some thousand times less often than
real ones do within an hour, so that one is now and then overtaken by the other though it is alive.
"""

import argparse
import os
import random
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import select

from benchmarks.serving import databases, engines
from benchmarks.ticking import PARIS, Dial, effects
from config import ROOT
from pulse.db import Database
from pulse.scheduler import Run

# Winter time begins on 25 October 2026, summer time on 28 March 2027.
CHANGES = (datetime(2026, 10, 25, 1, tzinfo=UTC), datetime(2027, 3, 28, 1, tzinfo=UTC))
STEP, PACE = timedelta(minutes=10), 0.1  # time is moved on by so much every so many seconds
HOUR = timedelta(hours=1)


@dataclass
class Report:
    """What became of the periods.

    expected -- job to its periods
    again -- runs that were begun more than once
    faults -- periods with another number of effects than one, in words
    """

    kills: int = 0
    expected: dict[str, list[str]] = field(default_factory=dict)
    again: int = 0
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)


def stretches(periods: int) -> list[tuple[datetime, datetime]]:
    """So many hours in two stretches, each with a change of the hour in its middle: begin and end of each."""
    halves = (periods - periods // 2, periods // 2)
    begins = [change - half // 2 * HOUR for change, half in zip(CHANGES, halves, strict=True)]
    return [(begin, begin + half * HOUR) for begin, half in zip(begins, halves, strict=True)]


def due(periods: int) -> dict[str, list[str]]:
    """The hours and nights that the stretches touch, worked out without the clock's own rules."""
    hours, nights = [], set()
    for begin, end in stretches(periods):
        moment = begin
        while moment < end:
            wall = moment.astimezone(PARIS)
            nights.add((wall.date() - timedelta(days=wall.hour < 2)).isoformat())
            if moment.minute == 0:
                hours.append(f"{moment:%Y-%m-%dT%H}Z")
            moment += STEP
    return {"hour": hours, "night": sorted(nights)}


def kept_running(engine: str, periods: int, kills: int, chance: random.Random) -> Report:
    """Run so many hours, and the nights among them, by two clocks of which one at a time is killed."""
    report = Report(expected=due(periods))
    with databases(engine) as (url, _), TemporaryDirectory() as folder, ExitStack() as running:
        database = Database()
        database.connect(url)
        running.callback(database.close)
        effects.metadata.create_all(database.engine)
        file = Path(folder) / "dial"
        dial = Dial(file, made=True)
        running.callback(dial.close)
        dial.set(stretches(periods)[0][0])
        pair = Pair(url, file)
        running.callback(pair.stop)
        begun = time.perf_counter()
        report.kills = _pass(dial, periods, pair, _moments(periods, kills, chance), chance)
        report.seconds = time.perf_counter() - begun
        _hold_against(report, database)
    return report


def _moments(periods: int, kills: int, chance: random.Random) -> set[datetime]:
    """When to kill: mostly in the minutes in which an hour's run is begun, and not at the very end."""
    hours = [
        begin + hour * HOUR
        for begin, end in stretches(periods)
        for hour in range(max(1, (end - begin) // HOUR - 2))
    ]
    chosen: set[datetime] = set()
    while len(chosen) < min(kills, len(hours)):
        chosen.add(chance.choice(hours) + STEP * chance.choice((0, 0, 0, 1, 3)))
    return chosen


def _pass(dial: Dial, periods: int, pair: "Pair", killing: set[datetime], chance: random.Random) -> int:
    """Let the time go by; how many were killed on the way."""
    for begin, end in stretches(periods):
        moment = begin
        while moment < end:
            dial.set(moment)
            if moment in killing:
                time.sleep(PACE * chance.random())
                pair.kill(chance.randrange(2))
            time.sleep(PACE)
            moment += STEP
        time.sleep(10 * PACE)  # the last hour may be looked at in peace
    return len(killing)


class Pair:
    """Two clocks, of which at least one is at work at any time."""

    def __init__(self, url: str, file: Path) -> None:
        self._known = {"TICKING_ON": url, "DIAL": str(file)}
        self._clocks = [self._begun() for _ in range(2)]
        for clock in self._clocks:
            _is_ready(clock)

    def kill(self, which: int) -> None:
        """End one in the middle of whatever it does, and start another one in its place."""
        self._clocks[which].kill()
        self._clocks[which].communicate()
        self._clocks[which] = self._begun()
        _is_ready(self._clocks[which])

    def stop(self) -> None:
        """End both."""
        for clock in self._clocks:
            clock.kill()
            clock.communicate()

    def _begun(self) -> "subprocess.Popen[str]":
        env = {name: value for name, value in os.environ.items() if not name.startswith("PULSE_")}
        command = [sys.executable, "-c", "from benchmarks.ticking import tick; tick()"]
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=env | self._known,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )


def _is_ready(clock: "subprocess.Popen[str]") -> None:
    assert clock.stdout is not None
    if clock.stdout.readline() != "ready\n":
        raise RuntimeError("a clock did not start")


def _hold_against(report: Report, database: Database) -> None:
    with database.reading() as session:
        had = Counter(
            (job, period) for job, period in session.execute(select(effects.c.job, effects.c.period))
        )
        attempts = session.execute(select(Run.job, Run.period, Run.attempts)).all()
    due = {(job, period) for job, periods in report.expected.items() for period in periods}
    report.again = sum(times > 1 for *_, times in attempts)
    report.faults = [
        f"{job} {period}: {had[job, period]} times" for job, period in sorted(due) if had[job, period] != 1
    ] + [f"{job} {period} was not due" for job, period in sorted(had.keys() - due)]


def lines(engine: str, report: Report) -> list[str]:
    """The figures, one a line."""
    hours, nights = (len(report.expected[job]) for job in ("hour", "night"))
    return [
        f"{engine}: two clocks, {hours} hours and {nights} nights around both changes of the hour,"
        f" {report.kills} kills, in {report.seconds:.0f} s",
        f"  begun more than once: {report.again}; not with exactly one effect: {len(report.faults)}",
        *(f"  {fault}" for fault in report.faults[:20]),
    ]


def run() -> int:
    """Carry it out on every engine there is; 1 where a period had another number of effects than one."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--periods", type=int, default=500)
    words.add_argument("--kills", type=int, default=100)
    words.add_argument("--seed", type=int, default=7)
    asked = words.parse_args()
    wrong = 0
    for engine in engines():
        report = kept_running(engine, asked.periods, asked.kills, random.Random(asked.seed))
        print(*lines(engine, report), sep="\n", flush=True)
        wrong += len(report.faults)
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(run())
