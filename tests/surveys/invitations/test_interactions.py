"""Interactions come in singly, in thousands, twice, and from many sides at once: each is decided on once."""

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st
from sqlalchemy import func, select

from pulse.i18n import speaking
from pulse.outbox import secrets
from pulse.outbox.models import Message
from surveys.invitations import contacts, service
from surveys.invitations.interactions import (
    MOST,
    NoSecretKey,
    Refused,
    Seen,
    Taken,
    TooMany,
    link_of,
    take,
)
from surveys.invitations.models import Contact, Interaction, Invitation, OptedOutBy, Outcome, Quota, Way
from tests.conftest import SECRET
from tests.surveys.invitations.conftest import NOON, asks, seen, settings

MONTH = datetime(2026, 11, 1).date()


def taken(database, *some, now=NOON, **changed):
    with database.writing() as session, speaking("en"):
        return take(session, some, now, known=settings(**changed))


def outcomes(became):
    return [each.outcome for each in became]


def stored(database, what):
    with database.reading() as session:
        return session.scalars(select(what).order_by(*what.__table__.primary_key)).all()


def test_an_interaction_becomes_an_invitation_and_a_mail(database, railway):
    assert taken(database, seen("call-1", email="Zoe@Example.org", language="en", name="Zoé")) == [
        Taken("call-1", Outcome.INVITED, True)
    ]
    (interaction,), (invitation,), (mail,) = (stored(database, w) for w in (Interaction, Invitation, Message))
    assert (interaction.code, interaction.received_at, interaction.outcome) == (
        "call-1",
        NOON,
        Outcome.INVITED,
    )
    assert interaction.contact_keys == contacts.keys(SECRET, email="zoe@example.org")
    assert (invitation.interaction_id, invitation.way, invitation.happened_on) == (
        interaction.id,
        Way.EMAIL,
        NOON.date(),
    )
    assert (mail.key, mail.recipient, mail.due_at) == (
        f"interaction:{interaction.id}",
        "zoe@example.org",
        NOON + timedelta(minutes=15),
    )
    assert "Hello Zoé," in mail.text
    link = next(line for line in secrets.filled(mail.text, SECRET).splitlines() if "/r/" in line)
    with database.reading() as session:
        token = link.rpartition("/")[2]
        assert service.look(session, token, NOON).touchpoint_id == railway.touchpoints["station"].id


def test_nothing_but_the_message_holds_an_address_and_not_even_it_the_link(database, railway):
    taken(database, seen("call-1", email="zoe@example.org", phone="0612345678", customer="42"))
    link = link_of(SECRET, "call-1", "")[3:]
    with database.reading() as session:
        for table in (Interaction, Invitation, Contact, Message):
            for row in session.execute(select(table.__table__)).mappings():
                kept = {name: str(value) for name, value in row.items()}
                assert not any(link in value for value in kept.values())
                if table is not Message:
                    assert not any("zoe" in value or "612345678" in value for value in kept.values())


def test_the_same_interaction_again_changes_nothing_and_says_what_it_led_to(database, railway):
    first = taken(database, seen("call-1", email="zoe@example.org"))
    again = taken(database, seen("call-1", "phone", email="other@example.org"), now=NOON + timedelta(days=99))
    assert outcomes(again) == outcomes(first)
    assert [each.new for each in first + again] == [True, False]
    assert len(stored(database, Interaction)) == len(stored(database, Message)) == 1


def test_twice_in_one_call_counts_once(database, railway):
    became = taken(database, seen("call-1"), seen("call-2"), seen("call-1"))
    assert [(each.code, each.outcome, each.new) for each in became] == [
        ("call-1", Outcome.INVITED, True),
        ("call-2", Outcome.INVITED, True),
        ("call-1", Outcome.INVITED, False),
    ]
    assert len(stored(database, Invitation)) == 2


