"""Customers are known by digests of how they can be reached, however that is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from pulse.outbox.models import Message, MessageState
from pulse.outbox.service import enqueue
from pulse.people.service import NotAnAddress
from surveys.invitations import contacts
from surveys.invitations.interactions import take
from surveys.invitations.models import Contact, OptedOutBy
from tests.conftest import SECRET
from tests.surveys.invitations.conftest import NOON, seen, settings

texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30)


def keys(**known):
    return contacts.keys(SECRET, **known)


@pytest.mark.parametrize("written", ["zoe@example.org", " Zoe@Example.org ", "ZOE@EXAMPLE.ORG\n"])
def test_an_address_has_one_key_however_it_is_written(written):
    assert keys(email=written) == keys(email="zoe@example.org")


@pytest.mark.parametrize(
    "written",
    [
        "+33612345678",
        "+33 6 12 34 56 78",
        "0033 6.12.34.56.78",
        "06-12-34-56-78",
        "+33 (0)6 12 34 56 78",
        "06\N{NO-BREAK SPACE}12 34 56 78",
        "33612345678",
    ],
)
def test_a_number_has_one_key_however_it_is_written(written):
    assert contacts.number(written) == "+33612345678"
    assert keys(phone=written) == keys(phone="+33612345678")


def test_a_number_without_its_country_belongs_to_the_organisations():
    assert contacts.number("0612345678", "32") == "+32612345678"
    assert contacts.number("+33612345678", "32") == "+33612345678"


@pytest.mark.parametrize(
    "written",
    [
        "call me",
        "12",
        "+",
        "0" * 20,
        "+0612345678",
        "06 12 34 56 78 ext 3",
        "\N{ARABIC-INDIC DIGIT SIX}12345678",
    ],
)
def test_what_cannot_be_called_is_refused(written):
    with pytest.raises(contacts.NotANumber):
        contacts.number(written)


@pytest.mark.parametrize(
    "written",
    [
        "zoe",
        "@example.org",
        "zoe@",
        "zoé@example.org",
        "a@b@c",
        "a@b.org,c@d.org",
        "<a@b.org>",
        "a b@c.org",
        "x" * 250 + "@b.org",
        "a@b.org\0",
    ],
)
def test_what_cannot_be_written_to_is_refused(written):
    with pytest.raises(NotAnAddress):
        contacts.address(written)


@given(texts, texts)
def test_keys_tell_customers_apart_and_nothing_else(one, other):
    mine, yours = keys(customer=one), keys(customer=other)
    assert (mine == yours) == (one.strip() == other.strip())
    assert all(len(key) == contacts.KEY_LENGTH and key.isascii() for key in mine)
    assert one.strip() == "" or keys(customer=one) != contacts.keys(SECRET + "!", customer=one)


def test_a_customer_has_a_key_for_each_way_and_none_for_what_is_missing():
    assert keys() == keys(customer=" ", email="", phone=None) == []
    three = keys(customer="a@b.org", email="a@b.org", phone="0612345678")
    assert len(set(three)) == 3


@given(st.lists(texts.filter(str.strip), min_size=1, max_size=3, unique=True))
def test_a_stop_link_names_its_customer(customers):
    mine = [key for customer in customers for key in keys(customer=customer)]
    assert contacts.of_stop_token(SECRET, contacts.stop_token(SECRET, mine)) == mine


@given(st.data())
def test_an_altered_stop_link_is_none(data):
    token = contacts.stop_token(SECRET, keys(email="zoe@example.org"))
    place = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.characters(codec="utf-8").filter(lambda c: c != token[place]))
    with pytest.raises(contacts.NoSuchLink):
        contacts.of_stop_token(SECRET, token[:place] + letter + token[place + 1 :])


@pytest.mark.parametrize("token", ["", ".", "abc", "\ud800.x", "é.é", "." + "x" * 43])
def test_what_never_was_a_stop_link_is_none(token):
    with pytest.raises(contacts.NoSuchLink):
        contacts.of_stop_token(SECRET, token)


def test_a_wish_holds_for_all_keys_and_the_first_reason_stays(database):
    mine = keys(customer="7", email="zoe@example.org")
    with database.writing() as session:
        contacts.opt_out(session, mine[:1], OptedOutBy.COMPLAINT, NOON)
        contacts.opt_out(session, mine, OptedOutBy.LINK, NOON)
        contacts.opt_out(session, mine, OptedOutBy.LINK, NOON)
    with database.reading() as session:
        assert contacts.opted_out(session, mine[1:])
        assert not contacts.opted_out_by_link(session, mine)
        assert contacts.opted_out_by_link(session, mine[1:])
        assert session.get(Contact, mine[0]).opted_out_by is OptedOutBy.COMPLAINT


def test_by_the_link_only_what_the_link_said_is_taken_back(database):
    mine, other = keys(email="zoe@example.org"), keys(email="max@example.org")
    with database.writing() as session:
        contacts.opt_out(session, mine, OptedOutBy.LINK, NOON)
        contacts.opt_out(session, other, OptedOutBy.STAFF, NOON)
        contacts.opt_in(session, [*mine, *other])
    with database.reading() as session:
        assert not contacts.opted_out(session, mine)
        assert contacts.opted_out(session, other)


def test_what_came_back_and_who_was_asked_is_remembered(database):
    mine = keys(email="zoe@example.org")
    with database.writing() as session:
        contacts.mark_unreachable(session, mine, NOON)
        contacts.mark_asked(session, mine, NOON)
        contacts.mark_asked(session, [], NOON)
    with database.reading() as session:
        found = session.get(Contact, mine[0])
        assert (found.unreachable_since, found.asked_at, found.opted_out_at) == (NOON, NOON, None)


def test_who_wants_no_more_surveys_is_not_sent_what_waits(database, railway):
    who = [
        {"email": "a_b@b.org", "customer": "7"},
        {"phone": "0612345678"},
        {"email": "c@d.org"},
        {"customer": "9"},
    ]
    with database.writing() as session:
        take(session, [seen(**each) for each in who], NOON, known=settings())
        take(session, [seen(email="sent@b.org")], NOON, known=settings())
        enqueue(
            session,
            key="wave:2026-11:person:1",
            channel="email",
            recipient="x",
            subject="",
            text="",
            now=NOON,
        )
        session.scalars(
            select(Message).where(Message.recipient == "sent@b.org")
        ).one().state = MessageState.SENT
    for wish in ({"customer": "7"}, {"phone": "+33 6 12 34 56 78"}, {"email": "sent@b.org"}):
        with database.writing() as session:
            contacts.opt_out(session, keys(**wish), OptedOutBy.LINK, NOON)
    with database.reading() as session:
        assert set(session.scalars(select(Message.recipient))) == {"c@d.org", "sent@b.org", "x"}
