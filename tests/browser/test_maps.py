"""Heat maps, the burden ledger and a team's page by eye, by keyboard and on paper."""

import pytest
from playwright.sync_api import Browser

from pulse import db
from tests.browser.visitor import PHONE, Visitor, served
from tests.pulse.dashboards.line import MANAGER, tell_line
from tests.pulse.dashboards.told import ANALYST, PASSWORD

PAGES = ("/heat", "/heat?map=touchpoints&irritant=late", "/burden", "/burden?months=24", "/teams/counter")


@pytest.fixture
def line(app):
    """The address of the told company with its reporting line."""
    with db.writing() as session:
        tell_line(session)
    with served(app) as address:
        yield address


def test_maps_are_in_order_on_a_phone_move_by_keyboard_and_print(browser: Browser, line: str) -> None:
    visitor = Visitor.at(browser, line, size=PHONE, language="fr").sign_in(ANALYST, PASSWORD)
    found = {page: visitor.visit(f"{page}{'&' if '?' in page else '?'}lang=fr").looks() for page in PAGES}
    assert {page: wrong for page, wrong in found.items() if wrong} == {}
    page = visitor.visit("/heat?lang=fr").page
    before = page.locator("table.heat tbody tr").first.locator("th").bounding_box()
    page.locator(".heat-scroll").focus()
    page.keyboard.press("ArrowRight")
    page.locator(".heat-scroll").evaluate("region => region.scrollLeft = 500")
    after = page.locator("table.heat tbody tr").first.locator("th").bounding_box()
    assert before
    assert after
    assert after["x"] == pytest.approx(before["x"], abs=1)  # the names stay while the figures move
    visitor.close()
    _prints(browser, line)


def _prints(browser: Browser, line: str) -> None:
    """A manager's own team comes on paper without menus."""
    visitor = Visitor.at(browser, line, language="fr").sign_in(MANAGER, PASSWORD)
    page = visitor.visit("/teams/counter?lang=fr").page
    assert page.locator(".downloads").is_visible()
    page.emulate_media(media="print")
    for gone in (".downloads", ".top nav", ".foot", ".no-print"):
        assert not page.locator(gone).first.is_visible(), gone
    assert page.locator(".ledger").is_visible()
    assert page.locator("svg.curves").first.is_visible()
    visitor.close()
