"""From the mailed link to the thanks: a few people of two teams (benchmarks/journey.py lets 200 do so)."""

from playwright.sync_api import Browser

from tests.browser.journey import walk
from tests.conftest import Addresses

FEW, TEAMS = 22, 2


def test_everybody_who_answers_is_counted_without_a_cookie(
    browser: Browser, sqlite_addresses: Addresses
) -> None:
    found = walk(browser, sqlite_addresses, people=FEW, teams=TEAMS, answering=6)
    assert found.faults == []
    assert (found.people, found.counted, found.cookies) == (6, 6, 0)
    assert found.casts >= 6
    assert found.most_requests <= 5
    assert found.most_bytes <= 20_000
    assert found.predicted_seconds < 60
