"""Hostile strings through everything that takes text, then every page looked at, and every file read back.

    python -m benchmarks.hostile [--strings 500] [--samples 12] [--read 200] [--roles ROLE ...] [--beside N]

The strings of ../shared/data/hostile become names and codes of a company (as far as the importer takes them),
answers, comments and wishes; then each form that a customer, an employee, a manager, the works council, an
analyst or an admin can find is sent once with each string, in all its text fields, and each address of the
API likewise; the jobs of a night are run in between. Forms are found by going from page to page, so a new one
is covered by itself; an address that takes something and was never sent anything is told of. Afterwards all
pages are read for anything that could run, up to so many samples of each kind are visited in Chromium with
dialogs, errors and violations of the policy counted, mails are shown without any policy, and tables are read
back for formulas. Ends with 1 where anything ran, violated, failed, or could become a formula.
"""

import argparse
import logging
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from flask import Flask
from playwright.sync_api import Browser

from benchmarks.hostility import forms, seldom, visits
from benchmarks.hostility.forms import Found
from benchmarks.hostility.stage import ROLES, Browsers, Stage, due, named, staged
from benchmarks.hostility.strings import strings
from benchmarks.serving import application, databases
from tests.browser.visitor import chromium, served

READ = 200  # pages of each kind that are read for forms, links and what could run, at most
TWICE = 50  # pages of a kind that are visited by one more role than the one that sees most, at most
Say = Callable[[str], None]


@dataclass
class Report:
    """What came of it.

    strings -- how many; names, codes -- how many of them the importer took as such
    forms, sent -- kinds of forms found, and how often one was sent
    unreached -- endpoints that take something and were sent nothing
    read, visited -- pages read, and visited in Chromium; mails, cells -- looked at
    ran, violations, formulas, faults -- what should not be, in words
    """

    strings: int = 0
    names: int = 0
    codes: int = 0
    forms: int = 0
    sent: int = 0
    unreached: list[str] = field(default_factory=list)
    read: int = 0
    visited: int = 0
    mails: int = 0
    cells: int = 0
    ran: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    formulas: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> int:
        """How many things were not as they should be."""
        return sum(map(len, (self.unreached, self.ran, self.violations, self.formulas, self.faults)))


def said(
    hostile: Sequence[str],
    browser: Browser,
    *,
    samples: int,
    read: int = READ,
    roles: Sequence[str] = tuple(ROLES),
    beside: int = 1,
    say: Say = lambda words: None,
) -> Report:
    """Say all strings everywhere and look at what comes of it.

    samples -- pages of each kind that are visited in Chromium; read -- that are read, at most
    roles -- of those who fill forms in and look; beside -- browsers that look at the same time
    """
    report = Report(strings=len(hostile))
    with databases("sqlite") as urls, application(urls) as app:
        app.config["PROPAGATE_EXCEPTIONS"] = False  # as it runs: a failure is a page, and counted
        stage = staged(hostile, datetime.now(UTC))
        say("the company is told")
        browsers, reached, done = Browsers(app), set[str](), set[tuple[str, str, tuple[str, ...]]]()
        for role in roles:
            paths: Sequence[str] = stage.paths if role == "customer" else ()
            for _ in range(2):  # what was sent makes further pages
                found = forms.explored(app, browsers, paths, role, min(forms.SAMPLES, read))
                sent = forms.filled(app, browsers, found, hostile, done)
                reached, paths = reached | sent.reached, sent.onward
                report.forms, report.sent = report.forms + sent.forms, report.sent + sent.sent
                report.faults += found.faults + sent.faults
                say(f"{role}: {sent.forms} forms, sent {sent.sent} times, {len(sent.faults)} faults")
            report.faults += due(app)
        report.faults += forms.by_json(app, browsers, stage, hostile)
        report.faults += seldom.sent(app, browsers, hostile)
        report.unreached = forms.unreached(app, reached | seldom.REACHED)
        report.faults += due(app)
        report.names, report.codes = named(hostile, "again-")
        say("everything is said")
        pages = {role: _pages(app, browsers, stage, role, read) for role in roles}
        _read(report, app, browsers, pages)
        say(f"{report.read} pages are read")
        chosen = _chosen(pages, samples)
        say(f"{sum(map(len, chosen.values()))} pages are to be visited")
        if beside > 1:
            seen = visits.visited_beside(chosen, beside)
        else:
            with served(app) as address:
                seen = visits.visited(browser, browsers, address, chosen, say)
        mailed = visits.mails(browser)
        report.visited, report.mails = seen.pages, mailed.pages
        report.ran, report.violations = seen.ran + mailed.ran, seen.violations
        report.faults += seen.faults + mailed.faults
    return report


