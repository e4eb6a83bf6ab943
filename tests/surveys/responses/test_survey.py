"""A customer answers through a link: looking uses nothing up, sending does, once."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from pulse import db
from pulse.organisation.models import Indicator, Measure
from surveys.invitations import contacts
from surveys.invitations import service as invitations
from surveys.invitations.models import Interaction, Invitation, Opening, TouchpointSurvey
from surveys.responses.answers import SHOWN
from surveys.responses.models import ContactWish, Door, Held, Response
from tests.conftest import SECRET
from tests.surveys.conftest import OPEN
from tests.surveys.responses.conftest import filled, hidden, listed


def responses():
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(Response))


@pytest.fixture
def kept(company):
    """What is kept of the one answer: the response, its scores by code of measure, and the wish, if any."""

    def read():
        with db.reading() as session:
            response = session.scalars(select(Response)).one()
            codes = dict(session.execute(select(Measure.id, Measure.code)).all())
            scores = {codes[score.measure_id]: score.score for score in response.scores}
            return response, scores, session.get(ContactWish, response.id)

    return read


@pytest.fixture
def send(client, link, moment):
    """Fills the page in and sends it, half a minute after it was shown."""

    def post(at=None, *, also=(), **answers):
        at = at or link
        form = filled(client.get(at).text, **answers) | dict(also)
        moment.shift(timedelta(seconds=30))
        return client.post(at, data=form)

    return post


def invited(number, *, now=OPEN):
    with db.writing() as session:
        token = invitations.invite(
            session, "station", interaction=f"i{number}", happened_on=OPEN.date(), now=now
        )
    return f"/r/{token}"


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
    assert "Le station, 8 novembre 2026" in page
    assert page.count("vous a-t-il gêné") == SHOWN + 1  # and something else
    assert len(listed(page)) == SHOWN
    switched = client.get(f"{link}?lang=en", headers={"Accept-Language": "fr"}).text
    assert switched.count("bother you?") == SHOWN + 1
    assert "hold" not in switched


@pytest.mark.parametrize("opening", Opening)
def test_the_page_opens_with_what_the_touchpoint_asks_first(client, link, company, send, kept, opening):
    with db.writing() as session:
        here = company.touchpoints["station"].id
        session.add(TouchpointSurvey(touchpoint_id=here, opening=opening, origins=[]))
    highest = {"effort": "4", "csat": "4", "nps": "9"}[opening.value]
    assert send(opening=highest, none=True).status_code == 303
    shown = company.irritants.keys() - {"hold"}
    assert kept()[1] == {opening.value: 1000} | dict.fromkeys(shown, 0)
    with db.reading() as session:
        assert session.query(Indicator).one().code == opening.value


def test_everybody_gets_an_order_of_their_own_and_keeps_it(client, company):
    orders = set()
    for number in range(6):
        link = invited(number)
        first, again = (tuple(listed(client.get(link).text)) for _ in range(2))
        assert first == again
        assert len(first) == SHOWN
        orders.add(first)
    assert len(orders) > 1


def test_what_is_ticked_is_scored_and_what_was_shown_beside_it_is_nought(send, kept):
    reply = send(opening="3", queue="4", wifi="", noise="1", also={"comment": "Cold.\r\nVery\0 cold."})
    assert reply.status_code == 303
    assert "Set-Cookie" not in reply.headers
    response, scores, wish = kept()
    zero = dict.fromkeys(("delay", "heating", "seats", "toilets"), 0)
    assert scores == zero | {"effort": 750, "queue": 1000, "wifi": 500, "noise": 250}
    assert (response.door, response.held, response.other_score) == (Door.INVITED, None, None)
    assert response.month.isoformat() == "2026-11-01"
    assert response.comment == "Cold.\nVery cold."
    assert wish is None


def test_something_else_is_kept_in_their_own_words(send, kept):
    send(also={"other": "1", "something": " The  smell ", "other-much": "3"})
    response, scores, _ = kept()
    assert (response.other, response.other_score) == ("The smell", 750)
    assert [score for code, score in scores.items() if code != "effort"] == [0] * SHOWN


def test_whoever_agrees_to_be_contacted_says_where(client, link, send, kept):
    refused = send(none=True, also={"consent": "1", "contact": "tomorrow"})
    assert refused.status_code == 422
    assert "Write an e-mail address or a phone number" in refused.text
    assert responses() == 0
    send(none=True, also={"consent": "1", "contact": "+33 6 12 34 56 78", "name": "Ms Roy"})
    wish = kept()[2]
    assert (wish.contact, wish.name) == ("+33 6 12 34 56 78", "Ms Roy")


@pytest.mark.parametrize("contact", ["a@" + "." * 500_000 + "@", "+" + "1" * 900_000, "1 " * 300_000])
def test_an_address_without_end_is_refused_in_no_time(send, contact):
    assert send(none=True, also={"consent": "1", "contact": contact}).status_code == 422


def test_what_was_written_without_consent_is_mentioned_once_and_then_not_kept(client, send, kept):
    also = {"contact": "zoe@example.org"}
    asked = send(none=True, also=also)
    assert asked.status_code == 422
    assert "tick the box above it" in asked.text
    assert 'name="consent" value="1" checked' not in asked.text
    send(none=True, also=also | {"reminded": "1"})
    assert kept()[2] is None


def test_the_thank_you_shows_the_link_to_erase_and_a_double_submit_sees_it_again(client, link):
    form = filled(client.get(link).text, none=True)
    first, second = (client.post(link, data=form) for _ in range(2))
    assert first.status_code == second.status_code == 303
    assert first.location == second.location
    assert responses() == 1
    thanks = client.get(first.location).text
    assert "Thank you" in thanks
    assert first.location.replace("/r/thanks/", "/erase/") in thanks
    with db.reading() as session:
        assert first.location.rpartition("/")[2] not in session.scalar(select(Response.erasure))


def test_used_unknown_altered_and_expired_links_lead_to_one_and_the_same_page(client, link, moment):
    form = filled(client.get(link).text, none=True)
    client.post(link, data=form)
    old = invited("old", now=OPEN - timedelta(days=31))
    paths = (link, old, "/r/nobody-knows-this", "/r/%00", "/r/a.b.c", link + "x", "/r/..", "/r/.%00.")
    pages = [client.get(path) for path in paths]
    pages += [client.post(path, data=form | {"comment": "!"}) for path in paths]
    pages += [client.post(path) for path in paths]
    pages += [client.get("/erase/unknown"), client.post("/erase/unknown"), client.get("/erase/%00")]
    assert {page.status_code for page in pages} == {404}
    assert len({page.text for page in pages}) == 1
    assert "This link cannot be used" in pages[0].text


@pytest.mark.parametrize("altered", [{"q-effort": "7"}, {"d-queue": "0"}, {"t-queue": "on"}, {"none": "2"}])
def test_an_answer_of_our_making_up_is_refused_and_uses_nothing_up(client, link, send, altered):
    assert send(queue="1", also=altered).status_code == 400
    assert send(queue="1").status_code == 303


def test_what_was_not_on_the_page_is_not_kept(send, kept):
    send(queue="4", also={"t-hold": "1", "d-hold": "4", "q-csat": "4"})
    assert set(kept()[1]) == {"effort", "delay", "heating", "noise", "queue", "seats", "toilets", "wifi"}


def test_what_was_added_while_the_page_was_open_is_not_scored(client, link, company, kept, moment):
    form = filled(client.get(link).text, none=True)
    with db.writing() as session:
        company.session = session
        for number in range(20):
            company.fix(company.irritant(f"new{number}", "station").code, started=OPEN.date())
    moment.shift(timedelta(hours=30))
    client.post(link, data=form)
    assert set(kept()[1]) == {"effort", "delay", "heating", "noise", "queue", "seats", "toilets", "wifi"}


def test_skipped_questions_are_mentioned_once_and_the_link_still_works(client, link, kept):
    empty = hidden(client.get(link).text)
    reminder = client.post(link, data=empty)
    assert reminder.status_code == 422
    assert "1. How easy was it to get what you came for?" in reminder.text
    assert "2. Which of these bothered you? If none did, say so." in reminder.text
    assert responses() == 0
    again = filled(reminder.text, none=False) | {"reminded": "1"}
    del again["q-effort"]
    assert client.post(link, data=again).status_code == 303
    assert kept()[1] == {}  # skipped is not the same as not bothered


def test_whoever_says_how_much_without_ticking_is_asked_and_has_the_last_word(client, link, kept):
    form = filled(client.get(link).text, none=True) | {"d-queue": "3", "something": "Smell"}
    asked = client.post(link, data=form)
    assert asked.status_code == 422
    assert "“queue” is now ticked" in asked.text
    assert "“Something else” is now ticked" in asked.text
    assert asked.text.count(" checked") == 5  # effort, the two, how much the queue did, none of these
    assert client.post(link, data=form | {"reminded": "1"}).status_code == 303
    response, scores, _ = kept()
    assert (scores["queue"], response.other, response.other_score) == (0, "", None)


def test_a_page_that_is_not_ours_is_shown_again_with_what_was_entered(client, link):
    form = filled(client.get(link).text, queue="3") | {"comment": "Slow."}
    other = hidden(client.get(invited("other")).text)["page"]
    for page in ({"page": other}, {"page": form["page"][:-1]}, {"page": ""}):
        shown = client.post(link, data=form | page)
        assert shown.status_code == 422
        assert "Nothing was lost" in shown.text
        assert "Slow." in shown.text
        assert shown.text.count(" checked") == 3
    assert responses() == 0
    assert client.post(link, data=form | hidden(shown.text)).status_code == 303


def test_a_fix_that_is_running_is_among_the_few_where_not_all_fit(client, company):
    with db.writing() as session:
        company.session = session
        for number in range(20):
            company.irritant(f"x{number}")
    for number in range(5):
        assert "queue" in listed(client.get(invited(number)).text)


def test_what_no_person_sends_is_thanked_and_kept_apart(client, link, moment, kept):
    form = filled(client.get(link).text, none=True)
    moment.shift(timedelta(seconds=2))
    assert "/r/thanks/" in client.post(link, data=form).location
    assert kept()[0].held is Held.TOO_FAST


def test_what_fills_a_field_that_nobody_sees_is_thanked_and_kept_apart(send, kept):
    assert "/r/thanks/" in send(none=True, also={"website": "https://example.org"}).location
    assert kept()[0].held is Held.TRAP


def test_a_touchpoint_without_irritants_still_asks_for_something_else(client, link, company, send, kept):
    with db.writing() as session:
        company.session = session
        company.touchpoint("desk", "head")
        token = invitations.invite(session, "desk", interaction="d", happened_on=OPEN.date(), now=OPEN)
    page = f"/r/{token}"
    assert listed(client.get(page).text) == []
    assert send(page, also={"other": "1", "something": "Nobody there"}).status_code == 303
    response, scores, _ = kept()
    assert (response.other, scores) == ("Nobody there", {"effort": 500})


def test_who_was_invited_can_say_here_that_they_want_no_more_surveys(client, link):
    assert "/stop/" not in client.get(link).text  # of this customer nothing is known
    with db.writing() as session:
        keys = contacts.keys(SECRET, customer="zoe", email=None, phone=None)
        session.scalars(select(Interaction)).one().contact_keys = keys
    page = client.get(link).text
    assert f'href="/stop/{contacts.stop_token(SECRET, keys)}"' in page


def test_customers_pages_are_light(client, link):
    page = client.get(link)
    assert len(page.data) < 12_000
    assert "<script" not in page.text


@pytest.mark.parametrize("path", ["/r/", "/r/a/b", "/erase/", "/r/thanks/"])
def test_there_is_no_list_of_links(client, company, path):
    assert client.get(path).status_code == 404
