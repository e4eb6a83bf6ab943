"""News reaches its receivers at least once, under one id, whatever these or the senders do meanwhile."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from config import Settings
from pulse import db
from pulse.webhooks import sender, service, signing
from pulse.webhooks.events import Event
from pulse.webhooks.models import Delivery, DeliveryState, Trouble, Webhook
from tests.conftest import SECRET
from tests.pulse.webhooks.receiver import Receiver, receiving

NOW = datetime(2026, 11, 9, 9, tzinfo=UTC)
SHORT = 0.6  # seconds


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


def settings(receiver: Receiver, secret: str = SECRET) -> Settings:
    return Settings(secret_key=secret, webhook_inwards=(receiver.origin,))


def made(receiver: Receiver, path: str = "/ok") -> service.Made:
    """A webhook to a path of the receiver, which is its name."""
    with db.writing() as session:
        return service.make(
            session,
            path,
            receiver.origin + path,
            [Event.SUCCESS],
            inwards=(receiver.origin,),
            key=SECRET,
            now=NOW,
        )


def tell(*keys: str) -> None:
    with db.writing() as session:
        for key in keys:
            service.tell(session, Event.SUCCESS, key, {"fix": key}, NOW)


def send(receiver: Receiver, now: datetime = NOW, secret: str = SECRET) -> str | None:
    return sender.send_due(db.main, settings(receiver, secret), now, patience=SHORT)


def rows() -> list[Delivery]:
    with db.reading() as session:
        return list(session.scalars(select(Delivery).order_by(Delivery.key)))


def test_news_arrives_signed_and_is_sent_no_more(database, receiver):
    secret = made(receiver).secret
    tell("a")
    assert send(receiver) == "1 delivered"
    assert send(receiver) is None
    (got,) = receiver.got
    name, second = got.headers["webhook-id"], int(got.headers["webhook-timestamp"])
    assert got.headers["webhook-signature"] == signing.signature(secret, name, second, got.body)
    assert abs(second - NOW.timestamp()) < 60
    assert json.loads(got.body) == {
        "type": "fix.succeeded",
        "timestamp": "2026-11-09T09:00:00+00:00",
        "data": {"fix": "a"},
    }
    (row,) = rows()
    assert (row.id, row.state, row.status, row.error, row.attempts) == (
        name, DeliveryState.DELIVERED, 200, None, 1
    )  # fmt: skip


def test_what_is_not_taken_is_sent_for_days_under_one_id_and_then_given_up(sqlite, receiver):
    made(receiver, "/status/500")
    tell("a")
    now, waited = NOW, []
    while (row := (rows() or [None])[0]) is not None and row.state is DeliveryState.QUEUED:
        assert send(receiver, now) == "1 not taken"
        (row,) = rows()
        waited.append(row.due_at - now)
        now = row.due_at
    assert len(receiver.got) == len(sender.WAITS) + 1
    assert len({got.headers["webhook-id"] for got in receiver.got}) == 1
    assert timedelta(days=3) < now - NOW < timedelta(days=5)
    assert [round(wait.total_seconds()) for wait in waited[:-1]] == [
        int(wait.total_seconds()) for wait in sender.WAITS
    ]
    assert (row.state, row.status, row.error) == (DeliveryState.FAILED, 500, Trouble.ANSWERED.value)


@pytest.mark.parametrize(
    ("path", "status", "trouble"),
    [
        ("/redirects", 302, Trouble.REDIRECTED),
        ("/hangs", None, Trouble.TIMEOUT),
        ("/busy", 503, Trouble.ANSWERED),
    ],
)
def test_why_it_was_not_taken_is_kept_and_a_wait_is_kept_to(sqlite, receiver, path, status, trouble):
    made(receiver, path)
    tell("a")
    send(receiver)
    (row,) = rows()
    assert (row.state, row.status, row.error) == (DeliveryState.QUEUED, status, trouble.value)
    wait = timedelta(hours=2) if path == "/busy" else sender.WAITS[0]
    assert wait <= row.due_at - NOW < wait + timedelta(seconds=60)


def test_a_receiver_that_does_not_answer_is_left_alone_with_all_that_waits(sqlite, receiver):
    made(receiver, "/hangs")
    tell("a", "b", "c")
    assert send(receiver) == "1 not taken"
    assert len(receiver.got) == 1
    assert send(receiver, NOW + timedelta(seconds=5)) is None
    assert {row.attempts for row in rows()} == {1}


def test_a_receiver_that_answers_late_gets_the_news_twice_under_one_id(sqlite, receiver):
    made(receiver, "/late")
    tell("a")
    assert send(receiver) == "1 not taken"
    receiver.over.set()
    assert send(receiver, rows()[0].due_at) == "1 delivered"
    assert {got.headers["webhook-id"] for got in receiver.at("/late")} == {rows()[0].id}
    assert len(receiver.got) == 2


def test_a_hanging_receiver_keeps_nobody_else_waiting(sqlite, receiver):
    made(receiver, "/hangs")
    made(receiver, "/ok")
    tell("a")
    rounds = threading.Thread(
        target=sender.send_due, args=(db.main, settings(receiver), NOW), kwargs={"patience": 15.0}
    )
    rounds.start()
    assert receiver.arrived("/ok", 1)
    tell("b")  # while the other one still hangs
    assert receiver.arrived("/ok", 2)
    assert rounds.is_alive()
    receiver.over.set()
    rounds.join()
    assert len(receiver.at("/hangs")) == 1


def test_what_a_dead_sender_left_is_sent_again_under_the_same_id(database, receiver):
    made(receiver)
    tell("a")
    with db.writing() as session:
        left = {"state": DeliveryState.CLAIMED, "claimed_at": NOW, "attempts": 1}
        session.execute(update(Delivery).values(left))
    assert send(receiver, NOW + timedelta(minutes=4)) is None
    assert send(receiver, NOW + timedelta(minutes=6)) == "1 delivered"
    assert receiver.got[0].headers["webhook-id"] == rows()[0].id


def test_two_senders_at_once_send_each_piece_once(database, receiver):
    made(receiver)
    tell(*(f"{number:02}" for number in range(12)))
    senders = [threading.Thread(target=send, args=(receiver,)) for _ in range(2)]
    for one in senders:
        one.start()
    for one in senders:
        one.join()
    assert Counter(got.headers["webhook-id"] for got in receiver.got) == Counter(row.id for row in rows())
    assert {row.state for row in rows()} == {DeliveryState.DELIVERED}


def test_a_receiver_that_wants_no_more_stops_its_webhook(sqlite, receiver):
    made(receiver, "/status/410")
    tell("a", "b")
    send(receiver)
    assert [row.error for row in rows()].count(Trouble.STOPPED.value) == 1
    assert {row.state for row in rows()} == {DeliveryState.FAILED}
    with db.reading() as session:
        assert session.scalars(select(Webhook.stopped_at)).one() is not None


def test_nothing_is_sent_inwards_once_the_operator_takes_it_back(sqlite, receiver):
    made(receiver)
    tell("a")
    sender.send_due(db.main, Settings(secret_key=SECRET), NOW)
    assert (receiver.got, rows()[0].error) == ([], Trouble.INWARDS.value)


def test_under_another_key_nothing_is_sent_and_a_new_secret_mends_it(sqlite, receiver):
    webhook = made(receiver).webhook_id
    tell("a")
    other = SECRET[::-1]
    send(receiver, secret=other)
    assert (receiver.got, rows()[0].error) == ([], Trouble.SEALED.value)
    with db.writing() as session:
        found = session.get_one(Webhook, webhook)
        secret = service.renew(session, found, key=other, now=NOW).secret
    assert send(receiver, NOW + timedelta(minutes=1), secret=other) == "1 delivered"
    got = receiver.got[0]
    signed = signing.signature(
        secret, got.headers["webhook-id"], int(got.headers["webhook-timestamp"]), got.body
    )
    assert got.headers["webhook-signature"] == signed