def test_what_cannot_be_is_refused_alone_and_may_come_again_put_right(database, railway):
    became = taken(
        database,
        seen("call-1", "moon"),
        seen("call-2", email="zoe"),
        seen("call-3", phone="call me"),
        seen("call-4", happened_at=NOON + timedelta(days=2)),
        seen(" "),
        seen("x" * 201),
        seen("call\n5"),
        seen("forgotten 7"),
        seen("call-6"),
        seen("call-1"),
        seen("call-7", "sta\0tion"),
        seen("call-8", happened_at=datetime.min),
        seen("call-9", happened_at=datetime.max),
    )
    assert [each.field if isinstance(each, Refused) else each.outcome for each in became] == [
        "touchpoint",
        "email",
        "phone",
        "happened_at",
        "code",
        "code",
        "code",
        "code",
        Outcome.INVITED,
        Outcome.INVITED,
        "touchpoint",
        "happened_at",
        "happened_at",
    ]
    assert became[1] == Refused(
        "call-2", "email", "zoe", "is no e-mail address; write one such as name@example.org"
    )
    assert {row.code for row in stored(database, Interaction)} == {"call-1", "call-6"}


def test_nobody_is_asked_twice_at_whatever_touchpoint_and_by_whatever_channel(database, railway):
    became = taken(
        database,
        seen(email="zoe@example.org", customer="42"),
        seen(touchpoint="phone", email="ZOE@example.org"),
        seen(phone="0612345678", customer="42"),
        seen(phone="0612345678"),
    )
    assert outcomes(became) == [
        Outcome.INVITED,
        Outcome.ASKED_RECENTLY,
        Outcome.ASKED_RECENTLY,
        Outcome.INVITED,  # never asked, and not known to be the same
    ]
    later = NOON + timedelta(days=91)
    (again,) = taken(database, seen(happened_at=later, email="zoe@example.org"), now=later)
    assert again.outcome is Outcome.INVITED


def test_each_reason_not_to_ask_is_told(database, railway):
    with database.writing() as session:
        asks(session, railway, "phone", share=0)
        gone, lost = (contacts.keys(SECRET, email=f"{who}@example.org") for who in ("gone", "lost"))
        contacts.opt_out(session, gone, OptedOutBy.COMPLAINT, NOON)
        contacts.mark_unreachable(session, lost, NOON)
    became = taken(
        database,
        seen(happened_at=NOON - timedelta(days=31)),
        seen(customer="42"),
        seen(email="gone@example.org", phone="0612345678"),
        seen(email="lost@example.org"),
        seen(touchpoint="phone"),
    )
    assert outcomes(became) == [
        Outcome.TOO_OLD,
        Outcome.NO_ADDRESS,
        Outcome.OPTED_OUT,
        Outcome.UNREACHABLE,
        Outcome.NOT_SAMPLED,
    ]
    assert not stored(database, Message)
    assert not stored(database, Invitation)


def test_customers_are_reached_as_the_touchpoint_wishes_where_that_can_be(database, railway):
    both = {"email": "zoe@example.org", "phone": "0612345678"}
    with database.writing() as session:
        asks(session, railway, "phone", way=Way.SMS)
    taken(database, seen("call-1", "phone", **both), seen("call-2", "phone", email="max@example.org"))
    taken(database, seen("call-3", phone="0712345678"))
    found = {(message.channel, message.recipient) for message in stored(database, Message)}
    assert found == {("sms", "+33612345678"), ("email", "max@example.org"), ("sms", "+33712345678")}
    (short,) = [m.text for m in stored(database, Message) if m.recipient == "+33612345678"]
    assert len(secrets.filled(short, SECRET)) <= 160


def test_a_channel_that_leads_nowhere_reaches_nobody(database, railway):
    mail = {"smtp_url": "smtp://127.0.0.1:25"}
    assert outcomes(taken(database, seen(phone="0612345678"), **mail)) == [Outcome.NO_ADDRESS]
    gateway = {"sms_url": "https://sms.example.org"}
    assert outcomes(taken(database, seen(email="zoe@example.org"), **gateway)) == [Outcome.NO_ADDRESS]
    assert outcomes(taken(database, seen(phone="0612345678"), **gateway)) == [Outcome.INVITED]


def test_a_link_to_be_handed_over_is_given_each_time_it_is_asked_for(database, railway):
    with database.writing() as session:
        asks(session, railway, "phone", way=Way.LINK)
    first = taken(database, seen("till-1", "phone", customer="42"), seen("till-2", "phone", customer="42"))
    again = taken(database, seen("till-1", "phone"), seen("till-2", "phone"))
    assert [each.link for each in first] == [each.link for each in again]
    assert (outcomes(first), first[1].link) == ([Outcome.INVITED, Outcome.ASKED_RECENTLY], None)
    with database.writing() as session:
        service.spend(session, first[0].link.rpartition("/")[2], NOON)
    assert not stored(database, Message)


