"""What analysts read is what was concluded and released, and nothing else."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from pulse import db
from pulse.dashboards import queries
from pulse.db import Database
from pulse.organisation.models import Side
from pulse.verdicts.rules import Outcome
from tests.pulse.dashboards.conftest import text_of
from tests.pulse.dashboards.told import tell


def test_the_overview_begins_with_what_moved_onto_staff(analyst: FlaskClient) -> None:
    page = analyst.get("/dashboard").text
    assert "<h1>1 fix out of 6 moved its problem onto staff</h1>" in page
    order = re.findall(r'href="/fixes/([\w-]+)"', page)
    assert order[:3] == ["refund-48h", "early-doors", "pay-later"]
    assert "later" not in order  # it has not started


def test_a_tab_shows_its_verdicts_alone_and_counts_all(analyst: FlaskClient) -> None:
    page = analyst.get("/dashboard?show=solved").text
    assert re.findall(r'href="/fixes/([\w-]+)"', page) == ["live-displays"]
    assert re.findall(r'class="count">(\d+)<', page) == ["6", "2", "2", "1", "1"]


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("search=amende", {"pay-later"}),
        ("search=refunds", {"refund-48h", "pay-later"}),
        ("owner=omar@example.org&show=flagged", {"refund-48h", "early-doors"}),
        ("team=billing", {"refund-48h"}),
        ("touchpoint=station&months=6", {"warm-rooms", "later"}),
        ("search=nothing", set()),
    ],
)
def test_fixes_are_found_by_what_the_address_says(analyst: FlaskClient, query: str, codes: set[str]) -> None:
    page = analyst.get(f"/fixes?{query}").text
    assert set(re.findall(r'href="/fixes/([\w-]+)"', page)) == codes


def test_a_fix_is_told_in_one_sentence_first(analyst: FlaskClient) -> None:
    said = text_of(analyst.get("/fixes/refund-48h").text)
    told = "For every 10 points lifted off customers, about 11 landed on Billing and Ticket office, Rennes"
    assert said.index(told) < said.index("What happened on both sides")
    assert "Customers are 1.8 points better off (1.2 to 2.4)." in said
    assert "Billing and Ticket office, Rennes (1 hop away on the value chain)" in said
    assert "First flagged at the end of May 2025." in said


def test_what_is_not_known_is_not_shown_as_nothing(analyst: FlaskClient) -> None:
    said = text_of(analyst.get("/fixes/warm-rooms").text)
    assert "Not yet known: it is too early to tell. " in said
    assert "It takes about 3 more months" in said
    assert "no figure yet" in said


def test_a_fix_that_does_not_exist_is_no_page(analyst: FlaskClient) -> None:
    assert analyst.get("/fixes/no-such-fix").status_code == 404
    assert analyst.get("/flags/77").status_code == 404
    assert analyst.get(f"/flags/{10**30}").status_code == 404  # more than a database can look for


def test_pages_read_neither_measured_cells_nor_contributions(analyst: FlaskClient) -> None:
    said: list[str] = []
    event.listen(db.main.engine, "before_cursor_execute", lambda *what: said.append(what[2]))
    for page in ("/dashboard", "/fixes?search=a&team=counter", "/fixes/refund-48h", "/flags", "/flags/1"):
        said.clear()
        assert analyst.get(page).status_code == 200
        assert not [
            statement for statement in said if "measured_cell" in statement or "contribution" in statement
        ]
        assert len(said) < 34, page


def test_a_scopes_months_are_weighted_by_their_answers(database: Database) -> None:
    with database.writing() as session:
        tell(session)
    with database.reading() as session:
        found = queries.evidence(session, "refund-48h")
        assert found is not None
        assert [scope.place.code for scope in found.teams] == ["counter"]
        assert found.customers.observed[0] == pytest.approx(4.8)
        assert found.customers.observed[5] is None  # hidden, and shown as a hole
        assert found.staff.n[0] == 20
        assert found.landing is not None
        assert found.landing.n[0] == 40  # both teams it landed on
        assert [step.outcome for step in found.steps] == [Outcome.UNDETERMINED, Outcome.DISPLACED]


def test_fixes_come_in_the_order_of_harm(database: Database) -> None:
    with database.writing() as session:
        tell(session)
    with database.reading() as session:
        lines = queries.lines(session)
        assert [line.fix.code for line in lines] == [
            "refund-48h",
            "early-doors",
            "pay-later",
            "warm-rooms",
            "boarding-marks",
            "live-displays",
            "later",
        ]
        assert lines[0].flag is not None
        standing = queries.standing(session)
        assert not standing.late


def test_a_look_that_is_owed_is_said(analyst: FlaskClient) -> None:
    from datetime import UTC, date, datetime

    from pulse.ledger.models import ClosedMonth

    with db.writing() as session:
        for side in Side:
            session.add(
                ClosedMonth(side=side, month=date(2026, 1, 1), closed_at=datetime.now(UTC), digest="-")
            )
    said = text_of(analyst.get("/dashboard").text)
    assert (
        "The computation of January 2026 is still to come. What you see is from the end of December 2025."
        in said
    )
