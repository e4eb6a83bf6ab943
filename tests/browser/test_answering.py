"""Answering, as a person does it: on a phone, by keyboard, in both languages, by each of the ways."""

from collections.abc import Iterator

import pytest
import time_machine
from playwright.sync_api import Browser, Request

from pulse import db
from pulse.people import service as people
from pulse.people.models import AnswersBy, Grant, Person
from surveys.ballots import codes
from surveys.ballots.urn import urn
from tests.browser.answering import Site, choose, counted, ready, send, site, thanked
from tests.browser.visitor import DESKTOP, PHONE, Visitor
from tests.conftest import SECRET, Addresses
from tests.surveys.conftest import MONTH, OPEN, PARIS, built, opened

WHO = "north0@example.org"
AT_MOST = 20_000  # bytes of the answering page with all it needs, in at most so many requests:
REQUESTS = 5


@pytest.fixture
def asking(sqlite_addresses: Addresses, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Where the small railway asks, a week after its November wave opened."""
    with time_machine.travel(OPEN, tick=True), site(sqlite_addresses, monkeypatch) as here:
        with db.writing() as session:
            built(session)
            session.query(Person).filter_by(email="north9@example.org").one().answers_by = AnswersBy.CODE
            opened(session)
        yield here


@pytest.fixture
def sheet(asking: Site) -> str:
    """The code of a printed sheet of the north."""
    with db.writing() as session, urn.writing() as box:
        wave = codes.wave_of(session, MONTH)
        [code] = codes.make(session, box, wave, "north", secret=SECRET, zone=PARIS).codes
    return code


@pytest.mark.parametrize("language", ["fr", "en"])
def test_an_employees_pages_are_in_order_from_the_questions_to_the_thanks(
    browser: Browser, asking: Site, language: str
) -> None:
    visitor = Visitor.at(browser, asking.address, size=PHONE, language=language)
    asked = f"?lang={language}"
    asking.enter(visitor, WHO).visit("/pulse" + asked)
    ready(visitor.page)
    found = {"pulse": visitor.looks() + visitor.turns(DESKTOP, dark=True) + visitor.turns(PHONE, dark=False)}
    choose(visitor.page, 2, but=1)
    visitor.page.fill("#comment", "Ask Julie Martin, 06 12 34 56 78")
    send(visitor.page)
    visitor.page.locator("#reminder").wait_for()
    found["reminder"] = visitor.looks() + visitor.turns(PHONE, dark=True)
    assert visitor.page.locator("#reminder li:visible").count() == 1
    assert "06 12 34 56 78" in visitor.page.locator("#telling output").inner_text()
    visitor.page.locator("#as-it-is").click()
    thanked(visitor.page)
    assert visitor.page.evaluate("document.activeElement.tagName") == "H1"
    found["thanks in place"] = visitor.looks() + visitor.turns(DESKTOP, dark=False)
    found["thanks"] = visitor.visit("/pulse/thanks" + asked).looks() + visitor.turns(PHONE, dark=True)
    found["drawn"] = visitor.visit("/pulse" + asked).looks()
    found["seen"] = visitor.visit("/pulse/seen" + asked).looks() + visitor.turns(DESKTOP, dark=True)
    assert {page: wrong for page, wrong in found.items() if wrong} == {}
    assert [set(scores.values()) for scores in asking.arrived()] == [{500}]
    visitor.close()


def test_casting_carries_no_cookie_and_no_referrer(browser: Browser, asking: Site) -> None:
    visitor = Visitor.at(browser, asking.address, size=PHONE)
    asking.enter(visitor, WHO).visit("/pulse")
    choose(visitor.page)
    send(visitor.page)
    thanked(visitor.page)
    assert [cookie["name"] for cookie in visitor.page.context.cookies()] == ["pulse"]
    visitor.visit("/pulse/seen")
    assert len(asking.arrived()) == 1
    visitor.close()
    for headers in asking.cast:
        assert headers["HTTP_HOST"].startswith("localhost:")
        assert "HTTP_COOKIE" not in headers
        assert "HTTP_REFERER" not in headers
        assert "HTTP_X_CSRFTOKEN" not in headers


def test_the_answering_page_is_light(browser: Browser, asking: Site) -> None:
    visitor = asking.enter(Visitor.at(browser, asking.address, size=PHONE), WHO)
    done: list[Request] = []
    visitor.page.on("requestfinished", lambda request: done.append(request))
    ready(visitor.visit("/pulse").page)
    visitor.page.wait_for_load_state("networkidle")
    weight = sum(max(request.sizes()["responseBodySize"], 0) for request in done)
    visitor.close()
    assert len(done) <= REQUESTS
    assert weight <= AT_MOST


def test_the_keyboard_alone_suffices(browser: Browser, asking: Site) -> None:
    visitor = asking.enter(Visitor.at(browser, asking.address), WHO).visit("/pulse")
    page = visitor.page
    ready(page)
    page.locator("#answers input[type=radio]").first.focus()
    for _ in range(5):  # Tab reaches each group once, arrows choose in it
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "comment"
    page.keyboard.type("Slow.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    thanked(page)
    visitor.visit("/pulse/seen")
    assert [set(scores.values()) for scores in asking.arrived()] == [{250}]
    visitor.close()


@pytest.mark.parametrize(("width", "text"), [(320, "100%"), (640, "200%")])
def test_narrow_screens_and_large_text_lose_nothing(
    browser: Browser, asking: Site, width: int, text: str
) -> None:
    visitor = asking.enter(Visitor.at(browser, asking.address, size=(width, 640)), WHO)
    for path in ("/pulse", "/pulse/thanks", "/pulse/seen", "/ballots"):
        visitor.visit(path)
        if path == "/pulse":
            ready(visitor.page)
        visitor.page.evaluate("size => { document.documentElement.style.fontSize = size }", text)
        assert visitor.turns((width, 640), dark=False) == []
    visitor.close()


def test_the_other_language_keeps_what_was_chosen(browser: Browser, asking: Site) -> None:
    visitor = asking.enter(Visitor.at(browser, asking.address, size=PHONE), WHO).visit("/pulse?lang=en")
    choose(visitor.page, 3)
    visitor.page.fill("#comment", "Slow.")
    visitor.press(".above a[hreflang=fr]")
    ready(visitor.page)
    assert visitor.page.locator("html").get_attribute("lang") == "fr"
    assert visitor.page.locator("#answers input:checked").count() == 5
    assert visitor.page.locator("#comment").input_value() == "Slow."
    assert visitor.page.evaluate("sessionStorage.length") == 0
    visitor.close()


@pytest.mark.parametrize("language", ["fr", "en"])
def test_without_scripts_an_employee_answers_by_the_confidential_link(
    browser: Browser, asking: Site, language: str
) -> None:
    visitor = Visitor.at(browser, asking.address, size=PHONE, scripts=False, language=language)
    page = asking.enter(visitor, WHO).visit(f"/pulse?lang={language}").page
    assert not page.locator("#answers").is_visible()
    visitor.press("#ways form button")
    for group in page.locator("fieldset").all():
        group.locator("label").first.click()
    visitor.press("main form button.go")
    assert page.url.startswith(f"{asking.ballots}/b")
    assert page.locator("html").get_attribute("lang") == language
    visitor.close()
    assert [set(scores.values()) for scores in counted()] == [{0}]
    assert [name for headers in asking.cast for name in headers if "COOKIE" in name] == []


@pytest.mark.parametrize("language", ["fr"])  # in English: benchmarks/looks.py
def test_the_ways_without_scripts_are_in_order(
    browser: Browser, asking: Site, sheet: str, language: str
) -> None:
    visitor = Visitor.at(browser, asking.address, size=PHONE, language=language)
    asked, page = f"?lang={language}", visitor.page
    asking.enter(visitor, WHO)
    page.route("**/ballot.js*", lambda route: route.abort())
    visitor.visit("/pulse" + asked)
    page.locator("#ways button").wait_for(state="visible")
    visitor.complaints.clear()  # the script that did not load
    found = {"ways": visitor.looks() + visitor.turns(PHONE, dark=True)}
    visitor.press("#ways form button")
    assert "/pulse/confidential" in page.url
    visitor.complaints.clear()
    found["confidential"] = visitor.looks() + visitor.turns(DESKTOP, dark=True)
    visitor.close()
    host = Visitor.at(browser, asking.ballots, size=PHONE, language=language)
    page = host.visit("/b/code" + asked).page
    found["code"] = host.looks() + host.turns(DESKTOP, dark=True) + host.turns(PHONE, dark=False)
    page.fill("#code", sheet.lower().replace("-", " "))
    host.press("button.go")
    found["questions of a code"] = host.looks()
    for group in page.locator("fieldset").all()[1:]:
        group.locator("label").nth(4).click()
    host.press("button.go")
    assert page.locator(".problems").is_visible()
    found["reminder of a code"] = host.looks()
    host.press("button.go")
    assert "/b/code/thanks" in page.url
    found["thanks for a code"] = host.looks()
    host.visit("/b/code" + asked).page.fill("#code", sheet)
    host.press("button.go")
    found["used code"] = host.looks()
    assert page.context.cookies() == []
    host.close()
    assert {page: wrong for page, wrong in found.items() if wrong} == {}
    assert [set(scores.values()) for scores in counted()] == [{1000}]


@pytest.mark.parametrize("language", ["fr"])  # in English: benchmarks/looks.py
def test_the_page_of_code_sheets_is_in_order_and_gives_a_file(
    browser: Browser, asking: Site, language: str
) -> None:
    with db.writing() as session:
        person = session.query(Person).filter_by(email=WHO).one()
        people.grant(session, person, Grant.ADMIN)
    visitor = asking.enter(Visitor.at(browser, asking.address, size=PHONE, language=language), WHO)
    page = visitor.visit(f"/codes?lang={language}").page
    found = visitor.looks() + visitor.turns(DESKTOP, dark=True)
    page.locator(".choice label").first.click()
    with page.expect_download() as made:
        page.locator("main button.go").click()
    assert made.value.suggested_filename == "pulse-2026-11-north.pdf"
    assert found == visitor.visit(f"/codes?lang={language}").looks() == []
    assert page.locator(".choice").count() == 0
    visitor.close()
