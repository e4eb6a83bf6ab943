"""The pages about changes that no fix explains: what is asked, how it is answered, and who may see it."""

import re
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, event, select

from pulse import db
from pulse.correlation.prepared import MONITORED
from pulse.dashboards import unregistered
from pulse.dashboards.unregistered import Fate
from pulse.db import Database
from pulse.ledger.models import ReleasedCell
from pulse.organisation.models import Fix
from pulse.verdicts.models import ChangeEvent, ChangeSighting, ChangeState, UnregisteredChange, Verdict
from tests.pulse.dashboards.conftest import text_of
from tests.pulse.dashboards.told import EMPLOYEE, LAST, NOW, tell
from tests.pulse.test_web import sign_in

QUESTION = (
    "Something changed around January 2025: customers are bothered less by “Refunds take too long” since then"
    " (between December 2024 and January 2025). Was it a fix? Register it."
)


def forget_changes() -> None:
    """As if nothing had ever been noticed."""
    with db.writing() as session:
        for table in (ChangeEvent, ChangeSighting, UnregisteredChange):
            session.execute(delete(table))


def test_the_overview_asks_what_waits_for_an_answer_and_nothing_else(analyst: FlaskClient) -> None:
    page = analyst.get("/dashboard").text
    assert QUESTION in text_of(page)
    assert re.findall(r'href="/changes/(\d+)"', page) == ["1", "3"]


def test_the_overview_is_silent_where_nothing_changed(analyst: FlaskClient) -> None:
    forget_changes()
    assert "Something changed" not in analyst.get("/dashboard").text
    assert "No change without a fix has been noticed so far." in text_of(analyst.get("/changes").text)


def test_every_change_stays_in_the_list_with_its_answer(analyst: FlaskClient) -> None:
    said = text_of(analyst.get("/changes").text)
    assert QUESTION in said
    assert said.index("Refunds take too long") < said.index("No information") < said.index("Trains run late")
    assert "no fix of ours" in said
    assert "While a fix of this irritant is being watched, nothing else is looked for in it." in said


def test_a_change_is_shown_with_its_months_and_what_to_load(analyst: FlaskClient) -> None:
    page = analyst.get("/changes/1").text
    assert QUESTION in text_of(page)
    assert "fix,name,irritant,started,registered\nCODE,NAME,refunds,2025-01,20" in page
    rows = re.findall(r"<tr><th scope=\"row\">(\w+ \d{4})</th>(.*?)</tr>", page, re.DOTALL)
    assert len(rows) == 24
    assert [
        text_of(cells).split()[-1] for month, cells in rows if month in ("December 2024", "January 2025")
    ] == [
        "possible",
        "likeliest",
    ]
    assert "not enough answers to show" in dict(rows)["June 2024"]  # hidden, and never joined


def test_nothing_about_staff_and_no_verdict_is_told(analyst: FlaskClient) -> None:
    said = text_of(analyst.get("/changes/1").text)
    assert "staff" not in said.lower()
    assert "This is no verdict" in said


def test_neither_a_stranger_nor_an_employee_reads_changes(told, client: FlaskClient) -> None:
    assert client.get("/changes").status_code == 302
    sign_in(client, EMPLOYEE)
    assert client.get("/changes").status_code == 404
    assert client.get("/changes/1").status_code == 404
    assert client.post("/changes/1").status_code in (404, 400)


def test_a_change_that_does_not_exist_is_no_page(analyst: FlaskClient) -> None:
    assert analyst.get("/changes/77").status_code == 404
    assert analyst.get(f"/changes/{10**30}").status_code == 404
    assert send(analyst, "77", state="ours", comment="") == 404


def test_pages_read_neither_measured_cells_nor_contributions(analyst: FlaskClient) -> None:
    said: list[str] = []
    event.listen(db.main.engine, "before_cursor_execute", lambda *what: said.append(what[2]))
    for page in ("/dashboard", "/changes", "/changes/1"):
        said.clear()
        assert analyst.get(page).status_code == 200
        assert not [one for one in said if "measured_cell" in one or "contribution" in one]
        assert len(said) < 30, page


def send(analyst: FlaskClient, change: str = "1", **sent: str) -> int:
    """Send the form of a change; the status it is answered with."""
    token = re.search(r'name="csrf_token" type="hidden" value="([^"]+)"', analyst.get("/changes/1").text)
    assert token is not None
    return analyst.post(f"/changes/{change}", data={"csrf_token": token[1], **sent}).status_code


