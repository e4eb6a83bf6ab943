"""Hostile strings through everything that takes text, then every page looked at, and every file read back.

    python -m benchmarks.hostile [--strings 500] [--first 0] [--samples 12] [--read 200] [--roles ROLE ...]
                                [--beside N]

The strings of ../shared/data/hostile become names and codes of a company (as far as the importer takes them),
answers, comments and wishes; then each form that a customer, an employee, a manager, the works council, an
analyst or an admin can find is sent with each string in each of its text fields, and each address of the API
likewise; the jobs of a night are run in between. Forms are found by going from page to page, so a new one is
covered by itself; an address that takes something and was never sent anything is told of, and so is a text
field that was not given every string. Afterwards all pages are read for anything that could run, up to so
many samples of each kind are visited in Chromium with dialogs, errors and violations of the policy counted,
mails are shown without any policy, and tables are read back for formulas. Ends with 1 where anything was left
out, ran, violated, failed, or could become a formula.
"""

import argparse
import logging
import os
import sys
import time
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime

from flask import Flask
from playwright.sync_api import Browser

from benchmarks.hostility import filling, forms, programs, seldom, visits
from benchmarks.hostility.crew import Crew, crew
from benchmarks.hostility.forms import Found
from benchmarks.hostility.stage import ROLES, Browsers, Stage, due, named, staged
from benchmarks.hostility.strings import strings
from benchmarks.serving import application, databases
from tests.browser.visitor import chromium, served

WITHOUT_TEXT = {"surveys.proposals.reopen"}  # a button that stands on a dismissed proposal alone
WITHOUT_TEXT |= {"surveys.starting.start", "surveys.starting.wave"}  # buttons, before a first wave alone
WITHOUT_TEXT |= {"pulse.people.ended_there"}  # closed here: tests/pulse/people/test_oidc.py says them
READ = 200  # pages of each kind that are read for forms, links and what could run, at most
TWICE = 50  # pages of a kind that are visited by one more role than the one that sees most, at most
Say = Callable[[str], None]


