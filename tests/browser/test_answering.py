"""Answering, as a person does it: on a phone, without scripts, in both languages, mistakes included."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from playwright.sync_api import Browser, Request

from pulse import db
from pulse.people import service as people
from surveys.invitations import service as invitations
from surveys.waves.service import open_due
from tests.browser.visitor import DESKTOP, PHONE, Visitor, served
from tests.pulse.dashboards.told import PASSWORD
from tests.surveys.conftest import OPEN, PARIS, built

WHO = "north0@example.org"
AT_MOST = 15_000  # bytes of a page with all it needs (experience.md §9)


@pytest.fixture
def asking(app: Flask) -> Iterator[str]:
    """Where the small railway asks, a week after its November wave opened."""
    with time_machine.travel(OPEN, tick=True):
        with db.writing() as session:
            built(session)
            people.add(session, WHO, password=PASSWORD)
        with db.writing() as session:
            open_due(session, OPEN, zone=PARIS, k=5)
        with served(app) as address:
            yield address


@pytest.fixture
def link(asking: str) -> str:
    """A customer's link about the station."""
    with db.writing() as session:
        day = OPEN.astimezone(PARIS).date() - timedelta(days=1)
        token = invitations.invite(session, "station", interaction="call-1", happened_on=day, now=OPEN)
    return f"/r/{token}"


def answer(visitor: Visitor, *, but: int = 0) -> None:
    """Choose the first answer to each question but so many, and send."""
    groups = visitor.page.locator("fieldset")
    for number in range(but, groups.count()):
        groups.nth(number).locator("label").first.click()
    visitor.page.locator("main form button").first.click()


@pytest.mark.parametrize("language", ["fr", "en"])
def test_an_employee_answers_on_a_phone_without_scripts(browser: Browser, asking: str, language: str) -> None:
    visitor = Visitor.at(browser, asking, size=PHONE, scripts=False, language=language)
    visitor.sign_in(WHO, PASSWORD).visit(f"/pulse?lang={language}")
    answer(visitor, but=1)
    assert visitor.page.locator(".problems").count() == 1
    answer(visitor)
    visitor.page.wait_for_url("**/pulse/thanks**")
    assert visitor.page.locator("h1").count() == 1
    visitor.close()


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_answering_pages_are_in_order(browser: Browser, asking: str, link: str, language: str) -> None:
    visitor = Visitor.at(browser, asking, size=PHONE, language=language)
    asked = f"?lang={language}"
    found = {"survey": visitor.visit(link + asked).looks() + visitor.turns(DESKTOP, dark=True)}
    answer(visitor)
    found["thanks of a customer"] = visitor.looks()
    found["used link"] = visitor.visit(link + asked).looks()
    visitor.sign_in(WHO, PASSWORD)
    found["pulse"] = visitor.visit("/pulse" + asked).looks() + visitor.turns(PHONE, dark=False)
    answer(visitor, but=1)
    found["reminder"] = visitor.looks()
    answer(visitor)
    visitor.page.wait_for_url("**/pulse/thanks**")
    found["thanks of an employee"] = visitor.looks()
    found["answered"] = visitor.visit("/pulse" + asked).looks()
    visitor.close()
    assert {page: wrong for page, wrong in found.items() if wrong} == {}


def test_a_customers_page_is_light_and_sets_no_cookie(browser: Browser, asking: str, link: str) -> None:
    visitor = Visitor.at(browser, asking, size=PHONE)
    done: list[Request] = []
    visitor.page.on("requestfinished", lambda request: done.append(request))
    visitor.visit(link)
    answer(visitor)
    visitor.page.wait_for_load_state("networkidle")
    assert visitor.page.context.cookies() == []
    assert len({request.url for request in done}) <= 4  # the page, its style, its icon, and the thanks
    assert sum(max(request.sizes()["responseBodySize"], 0) for request in done) <= AT_MOST
    visitor.close()
