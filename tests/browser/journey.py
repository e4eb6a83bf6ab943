"""A wave answered by a whole company, each person from the mailed link to the thanks, in real Chromium."""

import email
import email.policy
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import time_machine
from playwright.sync_api import Browser, Page, Request
from sqlalchemy import select
from sqlalchemy.orm import Session

from config import ROOT
from pulse import db, migrations
from pulse.db import Database
from surveys.ballots.models import Ballot
from surveys.ballots.urn import urn
from surveys.jobs import invite_to_wave, send_messages
from surveys.responses.answers import seconds
from tests.browser.answering import Site, ready, send, site, thanked
from tests.browser.visitor import DESKTOP, PHONE, Visitor
from tests.conftest import Addresses
from tests.surveys.conftest import OPEN, Railway, opened
from tests.surveys.delivery.conftest import FreePort, Postman

LINK = re.compile(r"http://127\.0\.0\.1:\d+/\S+")
IRRITANTS = ("delay", "heating", "noise", "queue", "seats", "toilets", "wifi")
LOOKED_OVER = 4  # people, in both languages and sizes, whose pages are looked over by axe as well
BY_KEYBOARD = 5  # every so many people use no mouse


@dataclass
class Report:
    """What became of the journey."""

    people: int
    counted: int = 0
    by_unit: dict[str, int] = field(default_factory=dict)
    casts: int = 0
    cookies: int = 0
    most_requests: int = 0
    most_bytes: int = 0
    predicted_seconds: int = 0
    faults: list[str] = field(default_factory=list)


def company(session: Session, people: int, teams: int) -> Railway:
    """So many people in so many teams of a railway, which all serve one station."""
    found = Railway(session)
    found.team("head")
    for number in range(teams):
        share = people // teams + (number < people % teams)
        found.team(f"team{number + 1:02}", people=share, parent="head")
    found.touchpoint("station", *(f"team{number + 1:02}" for number in range(teams)))
    for code in IRRITANTS:
        found.irritant(code, "station")
    found.fix("queue", started=date(2026, 6, 1))
    for number, person in enumerate(found.people):
        person.language = ("fr", "en")[number % 2]
    return found


def migrated(folder: Path) -> Addresses:
    """Two fresh SQLite files."""
    urls = {name: f"sqlite:///{folder / name}.sqlite" for name in ("main", "urn")}
    for name, url in urls.items():
        database = Database()
        database.connect(url, keeps_log=False)
        migrations.upgrade(database, ROOT / "migrations" / name)
        database.close()
    return Addresses(**urls)


@contextmanager
def post_office() -> Iterator[Postman]:
    """A mail server on this machine."""
    found = Postman()
    controller = FreePort(found, hostname="127.0.0.1", port=0)
    controller.start()
    found.port = controller.port  # type: ignore[attr-defined]
    try:
        yield found
    finally:
        controller.stop()


def newest_link(postman: Postman, address: str) -> str:
    """The address in the newest mail somebody got."""
    content = next(text for to, text in reversed(postman.taken) if to == [address])
    message = email.message_from_string(content, policy=email.policy.default)
    body = message.get_body(("plain",))
    assert body is not None
    return LINK.findall(body.get_content())[0]


def walk(
    browser: Browser,
    addresses: Addresses,
    *,
    people: int,
    teams: int,
    answering: int | None = None,
    progress: Callable[[int], None] = lambda done: None,
) -> Report:
    """Let everybody answer, or the first so many, one after another; what became of it."""
    report, chance = Report(answering or people), random.Random(people)
    with (
        time_machine.travel(OPEN, tick=True),
        post_office() as postman,
        pytest.MonkeyPatch.context() as patch,
        site(addresses, patch, smtp_url=f"smtp://127.0.0.1:{postman.port}") as here,  # type: ignore[attr-defined]
    ):
        with db.writing() as session:
            company(session, people, teams)
            opened(session)
        invite_to_wave(datetime.now(UTC))
        send_messages(datetime.now(UTC))
        for done, (to, _) in enumerate(postman.taken[: report.people]):
            _answer(browser, here, postman, to[0], done, chance, report)
            progress(done + 1)
        _read(here, report)
    return report


def _answer(
    browser: Browser,
    here: Site,
    postman: Postman,
    address: str,
    number: int,
    chance: random.Random,
    report: Report,
) -> None:
    """One person: mail, sign-in by a second mail, questions, thanks, and away."""
    size, language = (PHONE, DESKTOP)[number // 2 % 2], ("fr", "en")[number % 2]
    visitor = Visitor.at(browser, here.address, size=size, language=language)
    page = visitor.page
    page.goto(newest_link(postman, address))
    page.fill("#email", address)
    visitor.press("button[name=link]")
    send_messages(datetime.now(UTC))
    page.goto(newest_link(postman, address))
    done: list[Request] = []
    visitor.press("main button.go")
    report.faults += [] if re.search(r"#[0-9a-f]{64}$", page.url) else [f"{address}: no fingerprint to check"]
    _weigh(here, visitor, done, report, address)
    if number < LOOKED_OVER:
        report.faults += visitor.looks()
    _choose(page, chance, by_keyboard=number % BY_KEYBOARD == 0)
    report.predicted_seconds = max(report.predicted_seconds, seconds(page.locator("fieldset").count()))
    if number % BY_KEYBOARD:
        send(page)
    else:
        page.keyboard.press("Enter")
    thanked(page)
    if number < LOOKED_OVER:
        report.faults += visitor.looks()
    before = here.done
    page.goto(here.address + "/pulse/seen")
    with here.arrivals:
        here.arrivals.wait_for(lambda: here.done > before, timeout=30)
    report.faults += [f"{address}: {complaint}" for complaint in visitor.complaints]
    visitor.close()


def _weigh(here: Site, visitor: Visitor, done: list[Request], report: Report, address: str) -> None:
    """What the answering page costs a browser that has nothing of it yet."""
    cookies = visitor.page.context.cookies()
    fresh = visitor.page.context.browser.new_context()  # type: ignore[union-attr]
    fresh.add_cookies(cookies)  # type: ignore[arg-type]
    page = fresh.new_page()
    page.on("requestfinished", lambda request: done.append(request))
    page.goto(here.address + "/pulse")
    ready(page)
    page.wait_for_load_state("networkidle")
    report.most_requests = max(report.most_requests, len(done))
    weight = sum(max(request.sizes()["responseBodySize"], 0) for request in done)
    report.most_bytes = max(report.most_bytes, weight)
    fresh.close()
    ready(visitor.page)


def _choose(page: Page, chance: random.Random, *, by_keyboard: bool) -> None:
    """Answer each question, by clicking or by Tab and arrows alone."""
    groups = page.locator("#answers fieldset")
    if not by_keyboard:
        for number in range(groups.count()):
            groups.nth(number).locator("label").nth(chance.randrange(6)).click()
        return
    for _ in range(40):  # from wherever the page begins to the first question
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.type") == "radio":
            break
    for _ in range(groups.count()):
        page.keyboard.press("Space")
        for _ in range(chance.randrange(5)):
            page.keyboard.press("ArrowDown")
        page.keyboard.press("Tab")
    page.keyboard.press("Tab")  # over the comment to the button


def _read(here: Site, report: Report) -> None:
    """Count what is in the urn, and the cookies that came along with it."""
    with urn.reading() as session:
        units = list(session.scalars(select(Ballot.unit)))
    report.counted, report.by_unit = len(units), dict(sorted(Counter(units).items()))
    report.casts = len(here.cast)
    report.cookies = sum("HTTP_COOKIE" in headers for headers in here.cast)
