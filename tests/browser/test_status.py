"""The status page as an administrator sees it on a bad day: by day on a phone, by night at a desk."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser

from pulse.db import main
from pulse.people import service as people
from pulse.people.models import Grant
from pulse.scheduler import Beat, Run, RunState, hourly
from surveys.watching.models import Alert, Kind
from tests.browser.visitor import DESKTOP, PHONE, Visitor, served
from tests.pulse.dashboards.told import ANALYST, PASSWORD

NOW = datetime.now(UTC)
THEN = NOW - timedelta(days=3)


@pytest.fixture
def bad_day(app: Flask) -> Iterator[str]:
    """Where the pages are served; a job fails, a clock has fallen silent, few have taken part."""
    with main.writing() as session:
        admin = people.add(session, ANALYST, language="en", password=PASSWORD)
        people.grant(session, admin, Grant.ADMIN)
        kinds = {Kind.JOB_FAILED: "make keys", Kind.FEW_ANSWERS: "2026-11", Kind.NO_CORRELATION: ""}
        for kind, subject in kinds.items():
            session.add(Alert(kind=kind.value, subject=subject, since=NOW, over_at=None))
        session.add(
            Alert(kind=Kind.CHANNEL_FAILS.value, subject="email", since=THEN, over_at=NOW, told_over=True)
        )
        session.add(Beat(clock="one.example.org:4711", started_at=THEN, beaten_at=NOW))
        session.add(Beat(clock="two.example.org:815", started_at=THEN, beaten_at=THEN))
        failed = Run(job="make keys", period=hourly(NOW), state=RunState.FAILED, attempts=3)
        failed.claimed_at, failed.finished_at, failed.report = NOW, NOW, "OperationalError: never shown"
        session.add(failed)
    with served(app) as found:
        yield found


def test_a_bad_day_is_told_calmly(browser: Browser, bad_day: str) -> None:
    visitor = Visitor.at(browser, bad_day, size=PHONE, language="fr").sign_in(ANALYST, PASSWORD)
    found = visitor.visit("/status?lang=fr").looks()
    visitor.page.locator("summary >> nth=0").click()
    found += [*visitor.looks(), *visitor.turns(DESKTOP, dark=True)]
    assert visitor.page.locator(".matters > .failing").count() >= 2
    assert visitor.page.locator(".jobs >> nth=0").locator("tbody tr").count() >= 1
    assert "never shown" not in visitor.page.content()
    visitor.close()
    assert found == []
