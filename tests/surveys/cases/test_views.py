"""Who sees which cases, what the pages show, and what a file of them holds."""

import csv
import io
import re
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from pulse.db import main
from pulse.people import login
from pulse.people.models import AuditEntry, Grant, Person, PersonGrant
from pulse.verdicts.models import Verdict
from pulse.verdicts.rules import Outcome
from surveys.cases import service
from surveys.cases.models import Case, CaseEvent, CaseState
from surveys.proposals.models import Proposal, ProposalMember, ProposalState
from tests.surveys.answering import days, said
from tests.surveys.conftest import PARIS, Railway, built

NOW = datetime.now(UTC)
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]*)"')
SEEN = re.compile(r'name="seen"[^>]*value="([^"]*)"')
ANALYST, OWNER, OTHER, COUNCIL = (f"north{n}@example.org" for n in range(4))
WROTE = "=1+1 call me <b>now</b>: 06 12 34 56 78"


@pytest.fixture
def railway(app: Flask) -> Railway:
    """The railway with an analyst, two owners, a councillor, and two customers who want to be contacted."""
    with main.writing() as session:
        found = built(session)
        session.expire_on_commit = False
        for person, grant in zip(
            found.people[1:5], (Grant.ANALYST, Grant.OWNER, Grant.OWNER, Grant.COUNCIL), strict=True
        ):
            session.add(PersonGrant(person_id=person.id, grant=grant))
    said(
        main,
        found,
        "No bicycle rack",
        when=NOW - days(20),
        comment=WROTE,
        contact="ana@example.com",
        queue=750,
    )
    with main.writing() as session:
        service.open_wished(session, NOW - days(20), zone=PARIS)
    said(main, found, when=NOW - days(1), contact="06 98 76 54 32", name="Bob", at="phone", hold=1000)
    with main.writing() as session:
        service.open_wished(session, NOW - days(1), zone=PARIS)
    return found


def browser(app: Flask, email: str) -> FlaskClient:
    client = app.test_client()
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    with main.reading() as session:
        key = login.key_of(session.scalars(select(Person).where(Person.email == email)).one())
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = key, True
    return client


def send(client: FlaskClient, number: int, **changed: str):
    page = client.get(f"/cases/{number}").text
    form = {
        "csrf_token": TOKEN.findall(page)[-1],
        "seen": SEEN.findall(page)[0],
        "owner": "0",
        "state": "open",
    }
    return client.post(f"/cases/{number}", data=form | {"reason": "", "comment": ""} | changed)


def numbers(railway: Railway) -> list[int]:
    with main.reading() as session:
        return list(session.scalars(select(Case.id).order_by(Case.id)))


def test_analysts_see_every_case_and_the_words_without_what_tells_who_wrote_them(app, railway):
    client = browser(app, ANALYST)
    page = client.get("/cases").text
    assert page.count('scope="row"') == 2
    assert "overdue" in page
    assert "06 12 34 56 78" not in page
    late, other = numbers(railway)
    page = client.get(f"/cases/{late}").text
    assert "ana@example.com" in page
    assert "call me &lt;b&gt;now&lt;/b&gt;: […]" in page
    assert "queue" in page
    assert "(A lot)" in page
    assert "06 98 76 54 32" in client.get(f"/cases/{other}").text
    assert client.get("/cases?show=late").text.count('scope="row"') == 1


def test_owners_see_the_cases_given_to_them_alone_and_the_council_none(app, railway):
    first, second = numbers(railway)
    owner = browser(app, OWNER)
    assert owner.get(f"/cases/{first}").status_code == 404
    assert send(browser(app, ANALYST), first, owner=str(railway.people[2].id)).status_code == 303
    assert owner.get("/cases?show=all").text.count('scope="row"') == 1
    assert owner.get(f"/cases/{first}").status_code == 200
    assert owner.get(f"/cases/{second}").status_code == 404
    assert browser(app, OTHER).get(f"/cases/{first}").status_code == 404
    for path in ("/cases", "/cases.csv", f"/cases/{first}", "/proposals"):
        assert browser(app, COUNCIL).get(path).status_code == 404
        assert app.test_client().get(path).status_code == 302
    given_away = send(owner, first, owner=str(railway.people[3].id))
    assert given_away.headers["Location"] == "/cases"


