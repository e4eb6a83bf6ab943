"""Cases and proposed irritants in Chromium: in both languages, by day and night, and without scripts."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from playwright.sync_api import Browser

from pulse.db import main
from pulse.people import service as people
from pulse.people.models import Grant
from pulse.verdicts.models import Verdict
from pulse.verdicts.rules import Outcome
from surveys.cases import retention, service
from surveys.cases.models import Case, CaseState, CloseReason
from surveys.proposals import service as proposals
from tests.browser.visitor import DESKTOP, PHONE, Visitor, served
from tests.surveys.answering import days, said
from tests.surveys.conftest import PARIS, built

NOW = datetime.now(UTC)
ANALYST, PASSWORD = "ana@example.org", "a long enough password"
PAGES = (
    "/cases",
    "/cases?show=closed",
    "/cases?show=mine",
    "/cases/1",
    "/cases/2",
    "/cases/3",
    "/proposals",
    "/proposals?show=decided",
    "/proposals/1",
    "/proposals/2",
    "/proposals/3",
)
FRENCH = (
    "Pas de place pour mon vélo devant la gare, j’ai dû le laisser dehors",
    "Où garer les vélos ? Appelez-moi au 06 12 34 56 78",
    "Un abri à vélos serait bienvenu",
    "Aucun endroit pour attacher un vélo",
)
ENGLISH = ("The music is too loud", "Loud music everywhere", "Please turn down the music")


def tell_loop() -> None:
    """Three cases (overdue, closed, forgotten) and three proposals (open twice, and dismissed)."""
    with main.writing() as session:
        railway = built(session)
        session.expire_on_commit = False
        analyst = people.add(session, ANALYST, name="Ana Silva", language="en", password=PASSWORD)
        people.grant(session, analyst, Grant.ANALYST)
        fix = railway.fix("noise", started=date(2026, 1, 1))
        fix.code, fix.name_en, fix.name_fr = "quiet-cars", "Quiet cars", "Voitures silencieuses"
        verdict = Verdict(fix_id=fix.id, as_of=date(2026, 10, 31), revision=0, concluded_at=NOW)
        verdict.outcome = Outcome.DISPLACED
        session.add(verdict)
    comment = "I waited 45 minutes. Call me: 06 12 34 56 78.\nThank you!"
    asked = (
        (12, {"contact": "zoe@example.com", "name": "Zoé", "comment": comment, "noise": 1000, "queue": 500}),
        (3, {"contact": "06 98 76 54 32", "at": "phone", "hold": 750, "language": "fr"}),
        (90, {"contact": "old@example.com", "comment": "Too late", "seats": 250}),
    )
    for ago, how in asked:
        said(main, railway, when=NOW - days(ago), **how)
        with main.writing() as session:
            service.open_wished(session, NOW - days(ago), zone=PARIS)
    _close(2, NOW - days(1), analyst.id)
    _close(3, NOW - days(60), analyst.id)
    french = [said(main, railway, text, when=NOW - days(3), language="fr", score=750) for text in FRENCH]
    english = [said(main, railway, text, when=NOW - days(40), at="phone") for text in ENGLISH]
    long = [said(main, railway, "Nothing " * 60, when=NOW - days(2)) for _ in range(3)]
    with main.writing() as session:
        retention.forget(session, NOW)
        proposals.keep(session, "fr", [(french, ("velo", "place", "abri"))], NOW.date())
        proposals.keep(session, "en", [(english, ("music", "loud")), (long, ("nothing",))], NOW.date())
        dismissed = session.get_one(proposals.Proposal, 3)
        proposals.dismiss(session, dismissed, "No irritant", by=analyst.id, now=NOW)


def _close(number: int, when: datetime, by: int) -> None:
    with main.writing() as session:
        case = session.get_one(Case, number)
        service.move(
            session,
            case,
            CaseState.CLOSED,
            by=by,
            now=when,
            seen=service.last_event(session, case),
            owner=by,
            comment="Called, all is well",
            reason=CloseReason.SOLVED,
        )


@pytest.fixture
def loop_address(app: Flask) -> Iterator[str]:
    """Where the pages of customers' cases and proposals are served."""
    tell_loop()
    with served(app) as found:
        yield found


# All in French, whose words are longer; in English those that hold most.
@pytest.mark.parametrize(
    ("language", "pages"), [("fr", PAGES), ("en", ("/cases", "/cases/1", "/proposals/2"))]
)
def test_pages_of_cases_and_proposals_are_in_order(
    browser: Browser, loop_address: str, language: str, pages: tuple[str, ...]
) -> None:
    visitor = Visitor.at(browser, loop_address, size=PHONE, language=language).sign_in(ANALYST, PASSWORD)
    found = {}
    for page in pages:
        wrong = visitor.visit(f"{page}{'&' if '?' in page else '?'}lang={language}").looks()
        found[page] = wrong + visitor.turns(DESKTOP, dark=True)
        visitor.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        visitor.page.emulate_media(color_scheme="light")
    visitor.close()
    assert {page: wrong for page, wrong in found.items() if wrong} == {}


def test_an_analyst_makes_an_irritant_and_closes_a_case_without_scripts(
    browser: Browser, loop_address: str
) -> None:
    visitor = Visitor.at(browser, loop_address, size=(320, 700), scripts=False).sign_in(ANALYST, PASSWORD)
    page = visitor.visit("/proposals/1").page
    assert "06 12" not in page.content()
    visitor.press("text=Ask about it from now on")
    assert page.title().startswith("Error:")
    page.fill("#label_en", "No place for bicycles")
    page.fill("#label_fr", "Pas de place pour les vélos")
    for side, says in (("customer", "bother you"), ("employee", "land on you")):
        page.fill(f"#{side}_question_en", f"How much did bicycles {says}?")
        page.fill(f"#{side}_question_fr", "À quel point les vélos vous ont-ils gêné ?")
    visitor.press("text=Ask about it from now on")
    assert page.locator("text=Accepted: “No place for bicycles” is asked about.").is_visible()
    visitor.visit("/cases").press("text=case 1")
    page.select_option("#state", "closed")
    visitor.press("text=Record")
    assert page.locator("#reason-error").is_visible()
    page.select_option("#reason", "solved")
    visitor.press("text=Record")
    assert page.locator(".events li").count() == 2
    visitor.close()
