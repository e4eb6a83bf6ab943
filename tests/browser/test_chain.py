"""The value chain and what is told of fixes, as people see them."""

from playwright.sync_api import Browser
from sqlalchemy import select

from pulse import db
from pulse.heard import service
from pulse.organisation.models import Fix, Side
from pulse.people.models import Person
from tests.browser.visitor import DESKTOP, PHONE, Visitor
from tests.pulse.dashboards.told import ANALYST, NOW, PASSWORD
from tests.pulse.heard.test_pages import WORDS

PAGES = (
    "/chain",
    "/chain?team=billing",
    "/you-said",
    "/you-said/staff",
    "/heard?show=all",
    "/heard/refund-48h/customers",
)


def test_the_chain_and_what_is_told_are_in_order_and_a_box_is_a_link(browser: Browser, address: str) -> None:
    with db.main.writing() as session:
        by = session.scalars(select(Person.id)).first() or 0
        for fix in session.scalars(select(Fix).where(Fix.code.in_(["refund-48h", "live-displays"]))):
            for side in Side:
                if service.of(session, fix, side) is None:
                    service.keep(session, fix, side, WORDS, publish=True, teams=[], now=NOW, by=by)
    visitor = Visitor.at(browser, address, size=PHONE, language="fr")
    visitor.sign_in(ANALYST, PASSWORD)
    found = {}
    for page in PAGES:
        wrong = visitor.visit(f"{page}{'&' if '?' in page else '?'}lang=fr").looks()
        found[page] = wrong + visitor.turns(DESKTOP, dark=True)
        visitor.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        visitor.page.emulate_media(color_scheme="light")
    visitor.page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
    visitor.visit("/chain")
    visitor.page.locator("svg a.node").first.focus()
    visitor.page.keyboard.press("Enter")
    visitor.page.wait_for_url("**/chain?team=*")
    assert visitor.page.locator("svg a.node.focus").count() == 1
    visitor.close()
    assert {page: wrong for page, wrong in found.items() if wrong} == {}
