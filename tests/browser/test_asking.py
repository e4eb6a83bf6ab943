"""The pages on asking customers, and the one by which a customer is asked no more, as readers see them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser
from sqlalchemy import select

from pulse.db import main
from pulse.people import service as people
from pulse.people.models import Grant
from surveys.invitations import contacts
from surveys.invitations.interactions import take
from surveys.invitations.models import Invitation, OptedOutBy
from tests.browser.visitor import DESKTOP, PHONE, Visitor, served
from tests.conftest import SECRET
from tests.pulse.dashboards.told import ANALYST, PASSWORD
from tests.surveys.conftest import built
from tests.surveys.invitations.conftest import asks, seen, settings

STOP = f"/stop/{contacts.stop_token(SECRET, contacts.keys(SECRET, email='zoe@example.org'))}"
ODD = ({"email": "gone@example.org"}, {"email": "lost@example.org"}, {"customer": "42"})


def asked() -> str:
    """A month's interactions of most outcomes, some of them answered; the path of one touchpoint's page."""
    now = datetime.now(UTC)
    with main.writing() as session:
        railway = built(session)
        analyst = people.add(session, ANALYST, language="en", password=PASSWORD)
        people.grant(session, analyst, Grant.ANALYST)
        asks(session, railway, "phone", share=60, target=2)
        contacts.opt_out(session, contacts.keys(SECRET, email="gone@example.org"), OptedOutBy.STAFF, now)
        contacts.mark_unreachable(session, contacts.keys(SECRET, email="lost@example.org"), now)
        some = [seen(touchpoint=("station", "phone")[n % 2], happened_at=now) for n in range(80)]
        some += [seen(happened_at=now, **odd) for odd in ODD]
        some += [seen(happened_at=now, email=some[0].email or ""), seen(happened_at=now - timedelta(days=40))]
        take(session, some, now, known=settings())
        for invitation in session.scalars(select(Invitation).limit(9)):
            invitation.spent_at = now
        return f"/asking/{railway.touchpoints['phone'].id}"


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """Where the pages of a small railway that asks customers are served."""
    with served(app) as found:
        yield found


@pytest.mark.parametrize("language", ["fr"])  # in English: benchmarks/looks.py
def test_the_pages_are_in_order_for_everybody(browser: Browser, address: str, language: str) -> None:
    visitor, one = Visitor.at(browser, address, size=PHONE, language=language), asked()
    visitor.sign_in(ANALYST, PASSWORD)
    found = {}
    for page in ("/asking", one, STOP):
        wrong = visitor.visit(f"{page}?lang={language}").looks()
        found[page] = wrong + visitor.turns(DESKTOP, dark=True)
        visitor.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        visitor.page.emulate_media(color_scheme="light")
    visitor.visit(f"{one}?lang={language}").page.fill("#share", "101")
    found["refused"] = visitor.press("form.card button.go").looks()
    visitor.visit(f"{STOP}?lang={language}").press("main button")
    found["stopped"] = visitor.looks()
    visitor.press("main button")
    found["again"] = visitor.looks()
    visitor.close()
    assert {page: wrong for page, wrong in found.items() if wrong} == {}


def test_saving_and_opting_out_work_without_scripts(browser: Browser, address: str) -> None:
    visitor, one = Visitor.at(browser, address, size=PHONE, scripts=False), asked()
    visitor.sign_in(ANALYST, PASSWORD)
    visitor.visit(one).page.fill("#share", "25")
    visitor.page.fill("#target", "")
    visitor.press("form.card button.go")
    assert "Saved" in visitor.page.locator("[role=status]").inner_text()
    assert visitor.page.input_value("#share") == "25"
    visitor.visit("/asking").page.fill("#email", "zoe@example.org")
    visitor.press("form[action$='/asking/stop'] button")
    assert "is asked no more" in visitor.page.locator("[role=status]").inner_text()
    visitor.visit(STOP)
    assert visitor.page.locator("h1").inner_text() == "You get no more surveys"
    assert visitor.page.locator("main button").count() == 0
    visitor.close()
