"""A whole company answers a wave in real Chromium, from the mailed link to the thanks.

    python -m benchmarks.journey [--people 200] [--teams 12]

Prints what was counted, what came along with it, and what the answering page costs and promises.
"""

import argparse
import logging
import sys
import tempfile
from pathlib import Path

from tests.browser.journey import Report, migrated, walk
from tests.browser.visitor import chromium


def run() -> int:
    """Let them answer; how many things were not as they should be."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--people", type=int, default=200)
    words.add_argument("--teams", type=int, default=12)
    asked = words.parse_args()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        addresses = migrated(Path(folder))
        found = walk(browser, addresses, people=asked.people, teams=asked.teams, progress=_told)
    for line in lines(found):
        print(line)
    return len(found.faults) + (found.counted != found.people) + found.cookies


def _told(done: int) -> None:
    if done % 20 == 0:
        print(f"{done} have answered", file=sys.stderr, flush=True)


def lines(found: Report) -> list[str]:
    """The figures, one a line."""
    return [
        f"people who answered: {found.people}; counted: {found.counted}, in {len(found.by_unit)} units",
        f"casting requests: {found.casts}; with a cookie: {found.cookies}",
        f"answering page: at most {found.most_bytes} bytes in {found.most_requests} requests",
        f"predicted time: {found.predicted_seconds} s",
        f"faults: {len(found.faults)}",
        *found.faults,
    ]


if __name__ == "__main__":
    sys.exit(min(run(), 1))
