"""Customers' pages in a real browser: small, old and slow ones too, by keyboard, in both languages."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from playwright.sync_api import Browser, Page, Request, Route
from sqlalchemy import select

from config import ROOT
from pulse import db
from pulse.people import service as people
from pulse.people.models import Grant, Person
from surveys.invitations import service as invitations
from surveys.invitations.models import Opening, TouchpointSurvey
from surveys.responses.answers import seconds
from surveys.responses.models import ContactWish, Held, Response
from tests.browser.answering import Site, site
from tests.browser.visitor import DESKTOP, PHONE, Visitor
from tests.conftest import Addresses
from tests.surveys.conftest import MONTH, OPEN, Railway, built, responded

SMALL = (320, 640)
AT_MOST, REQUESTS = 15_000, 3  # bytes as they are sent, and how many files: page, style, icon
LANGUAGES = pytest.mark.parametrize("language", ["fr", "en"])


@pytest.fixture
def asking(sqlite_addresses: Addresses, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Where the small railway asks its customers."""
    with time_machine.travel(OPEN, tick=True), site(sqlite_addresses, monkeypatch) as here:
        yield here


@pytest.fixture
def railway(asking: Site) -> Railway:
    """The small railway in the application's database."""
    with db.writing() as session:
        found = built(session)
        session.expire_on_commit = False
    return found


@pytest.fixture
def link(railway: Railway) -> str:
    """A customer's link about the station."""
    with db.writing() as session:
        day = (OPEN - timedelta(days=1)).date()
        token = invitations.invite(session, "station", interaction="call-1", happened_on=day, now=OPEN)
    return f"/r/{token}"


def kept() -> Response:
    """The one answer that has been kept, with its scores."""
    with db.reading() as session:
        found = session.scalars(select(Response)).one()
        assert found.scores is not None
        return found


def scores() -> list[int]:
    """The scores of the one answer, from the smallest."""
    return sorted(score.score for score in kept().scores)


def tick(page: Page, box: str) -> None:
    """Tick a box by its label, as a finger does."""
    page.locator(f"label[for={box}]").click()


@LANGUAGES
def test_every_page_from_the_questions_to_the_erasure_is_in_order(
    browser: Browser, asking: Site, link: str, language: str
) -> None:
    visitor = Visitor.at(browser, asking.address, size=SMALL, language=language)
    asked, page = f"?lang={language}", visitor.page
    found = {"survey": visitor.visit(link + asked).looks() + visitor.turns(DESKTOP, dark=True)}
    found["survey"] += visitor.turns(SMALL, dark=True)
    visitor.press("main form button.go")
    assert page.locator(".problems a").count() == 2
    assert page.evaluate("document.activeElement.className") == "problems"
    found["reminder"] = visitor.looks()
    for box in ("q1-3", "t0", "t0-2", "other", "consent"):
        tick(page, box)
    found["ticked"] = visitor.looks() + visitor.turns(DESKTOP, dark=True) + visitor.turns(PHONE, dark=False)
    visitor.press("main form button.go")
    found["refused"] = visitor.looks() + visitor.turns(SMALL, dark=True)
    assert page.title().startswith(("Error:", "Erreur"))
    page.fill("#contact", "zoe@example.org")
    visitor.press("main form button.go")
    found["thanks"] = visitor.looks() + visitor.turns(DESKTOP, dark=True)
    assert scores() == [0] * 6 + [750, 750]
    visitor.press("main a[href*=erase]")
    found["erase"] = visitor.looks() + visitor.turns(SMALL, dark=True)
    visitor.press("main form button")
    found["erased"] = visitor.looks() + visitor.turns(SMALL, dark=True)
    found["used link"] = visitor.visit(link + asked).looks() + visitor.turns(SMALL, dark=True)
    visitor.close()
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize(("opening", "language"), [(Opening.CSAT, "fr"), (Opening.NPS, "en")])
def test_whatever_is_asked_first_the_page_is_in_order(
    browser: Browser, asking: Site, railway: Railway, link: str, opening: Opening, language: str
) -> None:
    with db.writing() as session:
        place = railway.touchpoints["station"].id
        session.add(TouchpointSurvey(touchpoint_id=place, opening=opening, origins=[]))
    visitor = Visitor.at(browser, asking.address, size=SMALL, language=language)
    found = visitor.visit(f"{link}?lang={language}").looks() + visitor.turns(DESKTOP, dark=True)
    visitor.close()
    assert found == []


def test_the_page_is_light_sets_no_cookie_and_keeps_its_promise(
    browser: Browser, asking: Site, link: str
) -> None:
    visitor = Visitor.at(browser, asking.address, size=PHONE)
    done: list[Request] = []
    visitor.page.on("requestfinished", lambda request: done.append(request))
    visitor.visit(link)
    visitor.page.wait_for_load_state("networkidle")
    assert len(done) <= REQUESTS
    sent = [request.sizes() for request in done]
    assert sum(max(size["responseBodySize"], 0) + size["responseHeadersSize"] for size in sent) <= AT_MOST
    assert visitor.page.locator("script").count() == 0
    assert seconds(visitor.page.locator("#answers > .card > fieldset").count()) < 30
    tick(visitor.page, "q1-0")
    tick(visitor.page, "none")
    visitor.press("main form button.go")
    assert visitor.page.context.cookies() == []
    visitor.close()
    assert scores() == [0] * 8


