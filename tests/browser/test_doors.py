"""The pages of open links, and the survey behind one, as readers see them."""

import pytest
from flask import Flask
from playwright.sync_api import Browser

from pulse import db
from pulse.people import service as people
from pulse.people.models import Grant
from surveys.invitations import open_links
from tests.browser.visitor import DESKTOP, PHONE, Visitor, served
from tests.conftest import SECRET
from tests.surveys.conftest import built

WHO, PASSWORD = "ana@example.org", "correct horse battery staple"


@pytest.mark.parametrize("language", ["fr"])  # in English: benchmarks/looks.py
def test_the_pages_of_open_links_are_in_order_for_everybody(
    browser: Browser, app: Flask, language: str
) -> None:
    with db.writing() as session:
        railway = built(session)
        station, phone = (railway.touchpoints[code].id for code in ("station", "phone"))
        secret = open_links.make(session, railway.touchpoints["station"], key=SECRET)
        people.grant(session, people.add(session, WHO, language=language, password=PASSWORD), Grant.ANALYST)
    with served(app) as address:
        visitor = Visitor.at(browser, address, size=PHONE, language=language)
        found = {"open": visitor.visit(f"/o/{secret}").looks()}
        visitor.visit("/sign-in?next=/doors")
        visitor.page.fill("#email", WHO)
        visitor.page.fill("#password", PASSWORD)
        visitor.press("button.go")
        for path in ("/doors", f"/doors/{station}", f"/doors/{phone}", "/doors?search=nothing"):
            found[path] = visitor.visit(path).looks() + visitor.turns(DESKTOP, dark=True)
            visitor.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
            visitor.page.emulate_media(color_scheme="light")
        visitor.visit(f"/doors/{station}").page.fill("#sites", "ftp://nowhere")
        visitor.press("form[action$=sites] button")
        found["refused"] = visitor.looks()
        assert visitor.page.evaluate("document.activeElement.className") == "problems"
        visitor.close()
    assert {page: wrong for page, wrong in found.items() if wrong} == {}