def test_an_answer_is_kept_with_who_gave_it(analyst: FlaskClient) -> None:
    assert send(analyst, state="ours", comment="The new desks, Omar registers them.") == 303
    page = analyst.get("/changes/1").text
    assert "The new desks, Omar registers them." in page
    assert "ana@example.org" in text_of(page)
    assert "fixes.csv" in page  # still to be put on record
    assert re.findall(r'href="/changes/(\d+)"', analyst.get("/dashboard").text) == ["3"]
    with db.reading() as session:
        change = session.get(UnregisteredChange, 1)
        assert change is not None
        assert change.state is ChangeState.OURS


def test_no_fix_of_ours_takes_a_reason_and_leaves_nothing_to_load(analyst: FlaskClient) -> None:
    assert send(analyst, state="not_ours", comment=" ") == 422
    assert send(analyst, state="open", comment="") == 422
    assert send(analyst, state="registered", comment="x") == 422
    assert send(analyst, state="not_ours", comment="A competitor closed.") == 303
    assert "fixes.csv" not in analyst.get("/changes/1").text
    assert send(analyst, state="open", comment="again") == 422


def test_a_comment_is_text_and_an_answer_takes_the_form(analyst: FlaskClient) -> None:
    assert send(analyst, state="open", comment="<script>alert(1)</script>") == 303
    assert "<script>alert" not in analyst.get("/changes/1").text
    assert analyst.post("/changes/1", data={"state": "ours"}).status_code == 422


def test_a_registered_change_leads_to_its_fix(analyst: FlaskClient) -> None:
    with db.writing() as session:
        change = session.get(UnregisteredChange, 1)
        assert change is not None
        change.state, change.fix = ChangeState.REGISTERED, session.scalars(select(Fix)).first()
    page = analyst.get("/changes/1").text
    assert 'href="/fixes/refund-48h"' in page
    assert "a fix, on record by now" in page


def test_a_fix_found_from_the_answers_says_so(analyst: FlaskClient) -> None:
    assert "put on record" not in analyst.get("/fixes/refund-48h").text
    with db.writing() as session:
        session.scalars(select(Fix).where(Fix.code == "refund-48h")).one().registered = date(2025, 6, 17)
    said = text_of(analyst.get("/fixes/refund-48h").text)
    assert "put on record in June 2025, judged by the answers since then" in said


def test_a_change_without_any_figure_to_show_has_no_picture(analyst: FlaskClient) -> None:
    with db.writing() as session:
        session.execute(delete(ReleasedCell))
    page = analyst.get("/changes/1").text
    assert "data-figure" not in page
    assert "not enough answers to show" in page


@pytest.mark.parametrize(
    ("fixes", "other", "fate"),
    [(True, False, Fate.RESTING), (False, False, Fate.GONE), (False, True, Fate.OVERTAKEN)],
)
def test_why_a_change_is_not_reported_any_more_is_known(
    database: Database, fixes: bool, other: bool, fate: Fate
) -> None:
    with database.writing() as session:
        tell(session)
        session.flush()
        if not fixes:
            for fix in session.scalars(select(Fix)):
                fix.started = fix.started.replace(year=2020)
        if other:
            second = session.get(UnregisteredChange, 2)
            third = session.get(UnregisteredChange, 3)
            assert second
            assert third
            second.irritant_id = third.irritant_id
    with database.reading() as session:
        found = {one.change.id: one for one in unregistered.questions(session)}
        assert found[3].fate is fate
        assert found[1].fate is Fate.SEEN
        assert found[3].waiting is (fate is Fate.RESTING)
        assert session.scalars(select(Verdict)).first() is not None


def test_what_the_newest_look_took_back_is_not_waiting(sqlite: Database) -> None:
    with sqlite.writing() as session:
        tell(session)
        session.flush()
        for fix in session.scalars(select(Fix)):
            fix.started = fix.started.replace(year=2020)
        session.execute(delete(ChangeSighting).where(ChangeSighting.as_of < LAST))
        session.add(ChangeSighting(change_id=1, as_of=LAST, revision=1, concluded_at=NOW))
        session.execute(delete(ChangeEvent).where(ChangeEvent.change_id == 3))
        session.execute(delete(UnregisteredChange).where(UnregisteredChange.id == 3))
    with sqlite.reading() as session:
        found = {one.change.id: one.fate for one in unregistered.questions(session)}
        assert found == {1: Fate.GONE, 2: Fate.SEEN}
        assert unregistered.waiting(session) == []


def test_a_fix_is_watched_as_long_as_the_engine_watches_it() -> None:
    assert unregistered.WATCHED == MONITORED
