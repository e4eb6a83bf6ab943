"""A customer's answer can be erased: by its own link or by an admin, with all that came of it."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from pulse import db
from pulse.people import service as people
from pulse.people.models import AuditEntry, Grant, Person
from surveys.invitations.models import Interaction, Invitation
from surveys.responses import erasure
from surveys.responses.models import ContactWish, Recount, Response, ResponseScore
from tests.surveys.responses.conftest import filled, token

ANSWERS = (Response, ResponseScore, ContactWish)


def rows(*tables):
    with db.reading() as session:
        return [session.scalar(select(func.count()).select_from(table)) for table in tables]


@pytest.fixture
def thanked(client, link, moment):
    """Where somebody was sent who has answered and wants to be contacted."""
    form = filled(client.get(link).text, queue="4") | {"consent": "1", "contact": "zoe@example.org"}
    moment.shift(timedelta(minutes=1))
    return client.post(link, data=form).location


def by_link(thanked):
    return thanked.replace("/r/thanks/", "/erase/")


@pytest.fixture
def admin(signed_in, company):
    """The browser of somebody who looks after Pulse."""
    with db.writing() as session:
        person = session.query(Person).filter_by(email="desk0@example.org").one()
        people.grant(session, person, Grant.ADMIN)
    return signed_in("desk0@example.org")


def test_looking_erases_nothing_and_the_button_erases_everything(client, thanked):
    for _ in range(2):
        asked = client.get(by_link(thanked))
        assert asked.status_code == 200
        assert "You answered on 9 November 2026." in asked.text
    assert rows(*ANSWERS) == [1, 8, 1]
    done = client.post(by_link(thanked))
    assert (done.status_code, done.location) == (303, "/erase/done")
    assert "Your answers are erased" in client.get(done.location).text
    assert rows(*ANSWERS) == [0, 0, 0]


def test_an_erased_answer_cannot_be_erased_or_given_again(client, link, thanked):
    client.post(by_link(thanked))
    assert {client.post(by_link(thanked)).status_code, client.get(link).status_code} == {404}
    assert rows(Interaction, Invitation) == [1, 1]


def test_its_month_is_counted_again_and_nothing_written_down_leads_to_whose_it_was(client, thanked):
    client.post(by_link(thanked))
    with db.reading() as session:
        assert [month.isoformat() for month in session.scalars(select(Recount.month))] == ["2026-11-01"]
        entry = session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.subject, entry.detail) == ("customer's answer erased", "2026-11", "")
    assert entry.person_id is None


def test_what_other_rooms_keep_of_it_is_forgotten_first(client, app, thanked):
    told = []
    app.extensions["surveys.forget"] = [
        lambda session, response_id: told.append(session.get_one(Response, response_id).comment)
    ]
    client.post(by_link(thanked))
    assert told == [""]


def test_the_database_alone_leads_to_no_link_that_erases(client, thanked):
    secret = thanked.rpartition("/")[2]
    with db.reading() as session:
        stored = session.scalars(select(Response)).one()
        kept = (stored.erasure, stored.digest, session.scalar(select(Invitation.token_hash)))
    assert secret not in kept
    assert erasure.digest(secret) == stored.erasure
    assert {client.get(f"/erase/{value}").status_code for value in kept} == {404}


def test_an_admin_erases_by_the_callers_id_of_the_interaction(admin, thanked):
    page = "/responses/erase?lang=en"
    form = token(admin.get(page).text) | {"interaction": " call-1 ", "sure": "y"}
    assert "Tick this" in admin.post(page, data=form | {"sure": ""}).text
    assert "No answer is kept" in admin.post(page, data=form | {"interaction": "call-2"}).text
    assert rows(Response) == [1]
    done = admin.post(page, data=form, follow_redirects=True)
    assert "The answer is erased." in done.text
    assert rows(*ANSWERS) == [0, 0, 0]
    with db.reading() as session:
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert entry.person_id is not None
        assert "call-1" not in (entry.subject, entry.detail)
    again = admin.post(page, data=form)
    assert again.status_code == 422


@pytest.mark.parametrize("path", ["/responses/erase", "/held"])
def test_nobody_else_finds_these_pages(client, north, path):
    assert client.get(path).status_code == 302
    assert north.get(path).status_code == 404