@LANGUAGES
def test_without_scripts_on_a_small_phone_all_of_it_works(
    browser: Browser, asking: Site, link: str, language: str
) -> None:
    visitor = Visitor.at(browser, asking.address, size=SMALL, scripts=False, language=language)
    page = visitor.visit(f"{link}?lang={language}").page
    assert page.locator(".more:visible").count() == 0
    tick(page, "t2")
    assert page.locator(".more:visible").count() == 1
    tick(page, "t2-3")
    tick(page, "other")
    page.fill("#something", "The smell")
    visitor.press("main form button.go")
    assert page.locator(".problems li").count() == 1  # how it went was skipped; asked once, then taken
    visitor.press(".problems button")
    assert "/r/thanks/" in page.url
    visitor.close()
    assert scores() == [0] * 6 + [1000]
    assert (kept().other, kept().other_score) == ("The smell", 500)


def test_a_browser_that_cannot_reveal_shows_all_and_asks_about_what_was_not_ticked(
    browser: Browser, asking: Site, link: str
) -> None:
    visitor = Visitor.at(browser, asking.address, size=SMALL)
    page = visitor.page

    def without_has(route: Route) -> None:
        style = (ROOT / "static" / "pulse.css").read_text(encoding="utf-8")
        route.fulfill(body=style.replace(":has(", ":nonesuch("), content_type="text/css")

    page.route("**/pulse.css*", without_has)
    visitor.visit(link)
    assert page.locator(".more:visible").count() == 9
    found = visitor.looks() + visitor.turns(DESKTOP, dark=True)
    tick(page, "q1-2")
    tick(page, "t1-1")
    tick(page, "none")
    visitor.press("main form button.go")
    assert page.locator("#t1").is_checked()
    found += visitor.looks()
    visitor.press("main form button.go")
    visitor.close()
    assert found == []
    assert scores() == [0] * 6 + [500, 500]


def test_the_keyboard_alone_suffices(browser: Browser, asking: Site, link: str) -> None:
    visitor = Visitor.at(browser, asking.address)
    page = visitor.visit(link).page
    page.locator("#q1-0").focus()
    page.keyboard.press("ArrowDown")
    for _ in range(2):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "t1"
    page.keyboard.press("Space")
    page.keyboard.press("Tab")  # what came up follows at once
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.id") == "t1-1"
    stops: list[str] = []
    while not stops or stops[-1] != "BUTTON":
        page.keyboard.press("Tab")
        stops.append(page.evaluate("document.activeElement.id || document.activeElement.tagName"))
    assert stops == ["t2", "t3", "t4", "t5", "t6", "other", "none", "comment", "consent", "BUTTON"]
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "/r/thanks/" in page.url
    visitor.close()
    assert scores() == [0] * 6 + [250, 500]


@pytest.mark.parametrize(("width", "text"), [(320, "100%"), (640, "200%"), (320, "200%")])
def test_narrow_screens_and_large_text_lose_nothing(
    browser: Browser, asking: Site, link: str, width: int, text: str
) -> None:
    visitor = Visitor.at(browser, asking.address, size=(width, 640), language="fr")
    page = visitor.visit(link).page
    for box in ("t0", "other", "consent"):
        tick(page, box)
    page.evaluate("size => { document.documentElement.style.fontSize = size }", text)
    found = visitor.turns((width, 640), dark=False)
    spilling = page.evaluate(
        "[...document.querySelectorAll('.choice')].filter(one => one.scrollWidth > one.clientWidth).length"
    )
    visitor.close()
    assert (found, spilling) == ([], 0)


def test_on_paper_everything_that_is_asked_is_there(browser: Browser, asking: Site, link: str) -> None:
    visitor = Visitor.at(browser, asking.address)
    page = visitor.visit(link).page
    page.emulate_media(media="print")
    assert page.locator(".more:visible").count() == 9
    assert page.locator("button:visible").count() == 0
    visitor.close()


@pytest.mark.parametrize("language", ["fr"])  # in English: benchmarks/looks.py
def test_the_pages_of_those_who_look_after_answers_are_in_order(
    browser: Browser, asking: Site, railway: Railway, language: str
) -> None:
    for reason in (Held.BURST, Held.TRAP, Held.LEFT_OUT):
        responded(db.main, railway, MONTH, held=reason, delay=500)
    with db.writing() as session:
        person = session.query(Person).filter_by(email="north0@example.org").one()
        for grant in (Grant.ANALYST, Grant.ADMIN):
            people.grant(session, person, grant)
        someone = session.scalars(select(Response.id).where(Response.held == Held.TRAP)).one()
        session.add(ContactWish(response_id=someone, contact="zoe@example.org", name=""))
    visitor = Visitor.at(browser, asking.address, size=SMALL, language=language)
    asking.enter(visitor, "north0@example.org")
    asked, page, found = f"?lang={language}", visitor.page, {}
    found["held"] = visitor.visit("/held" + asked).looks() + visitor.turns(DESKTOP, dark=True)
    for _ in range(2):
        visitor.press("main form button")
    found["none held"] = visitor.looks()
    found["erase"] = visitor.visit("/responses/erase" + asked).looks()
    visitor.press("main form button.go")
    found["refused"] = visitor.looks() + visitor.turns(SMALL, dark=True)
    with db.reading() as session:
        code = session.scalars(select(invitations.Interaction.code).limit(1)).one()
    page.fill("#interaction", code)
    tick(page, "sure")
    visitor.press("main form button.go")
    assert page.locator("[role=status]").is_visible()
    found["done"] = visitor.looks() + visitor.turns(DESKTOP, dark=True)
    visitor.close()
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
