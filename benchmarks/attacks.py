"""Attacks on what is shown of employees' answers, by everybody who may see anything, all colluding.

    python -m benchmarks.attacks [PEOPLE ...] [sqlite] [postgresql]
    (default: 60 2000 50000, each on both; without a PostgreSQL running, on SQLite alone)

Three made-up organisations, 24 waves each, with joiners, movers, leavers and a re-organisation. All figures
are scraped out of the door that pages read through, and every family of attacks is tried on them; then the
same attacks on figures released by a careless rule ("at least 5"), to see that they can succeed. Ends with 1
where an attack on the rule succeeds, or none on the careless rule does. `scripts/bench attacks` starts a
PostgreSQL for it.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import psycopg

from benchmarks.attacking.families import Result, attacked
from benchmarks.attacking.keeping import keep, publish, publish_carelessly, sums
from benchmarks.attacking.made_up import NOBODY, Month, Organisation, Shape, organisation
from benchmarks.attacking.pages import compared
from benchmarks.attacking.scraped import scraped
from benchmarks.attacking.windows import again, windows
from config import ROOT
from pulse import migrations
from pulse.db import Database
from pulse.ledger.disclosure import SCORES, Extent
from pulse.ledger.release import Address, Ground, Last, releases
from pulse.ledger.steadiness import REMEMBERED, Roster, moves

SIZES = (60, 2_000, 50_000)
LARGE = 300_000
PAGES_UP_TO = 2_000  # people of an organisation whose pages are all read
SEEDS = {60: 6}  # one whose few figures a careless rule gives away; all others have seed 1
LINE = "{:42} {:>12} {:>10} {:>16}"


@contextmanager
def sqlite() -> Iterator[Database]:
    """A fresh database in a file."""
    with TemporaryDirectory() as folder:
        yield from _migrated(f"sqlite:///{Path(folder) / 'main.sqlite'}")


@contextmanager
def postgresql() -> Iterator[Database]:
    """A fresh database on the PostgreSQL that PGHOST names."""
    env, name = os.environ, f"attacked_{os.getpid()}_{random.randrange(10**6)}"
    server = f"postgresql://{env['PGUSER']}:{env.get('PGPASSWORD', '')}@{env['PGHOST']}:{env['PGPORT']}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        try:
            yield from _migrated(f"{server}/{name}")
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def _migrated(url: str) -> Iterator[Database]:
    database = Database()
    database.connect(url)
    migrations.upgrade(database, ROOT / "migrations" / "main")
    yield database
    database.close()


def tried(database: Database, whole: Organisation) -> tuple[dict[str, Result], dict[str, Result]]:
    """What became of all attacks on the rule, and of the same ones on the careless rule."""
    keep(database, whole)
    for month in whole.months:
        publish(database, month)
    ours = attacked(scraped(database, whole.months))
    ours["windows of time"] = windows(database, whole.months)
    ours["a wave closed twice"] = again(database, whole.months[-1])
    for month in whole.months:
        publish_carelessly(database, month)
    return ours, attacked(scraped(database, whole.months))


def told(title: str, ours: dict[str, Result], careless: dict[str, Result]) -> Iterator[str]:
    """A table of the families."""
    yield title
    yield LINE.format("family", "tried", "succeeded", '"at least 5"')
    for name, result in ours.items():
        other = careless.get(name)
        weak = "" if other is None else f"{other.succeeded:,}"
        yield LINE.format(name, f"{result.tried:,}", f"{result.succeeded:,}", weak)
    total, weak_total = (sum(found.values(), Result(0, 0)) for found in (ours, careless))
    yield LINE.format("all", f"{total.tried:,}", f"{total.succeeded:,}", f"{weak_total.succeeded:,}")


def large() -> Iterator[str]:
    """What the rule costs in a group of LARGE people, and how many still see their own team's figure.

    In the last of REMEMBERED + 1 waves: the first ones cost less, they remember fewer.
    """
    known: dict[Address, Last] = {}
    rosters: dict[date, Roster] = {}
    for month in organisation(Shape(LARGE, waves=REMEMBERED + 1), 1).months:
        cells = sums(month)
        people = enumerate(month.unit_of().tolist())
        roster = Roster({person: unit for person, unit in people if unit != NOBODY}, month.parents)
        begun = time.process_time()
        since = {earlier: moves(before, roster) for earlier, before in rosters.items()}
        found = list(releases(cells, Ground(month.parents, SCORES, since, dict(known))))
        seconds = time.process_time() - begun
        rosters[month.month] = roster
        known |= {one.address: Last(month.month, one.figure) for one in found if one.fresh}
    shown = {one.address[:2] for one in found if one.address.extent is Extent.OWN}
    answers = sum(cell.n for cell in cells)
    new = {one.address[:2] for one in found if one.address.extent is Extent.OWN and one.fresh}
    unit = sum(cell.n for cell in cells if cell[:2] in shown)
    team, renewed = _of_own_team(month, shown), _of_own_team(month, new)
    yield (
        f"{LARGE:,} people, {len(month.parents):,} teams, {len(set(month.units.values())):,} ballot units: "
        f"{len(cells):,} cells, {len(found):,} figures in "
        f"{seconds:.1f} s of processor time (at most 5 wanted); "
        f"{team / answers:.1%} of respondents see their own team's figure (at least 80 % wanted), "
        f"{unit / answers:.1%} their ballot unit's; {renewed / answers:.1%} see a new one of their team"
    )


def _of_own_team(month: Month, shown: set[tuple[int, int]]) -> int:
    """Answers of people whose own team is a ballot unit that has a figure."""
    found = 0
    for measure in range(month.answers.shape[1]):
        has = np.zeros(max(month.parents) + 1, dtype=bool)
        has[[place for about, place in shown if about == measure + 1]] = True
        found += int(has[month.team[month.answers[:, measure] != NOBODY]].sum())
    return found


def main(sizes: list[int], engines: list[str]) -> int:
    """Print a table for each organisation and engine; 1 where something is not as it should be."""
    wrong = False
    for size in sizes:
        whole = organisation(Shape(size), SEEDS.get(size, 1))
        for engine in engines:
            begun = time.perf_counter()
            with ENGINES[engine]() as database:
                ours, careless = tried(database, whole)
            seconds = time.perf_counter() - begun
            title = f"{size:,} people, {len(whole.months)} waves, {engine} ({seconds:.0f} s)"
            print("\n".join(["", *told(title, ours, careless)]), flush=True)
            wrong |= any(result.succeeded for result in ours.values())
            wrong |= not any(result.succeeded for result in careless.values())
        if size <= PAGES_UP_TO:
            seen, careless = compared(whole), compared(whole, careless=True)
            print("\n".join(["", *told(f"{size:,} people, the pages themselves, sqlite", seen, careless)]))
            wrong |= any(result.succeeded for result in seen.values())
    print("\n" + "\n".join(large()))
    return int(wrong)


ENGINES = {"sqlite": sqlite, "postgresql": postgresql}

if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:] if word.isdecimal()]
    named = [word for word in sys.argv[1:] if word in ENGINES]
    running = ["sqlite", *(["postgresql"] if "PGHOST" in os.environ else [])]
    sys.exit(main(numbers or list(SIZES), named or running))
