"""Mail servers have bad days: whatever they do, no mail is doubled, and none is lost without being said."""

import time
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from pulse.outbox.models import Message, MessageState
from pulse.outbox.service import enqueue
from surveys.delivery import claims, progress
from surveys.delivery.claims import RESTS, take
from surveys.delivery.models import Trouble
from surveys.delivery.sender import send_due
from tests.surveys.delivery.conftest import FreePort, Postman, settings_for

QUEUED, FAILED, IN_DOUBT = MessageState.QUEUED, MessageState.FAILED, MessageState.IN_DOUBT
BEFORE_THE_MESSAGE = ("connect", "EHLO", "MAIL", "RCPT", "DATA")


def queue(database, *names, text="Bonjour\n"):
    now = datetime.now(UTC)
    with database.writing() as session:
        for name in names:
            key, to = f"interaction:{name}", f"{name}@example.org"
            enqueue(session, key=key, channel="email", recipient=to, subject="s", text=text, now=now)


def states(database):
    with database.reading() as session:
        return {m.key.partition(":")[2]: m.state for m in session.scalars(select(Message))}


def is_resting(database):
    with database.reading() as session:
        return bool(progress.troubles(session))


def taken_by(postman):
    return sorted(recipients[0].partition("@")[0] for recipients, _ in postman.taken)


@pytest.mark.parametrize(
    ("stage", "mood", "state", "rests"),
    [
        *((stage, mood, QUEUED, True) for stage in BEFORE_THE_MESSAGE for mood in ("hang", "drop")),
        *((stage, "421 going down", QUEUED, True) for stage in (*BEFORE_THE_MESSAGE, "end")),
        ("connect", "554 no service here", QUEUED, True),
        ("EHLO", "550 who are you", QUEUED, True),
        ("MAIL", "451 not now", QUEUED, True),
        ("MAIL", "553 sender not allowed", QUEUED, True),
        ("RCPT", "451 greylisted", QUEUED, False),
        ("RCPT", "550 5.1.1 no such person", FAILED, False),
        ("RCPT", "550 5.1.1 rejected: unknown in relay recipient table", FAILED, False),
        ("RCPT", "554 5.7.1 relay access denied", QUEUED, True),
        ("RCPT", "550 relay not permitted", QUEUED, True),
        ("RCPT", "530 authentication required", QUEUED, True),
        ("DATA", "451 not now", QUEUED, False),
        ("DATA", "554 no", FAILED, False),
        ("body", "drop", IN_DOUBT, True),
        ("body", "hang", IN_DOUBT, True),
        ("end", "452 full", QUEUED, False),
        ("end", "554 looks like spam", FAILED, False),
        ("end", "drop", IN_DOUBT, True),
        ("end", "hang", IN_DOUBT, True),
        ("end", "250 OK", MessageState.SENT, False),
        ("end", "999 what", IN_DOUBT, True),
    ],
)
def test_whatever_a_server_does_nothing_is_doubled_and_nothing_lost_in_silence(
    sqlite, bad_day, stage, mood, state, rests
):
    postman, moods, by = bad_day
    queue(sqlite, "ana")
    moods[stage] = mood
    send_due(sqlite, by, datetime.now(UTC))
    assert (states(sqlite), is_resting(sqlite)) == ({"ana": state}, rests)

    moods.clear()
    send_due(sqlite, by, datetime.now(UTC) + timedelta(days=1))
    if state is QUEUED:
        assert (states(sqlite), taken_by(postman)) == ({"ana": MessageState.SENT}, ["ana"])
        assert not is_resting(sqlite)
    else:
        assert states(sqlite) == {"ana": state}
        assert len(postman.taken) <= 1


def test_a_mail_whose_end_never_left_is_no_doubt(sqlite, bad_day):
    _, moods, by = bad_day
    queue(sqlite, "ana", text="Bonjour\n" * 1_000_000)
    moods["body"] = "drop"
    send_due(sqlite, by, datetime.now(UTC))
    assert states(sqlite) == {"ana": QUEUED}


def test_a_server_that_takes_mail_and_says_so_too_late_is_not_given_it_again(database, bad_day):
    postman, moods, by = bad_day
    queue(database, "ana", "bob")
    moods["end"] = "hang"
    assert send_due(database, by, datetime.now(UTC)) == "1 in_doubt"
    moods.clear()
    assert send_due(database, by, datetime.now(UTC) + RESTS[0]) == "1 sent"
    assert send_due(database, by, datetime.now(UTC) + timedelta(days=9)) is None
    assert taken_by(postman) == ["ana", "bob"]


