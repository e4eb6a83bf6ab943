"""The page on which is decided about a fix stands still, and stands before its charts do."""

import pytest
from playwright.sync_api import Browser

from tests.browser.visitor import DESKTOP, PHONE, Visitor
from tests.pulse.dashboards.told import ANALYST, PASSWORD

WATCH = """
window.moved = 0;
new PerformanceObserver((list) => list.getEntries().forEach((shift) => { window.moved += shift.value; }))
  .observe({ type: "layout-shift", buffered: true });
"""


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desk"])
def test_nothing_moves_when_the_charts_take_the_place_of_the_drawing(
    browser: Browser, address: str, size: tuple[int, int]
) -> None:
    visitor = Visitor.at(browser, address, size=size).sign_in(ANALYST, PASSWORD)
    visitor.page.add_init_script(WATCH)
    visitor.visit("/fixes/refund-48h")
    assert not visitor.page.locator("svg.sheet").first.is_visible()  # the chart has taken its place
    assert visitor.page.locator("#evidence .main-svg").first.is_visible()
    assert visitor.page.evaluate("window.moved") == 0
    visitor.close()
