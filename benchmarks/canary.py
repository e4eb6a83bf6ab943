"""A canary in every stored text, then every page of every role: none may run.

    python -m benchmarks.canary [--samples 6] [--visited 2] [--roles ROLE ...]

A company with everything a page can show is made; tables that are still empty get a row. Then each column
that holds text, in both databases as the models say (so a new one is covered by itself), and each text within
JSON, is overwritten in every row by markup that tells its column when it runs. All pages are read for what
could run, and so many of each kind are looked at in Chromium, where scripts, dialogs and violations of the
policy are counted. The same is read before with `javascript:` addresses in place of the markup. What must
stay as it is stands in KEPT. Ends with 1 where anything ran, violated the policy, failed, or
could not be planted.
"""

import argparse
import logging
import re
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from flask import Flask, Response, request_finished
from playwright.sync_api import Browser
from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Connection,
    Enum,
    Integer,
    String,
    Table,
    TypeDecorator,
    cast,
    func,
    insert,
    literal,
    literal_column,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from benchmarks.hostility import forms, visits
from benchmarks.hostility.forms import Found
from benchmarks.hostility.stage import ROLES, Browsers, Stage, staged
from benchmarks.serving import application, databases
from pulse.db import Base, Database, main
from pulse.people.models import Scope
from surveys.ballots.models import UrnBase
from surveys.ballots.urn import urn_tally
from surveys.watching.models import Kind
from tests.browser.visitor import chromium, served

MARKUP = "\"'><img src=x onerror=alert('{}')><script>alert('{}')</script>"
ADDRESS = "javascript:alert('{}')"
SHOWN = re.compile(r"alert\((?:&#39;|'|%27)([a-z_]+\.[a-z_]+)")
SAID = ("Nobody could wait any longer.", "The desk is closed at six.", "It took three calls.")

# What stays as it is, and what stands there in a row made up: words of enums in the code, no other is read.
SHAPES: Mapping[str, object] = {"fix_event.changed": {"name_en": ["x", "x"]}}  # JSON that is no list
KEPT: Mapping[str, object] = {"alert.kind": next(iter(Kind)).value, "api_key.scopes": [Scope.BOUNCES.value]}


@dataclass
class Report:
    """What came of it.

    planted -- columns that hold a canary; shown -- those of which one was on a page
    empty -- tables without rows; read, visited -- pages
    wrong -- what should not be, in words
    """

    planted: set[str] = field(default_factory=set)
    shown: set[str] = field(default_factory=set)
    empty: list[str] = field(default_factory=list)
    read: int = 0
    visited: int = 0
    ran: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def texts() -> dict[str, Column[Any]]:
    """Every column that holds text, or JSON, by "table.column"."""
    return {
        f"{table.name}.{column.name}": column
        for base in (Base, UrnBase)
        for table in base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, String | JSON) and not isinstance(column.type, Enum)
    }


def looked(
    browser: Browser,
    *,
    samples: int,
    visited: int,
    roles: Sequence[str] = tuple(ROLES),
    canaries: Sequence[str] = (ADDRESS, MARKUP),
    most: int = sys.maxsize,
    say: Callable[[str], None] = lambda words: None,
) -> Report:
    """Plant canaries everywhere and look at what comes of them.

    samples -- pages of each kind that are read; visited -- of these, by role, that are visited in Chromium
    canaries -- planted one after the other: what is visited holds the last; most -- pages visited of a role
    """
    report = Report()
    with databases("sqlite") as urls, application(urls) as app:
        app.config["PROPAGATE_EXCEPTIONS"] = False  # as it runs: a failure is a page, and counted
        stage = staged(SAID, datetime.now(UTC))
        report.empty = [*filled(main, Base), *filled(urn_tally, UrnBase)]
        for canary in canaries:
            report.planted = planted(canary)
            say(f"{len(report.planted)} columns hold a canary")
            browsers = Browsers(app)
            with _watched(app, report.shown):
                pages = {role: _read(app, browsers, stage, role, samples) for role in roles}
            report.read += sum(sum(map(len, found.pages.values())) for found in pages.values())
            report.wrong += [fault for found in pages.values() for fault in found.faults]
            say(f"{report.read} pages are read")
        with served(app) as address:
            seen = visits.visited(browser, browsers, address, _some(pages, visited, most), say)
        report.visited, report.ran = seen.pages, seen.ran
        report.wrong += seen.violations + seen.faults
    return report


def _read(app: Flask, browsers: Browsers, stage: Stage, role: str, samples: int) -> Found:
    return forms.explored(app, browsers, stage.paths if role == "customer" else (), role, samples)


