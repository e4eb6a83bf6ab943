"""The pages on which analysts decide about proposed irritants."""

import re
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from pulse.db import main
from pulse.organisation.models import Irritant
from pulse.people import login
from pulse.people.models import Grant, Person, PersonGrant
from surveys.proposals import service
from surveys.proposals.models import Proposal, ProposalState
from tests.surveys.answering import days, said
from tests.surveys.conftest import Railway, built

NOW = datetime.now(UTC)
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]*)"')
WORDS = {
    "label_en": "No bicycle rack",
    "label_fr": "Pas d’abri à vélos",
    "customer_question_en": "How much did the lack of a rack bother you?",
    "customer_question_fr": "À quel point le manque d’abri vous a-t-il gêné ?",
    "employee_question_en": "How much did the lack of a rack land on you?",
    "employee_question_fr": "À quel point le manque d’abri est-il retombé sur vous ?",
}


@pytest.fixture
def railway(app: Flask) -> Railway:
    """The railway with a proposal of three answers, two of them at the station."""
    with main.writing() as session:
        found = built(session)
        session.expire_on_commit = False
        session.add(PersonGrant(person_id=found.people[1].id, grant=Grant.ANALYST))
    ids = [
        said(main, found, f"No rack <script>alert({n})</script>", when=NOW - days(n), at=at)
        for n, at in ((1, "station"), (2, "station"), (40, "phone"))
    ]
    with main.writing() as session:
        service.keep(session, "en", [(ids, ("rack", "bicycle"))], NOW.date())
    return found


@pytest.fixture
def analyst(app: Flask, railway: Railway) -> FlaskClient:
    """The browser of an analyst."""
    client = app.test_client()
    with main.reading() as session:
        key = login.key_of(session.get_one(Person, railway.people[1].id))
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = key, True
    return client


def only() -> Proposal:
    with main.reading() as session:
        return session.scalars(select(Proposal)).one()


def send(client: FlaskClient, what: str, **form: object):
    page = client.get(f"/proposals/{only().id}").text
    token = TOKEN.findall(page)[-1]
    return client.post(f"/proposals/{only().id}/{what}", data={"csrf_token": token, **form})


def test_a_proposal_is_shown_with_what_customers_wrote_and_nothing_of_it_is_run(analyst):
    for page in (analyst.get("/proposals").text, analyst.get(f"/proposals/{only().id}").text):
        assert "rack, bicycle" in page
        assert "3 answers" in page
        assert "No rack &lt;script&gt;" in page
        assert "<script>alert" not in page


def test_accepting_needs_every_wording_in_both_languages_and_one_touchpoint(analyst, railway):
    for missing in WORDS:
        refused = send(
            analyst, "accept", **(WORDS | {missing: " "}), touchpoints=railway.touchpoints["phone"].id
        )
        assert refused.status_code == 422
    assert send(analyst, "accept", **WORDS).status_code == 422
    assert only().state is ProposalState.OPEN


def test_what_is_suggested_cannot_be_saved_unread(analyst, railway):
    page = analyst.get(f"/proposals/{only().id}").text
    suggested = {name: re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)[1] for name in WORDS}
    assert suggested["customer_question_en"] == "How much did … bother you?"
    assert "…" in suggested["employee_question_fr"]
    asked = {name: words for name, words in suggested.items() if "question" in name}
    refused = send(analyst, "accept", **(WORDS | asked), touchpoints=railway.touchpoints["phone"].id)
    assert refused.status_code == 422
    assert refused.text.count("Put what it is about in the place of the dots</a>") == 4


def test_an_accepted_proposal_is_an_irritant_of_the_touchpoints_ticked(analyst, railway):
    places = [railway.touchpoints[code].id for code in ("station", "phone")]
    assert send(analyst, "accept", **WORDS, touchpoints=places).status_code == 303
    with main.reading() as session:
        irritant = session.scalars(select(Irritant).where(Irritant.code == "no-bicycle-rack")).one()
        assert {place.code for place in irritant.touchpoints} == {"station", "phone"}
        assert irritant.customer_question_fr == WORDS["customer_question_fr"]
    assert "“No bicycle rack” is asked about" in analyst.get(f"/proposals/{only().id}").text
    assert "No bicycle rack" in analyst.get("/proposals?show=decided").text
    again = analyst.post(
        f"/proposals/{only().id}/accept",
        data={**WORDS, "touchpoints": places, "csrf_token": TOKEN.findall(analyst.get("/proposals").text)[0]},
    )
    assert again.status_code == 409


def test_merging_needs_an_irritant_and_asks_about_it_where_it_was_brought_up(analyst):
    assert send(analyst, "merge", irritant="").status_code == 422
    assert send(analyst, "merge", irritant="nothing").status_code == 422
    assert send(analyst, "merge", irritant="queue", further="y").status_code == 303
    with main.reading() as session:
        queue = session.scalars(select(Irritant).where(Irritant.code == "queue")).one()
        assert {place.code for place in queue.touchpoints} == {"station", "phone"}


def test_a_dismissed_proposal_can_be_opened_again(analyst):
    assert send(analyst, "dismiss", note="We have racks").status_code == 303
    assert only().state is ProposalState.DISMISSED
    assert "We have racks" in analyst.get("/proposals?show=decided").text
    assert send(analyst, "reopen").status_code == 303
    assert only().state is ProposalState.OPEN


def test_there_is_no_such_proposal(analyst):
    for number in ("0", "99", "2147483648", "x"):
        assert analyst.get(f"/proposals/{number}").status_code == 404
