"""The page of API keys as an administrator sees it: a key is made, copied once, and revoked."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser

from pulse.db import main
from tests.browser.visitor import DESKTOP, PHONE, Visitor, served
from tests.pulse.dashboards.line import ADMIN, tell_line
from tests.pulse.dashboards.told import PASSWORD


@pytest.fixture
def line_address(app: Flask) -> Iterator[str]:
    """Where the pages of the told company with its reporting line are served."""
    with main.writing() as session:
        tell_line(session)
    with served(app) as found:
        yield found


def test_a_key_is_made_copied_and_revoked(browser: Browser, line_address: str) -> None:
    visitor = Visitor.at(browser, line_address, size=PHONE, language="fr")
    visitor.sign_in(ADMIN, PASSWORD)
    page, found = visitor.page, {}

    visitor.visit("/keys?lang=fr")
    found["empty"] = visitor.looks()
    visitor.press("button.go")
    found["wrong"] = visitor.looks()
    assert page.locator(".problems li").count() == 2

    page.fill("#name", "till software, shop team")
    page.check("#scopes-0")
    page.check("#scopes-2")
    page.fill("#expires", "2099-12-31")
    visitor.press("button.go")
    found["made"] = visitor.looks() + visitor.turns(DESKTOP, dark=True)
    assert page.locator("code").first.inner_text().startswith("pulse_")
    assert page.locator("code").count() == 4

    visitor.press("a.button")
    found["listed"] = visitor.looks() + visitor.turns(DESKTOP, dark=True)
    visitor.press("table button")
    found["revoked"] = visitor.looks()
    assert page.locator("table button").count() == 0
    visitor.close()
    assert {state: wrong for state, wrong in found.items() if wrong} == {}
