"""The widget on other sites, in real Chromium: one that may show the survey, and one that may not."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import pytest
from flask import Flask
from playwright.sync_api import Browser, FrameLocator, Page, expect
from sqlalchemy import func, select
from werkzeug.serving import make_server

from pulse import db
from surveys.invitations import open_links
from surveys.responses.models import Response
from tests.browser.visitor import DESKTOP, PHONE, Visitor, served, until
from tests.conftest import SECRET
from tests.surveys.conftest import built

SNIPPET = """<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>Shop</title>
<meta name="viewport" content="width=device-width"></head><body><main><h1>Shop</h1>
<p><a href="{door}">What bothered you?</a></p>
<script async src="{pulse}/static/widget.js" data-door="{door}"></script></main></body></html>"""


@dataclass
class Street:
    """Pulse, a shop whose site may show the survey, and another that may not; each an origin of its own."""

    pulse: str
    door: str
    shop: str
    other: str


@contextmanager
def shop(pages: dict[str, str], policy: str) -> Iterator[str]:
    """A site of one page, with a strict policy of its own; what is in pages["/"] when it is asked for."""
    app = Flask("shop")

    @app.get("/")
    def front() -> tuple[str, dict[str, str]]:
        return pages["/"], {"Content-Security-Policy": policy}

    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def pages() -> dict[str, str]:
    """What both shops show."""
    return {}


@pytest.fixture
def street(app: Flask, pages: dict[str, str]) -> Iterator[Street]:
    """All three served."""
    with ExitStack() as open_servers:
        pulse = open_servers.enter_context(served(app))
        policy = f"default-src 'none'; script-src {pulse}; frame-src {pulse}; img-src 'self'"
        shops = [open_servers.enter_context(shop(pages, policy)) for _ in range(2)]
        with db.writing() as session:
            station = built(session).touchpoints["station"]
            secret = open_links.make(session, station, key=SECRET)
            open_links.settings_of(session, station.id).origins = shops[:1]
        door = f"{pulse}/o/{secret}"
        pages["/"] = SNIPPET.format(language="en", door=door, pulse=pulse)
        yield Street(pulse, door, *shops)


def answers() -> int:
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(Response)) or 0


def opened(page: Page) -> FrameLocator:
    """The survey over the page, once the link was pressed."""
    expect(page.locator("a")).to_have_attribute("aria-haspopup", "dialog")
    page.get_by_role("link", name="What bothered you?").press("Enter")
    expect(page.locator("dialog")).to_be_visible()
    return page.frame_locator("dialog iframe")


def height(page: Page) -> float:
    box = page.locator("dialog iframe").bounding_box()
    assert box is not None
    return box["height"]


def test_an_allowed_site_shows_the_survey_by_keyboard_without_cookies_or_third_parties(
    browser: Browser, street: Street
) -> None:
    visitor = Visitor.at(browser, street.shop)
    page, asked = visitor.page, []
    page.on("request", lambda request: asked.append(request.url))
    visitor.visit("/")
    expect(page.locator("a")).to_have_attribute("aria-haspopup", "dialog")
    assert [url for url in asked if url.startswith(street.pulse)] == [f"{street.pulse}/static/widget.js"]
    frame = opened(page)
    expect(page.get_by_role("button", name="Close")).to_be_focused()
    assert page.locator("iframe").get_attribute("title") == "Survey: what bothered you?"
    expect(page.get_by_role("dialog", name="Survey: what bothered you?")).to_be_visible()
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("link", name="Open it on a page of its own")).to_be_focused()
    page.keyboard.press("Tab")
    for _ in range(12):  # through the frame's skip link and language to the first question
        page.keyboard.press("Tab")
        if frame.locator("input[type=radio]:focus").count():
            break
    page.keyboard.press("Space")
    expect(frame.locator("input[type=radio]").first).to_be_checked()
    frame.locator("label[for=none]").click()
    frame.locator("button.go").press("Enter")
    expect(frame.locator("h1", has_text="Thank you")).to_be_visible()
    assert answers() == 1
    assert visitor.looks() == []
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    expect(page.locator("a")).to_be_focused()
    assert page.context.cookies() == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    assert {url.split("/")[2] for url in asked} == {
        there.split("/")[2] for there in (street.shop, street.pulse)
    }
    assert len([url for url in asked if "/o/" in url and "thanks" not in url]) == 2  # shown, sent
    visitor.close()


def test_the_frame_is_as_high_as_its_page_and_never_higher_than_the_screen(
    browser: Browser, street: Street
) -> None:
    visitor = Visitor.at(browser, street.shop, size=(1280, 3000)).visit("/")
    frame = opened(visitor.page)
    frame.locator("h1", has_text="How did it go?").wait_for()
    until(visitor.page, "parseFloat(document.querySelector('iframe').style.height) > 400")
    high = height(visitor.page)
    frame.locator(".pick label").first.click()  # its "how much" comes up, the page grows
    until(visitor.page, f"document.querySelector('iframe').getBoundingClientRect().height > {high}")
    grown = height(visitor.page)
    frame.locator(".pick label").first.click()
    until(visitor.page, f"document.querySelector('iframe').getBoundingClientRect().height < {grown}")
    visitor.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    assert height(visitor.page) <= PHONE[1]
    box = visitor.page.locator("dialog").bounding_box()
    assert box is not None
    assert box["width"] <= PHONE[0]
    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    visitor.close()


def test_a_site_that_may_not_is_refused_and_offers_the_page_itself(browser: Browser, street: Street) -> None:
    visitor = Visitor.at(browser, street.other).visit("/")
    page = visitor.page
    opened(page)
    expect(page.get_by_role("status")).to_have_text(
        "The survey cannot be shown on this page.", timeout=10_000
    )
    assert any("frame-ancestors" in said for said in visitor.complaints)
    assert page.locator("iframe").count() == 0
    with page.context.expect_page() as opening:
        page.get_by_role("link", name="Open it on a page of its own").click()
    assert opening.value.url == street.door
    expect(opening.value.locator("h1")).to_have_text("How did it go?")
    visitor.close()


def test_messages_of_others_neither_resize_nor_close_it(browser: Browser, street: Street) -> None:
    visitor = Visitor.at(browser, street.shop).visit("/")
    opened(visitor.page).locator("h1").wait_for()
    until(visitor.page, "document.querySelector('iframe').style.height.endsWith('px')")
    before = height(visitor.page)
    visitor.page.evaluate(
        """() => new Promise(done => {
             const said = [{pulse: "height", height: 7}, {pulse: "close"}, null, "close"];
             // The widget listens longer, so it has heard each of them before this does.
             addEventListener("message", event => event.data === "close" && done());
             for (const data of said) postMessage(data, "*");
           })"""
    )
    assert height(visitor.page) == before
    assert visitor.page.locator("dialog").is_visible()
    visitor.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_the_link_works_where_the_widget_does_not(browser: Browser, street: Street, scripts: bool) -> None:
    visitor = Visitor.at(browser, street.shop, scripts=scripts, language="en")
    if scripts:
        visitor.page.route("**/widget.js", lambda route: route.abort())
    visitor.visit("/")
    visitor.press("text=What bothered you?")
    assert visitor.page.url == street.door
    visitor.close()


def test_it_speaks_the_language_of_the_site(browser: Browser, street: Street, pages: dict[str, str]) -> None:
    pages["/"] = pages["/"].replace('lang="en"', 'lang="fr-CA"')
    visitor = Visitor.at(browser, street.shop, size=DESKTOP, language="en").visit("/")
    frame = opened(visitor.page)
    assert (
        visitor.page.locator("iframe").get_attribute("title")
        == "Enquête\u00a0: qu’est-ce qui vous a gêné\u202f?"
    )
    expect(frame.locator("html")).to_have_attribute("lang", "fr")
    expect(visitor.page.get_by_role("button", name="Fermer")).to_be_visible()
    visitor.close()
