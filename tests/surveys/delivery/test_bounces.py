"""What comes back is remembered of customers, by whatever way they are known, and of nobody else."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from config import Settings
from pulse.organisation.models import Touchpoint
from pulse.outbox.models import Message
from pulse.outbox.service import enqueue
from surveys.delivery import bounces, naming
from surveys.delivery.email import written
from surveys.delivery.sender import send_due
from surveys.invitations import contacts
from surveys.invitations.models import Contact, Interaction, OptedOutBy, Outcome
from tests.surveys.delivery.conftest import SECRET

NOW = datetime(2026, 11, 3, 9, tzinfo=UTC)
KNOWN = Settings(secret_key=SECRET)  # type: ignore[arg-type]
CUSTOMER = contacts.keys(SECRET, customer="C-1", email="carl@shop.example", phone="0612345678")
BY_MAIL = contacts.keys(SECRET, email="carl@shop.example")


def message(database, *, to="carl@shop.example", key=None, channel="email"):
    """A message to a customer about an interaction, or of another key."""
    with database.writing() as session:
        shop = Touchpoint(code=f"T{to}{key}", name_en="Shop", name_fr="Magasin")
        session.add(shop)
        session.flush()
        told = Interaction(
            code=f"I{to}{key}",
            touchpoint_id=shop.id,
            happened_at=NOW,
            received_at=NOW,
            contact_keys=CUSTOMER,
            outcome=Outcome.INVITED,
        )
        session.add(told)
        session.flush()
        key = key or f"interaction:{told.id}"
        enqueue(session, key=key, channel=channel, recipient=to, subject="s", text="t", now=NOW)
    with database.reading() as session:
        return session.scalars(select(Message).where(Message.key == key)).one()


def note(database, **what):
    with database.writing() as session:
        return bounces.note(session, now=NOW, known=KNOWN, **what)


def remembered(database):
    with database.reading() as session:
        rows = session.scalars(select(Contact))
        return {row.key: (row.unreachable_since, row.opted_out_at, row.opted_out_by) for row in rows}


def test_an_address_that_bounces_is_unreachable_and_the_customers_others_are_not(database):
    name = written(message(database), "Pulse <pulse@example.org>")["Message-ID"]
    assert note(database, message_id=name, kind="bounce")
    assert note(database, message_id=name.strip("<>"), kind="bounce")
    assert remembered(database) == {BY_MAIL[0]: (NOW, None, None)}


def test_a_complaint_is_heard_for_every_way_the_customer_is_known_by(database):
    assert note(database, message_id=naming.name(message(database)), kind="complaint")
    assert remembered(database) == dict.fromkeys(CUSTOMER, (None, NOW, OptedOutBy.COMPLAINT))


def test_an_address_alone_is_enough_however_it_is_written(sqlite):
    assert note(sqlite, recipient=" Carl@Shop.example ", kind=bounces.Kind.COMPLAINT)
    assert note(sqlite, recipient="+33 6 12 34 56 78", kind="bounce")
    assert set(remembered(sqlite)) == set(
        contacts.keys(SECRET, email="carl@shop.example", phone="0612345678")
    )


@pytest.mark.parametrize("key", ["wave:2026-11:person:1", "sign-in:abc"])
def test_of_employees_nothing_is_remembered(sqlite, key):
    sent = message(sqlite, key=key)
    assert not note(sqlite, message_id=naming.name(sent), kind="bounce")
    assert remembered(sqlite) == {}


@pytest.mark.parametrize(
    "what", [{}, {"message_id": "<12.0123456789abcdef0123@x>"}, {"message_id": "?"}, {"recipient": "nobody"}]
)
def test_what_says_nothing_of_whom_it_is_about_is_not_known(sqlite, what):
    with pytest.raises(bounces.NotKnown):
        note(sqlite, kind="bounce", **what)


def test_another_kind_is_refused(sqlite):
    with pytest.raises(ValueError, match="applause"):
        note(sqlite, recipient="carl@shop.example", kind="applause")


def test_a_name_of_another_installation_finds_no_message_here(sqlite):
    sent = message(sqlite)
    number, _, rest = naming.name(sent).partition(".")
    other = f"{number}.{rest[::-1]}"
    with sqlite.reading() as session:
        assert naming.find(session, naming.name(sent)).id == sent.id
        assert naming.find(session, f"<{naming.name(sent)}@pulse.example.org>").id == sent.id
        for told in (other, number, "", "x" * 1000, f"999999999.{rest}"):
            assert naming.find(session, told) is None


def test_a_message_bears_the_same_name_at_every_attempt(sqlite):
    sent = message(sqlite)
    first = written(sent, "Pulse <pulse@example.org>")["Message-ID"]
    sent.attempts += 1
    assert written(sent, "Pulse <pulse@example.org>")["Message-ID"] == first
    assert first == f"<{naming.name(sent)}@example.org>"


@pytest.mark.parametrize(
    ("said", "unreachable"),
    [
        ("550 no such person", True),
        ("551 not here", True),
        ("553 5.1.3 no address", True),
        ("550 5.1.1 unknown", True),
        ("554 5.2.1 disabled", True),
        ("550 5.1.1 <carl@shop.example>: Recipient address rejected: User unknown in relay table", True),
        ("550 5.7.1 not allowed", False),
        ("554 5.7.1 Relay access denied", False),
        ("550 relay not permitted", False),
        ("550 blocked by our list", False),
        ("552 5.2.2 mailbox full", False),
        ("554 refused", False),
        ("450 5.1.1 greylisted", False),
    ],
)
def test_a_server_that_knows_nobody_there_makes_an_address_unreachable(
    sqlite, postman, by, said, unreachable
):
    message(sqlite)
    postman.at_recipient = {"carl@shop.example": said}
    send_due(sqlite, by, NOW + timedelta(hours=1))
    assert [key for key, (since, *_) in remembered(sqlite).items() if since] == (
        BY_MAIL if unreachable else []
    )


def test_a_server_that_knows_no_such_employee_is_remembered_nowhere(sqlite, postman, by):
    message(sqlite, key="wave:2026-11:person:1")
    postman.at_recipient = {"carl@shop.example": "550 5.1.1 unknown"}
    assert send_due(sqlite, by, NOW + timedelta(hours=1)) == "1 failed"
    assert remembered(sqlite) == {}