def test_messages_wait_for_the_organisations_hours_and_so_does_the_rest(database, railway):
    saturday = datetime(2026, 11, 7, 20, 30, tzinfo=UTC)
    monday = datetime(2026, 11, 9, 8, tzinfo=UTC)
    taken(database, seen(happened_at=saturday, email="zoe@example.org"), now=saturday)
    assert [message.due_at for message in stored(database, Message)] == [monday]
    assert [contact.asked_at for contact in stored(database, Contact)] == [monday]
    assert [row.expires_at for row in stored(database, Invitation)] == [monday + service.VALID]


def test_a_time_without_a_zone_is_the_organisations(database, railway):
    taken(database, seen(happened_at=datetime(2026, 11, 9, 0, 30)))
    assert stored(database, Interaction)[0].happened_at == datetime(2026, 11, 8, 23, 30, tzinfo=UTC)
    assert stored(database, Invitation)[0].happened_on.isoformat() == "2026-11-09"


def test_a_month_invites_as_many_as_its_target_needs(database, railway):
    with database.writing() as session:
        asks(session, railway, target=2)
    became = taken(database, *(seen() for _ in range(25)), seen(touchpoint="phone"))
    assert Counter(outcomes(became)) == {Outcome.INVITED: 21, Outcome.TARGET_REACHED: 5}
    (quota,) = stored(database, Quota)
    assert (quota.month, quota.allowed, quota.invited) == (MONTH, 20, 20)
    december = datetime(2026, 12, 1, tzinfo=UTC)
    assert outcomes(taken(database, seen(happened_at=december), now=december)) == [Outcome.INVITED]


def test_what_was_answered_before_tells_how_many_to_invite(database, railway):
    october = datetime(2026, 10, 9, 11, tzinfo=UTC)
    taken(database, *(seen(happened_at=october) for _ in range(40)), now=october)
    with database.writing() as session:
        for row in session.scalars(select(Invitation).limit(20)):
            row.spent_at = october
        asks(session, railway, target=5)
    assert Counter(outcomes(taken(database, *(seen() for _ in range(15))))) == {
        Outcome.INVITED: 10,
        Outcome.TARGET_REACHED: 5,
    }


def test_whoever_was_invited_before_a_target_was_set_counts(database, railway):
    taken(database, *(seen() for _ in range(15)))
    with database.writing() as session:
        asks(session, railway, target=2)
    assert Counter(outcomes(taken(database, *(seen() for _ in range(10))))) == {
        Outcome.INVITED: 5,
        Outcome.TARGET_REACHED: 5,
    }


def test_more_than_a_thousand_at_once_are_too_many(sqlite, small_railway):
    with pytest.raises(TooMany):
        taken(sqlite, *(seen() for _ in range(MOST + 1)))
    assert taken(sqlite) == []


def test_without_the_secret_key_nothing_is_taken(sqlite, small_railway):
    with pytest.raises(NoSecretKey):
        taken(sqlite, seen(), secret_key=None)


def test_a_link_from_another_door_under_the_same_id_came_first(database, railway):
    with database.writing() as session:
        service.invite(session, "station", interaction="call-1", happened_on=NOON.date(), now=NOON)
    (became,) = taken(database, seen("call-1"))
    assert became == Taken("call-1", Outcome.INVITED, new=False, link=None)


def test_answers_by_links_a_till_signed_tell_nothing_of_how_many_to_invite(database, railway):
    october = datetime(2026, 10, 9, 11, tzinfo=UTC)
    taken(database, *(seen(happened_at=october) for _ in range(40)), now=october)
    with database.writing() as session:
        for row in session.scalars(select(Invitation)):
            row.spent_at = row.expires_at = october  # as a signed link is kept when it is used
        asks(session, railway, target=1)
    assert outcomes(taken(database, *(seen() for _ in range(11)))).count(Outcome.INVITED) == 10


