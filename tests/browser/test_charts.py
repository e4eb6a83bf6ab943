"""Charts can be taken along as pictures, move nothing on the page, and ask nothing of the page's policy."""

import re
from pathlib import Path
from xml.etree import ElementTree

from playwright.sync_api import Browser

from tests.browser.visitor import PHONE, Visitor, until
from tests.pulse.dashboards.told import ANALYST, PASSWORD

SHIFTS = """window.shifts = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts += entry.value;
}).observe({ type: "layout-shift", buffered: true });"""


def kept(visitor: Visitor, button: str, folder: Path) -> Path:
    with visitor.page.expect_download() as coming:
        visitor.page.click(button)
    file = folder / coming.value.suggested_filename
    coming.value.save_as(file)
    return file


def test_a_chart_is_kept_as_a_picture_for_paper_even_by_night(
    browser: Browser, address: str, tmp_path: Path
) -> None:
    visitor = Visitor.at(browser, address, dark=True).sign_in(ANALYST, PASSWORD).visit("/dashboard")
    until(visitor.page, "document.querySelector('.picture-files.ready')")
    drawing = kept(visitor, ".picture-files [data-as=svg]", tmp_path)
    assert drawing.name == "dashboard-regions.svg"
    text = drawing.read_text()
    said = " ".join(" ".join(ElementTree.fromstring(text).itertext()).split())
    assert "Better for customers, and at what price for staff?" in said
    assert f"Source: Pulse, {address}/dashboard" in said
    assert "rgb(255, 255, 255)" in text  # white, though the page is dark
    assert "var(--" not in text
    picture = kept(visitor, ".picture-files [data-as=png]", tmp_path).read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert int.from_bytes(picture[16:20]) == 2000  # dots across
    assert visitor.complaints == []
    visitor.close()


def test_nothing_moves_when_the_charts_come_up(browser: Browser, address: str) -> None:
    visitor = Visitor.at(browser, address, size=PHONE).sign_in(ANALYST, PASSWORD)
    visitor.page.add_init_script(SHIFTS)
    for page in ("/dashboard", "/fixes/refund-48h", "/changes/1"):
        visitor.visit(page)
        until(visitor.page, "document.querySelector('.picture-files.ready')")
        assert visitor.page.evaluate("window.shifts") < 0.01, page
    wrong = visitor.visit("/figures?side=employee").looks()
    assert wrong == []
    visitor.close()


def test_only_pages_with_charts_may_look_at_pictures_they_made(browser: Browser, address: str) -> None:
    visitor = Visitor.at(browser, address).sign_in(ANALYST, PASSWORD)
    policies = {}
    for page in ("/dashboard", "/flags", "/figures"):
        response = visitor.page.goto(address + page)
        assert response is not None
        policies[page] = response.headers["content-security-policy"]
    assert "img-src 'self' blob:" in policies["/dashboard"]
    assert "blob:" not in policies["/flags"] + policies["/figures"]
    assert not re.search("unsafe", policies["/dashboard"])
    visitor.close()
