"""Hostile files through every import, each in bounded time and memory: taken, or refused with a reason.

    python -m benchmarks.imports [--share 1.0] [--ways "flask load" ...] [--only WORDS] [--slowest 3]

The files of ../shared/data/hostile and ../shared/data/hr as they are, and generated ones that are worse (ten
million empty rows, cells of a megabyte, 100,000 columns, quotes without end, UTF-16, archives that swell) are
brought in by every way there is: `flask load` under each name of a company folder, `flask people`, `flask
interactions`, the page of people (uploaded and pasted), the first run on screen and the API. Each way is a
process of its own, which may take 512 MB of memory more than it has when nothing was brought; a process that
dies is started again behind what it died of. Ends with 1 where anything failed, was refused without a word,
left something behind, or took more than a minute of processor time.
"""

import argparse
import faulthandler
import json
import logging
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.corpora.ways import WAYS, Answer, Attempt, stage
from benchmarks.serving import application, databases
from config import ROOT

ROOM = 512 * 1024 * 1024  # bytes of address space more than at rest
MOST_SECONDS = 60.0  # of processor time
PATIENCE = 900.0  # seconds after which a process is given up, on a machine that has other work


@dataclass(frozen=True)
class Result:
    """What came of bringing one thing in one way: seconds of processor time, megabytes more than before."""

    way: str
    name: str
    taken: bool
    words: str
    wrong: str
    seconds: float
    megabytes: float


def measured(
    way: str, share: float, start: int = 0, only: str = "", *, limited: bool = False
) -> Iterator[Result]:
    """Bring everything in by one way, in this process; start -- how many things to leave out.

    only -- words in the names of what is brought
    limited -- all but the first, which has everything imported, may take no more than ROOM
    """
    with tempfile.TemporaryDirectory() as folder, databases("sqlite") as urls, application(urls) as app:
        app.config["PROPAGATE_EXCEPTIONS"] = False  # as it runs: a failure is a page
        before, tempfile.tempdir = tempfile.tempdir, str(Path(folder, "temporary"))
        Path(tempfile.tempdir).mkdir()
        try:
            stage(app, Path(folder))
            attempts = (one for one in WAYS[way](app, Path(folder), share) if only in one.name)
            most = resource.RLIM_INFINITY
            for number, attempt in enumerate(attempts):
                if number >= start:
                    yield _tried(way, attempt, Path(tempfile.tempdir), most)
                    if limited and most == resource.RLIM_INFINITY:
                        most = _memory("VmSize") * 1024 + ROOM
        finally:
            tempfile.tempdir = before


def _tried(way: str, attempt: Attempt, temporary: Path, most: int) -> Result:
    path = attempt.ready()
    rest = _memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # begins to count the peak anew
    begun = time.process_time()
    resource.setrlimit(resource.RLIMIT_AS, (most, resource.RLIM_INFINITY))
    try:
        answer = attempt.bring(path)
    except Exception as error:  # whatever goes wrong is what is looked for
        answer = Answer(False, "", f"{type(error).__name__}: {error}"[:300])
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    seconds, peak = time.process_time() - begun, _memory("VmHWM")
    wrong = [answer.wrong] if answer.wrong else []
    if seconds > MOST_SECONDS:
        wrong.append(f"takes {seconds:.0f} s")
    wrong += [f"leaves {left.name} behind" for left in temporary.iterdir()]
    megabytes = max(0.0, (peak - rest) / 1024)
    return Result(way, attempt.name, answer.taken, answer.words[:300], "; ".join(wrong), seconds, megabytes)


def _memory(name: str) -> int:
    """A line of this process's status in kB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1])


def _child(way: str, share: float, start: int, only: str) -> None:
    """Bring everything in by one way within limits, and print a line about each."""
    results = measured(way, share, start, only, limited=True)
    logging.disable(logging.ERROR)
    while True:
        faulthandler.dump_traceback_later(PATIENCE, exit=True)
        result = next(results, None)
        if result is None:
            return
        print(json.dumps(asdict(result)), flush=True)


def brought(way: str, share: float, only: str = "") -> Iterator[Result]:
    """Bring everything in by one way, in processes of their own."""
    start = 0
    while True:
        command = [sys.executable, "-m", "benchmarks.imports", "--child", way, "--share", str(share)]
        command += ["--only", only]
        process = subprocess.Popen(
            [*command, "--start", str(start)], cwd=ROOT, stdout=subprocess.PIPE, env=os.environ, text=True
        )
        assert process.stdout is not None
        for line in process.stdout:
            start += 1
            yield Result(**json.loads(line))
        if process.wait() == 0:
            return
        yield Result(way, f"number {start + 1}", False, "", f"ends its process ({process.returncode})", 0, 0)
        start += 1


def lines(results: Sequence[Result], slowest: int) -> list[str]:
    """The figures: a line a way, the slowest and largest, and everything that is wrong."""
    told = [f"{'way':20}{'brought':>9}{'taken':>7}{'refused':>9}{'wrong':>7}{'most s':>9}{'most MB':>9}"]
    for way in dict.fromkeys(result.way for result in results):
        mine = [result for result in results if result.way == way]
        taken = sum(result.taken for result in mine)
        wrong = sum(bool(result.wrong) for result in mine)
        most = max(result.seconds for result in mine), max(result.megabytes for result in mine)
        told.append(
            f"{way:20}{len(mine):>9}{taken:>7}{len(mine) - taken:>9}{wrong:>7}{most[0]:>9.1f}{most[1]:>9.0f}"
        )
        costly = {*sorted(mine, key=lambda result: -result.seconds)[:slowest]}
        costly |= {*sorted(mine, key=lambda result: -result.megabytes)[:slowest]}
        for one in sorted(costly, key=lambda result: -result.seconds):
            told.append(f"    {one.seconds:6.1f} s {one.megabytes:5.0f} MB  {one.name}: {_short(one)}")
    told += [f"wrong: {one.way}, {one.name}: {one.wrong}" for one in results if one.wrong]
    return told


def _short(result: Result) -> str:
    said = "taken" if result.taken else " ".join(result.words.split())[:110]
    return said.encode("ascii", "backslashreplace").decode()


def run() -> int:
    """The whole; 1 where something is wrong."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--share", type=float, default=1.0)
    words.add_argument("--ways", nargs="+", choices=list(WAYS), default=list(WAYS))
    words.add_argument("--only", default="")
    words.add_argument("--slowest", type=int, default=3)
    words.add_argument("--child", choices=list(WAYS), help=argparse.SUPPRESS)
    words.add_argument("--start", type=int, default=0, help=argparse.SUPPRESS)
    asked = words.parse_args()
    if asked.child:
        _child(asked.child, asked.share, asked.start, asked.only)
        return 0
    results: list[Result] = []
    for way in asked.ways:
        results += brought(way, asked.share, asked.only)
        print(f"{way}: {len(results)} tried so far", file=sys.stderr, flush=True)
    print("\n".join(lines(results, asked.slowest)))
    return min(1, sum(bool(result.wrong) for result in results))


if __name__ == "__main__":
    sys.exit(run())
