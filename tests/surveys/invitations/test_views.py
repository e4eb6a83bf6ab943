"""The pages on asking customers, and the link by which a customer is asked no more."""

import re
from collections.abc import Callable

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from pulse import db
from pulse.outbox import secrets
from pulse.outbox.models import Message
from pulse.people import login
from pulse.people import service as people
from pulse.people.models import AuditEntry, Grant, Person
from surveys.invitations import asking, contacts
from surveys.invitations.interactions import take
from surveys.invitations.models import (
    Contact,
    Opening,
    OptedOutBy,
    Outcome,
    Quota,
    TouchpointSurvey,
    Way,
)
from tests.conftest import SECRET
from tests.surveys.conftest import PARIS, Railway, built
from tests.surveys.invitations.conftest import NOON, asks, seen, settings

TOKEN = re.compile(r'name="csrf_token" (?:type="hidden" )?value="([^"]*)"')
Browser = Callable[[str], FlaskClient]
MONTH = asking.this_month(NOON, PARIS)


@pytest.fixture
def company(app: Flask) -> Railway:
    """The railway."""
    with db.writing() as session:
        found = built(session)
        session.expire_on_commit = False
    return found


@pytest.fixture
def browser(app: Flask, company: Railway) -> Browser:
    """The browser of somebody signed in."""
    with db.writing() as session:
        for name, grant in (("ana", Grant.ANALYST), ("ada", Grant.ADMIN), ("carl", Grant.COUNCIL)):
            people.grant(session, people.add(session, f"{name}@example.org", language="en"), grant)

    def signed_in(name: str) -> FlaskClient:
        client = app.test_client()
        with db.reading() as session:
            key = login.key_of(session.query(Person).filter_by(email=f"{name}@example.org").one())
        with client.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = key, True
        return client

    return signed_in


@pytest.fixture(autouse=True)
def noon():
    """It is noon of the day interactions come in."""
    with time_machine.travel(NOON, tick=False) as moment:
        yield moment


def came(*some):
    with db.writing() as session:
        return take(session, some, NOON, known=settings())


def sent(client: FlaskClient, address: str, to: str | None = None, **fields: str):
    page = client.get(address).text
    return client.post(to or address, data=fields | {"csrf_token": TOKEN.findall(page)[-1]})


def audited():
    with db.reading() as session:
        return session.execute(
            select(AuditEntry.action, AuditEntry.subject, AuditEntry.detail).order_by(AuditEntry.id)
        ).all()


def place(company, code="station"):
    return company.touchpoints[code].id


def manner(**changed: str) -> dict[str, str]:
    return {"opening": "effort", "share": "100", "target": "", "way": "email"} | changed


def test_analysts_and_admins_see_how_customers_are_asked_and_nobody_else(browser, company, client):
    for who in ("ana", "ada"):
        assert browser(who).get("/asking").status_code == 200
    for path in ("/asking", f"/asking/{place(company)}"):
        assert browser("carl").get(path).status_code == 404
        assert client.get(path).status_code == 302


def test_the_months_figures_stand_beside_each_touchpoint(browser, company):
    with db.writing() as session:
        asks(session, company, "phone", target=1, opening=Opening.NPS)
    came(*(seen(touchpoint="phone") for _ in range(12)), seen(customer="42"))
    page = browser("ana").get("/asking").text
    assert "recommendation" in page
    assert "10 of 10 planned" in page
    for outcome, number in ((Outcome.TARGET_REACHED, 2), (Outcome.NO_ADDRESS, 1)):
        words = {"TARGET_REACHED": "Enough customers were invited", "NO_ADDRESS": "nothing to reach"}[
            outcome.name
        ]
        assert re.search(rf"{words}[^<]*</th><td>{number}</td>", page)
    with db.reading() as session:
        desk, station = asking.lines(session, MONTH, PARIS)
    assert (desk.seen, desk.invited, desk.counted, desk.allowed, desk.answered) == (12, 10, 10, 10, 0)
    assert (station.seen, station.invited, station.allowed) == (1, 0, None)
    assert station.reasons == {Outcome.NO_ADDRESS: 1}


def test_earlier_months_can_be_looked_at_and_no_others(browser, company):
    client = browser("ana")
    assert "October 2026" in client.get("/asking?month=2026-10").text
    for month in ("2026-12", "2025-10", "x", "0000-99"):
        assert "Interactions of November 2026" in client.get(f"/asking?month={month}").text


def test_another_manner_is_kept_and_written_down(browser, company):
    address = f"/asking/{place(company)}"
    reply = sent(browser("ana"), address, **manner(opening="csat", share="25", target="40", way="sms"))
    assert (reply.status_code, reply.location) == (303, f"{address}?done=saved")
    with db.reading() as session:
        asked = session.get(TouchpointSurvey, place(company))
        assert (asked.opening, asked.share, asked.target, asked.way) == (Opening.CSAT, 25, 40, Way.SMS)
    assert audited()[-1] == (
        "asking changed",
        "station",
        "opening effort → csat, share 100 → 25, target none → 40, way email → sms",
    )
    before = len(audited())
    sent(browser("ana"), address, **manner(opening="csat", share="25", target="40", way="sms"))
    assert len(audited()) == before


