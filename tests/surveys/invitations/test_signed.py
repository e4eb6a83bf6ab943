"""Links that a program signs by itself: good once, unaltered, until they expire or their key ends."""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from pulse import db
from pulse.people import api_keys
from pulse.people.models import Scope
from surveys.invitations import service, signed
from surveys.invitations.models import Interaction, Invitation, Outcome, Way
from surveys.invitations.service import NotInvited
from tests.conftest import SECRET
from tests.surveys.conftest import OPEN, PARIS, Railway

LATER = OPEN + timedelta(days=14)


@pytest.fixture
def till(railway: Railway) -> Iterator[api_keys.Made]:
    """A key for links, on each engine, in November 2026."""
    with time_machine.travel(OPEN, tick=False):
        with db.writing() as session:
            made = api_keys.make(session, "till", {Scope.LINKS}, expires=None, secret_key=SECRET, now=OPEN)
        yield made


@pytest.fixture
def small_till(small_railway: Railway) -> Iterator[api_keys.Made]:
    """The same on SQLite alone."""
    with time_machine.travel(OPEN, tick=False):
        with db.writing() as session:
            made = api_keys.make(session, "till", {Scope.LINKS}, expires=None, secret_key=SECRET, now=OPEN)
        yield made


def link(
    made: api_keys.Made,
    touchpoint: str = "station",
    interaction: str = "receipt-1",
    expires: datetime = LATER,
) -> str:
    """A token that a till signs."""
    return signed.token(made.public, made.link_secret or "", touchpoint, interaction, expires)


def read(token: str, now: datetime = OPEN) -> signed.Permitted | None:
    """What a token allows."""
    with db.reading() as session:
        return signed.read(session, token, now, secret_key=SECRET)


def spend(token: str, now: datetime = OPEN) -> service.Invited:
    """Use a token up, in a transaction of its own."""
    with db.writing() as session:
        return signed.spend(session, token, now, secret_key=SECRET, zone=PARIS)


def rows(what: type) -> int:
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(what)) or 0


def by_hand(made: api_keys.Made, payload: bytes, purpose: str = "pulse answer\n") -> str:
    """A token over whatever payload, signed as the documentation says, without our own code."""
    text = base64.urlsafe_b64encode(payload).decode().rstrip("=")
    mixed = hmac.new((made.link_secret or "").encode(), (purpose + text).encode(), hashlib.sha256).digest()
    return f"{made.public}.{text}.{base64.urlsafe_b64encode(mixed).decode().rstrip('=')}"


def test_a_link_is_good_once(till, railway):
    token = link(till)
    assert read(token) == signed.Permitted(railway.touchpoints["station"].id, "receipt-1")

    spent = spend(token)
    assert spent.touchpoint_id == railway.touchpoints["station"].id
    assert spent.happened_on == OPEN.date()
    assert read(token) is None
    with pytest.raises(NotInvited):
        spend(token)
    with db.reading() as session:
        invitation = session.get_one(Invitation, spent.invitation_id)
        seen = session.get_one(Interaction, invitation.interaction_id)
    assert (invitation.way, invitation.spent_at, seen.code) == (Way.LINK, OPEN, "receipt-1")


def test_looking_uses_nothing_up(till):
    for _ in range(5):
        assert read(link(till))
    assert (rows(Interaction), rows(Invitation)) == (0, 0)


def test_another_link_of_the_same_interaction_is_used_up_with_it(till):
    first, second = link(till), link(till, expires=LATER + timedelta(days=1))
    spend(first)
    assert read(second) is None
    with pytest.raises(NotInvited):
        spend(second)


def test_an_interaction_that_led_to_an_invitation_is_answered_by_it_alone(till):
    with db.writing() as session:
        service.invite(session, "station", interaction="receipt-1", happened_on=OPEN.date(), now=OPEN)
    assert read(link(till)) is None


