"""Pages by day and night, on a phone and a desk, with and without scripts; half of them in each language.

Every kind of page in every combination is looked at by benchmarks/looks.py.
"""

import pytest
from playwright.sync_api import Browser

from tests.browser.visitor import DESKTOP, PHONE, Visitor
from tests.pulse.dashboards.told import ANALYST, PASSWORD

PAGES = (
    "/dashboard",
    "/fixes",
    "/fixes?search=nothing+at+all",
    "/flags",
    "/flags/1",
    "/flags/1?do=decide",
    "/fixes/pay-later/success",
    "/changes",
    "/changes/1",
    "/fixes/refund-48h",
    "/fixes/warm-rooms",
    "/me/factor/new",
    "/no-such-page",
)


@pytest.mark.parametrize(("language", "part"), [("fr", PAGES[::2]), ("en", PAGES[1::2])], ids=["fr", "en"])
def test_every_page_is_in_order_for_everybody(
    browser: Browser, address: str, language: str, part: tuple[str, ...]
) -> None:
    visitor = Visitor.at(browser, address, size=PHONE, language=language)
    found = {"/sign-in": visitor.visit("/sign-in").looks()}
    visitor.sign_in(ANALYST, PASSWORD)
    for page in part:
        wrong = visitor.visit(f"{page}{'&' if '?' in page else '?'}lang={language}").looks()
        found[page] = wrong + visitor.turns(DESKTOP, dark=True)
        visitor.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        visitor.page.emulate_media(color_scheme="light")
    visitor.close()
    assert {page: wrong for page, wrong in found.items() if wrong} == {}


def test_pages_say_the_same_without_scripts(browser: Browser, address: str) -> None:
    visitor = Visitor.at(browser, address, scripts=False).sign_in(ANALYST, PASSWORD)
    visitor.visit("/dashboard")
    assert visitor.page.locator("svg.regions .point").count() == 5
    assert visitor.page.locator("table.fixes tbody tr").count() == 6
    visitor.visit("/fixes/refund-48h")
    assert visitor.page.locator("svg.sheet.desk .observed").count() == 6  # three pictures with a hole in each
    visitor.page.click("summary >> text=month by month")
    assert visitor.page.locator("figure table").first.is_visible()
    visitor.close()


def test_plotly_draws_over_the_still_picture_and_a_point_leads_to_its_fix(
    browser: Browser, address: str
) -> None:
    visitor = Visitor.at(browser, address).sign_in(ANALYST, PASSWORD).visit("/dashboard")
    page = visitor.page
    page.wait_for_selector("#regions .scatterlayer .point")
    assert not page.locator("svg.regions").is_visible()
    page.locator("#regions .scatterlayer .trace .point").first.hover(force=True)
    page.wait_for_selector("#regions .hoverlayer .hovertext")
    assert visitor.complaints == []
    visitor.close()


def test_a_page_with_a_picture_fetches_plotly_from_here_and_keeps_it(browser: Browser, address: str) -> None:
    visitor = Visitor.at(browser, address).sign_in(ANALYST, PASSWORD)
    asked: list[str] = []
    visitor.visit("/flags")
    visitor.page.on("request", lambda request: asked.append(request.url))
    visitor.visit("/flags")
    assert not any("plotly" in url for url in asked)
    visitor.visit("/dashboard")
    assert len([url for url in asked if "plotly" in url]) == 1
    assert {url for url in asked if not url.startswith(address)} == set()
    visitor.close()


def test_a_wrong_form_takes_its_reader_to_what_is_wrong(browser: Browser, address: str) -> None:
    visitor = Visitor.at(browser, address, size=PHONE).visit("/sign-in")
    visitor.press("button.go")
    assert visitor.looks() == []
    assert visitor.page.title().startswith("Error:")
    assert visitor.page.evaluate("document.activeElement.className") == "problems"
    visitor.press(".problems a >> nth=1")
    assert visitor.page.evaluate("document.activeElement.id") == "password"
    visitor.close()


def test_an_empty_database_says_how_to_begin(browser: Browser, empty_address: str) -> None:
    from pulse.db import main
    from pulse.people import service
    from pulse.people.models import Grant

    with main.writing() as session:
        person = service.add(session, ANALYST, language="en", password=PASSWORD)
        service.grant(session, person, Grant.ANALYST)
    visitor = Visitor.at(browser, empty_address, size=PHONE).sign_in(ANALYST, PASSWORD)
    for page in ("/dashboard", "/fixes", "/flags", "/changes"):
        assert visitor.visit(page).looks() == []
    visitor.close()