def _pages(app: Flask, browsers: Browsers, stage: Stage, role: str, samples: int) -> Found:
    """The pages of a role: of each kind many are read where nearly everything is seen, else a few."""
    paths = stage.paths if role == "customer" else ()
    return forms.explored(app, browsers, paths, role, samples if role == "admin" else -(-samples // 4))


def _chosen(pages: dict[str, Found], samples: int) -> dict[str, list[str]]:
    """What to visit, by role: so many pages of each kind, and a few of what another role looks at as well."""
    seen: set[str] = set()
    chosen: dict[str, list[str]] = {}
    for role in reversed(list(pages)):
        found = pages[role]
        chosen[role] = [
            path
            for kind, paths in found.pages.items()
            if "(" not in kind  # what is no page
            for path in _some(paths + found.linked[kind], min(samples, TWICE) if kind in seen else samples)
        ]
        seen |= found.pages.keys()
    return chosen


def _read(report: Report, app: Flask, browsers: Browsers, pages: Mapping[str, Found]) -> None:
    """Add what reading pages and tables tells."""
    for role, found in pages.items():
        report.read += sum(map(len, found.pages.values()))
        report.faults += found.faults
        tables = [path for kind, paths in found.pages.items() if "(" in kind for path in paths]
        cells, formulas = visits.formulas(browsers.of(role), tables)
        report.cells, report.formulas = report.cells + cells, report.formulas + formulas
    cells, formulas = visits.told(app)
    report.cells, report.formulas = report.cells + cells, report.formulas + formulas


def _some(paths: Sequence[str], samples: int) -> Sequence[str]:
    """So many of these, from all over the list."""
    return paths[:: max(1, -(-len(paths) // samples))]


def lines(report: Report) -> list[str]:
    """The figures, one a line, and the first of each kind of what is wrong."""
    told = [
        f"strings: {report.strings}; taken as names: {report.names}, as codes: {report.codes}",
        f"forms: {report.forms}; sent {report.sent} times; addresses never sent to: {len(report.unreached)}",
        f"pages read: {report.read}; visited in Chromium: {report.visited}; mails shown: {report.mails}",
        f"scripts run: {len(report.ran)}; violations of the policy: {len(report.violations)}",
        f"cells read back: {report.cells}; formulas: {len(report.formulas)}",
        f"other faults: {len(report.faults)}",
    ]
    for name in ("unreached", "ran", "violations", "formulas", "faults"):
        told += [f"  {name}: {one}" for one in dict.fromkeys(getattr(report, name))][:40]
    return told


def run() -> int:
    """The whole; 1 where something is wrong."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--strings", type=int, default=500)
    words.add_argument("--samples", type=int, default=12)
    words.add_argument("--read", type=int, default=READ)
    words.add_argument("--roles", nargs="+", choices=list(ROLES), default=list(ROLES))
    words.add_argument("--beside", type=int, default=os.cpu_count() or 1, help="browsers side by side")
    asked = words.parse_args()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    begun = time.monotonic()

    def say(words: str) -> None:
        print(f"{time.monotonic() - begun:5.0f} s  {words}", file=sys.stderr, flush=True)

    with chromium() as browser:
        report = said(
            strings(asked.strings),
            browser,
            samples=asked.samples,
            read=asked.read,
            roles=asked.roles,
            beside=asked.beside,
            say=say,
        )
    print("\n".join(lines(report)))
    return min(report.wrong, 1)


if __name__ == "__main__":
    sys.exit(run())
