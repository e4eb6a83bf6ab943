"""Pictures of every page of those who answer, on the small railway: taken by tests.browser.screenshots."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Browser

from pulse import db
from pulse.ledger.disclosure import Extent
from pulse.ledger.models import ClosedMonth, ReleasedCell
from pulse.months import shifted
from pulse.organisation.models import Side
from pulse.people import service as people
from pulse.people.models import AnswersBy, Grant, Person
from surveys.ballots import codes
from surveys.ballots.urn import urn
from surveys.invitations import service as invitations
from tests.browser.answering import Site, choose, ready, send, site, thanked
from tests.browser.visitor import Visitor
from tests.conftest import SECRET, Addresses
from tests.surveys.conftest import MONTH, OPEN, PARIS, Railway, built, opened

WHO, BY_CODE = "north0@example.org", "north1@example.org"


def shoot(
    browser: Browser, addresses: Addresses, folder: Path, looks: Mapping[str, Mapping[str, Any]]
) -> None:
    """Take every page in every look that runs scripts, and in both languages."""
    with (
        time_machine.travel(OPEN, tick=True),
        pytest.MonkeyPatch.context() as patch,
        site(addresses, patch) as here,
    ):
        sheet = _told()
        for look, how in looks.items():
            for language in ("fr", "en"):
                visitor = Visitor.at(browser, here.address, language=language, **how)
                _without_scripts(here, visitor, folder, f"{look}-{language}.png", sheet)
                _of_customers(visitor, folder, f"{look}-{language}.png")
                if how.get("scripts", True):
                    _with_scripts(here, visitor, folder, f"{look}-{language}.png")
                visitor.close()


def _told() -> str:
    """The railway with figures of October; the code of a printed sheet."""
    with db.writing() as session:
        railway = built(session)
        for email in (BY_CODE, "north2@example.org"):
            session.query(Person).filter_by(email=email).one().answers_by = AnswersBy.CODE
        people.grant(session, session.query(Person).filter_by(email=WHO).one(), Grant.ADMIN)
        wave = opened(session)
        _figures(session, railway)
        with urn.writing() as box:
            return codes.make(session, box, wave, "north", secret=SECRET, zone=PARIS).codes[0]


def _figures(session: Any, railway: Railway) -> None:
    month = shifted(MONTH, -1)
    session.add(ClosedMonth(side=Side.EMPLOYEE, month=month, closed_at=OPEN, digest="-"))
    for code, team, n, step in (
        ("queue", "north", 10, 50),
        ("heating", "north", 25, 10),
        ("wifi", "head", 40, 10),
    ):
        extent = Extent.WHOLE if team == "head" else Extent.OWN
        row = {"measure_id": railway.irritants[code].id, "place_id": railway.teams[team].id, "extent": extent}
        row |= {"side": Side.EMPLOYEE, "month": month, "n": n, "step": step, "score": 450, "fresh": True}
        session.add(ReleasedCell(**row))


def _in(path: str, end: str) -> str:
    """A page's address in the language that the names of its pictures end with."""
    return f"{path}?lang={end.removesuffix('.png').rpartition('-')[2]}"


def _without_scripts(here: Site, visitor: Visitor, folder: Path, end: str, sheet: str) -> None:
    page = here.enter(visitor, BY_CODE).visit(_in("/pulse", end)).page
    page.screenshot(path=folder / f"by-code-{end}", full_page=True)
    for name, path in (("seen", "/pulse/seen"), ("code", "/b/code"), ("fingerprints", "/ballots")):
        visitor.visit(_in(path, end))
        page.screenshot(path=folder / f"{name}-{end}", full_page=True)
    page.context.clear_cookies()
    page.goto(f"{here.ballots}/b/code?code={sheet}")
    visitor.press("button.go")
    page.screenshot(path=folder / f"code-questions-{end}", full_page=True)
    page.goto(f"{here.ballots}/b/code?code=AAAA")
    visitor.press("button.go")
    page.screenshot(path=folder / f"code-unusable-{end}", full_page=True)
    here.enter(visitor, WHO).visit(_in("/codes", end))
    page.screenshot(path=folder / f"code-sheets-{end}", full_page=True)


def _of_customers(visitor: Visitor, folder: Path, end: str) -> None:
    with db.writing() as session:
        link = invitations.invite(session, "station", interaction=end, happened_on=OPEN.date(), now=OPEN)
    page = visitor.visit(_in(f"/r/{link}", end)).page
    page.screenshot(path=folder / f"survey-{end}", full_page=True)
    visitor.press("main form button.go")
    page.screenshot(path=folder / f"survey-reminder-{end}", full_page=True)
    for box in ("q1-3", "t0", "t0-2", "other", "consent"):
        page.locator(f"label[for={box}]").click()
    page.screenshot(path=folder / f"survey-ticked-{end}", full_page=True)
    visitor.press("main form button.go")
    page.screenshot(path=folder / f"survey-refused-{end}", full_page=True)
    page.fill("#contact", "zoe@example.org")
    visitor.press("main form button.go")
    page.screenshot(path=folder / f"survey-thanks-{end}", full_page=True)
    visitor.press("main a[href*=erase]")
    page.screenshot(path=folder / f"survey-erase-{end}", full_page=True)
    visitor.press("main form button")
    page.screenshot(path=folder / f"survey-erased-{end}", full_page=True)
    visitor.visit(_in(f"/r/{link}", end))
    page.screenshot(path=folder / f"survey-used-{end}", full_page=True)


def _with_scripts(here: Site, visitor: Visitor, folder: Path, end: str) -> None:
    number = 3 + len(list(folder.glob("thanks-*")))
    page = here.enter(visitor, f"north{number}@example.org").visit(_in("/pulse", end)).page
    ready(page)
    page.screenshot(path=folder / f"pulse-{end}", full_page=True)
    choose(page, 2, but=1)
    page.fill("#comment", "Julie Martin, 06 12 34 56 78")
    send(page)
    page.locator("#reminder").wait_for()
    page.screenshot(path=folder / f"reminder-{end}", full_page=True)
    page.locator("#as-it-is").click()
    thanked(page)
    page.screenshot(path=folder / f"thanks-{end}", full_page=True)
    visitor.visit(_in("/pulse", end))
    page.screenshot(path=folder / f"drawn-{end}", full_page=True)
    here.enter(visitor, f"south{number}@example.org")
    page.route("**/ballot.js*", lambda route: route.abort())
    visitor.visit(_in("/pulse", end))
    page.locator("#ways button").wait_for(state="visible")
    page.screenshot(path=folder / f"ways-{end}", full_page=True)
    visitor.press("#ways form button")
    page.screenshot(path=folder / f"confidential-{end}", full_page=True)