def _some(pages: Mapping[str, Found], visited: int, most: int) -> dict[str, list[str]]:
    """What to visit: so many pages of each kind, and no more than most of a role, from all over the list."""
    chosen = {}
    for role, found in pages.items():
        kinds = [
            paths[:visited] for kind, paths in found.pages.items() if "(" not in kind
        ]  # which is no page
        every = [path for paths in kinds for path in paths]
        chosen[role] = every[:: max(1, -(-len(every) // most))]
    return chosen


@contextmanager
def _watched(app: Flask, shown: set[str]) -> Iterator[None]:
    """Notes whose canaries are on the pages that are answered meanwhile."""

    def look(_app: Flask, response: Response, **_more: object) -> None:
        if not response.direct_passthrough and response.mimetype == "text/html":
            shown.update(SHOWN.findall(response.get_data(as_text=True)))

    with request_finished.connected_to(look, app):
        yield


def planted(canary: str) -> set[str]:
    """Overwrite every text of both databases; the columns that hold a canary now."""
    found = set()
    for base, database in ((Base, main), (UrnBase, urn_tally)):
        with database.engine.execution_options(writes=True).begin() as connection:
            connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
            for table in base.metadata.sorted_tables:
                found |= {name for name in _plant(connection, table, canary)}
    return found


def _plant(connection: Connection, table: Table, canary: str) -> Iterator[str]:
    for column in table.columns:
        name = f"{table.name}.{column.name}"
        if name not in texts() or name in KEPT or column.foreign_keys:
            continue
        words = canary.replace("{}", name)
        if isinstance(column.type, JSON):
            changed = _plant_within(connection, table, column, words)
        else:
            # With its row's number behind it each is another one, as a unique column wants.
            value = literal(words + " ") + cast(_number(table), String)
            # What was left open is filled in every other row: pages show both.
            open_too = func.mod(cast(_number(table), Integer), 2) == 1
            there = update(table).where(column.is_not(None) | open_too).values({column: value})
            if name == "person.email":
                there = there.where(column.not_in([email for email in ROLES.values() if email]))
            changed = connection.execute(there).rowcount
        if changed:
            yield name


def _number(table: Table) -> ColumnElement[Any]:
    """What tells a table's rows apart."""
    if table.dialect_options["sqlite"]["with_rowid"]:
        return literal_column("rowid", Integer)
    return next(iter(table.primary_key.columns))


def _plant_within(connection: Connection, table: Table, column: Column[Any], words: str) -> int:
    """Overwrite the texts within JSON; how many rows hold any."""
    changed = 0
    number = _number(table)
    for row, value in connection.execute(select(number, column)).all():
        within = _within({"a": ""} if value is None else value, words)
        if within != value:
            connection.execute(update(table).where(number == row).values({column: within}))
            changed += 1
    return changed


def _within(value: object, words: str) -> object:
    if isinstance(value, str):
        return words
    if isinstance(value, list):
        return [_within(one, words) for one in value or [""]]
    if isinstance(value, dict):
        return {name: _within(one, words) for name, one in (value or {"a": ""}).items()}
    return value


def filled(database: Database, base: Any, only: Collection[str] = ()) -> list[str]:
    """Give each table (or these only) without rows one; the names of those where that is not possible."""
    left = []
    for table in (one for one in base.metadata.sorted_tables if not only or one.name in only):
        with database.engine.execution_options(writes=True).begin() as connection:
            there = connection.execute(select(table).limit(1)).first() is not None
            rows = (_row(connection, table, full=full) for full in (True, False))
            if not there and not any(_inserted(connection, table, row) for row in rows):
                left.append(table.name)
    return left


def _inserted(connection: Connection, table: Table, row: Mapping[str, object]) -> bool:
    try:
        with connection.begin_nested():
            connection.execute(insert(table), row)
    except IntegrityError:
        return False
    return True


def _row(connection: Connection, table: Table, *, full: bool) -> dict[str, object]:
    """A row of a table; full -- also what may be left open and is no text."""
    return {
        column.name: _value(connection, column)
        for column in table.columns
        if full or not column.nullable or f"{table.name}.{column.name}" in texts()
    }


def _value(connection: Connection, column: Column[Any]) -> object:
    """Something that a column may hold."""
    if (name := f"{column.table.name}.{column.name}") in KEPT:
        return KEPT[name]
    for key in column.foreign_keys:
        return connection.execute(select(key.column).limit(1)).scalar()
    if isinstance(column.type, Enum):
        return next(iter(column.type.enum_class or column.type.enums))
    if isinstance(column.type, JSON):
        return SHAPES.get(name, ["x"])
    kind = column.type
    while isinstance(kind, TypeDecorator):
        kind = kind.impl_instance
    now = datetime.now(UTC)
    values: dict[type, object] = {datetime: now, date: now.date(), bytes: b"x", bool: False, int: 1}
    return values.get(kind.python_type, "x")


def lines(report: Report) -> list[str]:
    """The figures, one a line, and everything that is wrong."""
    every, unplanted = texts(), sorted(texts().keys() - report.planted - KEPT.keys())
    return [
        f"text columns: {len(every)}; planted: {len(report.planted)}; kept: {len(KEPT)}",
        f"shown on pages: {len(report.shown)}; not planted: {', '.join(unplanted) or 'none'}",
        f"tables without a row: {', '.join(report.empty) or 'none'}",
        f"pages read: {report.read}; visited in Chromium: {report.visited}",
        f"canaries that ran: {len(report.ran)}; other faults: {len(report.wrong)}",
        *(f"  ran: {one}" for one in report.ran),
        *(f"  {one}" for one in dict.fromkeys(report.wrong)),
    ]


def run() -> int:
    """The whole; 1 where something is wrong."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--samples", type=int, default=6)
    words.add_argument("--visited", type=int, default=2)
    words.add_argument("--roles", nargs="+", choices=list(ROLES), default=list(ROLES))
    asked = words.parse_args()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    begun = time.monotonic()

    def say(words: str) -> None:
        print(f"{time.monotonic() - begun:5.0f} s  {words}", file=sys.stderr, flush=True)

    with chromium() as browser:
        report = looked(browser, samples=asked.samples, visited=asked.visited, roles=asked.roles, say=say)
    print("\n".join(lines(report)))
    unplanted = texts().keys() - report.planted - KEPT.keys()
    return min(1, len(report.ran) + len(report.wrong) + len(unplanted))


if __name__ == "__main__":
    sys.exit(run())
