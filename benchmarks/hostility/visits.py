"""Pages visited in Chromium, and files read back, after everything hostile was said."""

import csv
import io
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from zipfile import ZipFile

from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, Route
from sqlalchemy import select

from benchmarks.hostility.stage import ROLES, Browsers
from config import settings
from pulse import db
from pulse.outbox.models import Message
from tests.browser.visitor import chromium, served

# In place of what hostile strings call: whatever runs is counted, and nothing waits for an answer.
WATCH = """
window.alert = window.prompt = window.confirm = (...said) => console.error("RAN " + said.join(" "));
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`VIOLATES ${event.violatedDirective} ${event.blockedURI}`));
"""
NUMBER = re.compile(r"[-+]?\d+([.,]\d+)?%?")
STARTS = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
BLANKS = " \u00a0\ufeff\u200b\u2060\n"
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMULA = re.compile(r"<f[ >/]")
COMMANDS = (
    ("verdicts", "--format", "csv", "--history"),
    ("flags", "--format", "csv"),
    ("changes", "--format", "csv"),
)


@dataclass
class Seen:
    """What was seen: pages visited, scripts run, violations of the policy, and other faults, in words."""

    pages: int = 0
    ran: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def told(self) -> str:
        """The same in a line."""
        ran, violations, faults = map(len, (self.ran, self.violations, self.faults))
        return f"{self.pages} pages visited: {ran} scripts, {violations} violations, {faults} other faults"

    def add(self, more: "Seen") -> None:
        """Count in what somebody else saw."""
        self.pages += more.pages
        self.ran += more.ran
        self.violations += more.violations
        self.faults += more.faults

    def asked(self, where: str, dialog: Dialog) -> None:
        """A page opens a dialog: something runs."""
        self.ran.append(f"{where}: dialog")
        dialog.dismiss()

    def fetched(self, route: Route) -> None:
        """A mail asks for something when it is looked at."""
        self.faults.append(f"a mail asks for {route.request.url}")
        route.abort()

    def hear(self, where: str, said: str) -> None:
        """What the browser says about a page."""
        if said.startswith("RAN"):
            self.ran.append(f"{where}: {said}")
        elif said.startswith("VIOLATES") or "Content Security Policy" in said:
            self.violations.append(f"{where}: {said[:300]}")
        elif "the server responded with a status of" not in said:
            self.faults.append(f"{where}: {said[:300]}")


def visited(
    browser: Browser,
    browsers: Browsers,
    address: str,
    pages: Mapping[str, Sequence[str]],
    say: Callable[[str], None] = lambda words: None,
) -> Seen:
    """Visit pages as those who may: role to paths."""
    seen = Seen()
    for role, paths in pages.items():
        context = browser.new_context(
            locale="en", reduced_motion="reduce", viewport={"width": 1280, "height": 900}
        )
        context.add_init_script(WATCH)
        context.set_default_timeout(60_000)
        page, where = context.new_page(), [""]
        _listen(page, seen, where)
        for number, path in enumerate(paths):
            if number % 40 == 0:
                _enter(context, browsers, address, role)
            where[0] = f"{role} {path}"
            if (status := _look(page, address + path)) >= 500:
                seen.faults.append(f"{where[0]} was answered {status}")
            seen.pages += 1
            if seen.pages % 500 == 0:
                say(seen.told)
        context.close()
        say(f"{seen.told}; {role}'s the last of them")
    return seen


def visited_by(app: Flask, pages: Mapping[str, Sequence[str]]) -> Seen:
    """The same by a browser and a server of its own."""
    with chromium() as browser, served(app) as address:
        return visited(browser, Browsers(app), address, pages, lambda words: print(words, file=sys.stderr))


def _listen(page: Page, seen: Seen, where: list[str]) -> None:
    """Hear what a browser says; where -- holds the page it is at."""
    page.on("console", lambda said: seen.hear(where[0], said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: seen.hear(where[0], str(error)))
    page.on("dialog", lambda dialog: seen.asked(where[0], dialog))


def _enter(context: BrowserContext, browsers: Browsers, address: str, role: str) -> None:
    if ROLES[role] is None:
        return
    found = browsers.of(role).get_cookie("pulse", urlsplit(settings().site_url).hostname or "")
    assert found is not None
    context.add_cookies([{"name": "pulse", "value": found.value, "url": address}])


def _look(page: Page, url: str) -> int:
    """Open a page and everything on it that can be opened, and rest the pointer on what shows words then.

    How the page was answered, as a status of HTTP.
    """
    reply = page.goto(url, wait_until="load")
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    figures = page.locator("script[data-figure]").all()
    for data in figures:
        drawn = page.locator(f"#{data.get_attribute('data-figure')} .main-svg")
        drawn.first.wait_for(state="attached")
    if figures:
        for point in page.locator(".scatterlayer .point").all()[:3]:
            point.hover(force=True)
    return reply.status if reply else 500


def mails(browser: Browser) -> Seen:
    """Every mail that was queued, as a mail program without any policy would show it."""
    seen = Seen()
    context = browser.new_context()
    context.add_init_script(WATCH)
    page = context.new_page()
    page.on("console", lambda said: seen.hear("a mail", said.text) if said.text[:3] == "RAN" else None)
    page.on("dialog", lambda dialog: seen.asked("a mail", dialog))
    page.route("**/*", seen.fetched)
    with db.reading() as session:
        rows = session.execute(select(Message.subject, Message.html, Message.recipient)).all()
    for subject, _, recipient in rows:
        seen.pages += 1
        if any(sign in subject + recipient for sign in "\r\n\0"):
            seen.faults.append(f"a mail's head of two lines: {subject!r}")
    for html in dict.fromkeys(html for _, html, _ in rows if html):
        page.set_content(html)
    context.close()
    return seen


def formulas(client: FlaskClient, paths: Sequence[str]) -> tuple[int, list[str]]:
    """How many cells the tables to be downloaded hold, and which a spreadsheet would take for formulas."""
    cells, found = 0, []
    for path in paths:
        reply = client.get(path, base_url=settings().site_url)
        if reply.mimetype == WORKBOOK:
            inside = _workbook(reply.data)
            cells += inside.count("<c ")
            found += [f"{path}: a formula in the workbook"] if FORMULA.search(inside) else []
        elif reply.mimetype == "text/csv":
            for text in _cells(reply.text):
                cells += 1
                found += [f"{path}: {text[:80]!r}"] if is_formula(text) else []
    return cells, found


def told(app: Flask) -> tuple[int, list[str]]:
    """The same of what the commands print as tables."""
    cells, found = 0, []
    for command in COMMANDS:
        said = app.test_cli_runner().invoke(args=command)
        if said.exit_code:
            found.append(f"flask {' '.join(command)}: {said.output[:200]}")
        for text in _cells(said.stdout):
            cells += 1
            found += [f"flask {command[0]}: {text[:80]!r}"] if is_formula(text) else []
    return cells, found


def _workbook(body: bytes) -> str:
    """The sheets of a workbook, as they are written in it."""
    with ZipFile(io.BytesIO(body)) as parts:
        sheets = [name for name in parts.namelist() if name.startswith("xl/worksheets/")]
        return "".join(parts.read(name).decode() for name in sheets)


def _cells(text: str) -> Iterator[str]:
    for row in csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")):
        yield from row


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would take a cell for a formula; a number with a sign is a number."""
    return text.lstrip(BLANKS).startswith(STARTS) and not NUMBER.fullmatch(text)
