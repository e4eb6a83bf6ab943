"""The page of mailings as an admin sees it: progress, doubts, failures, a server in trouble."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser
from sqlalchemy import select, update

from pulse.db import main
from pulse.outbox.models import Message, MessageState
from pulse.outbox.service import Draft, enqueue_all
from pulse.people import service as people
from pulse.people.models import Grant
from surveys.delivery.models import Trouble
from tests.browser.visitor import DESKTOP, PHONE, Visitor, served
from tests.pulse.dashboards.told import ANALYST, PASSWORD

NOW = datetime.now(UTC)
STATES = {
    "wave:2026-11:person": ("sent", "sent", "in_doubt", "failed"),
    "wave:2026-11:person:reminder:1": ("sent", "in_doubt"),
    "interaction": ("logged", "queued", "in_doubt", "left"),
}


@pytest.fixture
def messages_address(app: Flask) -> Iterator[str]:
    """Where the pages are served, with messages in every state and a mail server in trouble."""
    with main.writing() as session:
        admin = people.add(session, ANALYST, language="en", password=PASSWORD)
        people.grant(session, admin, Grant.ADMIN)
        keys = {f"{mailing}:{n}": state for mailing, of in STATES.items() for n, state in enumerate(of)}
        enqueue_all(session, [Draft(key, "email", "carl@shop.example", "s", "t") for key in keys], NOW)
        for key, state in keys.items():
            how = {"state": MessageState(state), "claimed_at": NOW, "error": "550 5.1.1 <…>: unknown, " * 4}
            session.execute(update(Message).where(Message.key == key).values(**how))
        later = NOW + timedelta(minutes=2)
        session.add(Trouble(channel="email", since=NOW, times=3, until=later, error="Connection refused"))
    with served(app) as found:
        yield found


@pytest.mark.parametrize("language", ["fr"])  # in English: benchmarks/looks.py
def test_an_admin_decides_on_a_message_in_doubt(
    browser: Browser, messages_address: str, language: str
) -> None:
    visitor = Visitor.at(browser, messages_address, size=PHONE, language=language)
    visitor.sign_in(ANALYST, PASSWORD)
    visitor.visit(f"/messages?lang={language}")
    found = [*visitor.looks(), *visitor.turns(DESKTOP, dark=True)]
    visitor.press("button[name=again]")  # with none chosen: the page says what to do
    found += visitor.looks()
    assert visitor.page.locator(".problems").count() == 1
    visitor.page.check("input[name=messages] >> nth=0")
    visitor.press("button[name=leave]")
    found += visitor.looks()
    visitor.close()
    assert found == []
    with main.reading() as session:
        left = select(Message.key).where(Message.state == MessageState.LEFT).order_by(Message.id)
        assert session.scalars(left).all() == ["wave:2026-11:person:2", "interaction:3"]
