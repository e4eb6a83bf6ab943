"""Signing in by mail with the fingerprint kept, and the pages of people and teams as readers see them."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser
from sqlalchemy import select

from pulse.db import main
from pulse.outbox.models import Message
from pulse.outbox.secrets import filled
from pulse.webhooks import service as webhooks
from pulse.webhooks.events import WANTED
from pulse.webhooks.models import Webhook
from tests.browser.visitor import DESKTOP, PHONE, Visitor, served
from tests.conftest import SECRET
from tests.pulse.dashboards.line import ADMIN, MANAGER, OF_FEW, tell_line
from tests.pulse.dashboards.told import EMPLOYEE, PASSWORD

PIN = "5eb63bbbe01eeed093cb22bb8f5acdc3" * 2
PAGES = {
    MANAGER: ("/teams/counter",),
    OF_FEW: ("/teams/few",),
    ADMIN: (  # the last: the file this one brings in lets everybody leave whom it does not name
        "/people",
        "/people?search=nobody+at+all",
        "/people/1",
        "/people/file",
        "/audit",
        "/webhooks",
        "/webhooks/1",
        "/teams",
        "/me",
    ),
}
FILE = "email;team\nnew@example.org;counter\nana@example.org;billing\nmax@example.org;counter\n"


@pytest.fixture
def line_address(app: Flask) -> Iterator[str]:
    """Where the pages of the told company with its reporting line are served."""
    with main.writing() as session:
        tell_line(session)
        now = datetime.now(UTC)
        made = webhooks.make(session, "chat", "https://example.org/", WANTED, inwards=(), key=SECRET, now=now)
        webhooks.try_out(session, session.get_one(Webhook, made.webhook_id), now)
    with served(app) as found:
        yield found


def mailed() -> str:
    """The path of the last link that was mailed."""
    with main.reading() as session:
        text = session.scalars(select(Message.text).order_by(Message.id.desc()).limit(1)).one()
    found = re.search(r"/sign-in/\S+", filled(text, SECRET))
    assert found is not None
    return found[0]


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without"])
def test_the_password_leads_back_to_the_pulse_with_its_fingerprint(
    browser: Browser, address: str, scripts: bool
) -> None:
    visitor = Visitor.at(browser, address, scripts=scripts)
    page = visitor.page
    page.goto(f"{address}/pulse#{PIN}")
    assert page.url == f"{address}/sign-in?next=/pulse#{PIN}"
    page.fill("#email", EMPLOYEE)
    page.fill("#password", "wrong")
    visitor.press("button.go")
    page.fill("#password", PASSWORD)
    visitor.press("button.go")
    assert page.url == f"{address}/pulse#{PIN}"
    visitor.close()


def test_a_mailed_link_leads_back_to_the_pulse_with_its_fingerprint_and_never_tells_it(
    browser: Browser, address: str
) -> None:
    visitor = Visitor.at(browser, address, size=PHONE)
    page, asked = visitor.page, []
    page.on("request", lambda request: asked.append(request.url + (request.post_data or "")))
    page.goto(f"{address}/pulse#{PIN}")
    page.fill("#email", EMPLOYEE)
    visitor.press("text=Send me a link by mail instead")
    assert "/sign-in/sent" in page.url
    assert visitor.looks() == []
    mail = page.context.new_page()  # as a mail program opens it
    mail.on("request", lambda request: asked.append(request.url + (request.post_data or "")))
    mail.goto(address + mailed())
    there = Visitor(mail, address)
    assert there.looks() == []
    there.press("button.go")
    assert mail.url == f"{address}/pulse#{PIN}"
    assert not any(PIN in told.partition("#")[0] or PIN in told.partition("#")[2][64:] for told in asked)
    assert mail.evaluate("localStorage.length") == 0
    visitor.close()


def test_a_link_opened_elsewhere_signs_in_without_a_fingerprint(browser: Browser, address: str) -> None:
    visitor = Visitor.at(browser, address)
    visitor.page.goto(f"{address}/pulse#{PIN}")
    visitor.page.fill("#email", EMPLOYEE)
    visitor.press("text=Send me a link by mail instead")
    other = Visitor.at(browser, address, scripts=False)
    other.page.goto(address + mailed())
    other.press("button.go")
    assert other.page.url == f"{address}/pulse"
    visitor.close()
    other.close()


@pytest.mark.parametrize("language", ["fr"])  # in English: benchmarks/looks.py
def test_the_pages_of_people_and_teams_are_in_order_for_everybody(
    browser: Browser, line_address: str, language: str
) -> None:
    found = {}
    for email, pages in PAGES.items():
        visitor = Visitor.at(browser, line_address, size=PHONE, language=language)
        _enter(visitor, email)
        for page in pages:
            wrong = visitor.visit(f"{page}{'&' if '?' in page else '?'}lang={language}").looks()
            found[page] = wrong + visitor.turns(DESKTOP, dark=True)
            visitor.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
            visitor.page.emulate_media(color_scheme="light")
        if email == ADMIN:
            found |= _filed(visitor, language)
        visitor.close()
    assert {page: wrong for page, wrong in found.items() if wrong} == {}


def _enter(visitor: Visitor, email: str) -> None:
    """Sign in and go to one's own account, which is a light page."""
    visitor.visit("/sign-in?next=/me")
    visitor.page.fill("#email", email)
    visitor.page.fill("#password", PASSWORD)
    visitor.press("button.go")
    assert visitor.page.url == visitor.address + "/me"


def _filed(visitor: Visitor, language: str) -> dict[str, list[str]]:
    """What is wrong with the pages of a file of people: refused, shown, taken over."""
    page = visitor.page
    visitor.visit(f"/people/file?lang={language}")
    page.fill("#text", FILE + "nobody;nowhere\n")
    visitor.press("button.go")
    assert page.is_visible("#refused")
    found = {"refused": visitor.looks() + visitor.turns(DESKTOP, dark=True)}
    page.fill("#text", FILE)
    page.check("#full")
    visitor.press("button.go")
    assert page.is_visible("dl.tally")
    found["shown"] = visitor.looks() + visitor.turns(PHONE, dark=False)
    page.fill("#leavers", page.locator("details .count").last.inner_text())
    visitor.press("button.go")
    assert page.is_visible("main p > a.button")
    found["kept"] = visitor.looks()
    return found


def test_a_file_of_people_comes_in_without_scripts(
    browser: Browser, line_address: str, tmp_path: Path
) -> None:
    path = tmp_path / "staff.csv"
    path.write_text(FILE, encoding="utf-8-sig")
    visitor = Visitor.at(browser, line_address, scripts=False)
    _enter(visitor, ADMIN)
    visitor.visit("/people/file")
    visitor.page.set_input_files("#file", path)
    visitor.press("button.go")
    assert visitor.page.locator("details").count() == 1  # those who join
    visitor.press("button.go")
    assert visitor.page.locator("h1").inner_text() == "The file was taken over"
    visitor.close()
