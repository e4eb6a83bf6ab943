"""The calendar of waves as readers see it: an open wave, planned ones, the form that moves one."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser

from pulse.db import main, reading
from pulse.months import month_of, shifted
from pulse.people import service as people
from pulse.people.models import Grant
from surveys.waves import reminders
from surveys.waves.calendar import closing
from surveys.waves.models import Wave, WaveState
from surveys.waves.service import open_due
from tests.browser.visitor import DESKTOP, PHONE, Visitor, served
from tests.pulse.dashboards.told import ANALYST, PASSWORD
from tests.surveys.conftest import PARIS, built

NEXT = shifted(month_of(datetime.now(PARIS).date()), 1)


@pytest.fixture
def calendar_address(app: Flask) -> Iterator[str]:
    """Where the small railway's pages are served, this month's wave open."""
    now = datetime.now(UTC)
    this = month_of(now.astimezone(PARIS).date())
    opened = {"opens_at": now - timedelta(hours=1), "closes_at": closing(this, PARIS)}
    with main.writing() as session:
        built(session)
        analyst = people.add(session, ANALYST, language="en", password=PASSWORD)
        people.grant(session, analyst, Grant.ANALYST)
        session.add(Wave(month=this, state=WaveState.PLANNED, threshold=5, **opened))
        session.flush()
        assert open_due(session, now, zone=PARIS, k=5) is not None
    with served(app) as found:
        yield found


@pytest.mark.parametrize("language", ["fr"])  # in English: benchmarks/looks.py
def test_the_calendar_is_in_order_for_everybody(
    browser: Browser, calendar_address: str, language: str
) -> None:
    with reading() as session:
        person = people.person(session, ANALYST)
        assert person is not None
        link = f"/reminders/{reminders.token('', person.id)}"
    visitor = Visitor.at(browser, calendar_address, size=PHONE, language=language)
    visitor.sign_in(ANALYST, PASSWORD)
    found = {}
    for page in ("/waves", f"/waves/{NEXT:%Y-%m}", link):
        wrong = visitor.visit(f"{page}?lang={language}").looks()
        found[page] = wrong + visitor.turns(DESKTOP, dark=True)
        visitor.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        visitor.page.emulate_media(color_scheme="light")
    visitor.close()
    assert {page: wrong for page, wrong in found.items() if wrong} == {}


def test_a_wave_is_moved_without_scripts_and_what_is_refused_is_said_on_top(
    browser: Browser, calendar_address: str
) -> None:
    visitor = Visitor.at(browser, calendar_address, size=PHONE, scripts=False).sign_in(ANALYST, PASSWORD)
    page = visitor.visit(f"/waves/{NEXT:%Y-%m}?lang=en").page
    page.fill("#opens", f"{NEXT:%Y-%m}-20")
    page.fill("#closes", f"{NEXT:%Y-%m}-10")
    visitor.press("main button.go")
    assert "the first before the last" in page.inner_text(".problems")
    page.fill("#closes", f"{NEXT:%Y-%m}-26")
    visitor.press("main button.go")
    assert page.url.endswith("/waves?lang=en")
    assert f"20 {NEXT:%B %Y}" in page.inner_text("main table")
    visitor.close()
