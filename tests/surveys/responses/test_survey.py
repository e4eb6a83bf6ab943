"""A customer answers through a link: looking uses nothing up, sending does, once."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from pulse import db
from surveys.invitations import service as invitations
from surveys.invitations.models import Invitation
from surveys.responses.answers import SHOWN
from surveys.responses.models import Response, ResponseScore
from tests.surveys.conftest import OPEN
from tests.surveys.responses.conftest import fields


def responses():
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(Response))


def filled(client, link, value="2", **more):
    return dict.fromkeys(fields(client.get(link).text), value) | more


def test_looking_uses_nothing_up_and_sets_no_cookie(client, link):
    for _ in range(3):
        page = client.get(link)
        assert page.status_code == 200
        assert "Set-Cookie" not in page.headers
    assert client.head(link).status_code == 200
    with db.reading() as session:
        assert session.scalar(select(Invitation.spent_at)) is None


def test_the_page_asks_about_the_touchpoint_in_the_browsers_language(client, link):
    page = client.get(link, headers={"Accept-Language": "fr-FR,fr;q=0.9,en;q=0.5"}).text
    assert '<html lang="fr">' in page
    assert "Le station" in page
    assert page.count("vous a-t-il gêné") == SHOWN
    switched = client.get(f"{link}?lang=en", headers={"Accept-Language": "fr"}).text
    assert switched.count("bother you?") == SHOWN
    assert "hold" not in switched


def test_everybody_gets_an_order_of_their_own_and_keeps_it(client, company):
    orders = set()
    for number in range(6):
        with db.writing() as session:
            token = invitations.invite(
                session, "station", interaction=f"c{number}", happened_on=OPEN.date(), now=OPEN
            )
        first, again = (tuple(fields(client.get(f"/r/{token}").text)) for _ in range(2))
        assert first == again
        assert len(first) == SHOWN
        orders.add(first)
    assert len(orders) > 1


def test_an_answer_is_kept_with_its_month_and_nothing_else_of_the_moment(client, link):
    reply = client.post(link, data=filled(client, link, "4", comment="Cold.\r\nVery\0 cold."))
    assert (reply.status_code, reply.location) == (303, "/r/thanks")
    assert "Set-Cookie" not in reply.headers
    assert "Thank you" in client.get(reply.location).text
    with db.reading() as session:
        response = session.scalars(select(Response)).one()
        assert response.month.isoformat() == "2026-11-01"
        assert response.comment == "Cold.\nVery cold."
        assert {score.score for score in response.scores} == {1000}
        assert len(response.scores) == SHOWN


def test_the_same_answer_sent_twice_is_thanked_twice_and_kept_once(client, link):
    form = filled(client, link)
    assert [client.post(link, data=form).status_code for _ in range(2)] == [303, 303]
    assert responses() == 1


def test_used_unknown_and_expired_links_lead_to_one_and_the_same_page(client, link, company, moment):
    form = filled(client, link)
    client.post(link, data=form)
    with db.writing() as session:
        old = invitations.invite(
            session, "station", interaction="old", happened_on=OPEN.date(), now=OPEN - timedelta(days=31)
        )
    pages = [client.get(path) for path in (link, f"/r/{old}", "/r/nobody-knows-this", "/r/%00")]
    pages += [client.post(path, data=form | {"comment": "!"}) for path in (link, f"/r/{old}", "/r/unknown")]
    assert {page.status_code for page in pages} == {404}
    bodies = {re.sub(r'href="/r/[^"]*"', "", page.text) for page in pages}
    assert len(bodies) == 1
    assert "This link cannot be used" in bodies.pop()


def test_an_answer_of_our_making_up_is_refused_and_uses_nothing_up(client, link):
    form = filled(client, link) | {"q-delay": "7"}
    assert client.post(link, data=form).status_code == 400
    assert client.post(link, data=filled(client, link)).status_code == 303


def test_what_is_about_another_touchpoint_is_not_kept(client, link):
    client.post(link, data=filled(client, link) | {"q-hold": "4"})
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(ResponseScore)) == SHOWN


def test_skipped_questions_are_mentioned_once_and_the_link_still_works(client, link):
    form = dict.fromkeys(fields(client.get(link).text)[:1], "1")
    reminder = client.post(link, data=form)
    assert reminder.status_code == 422
    assert f"{SHOWN - 1} questions without an answer" in reminder.text
    assert responses() == 0
    assert client.post(link, data=form | {"reminded": "1"}).status_code == 303
    assert responses() == 1


def test_a_fix_that_is_running_is_among_the_few_where_not_all_fit(client, company):
    with db.writing() as session:
        company.session = session
        for number in range(20):
            company.irritant(f"x{number}")
        tokens = [
            invitations.invite(session, "station", interaction=f"c{n}", happened_on=OPEN.date(), now=OPEN)
            for n in range(5)
        ]
    for token in tokens:
        assert "q-queue" in fields(client.get(f"/r/{token}").text)


def test_customers_pages_are_light(client, link):
    page = client.get(link)
    assert len(page.data) < 12_000
    assert "<script" not in page.text


@pytest.mark.parametrize("path", ["/r/", "/r/a/b"])
def test_there_is_no_list_of_links(client, company, path):
    assert client.get(path).status_code == 404
