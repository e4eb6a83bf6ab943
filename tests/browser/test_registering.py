"""The pages on which fixes and irritants are put on record, looked over by a browser."""

from playwright.sync_api import Browser

from tests.browser.visitor import PHONE, Visitor
from tests.pulse.dashboards.told import ANALYST, PASSWORD

PAGES = (
    "/register",
    "/register/fix",
    "/register/fix?corrects=1",
    "/register/fix/warm-rooms",
    "/register/fix/warm-rooms/dates",
    "/irritants",
    "/irritants/late",
    "/register/irritant",
)


def test_pages_of_registering_have_nothing_to_complain_about(browser: Browser, address: str) -> None:
    visitor = Visitor.at(browser, address, language="fr", size=PHONE, dark=True).sign_in(ANALYST, PASSWORD)
    found = {page: visitor.visit(page + ("&" if "?" in page else "?") + "lang=fr").looks() for page in PAGES}
    assert {page: wrong for page, wrong in found.items() if wrong} == {}
