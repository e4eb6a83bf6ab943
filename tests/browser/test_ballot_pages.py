"""The public pages of fingerprints, and what a form on the ballot host is answered, in a real browser."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser

from pulse import db
from tests.browser.visitor import DESKTOP, Visitor, served
from tests.surveys.conftest import built, opened


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The application with November's wave open."""
    with db.writing() as session:
        built(session)
    with db.writing() as session:
        opened(session)
    with served(app) as found:
        yield found


@pytest.mark.parametrize("language", ["fr"])  # in English: benchmarks/looks.py
def test_the_fingerprints_can_be_read_on_a_phone_and_on_a_desk(
    browser: Browser, address: str, language: str
) -> None:
    visitor = Visitor.at(browser, address, size=(320, 640), language=language)
    found = {}
    for page in ("/ballots", "/ballots/2026-11", "/ballots/2026-11?q=zz", "/ballots/2026-10"):
        wrong = visitor.visit(f"{page}{'&' if '?' in page else '?'}lang={language}").looks()
        found[page] = wrong + visitor.turns(DESKTOP, dark=True) + visitor.turns((320, 640), dark=False)
    visitor.close()
    assert {page: wrong for page, wrong in found.items() if wrong} == {}