@dataclass
class Report:
    """What came of it.

    strings -- how many; names, codes -- how many of them the importer took as such
    forms, sent -- kinds of forms found, and how often one was sent
    fields -- text fields; taken -- those that were not refused with at least one of the strings
    short -- text fields that were not given every string, in words
    unreached -- endpoints that take something and were sent nothing
    read, visited -- pages read, and visited in Chromium; mails, cells -- looked at
    ran, violations, formulas, faults -- what should not be, in words
    """

    strings: int = 0
    names: int = 0
    codes: int = 0
    forms: int = 0
    sent: int = 0
    fields: int = 0
    taken: int = 0
    unreached: list[str] = field(default_factory=list)
    short: list[str] = field(default_factory=list)
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
        return sum(
            map(len, (self.unreached, self.short, self.ran, self.violations, self.formulas, self.faults))
        )


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
    roles -- of those who fill forms in and look; beside -- processes that do so at the same time
    """
    report = Report(strings=len(hostile))
    with databases("sqlite") as urls, application(urls) as app:
        app.config["PROPAGATE_EXCEPTIONS"] = False  # as it runs: a failure is a page, and counted
        stage = staged(hostile, datetime.now(UTC))
        say("the company is told")
        with crew(app, beside) as workers:
            sent = _filled_in(app, workers, stage, hostile, roles, min(forms.SAMPLES, read), say)
            report.faults += sent.faults + list(due(app))
            report.forms, report.sent, report.fields = len(sent.kinds), sent.sent, len(sent.given)
            report.taken = sum(bool(sent.taken[text]) for text in sent.given)
            report.unreached, report.short = unreached(app, sent.reached), sent.short(len(hostile))
            report.names, report.codes = named(hostile, "again-")
            say(f"everything is said: {sent.sent} times, {len(report.faults)} faults")
            for words in report.short:
                say(f"not given all: {words}")
            pages = _read(report, app, workers, stage, roles, read)
            say(f"{report.read} pages are read, {len(report.faults)} faults, {len(report.formulas)} formulas")
            chosen = _chosen(pages, samples)
            say(f"{sum(map(len, chosen.values()))} pages are to be visited")
            seen = _visited(app, workers, browser, chosen, beside, say)
        mailed = visits.mails(browser)
        report.visited, report.mails = seen.pages, mailed.pages
        report.ran, report.violations = seen.ran + mailed.ran, seen.violations
        report.faults += seen.faults + mailed.faults
    return report


def _visited(
    app: Flask, workers: Crew, browser: Browser, chosen: dict[str, list[str]], beside: int, say: Say
) -> visits.Seen:
    """What is seen on these pages, by one browser or by so many side by side."""
    if beside == 1:
        with served(app) as address:
            return visits.visited(browser, Browsers(app), address, chosen, say)
    together = visits.Seen()
    shares = [{role: paths[number::beside] for role, paths in chosen.items()} for number in range(beside)]
    for seen in workers.each(visits.visited_by, [(share,) for share in shares]):
        together.add(seen)
    return together


def _filled_in(
    app: Flask,
    workers: Crew,
    stage: Stage,
    hostile: Sequence[str],
    roles: Sequence[str],
    samples: int,
    say: Say,
) -> filling.Report:
    """Write all strings into everything."""
    [sent] = workers.each(programs.said, [(stage, hostile)])  # first: its key may be revoked on screen
    # While lists are short: a page on which a fix is planned offers all there is.
    for done in workers.each(seldom.planned, [(hostile, half) for half in _halves(len(hostile))]):
        sent.add(done)
    for done in workers.each(seldom.doors, [(hostile,)]):
        sent.add(done)
    say(f"programs, plans and doors: sent {sent.sent} times")
    for role in roles:
        paths: Sequence[str] = stage.paths if role == "customer" else ()
        for _ in range(2):  # what was sent makes further pages
            found = forms.explored(app, Browsers(app), paths, role, samples)
            tasks, paths = filling.tasks(app, role, found, sent.kinds), []
            for done, onward in workers.each(filling.filled, [(task, hostile) for task in tasks]):
                sent.add(done)
                paths = [*paths, *onward]
            sent.faults += found.faults
            say(f"{role}: {len(sent.kinds)} forms, sent {sent.sent} times, {len(sent.faults)} faults")
        sent.faults += due(app)
    return sent


def _halves(number: int) -> list[range]:
    return [half for half in (range(number // 2), range(number // 2, number)) if half]


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


def _read(
    report: Report, app: Flask, workers: Crew, stage: Stage, roles: Sequence[str], read: int
) -> dict[str, Found]:
    """Add what reading pages and tables tells; the pages of each role."""
    tasks = [
        (role, stage.paths if role == "customer" else (), read if role == "admin" else -(-read // 4))
        for role in reversed(roles)  # who sees most first
    ]
    pages = {}
    for (role, _, _), (found, cells, formulas) in zip(tasks, workers.each(_looked_at, tasks), strict=True):
        pages[role] = found
        report.read += sum(map(len, found.pages.values()))
        report.faults += found.faults
        report.cells, report.formulas = report.cells + cells, report.formulas + formulas
    cells, formulas = visits.told(app)
    report.cells, report.formulas = report.cells + cells, report.formulas + formulas
    return {role: pages[role] for role in roles}


def _looked_at(app: Flask, role: str, paths: Sequence[str], samples: int) -> tuple[Found, int, list[str]]:
    """The pages of a role, how many cells its tables hold, and which of these are formulas."""
    found = forms.explored(app, Browsers(app), paths, role, samples)
    tables = [path for kind, paths in found.pages.items() if "(" in kind for path in paths]
    return found, *visits.formulas(Browsers(app).of(role), tables)


def unreached(app: Flask, reached: Set[str]) -> list[str]:
    """Addresses that a text can be sent to, and that nothing was sent to."""
    posts = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    return sorted(posts - reached - WITHOUT_TEXT - filling.TAKES_APART)


def _some(paths: Sequence[str], samples: int) -> Sequence[str]:
    """So many of these, from all over the list."""
    return paths[:: max(1, -(-len(paths) // samples))]


def lines(report: Report) -> list[str]:
    """The figures, one a line, and the first of each kind of what is wrong."""
    told = [
        f"strings: {report.strings}; taken as names: {report.names}, as codes: {report.codes}",
        f"forms: {report.forms}; sent {report.sent} times; addresses never sent to: {len(report.unreached)}",
        f"text fields: {report.fields}; given every string: {report.fields - len(report.short)};"
        f" ever taken with one: {report.taken}",
        f"pages read: {report.read}; visited in Chromium: {report.visited}; mails shown: {report.mails}",
        f"scripts run: {len(report.ran)}; violations of the policy: {len(report.violations)}",
        f"cells read back: {report.cells}; formulas: {len(report.formulas)}",
        f"other faults: {len(report.faults)}",
    ]
    for name in ("unreached", "short", "ran", "violations", "formulas", "faults"):
        told += [f"  {name}: {one}" for one in dict.fromkeys(getattr(report, name))][:40]
    return told


def run() -> int:
    """The whole; 1 where something is wrong."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--strings", type=int, default=500)
    words.add_argument("--first", type=int, default=0, help="the number of the first string, from 0")
    words.add_argument("--samples", type=int, default=12)
    words.add_argument("--read", type=int, default=READ)
    words.add_argument("--roles", nargs="+", choices=list(ROLES), default=list(ROLES))
    words.add_argument("--beside", type=int, default=os.cpu_count() or 1, help="processes side by side")
    asked = words.parse_args()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    begun = time.monotonic()

    def say(words: str) -> None:
        print(f"{time.monotonic() - begun:5.0f} s  {words}", file=sys.stderr, flush=True)

    with chromium() as browser:
        report = said(
            strings(asked.first + asked.strings)[asked.first :],
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