def test_many_sides_at_once_invite_each_customer_once(database, railway):
    """Four at a time send the same 60 interactions of 15 customers, each in an order of its own."""
    calls = [
        seen(f"call-{number}", ("station", "phone")[number % 2], email=f"c{number % 15}@example.org")
        for number in range(60)
    ]
    with database.writing() as session:
        asks(session, railway, "phone", target=1)
    became: list[Taken] = []
    together = threading.Barrier(4)

    def send(shift):
        together.wait()
        mine = calls[shift:] + calls[:shift]
        for start in range(0, 60, 7):
            became.extend(taken(database, *mine[start : start + 7]))

    senders = [threading.Thread(target=send, args=(shift,)) for shift in (0, 15, 30, 45)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert len(became) == 240
    assert Counter(each.new for each in became) == {True: 60, False: 180}
    assert len({(each.code, each.outcome) for each in became}) == 60
    asked = [message.recipient for message in stored(database, Message)]
    assert len(asked) == len(set(asked)) == len(stored(database, Invitation))
    assert Counter(row.outcome for row in stored(database, Interaction))[Outcome.INVITED] == len(asked)
    (quota,) = stored(database, Quota)
    assert quota.invited <= quota.allowed == 10
    # Nobody is left out either: whoever was not asked at the desk, its target reached, was at the station.
    assert len(asked) == 15


anything = st.none() | st.text(st.characters(exclude_categories=()), max_size=30)
strangers = st.builds(
    Seen,
    code=st.text(st.characters(exclude_categories=()), max_size=30),
    touchpoint=st.just("station") | st.text(st.characters(exclude_categories=()), max_size=30),
    happened_at=st.just(NOON) | st.datetimes(),
    customer=anything,
    email=anything | st.emails(),
    phone=anything,
    language=anything,
    name=anything,
)


@trying(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(strangers, max_size=5))
def test_whatever_a_caller_writes_is_taken_or_refused(database, railway, some):
    with database.writing() as session:
        became = take(session, some, NOON, known=settings())
        assert [each.code for each in became] == [each.code for each in some]
        session.rollback()


def test_a_touchpoint_is_known_in_either_spelling_of_its_accents(database, railway):
    with database.writing() as session:
        railway.session = session
        railway.touchpoint("caf\N{LATIN SMALL LETTER E WITH ACUTE}")
    (became,) = taken(database, seen(touchpoint=" cafe\N{COMBINING ACUTE ACCENT} "))
    assert became.outcome is Outcome.INVITED


visits = st.tuples(
    st.integers(0, 40),  # days since the last one
    st.sampled_from(["station", "phone"]),
    st.sampled_from([None, "ann", "ben"]),
    st.sampled_from([None, "ann@example.org", "ANN@example.org", "ben@example.org"]),
    st.sampled_from([None, "0612345678", "+33712345678"]),
)


@trying(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(visits, max_size=25), st.integers(1, 60), st.integers(1, 3))
def test_no_key_is_ever_asked_twice_within_the_days_of_rest(sqlite, small_railway, visits, rest, target):
    known, now, asked, invited = settings(rest_days=rest), NOON, {}, Counter()
    with sqlite.writing() as session:
        asks(session, small_railway, "phone", target=target)
        for number, (days, place, customer, email, phone) in enumerate(visits):
            now += timedelta(days=days)
            call = Seen(f"v{number}", place, now, customer, email, phone)
            (became,) = take(session, [call], now, known=known)
            keys = contacts.keys(SECRET, customer=customer, email=email, phone=phone)
            free = all(now - asked[key] >= timedelta(days=rest) for key in keys if key in asked)
            if became.outcome is Outcome.INVITED:
                due = session.scalars(select(Message.due_at).order_by(Message.id.desc())).first()
                assert free
                assert email or phone
                asked |= dict.fromkeys(keys, due)
                invited[place, now.astimezone(known.zone).strftime("%Y-%m")] += 1
            elif became.outcome is Outcome.ASKED_RECENTLY:
                assert not free
            else:
                full = became.outcome is Outcome.TARGET_REACHED and place == "phone"
                assert full or not (email or phone)
        allowed = dict(session.execute(select(Quota.month, Quota.allowed)).all())
        for (place, month), number in invited.items():
            if place == "phone":
                assert number <= allowed[datetime.fromisoformat(f"{month}-01").date()] <= 50 * target
        assert session.scalar(select(func.count()).select_from(Message)) == invited.total()
        session.rollback()