def test_a_case_says_what_there_is_to_tell_also_of_what_was_named_in_own_words(app, railway):
    first, _ = numbers(railway)
    with main.writing() as session:
        railway.session = session
        fix = railway.fix("delay", started=(NOW - days(200)).date())
        verdict = Verdict(fix_id=fix.id, as_of=(NOW - days(5)).date(), revision=0, concluded_at=NOW)
        verdict.outcome = Outcome.INEFFECTIVE
        proposal = Proposal(state=ProposalState.MERGED, language="en", found_on=NOW.date(), words=[], note="")
        proposal.decided_at, proposal.irritant_id = NOW, railway.irritants["delay"].id
        session.add_all([verdict, proposal])
        session.flush()
        answer = session.get_one(Case, first).response_id
    client = browser(app, ANALYST)
    assert "What there is to tell them" not in client.get(f"/cases/{first}").text
    with main.writing() as session:
        session.add(
            ProposalMember(response_id=answer, proposal_id=session.scalars(select(Proposal.id)).one(), rank=0)
        )
    assert "bothers them as much as before" in client.get(f"/cases/{first}").text


def test_a_case_is_taken_up_and_closed_with_a_reason(app, railway):
    client, number = browser(app, ANALYST), numbers(railway)[0]
    assert send(client, number, state="in_progress", comment="Called, nobody\0 there").status_code == 303
    refused = send(client, number, state="closed")
    assert refused.status_code == 422
    assert "Say how it ended" in refused.text
    assert send(client, number, state="closed", reason="solved", wants_news="y").status_code == 303
    with main.reading() as session:
        case = session.get_one(Case, number)
        assert (case.state, case.wants_news) == (CaseState.CLOSED, True)
        assert "Called, nobody there" in session.scalars(select(CaseEvent.comment)).all()
    assert "Called, nobody there" in client.get(f"/cases/{number}").text


def test_the_second_of_two_who_change_a_case_is_told_and_loses_nothing(app, railway):
    client, number = browser(app, ANALYST), numbers(railway)[0]
    old = SEEN.findall(client.get(f"/cases/{number}").text)[0]
    send(client, number, state="in_progress")
    refused = send(client, number, state="closed", reason="solved", comment="Mine", seen=old)
    assert refused.status_code == 422
    assert "Somebody else changed this case meanwhile" in refused.text
    assert "Mine" in refused.text


@pytest.mark.parametrize(
    "odd", [{"state": "gone"}, {"owner": "999999"}, {"reason": "?"}, {"comment": "x" * 4001}]
)
def test_what_no_page_of_ours_sends_is_refused(app, railway, odd):
    assert send(browser(app, ANALYST), numbers(railway)[0], **odd).status_code == 422


@pytest.mark.parametrize("path", ["/cases/0", "/cases/999999999", "/cases/2147483648", "/cases/x"])
def test_there_is_no_such_case(app, railway, path):
    assert browser(app, ANALYST).get(path).status_code == 404


def test_the_file_holds_no_address_no_name_and_no_formula_and_is_audited(app, railway):
    answer = browser(app, ANALYST).get("/cases.csv?show=all")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="cases-all.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))
    assert len(rows) == 2
    assert rows[0]["Comment"] == "'=1+1 call me <b>now</b>: […]"
    assert rows[0]["What bothered them"] == "queue"
    assert not any(word in answer.text for word in ("ana@example.com", "06 98 76", "Bob"))
    with main.reading() as session:
        assert session.scalars(select(AuditEntry.action)).all() == ["cases exported"]