def test_another_target_holds_for_the_month_that_has_begun(browser, company):
    with db.writing() as session:
        asks(session, company, target=1)
    came(*(seen() for _ in range(11)))
    sent(browser("ana"), f"/asking/{place(company)}", **manner(target="2"))
    assert [each.outcome for each in came(*(seen() for _ in range(11)))].count(Outcome.INVITED) == 10
    with db.reading() as session:
        assert session.execute(select(Quota.allowed, Quota.invited)).all() == [(20, 20)]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("share", "101", "Write a number from 0 to 100"),
        ("share", "", "Write a number from 0 to 100"),
        ("share", "half", "Write a whole number"),
        ("target", "0", "Write 1 or more, or nothing"),
        ("target", "9" * 30, "Write 1 or more, or nothing"),
        ("opening", "mood", "Not a valid choice"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(browser, company, field, value, words):
    reply = sent(browser("ana"), f"/asking/{place(company)}", **manner(**{field: value}))
    assert reply.status_code == 422
    assert field == "opening" or words in reply.text
    with db.reading() as session:
        assert session.scalars(select(TouchpointSurvey)).all() == []


def test_a_touchpoint_there_is_not_has_no_page(browser):
    assert browser("ana").get("/asking/99999").status_code == 404


def test_a_customer_who_says_so_to_somebody_is_asked_no_more(browser, company):
    came(seen(email="zoe@example.org"))
    reply = sent(browser("ana"), "/asking", "/asking/stop", email="Zoe@example.org", phone="06 12 34 56 78")
    assert reply.location == "/asking?done=stopped"
    with db.reading() as session:
        assert {row.opted_out_by for row in session.scalars(select(Contact))} == {OptedOutBy.STAFF}
        assert session.scalars(select(Message)).all() == []
    assert audited()[-1] == ("customer opted out", "", "")
    assert came(seen(phone="+33612345678"))[0].outcome is Outcome.OPTED_OUT


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Fill in at least one of the three"),
        ({"email": "zoe"}, "Write an e-mail address"),
        ({"phone": "call me"}, "Write a telephone number"),
    ],
)
def test_nobody_can_be_opted_out_who_is_not_named(browser, company, fields, words):
    reply = sent(browser("ana"), "/asking", "/asking/stop", **fields)
    assert reply.status_code == 422
    assert words in reply.text


def stop_link(*keys: str) -> str:
    return f"/stop/{contacts.stop_token(SECRET, keys or contacts.keys(SECRET, email='zoe@example.org'))}"


def opted_out() -> bool:
    with db.reading() as session:
        return contacts.opted_out(session, contacts.keys(SECRET, email="zoe@example.org"))


def test_looking_at_the_link_stops_nothing_and_the_button_does(client, app):
    page = client.get(stop_link() + "?lang=en")
    assert (page.status_code, opted_out()) == (200, False)
    assert "No more surveys?" in page.text
    assert client.post(stop_link()).status_code == 303
    assert opted_out()
    assert "You get no more surveys" in client.get(stop_link() + "?lang=en").text
    client.post(stop_link(), data={"again": "1"})
    assert not opted_out()
    assert "You may be asked again" in client.get(stop_link() + "?done=again&lang=en").text


def test_one_click_in_a_mail_program_stops_without_a_redirect_a_cookie_or_a_token(client, app):
    for _ in range(2):
        reply = client.post(stop_link(), data={"List-Unsubscribe": "One-Click"})
        assert reply.status_code == 200
        assert "Set-Cookie" not in reply.headers
    assert opted_out()
    with db.reading() as session:
        assert session.scalars(select(Contact.opted_out_by)).all() == [OptedOutBy.LINK]


def test_a_complaint_is_not_taken_back_by_the_link(client, app):
    with db.writing() as session:
        keys = contacts.keys(SECRET, email="zoe@example.org")
        contacts.opt_out(session, keys, OptedOutBy.COMPLAINT, NOON)
    assert 'name="again"' not in client.get(stop_link() + "?lang=en").text
    client.post(stop_link(), data={"again": "1"})
    assert opted_out()


def test_a_link_that_is_none_leads_nowhere(client, app):
    for token in ("x", "x.y", stop_link()[6:-1], f"{stop_link()[6:]}x"):
        for ask in (client.get, client.post):
            assert ask(f"/stop/{token}").status_code == 404
    with db.reading() as session:
        assert session.scalars(select(Contact)).all() == []


def test_the_links_of_a_mail_open_the_survey_and_the_page_to_stop(client, company):
    came(seen(email="zoe@example.org", phone="0612345678"))
    with db.reading() as session:
        text = secrets.filled(session.scalars(select(Message.text)).one(), SECRET)
    survey, stop = re.findall(r"https://pulse\.example\.org(/\S+)", text)
    assert client.get(survey).status_code == 200
    assert client.get(survey.replace("/r/", "/stop/")).status_code == 404
    assert client.get(stop.replace("/stop/", "/r/")).status_code == 404
    assert client.post(stop).status_code == 303
    assert came(seen(phone="+33612345678"))[0].outcome is Outcome.OPTED_OUT