def test_who_was_not_asked_may_answer_by_a_link(till, railway):
    with db.writing() as session:
        place = railway.touchpoints["station"].id
        seen = Interaction(code="receipt-1", touchpoint_id=place, happened_at=OPEN, received_at=OPEN)
        seen.contact_keys, seen.outcome = [], Outcome.NOT_SAMPLED
        session.add(seen)
    spend(link(till))
    with db.reading() as session:
        assert session.scalars(select(Interaction.outcome)).all() == [Outcome.INVITED]


def test_an_interaction_elsewhere_is_another_matter(till, railway):
    with db.writing() as session:
        place = railway.touchpoints["phone"].id
        seen = Interaction(code="receipt-1", touchpoint_id=place, happened_at=OPEN, received_at=OPEN)
        seen.contact_keys, seen.outcome = [], Outcome.NOT_SAMPLED
        session.add(seen)
    with pytest.raises(NotInvited):
        spend(link(till))
    with db.reading() as session:
        assert session.scalars(select(Interaction.outcome)).all() == [Outcome.NOT_SAMPLED]


def test_a_link_ends_when_it_expires_and_with_its_key(till):
    token = link(till)
    assert read(token, LATER - timedelta(seconds=1))
    assert read(token, LATER) is None
    with db.writing() as session:
        api_keys.revoke(session, till.public, OPEN)
    assert read(token) is None
    with pytest.raises(NotInvited):
        spend(token)


def test_a_key_for_something_else_signs_nothing(till):
    with db.writing() as session:
        made = api_keys.make(session, "crm", {Scope.INTERACTIONS}, expires=None, secret_key=SECRET, now=OPEN)
    forged = signed.token(made.public, api_keys.link_secret(SECRET, made.public), "station", "x", LATER)
    assert read(forged) is None


def test_a_key_past_its_last_day_signs_nothing(till):
    with db.writing() as session:
        made = api_keys.make(session, "fair", {Scope.LINKS}, expires=OPEN.date(), secret_key=SECRET, now=OPEN)
    token = link(made)
    assert read(token)
    with time_machine.travel(OPEN + timedelta(days=1), tick=False):
        assert read(token) is None


def test_what_was_signed_by_hand_is_read_alike(small_till):
    second = int(LATER.timestamp())
    assert read(by_hand(small_till, f"station\nreceipt-1\n{second}".encode()))
    for payload in (
        f"station\nreceipt-1\n{second}\n",
        f"station\nreceipt-1\n{second} ",
        f"station\nreceipt-1\n+{second}",
        f"station\nreceipt-1\n{second}.0",
        "station\nreceipt-1\n" + "9" * 13,
        "station\nreceipt-1\n٩٩٩٩٩٩٩٩٩٩",
        "station\nreceipt-1\n",
        f"station\n\n{second}",
        f"\nreceipt-1\n{second}",
        f"station\nreceipt\0-1\n{second}",
        f"station\n{'x' * 201}\n{second}",
        f"moon\nreceipt-1\n{second}",
        f"station\nreceipt-1\r\n{second}",
        "",
    ):
        assert read(by_hand(small_till, payload.encode())) is None, payload
    assert read(by_hand(small_till, b"station\n\xff\n9999999999")) is None
    good = f"station\nreceipt-1\n{second}".encode()
    for purpose in ("", "pulse erase\n", "pulse answer", "Pulse answer\n"):
        assert read(by_hand(small_till, good, purpose)) is None, purpose


def test_a_link_of_another_installation_means_nothing(small_till):
    other = api_keys.link_secret("another installation's key", small_till.public)
    assert read(signed.token(small_till.public, other, "station", "receipt-1", LATER)) is None


STRANGE = st.text(max_size=40) | st.from_regex(r"[A-Za-z0-9_.=-]{0,60}", fullmatch=True)


@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.data())
def test_no_altered_link_is_good(small_till: api_keys.Made, data: st.DataObject):
    token = link(small_till)
    place = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.sampled_from("AQgw048cs-_=.aZ9\0é") | st.characters())
    altered = data.draw(
        st.just(token[:place] + letter + token[place + 1 :])
        | st.just(token[:place] + letter + token[place:])
        | st.just(token[:place] + token[place + 1 :])
        | st.just(token + "=")
        | STRANGE
    )
    if altered != token:
        assert read(altered) is None
    assert read(token)