def test_a_server_that_falls_silent_after_every_mail_puts_few_in_doubt(sqlite, bad_day):
    _, moods, by = bad_day
    queue(sqlite, *(f"p{n}" for n in range(40)))
    moods["end"] = "drop"
    for minute in range(10):
        send_due(sqlite, by, datetime.now(UTC) + timedelta(minutes=minute))
    assert sum(state is IN_DOUBT for state in states(sqlite).values()) <= 6


def test_a_server_that_is_down_for_an_hour_loses_nothing_and_doubles_nothing(database):
    postman = Postman()
    server = FreePort(postman, hostname="127.0.0.1", port=0)
    server.start()
    by = settings_for(f"smtp://127.0.0.1:{server.port}")
    server.stop()
    begin = datetime(2026, 11, 3, 9, tzinfo=UTC)
    with time_machine.travel(begin, tick=False):
        queue(database, *(f"p{n}" for n in range(30)))
    for minute in range(60):
        with time_machine.travel(begin + timedelta(minutes=minute), tick=False):
            send_due(database, by, datetime.now(UTC))
    assert set(states(database).values()) == {QUEUED}
    with database.reading() as session:
        trouble = session.scalars(select(Trouble)).one()
        assert begin <= trouble.since < begin + timedelta(minutes=1)
        assert "refused" in trouble.error
        assert session.query(Message).filter(Message.attempts > 0).count() < 20  # most were spared

    server = FreePort(postman, hostname="127.0.0.1", port=int(by.smtp_url.rpartition(":")[2]))
    server.start()
    for minute in range(60, 60 * 5):
        with time_machine.travel(begin + timedelta(minutes=minute), tick=False):
            while send_due(database, by, datetime.now(UTC)) is not None:
                pass
        if set(states(database).values()) == {MessageState.SENT}:
            break
    server.stop()
    assert taken_by(postman) == sorted(f"p{n}" for n in range(30))
    assert not is_resting(database)


def test_a_channel_in_trouble_holds_no_other_channel_up(sqlite, caplog):
    queue(sqlite, "ana")
    now = datetime.now(UTC)
    words = {"recipient": "+33600000000", "subject": "", "text": "t", "now": now}
    with sqlite.writing() as session:
        enqueue(session, key="interaction:sms", channel="sms", due=now, **words)
    assert send_due(sqlite, settings_for("smtp://127.0.0.1:1"), datetime.now(UTC)) == "1 queued, 1 logged"


def test_a_sender_that_was_only_slow_says_in_the_end_what_became_of_its_message(database):
    queue(database, "ana")
    begun = datetime.now(UTC)
    with database.writing() as session:
        message = take(session, begun)
    later = begun + claims.CLAIM + timedelta(seconds=1)
    with database.writing() as session:
        assert claims.give_up_dead_claims(session, later) == 1
    with database.writing() as session:
        claims.put_down(session, message, claims.Ending(MessageState.SENT), later)
    assert states(database) == {"ana": MessageState.SENT}


@pytest.mark.parametrize("decided", [MessageState.QUEUED, MessageState.LEFT])
def test_what_somebody_decided_stands_against_a_slow_sender(database, decided):
    queue(database, "ana")
    with database.writing() as session:
        message = take(session, datetime.now(UTC))
    with database.writing() as session:
        session.get_one(Message, message.id).state = decided
    with database.writing() as session:
        claims.put_down(session, message, claims.Ending(MessageState.SENT), datetime.now(UTC))
    assert states(database) == {"ana": decided}


def test_a_mails_reason_to_fail_never_names_its_reader(sqlite, bad_day):
    _, moods, by = bad_day
    queue(sqlite, "ana")
    moods["RCPT"] = "550 5.1.1 <Ana@Example.org>: no such person"
    send_due(sqlite, by, datetime.now(UTC))
    with sqlite.reading() as session:
        assert session.scalars(select(Message.error)).one() == "550 5.1.1 <…>: no such person"


def test_whatever_a_server_says_can_be_kept(database):
    queue(database, "ana")
    with database.writing() as session:
        message = take(session, datetime.now(UTC))
    said = claims.Ending(FAILED, "550 a\0b\r\n" + "x" * 9000)
    with database.writing() as session:
        claims.put_down(session, message, said, datetime.now(UTC))
    with database.reading() as session:
        kept = session.scalars(select(Message.error)).one()
    assert (kept[:9], len(kept)) == ("550 a b x", claims.LONGEST_ERROR)


def test_a_long_run_is_dated_by_the_time_that_passes(sqlite, bad_day):
    _, moods, by = bad_day
    queue(sqlite, "ana")
    moods["connect"] = "hang"
    begun, ticks = datetime.now(UTC) + timedelta(days=3), time.monotonic()
    send_due(sqlite, by, begun)
    with sqlite.reading() as session:
        since = session.scalars(select(Trouble.since)).one()
    assert timedelta(seconds=0.2) < since - begun <= timedelta(seconds=time.monotonic() - ticks)
