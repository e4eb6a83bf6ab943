"""The page of mailings: progress without recipients, and an admin's word on what is in doubt."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from pulse import db
from pulse.outbox.models import Message, MessageState
from pulse.outbox.service import enqueue
from pulse.people import service
from pulse.people.models import AuditEntry, Grant
from surveys.delivery import decisions, naming, progress
from surveys.delivery.claims import A_MINUTE
from surveys.delivery.models import Trouble
from tests.pulse.people.test_accounts import browser_of, send
from tests.pulse.test_web import PASSWORD

ADMIN, ANALYST, EVE = "ada@example.org", "ana@example.org", "eve@example.org"
NOW = datetime(2026, 11, 3, 9, tzinfo=UTC)
WAVE = "wave:2026-11:person"


@pytest.fixture
def staffed(app: Flask) -> Flask:
    """An admin, an analyst, and Eve, who only answers."""
    with db.writing() as session:
        for email, grant in ((ADMIN, Grant.ADMIN), (ANALYST, Grant.ANALYST), (EVE, None)):
            person = service.add(session, email, language="en", password=PASSWORD)
            if grant:
                service.grant(session, person, grant)
    return app


def put(key: str, state: str, *, error: str | None = None, to: str = "bob@shop.example") -> int:
    """A message that stands somewhere; its number."""
    with db.writing() as session:
        enqueue(session, key=key, channel="email", recipient=to, subject="s", text="t", now=NOW)
        values = {"state": MessageState(state), "error": error, "claimed_at": NOW, "attempts": 1}
        mine = update(Message).where(Message.key == key).values(**values).returning(Message.id)
        return session.scalars(mine).one()


def state_of(number: int) -> str:
    with db.reading() as session:
        return session.get_one(Message, number).state.value


def plain(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_analysts_and_admins_may_look_and_nobody_else(staffed):
    assert {who: browser_of(staffed, who).get("/messages").status_code for who in (ADMIN, ANALYST, EVE)} == {
        ADMIN: 200,
        ANALYST: 200,
        EVE: 404,
    }
    assert staffed.test_client().get("/messages").status_code == 302
    assert "/messages" in browser_of(staffed, ANALYST).get("/dashboard").text
    assert "/messages" not in browser_of(staffed, EVE).get("/me").text


def test_the_progress_of_each_mailing_is_told_in_numbers(staffed):
    for person in range(5):
        put(f"{WAVE}:{person}", "sent" if person < 3 else "queued")
    put("interaction:7", "logged")
    said = plain(browser_of(staffed, ANALYST).get("/messages").text)
    assert "Pulse of November 2026: invitations sent 3 to go 2 in all 5" in said
    assert "Invitations to customers written to the log, not sent 1 in all 1" in said
    assert "No mail server is set." in said


def test_no_number_tells_how_many_have_answered(staffed):
    for person in range(37):
        put(f"{WAVE}:reminder:1:{person}", "sent")
    put("sign-in:abc", "sent")
    with db.writing() as session:
        words = {"recipient": "zoe@work.example", "subject": "s", "text": "t"}
        enqueue(session, key="sign-in:def", channel="email", now=NOW, urgent=True, **words)
    put(f"{WAVE}:reminder:1:99", "failed", error="550 no such person")
    with db.reading() as session:
        assert [failure.n for failure in progress.failures(session)] == [None]
    said = plain(browser_of(staffed, ADMIN).get("/messages").text)
    assert "Pulse of November 2026: reminder 1 None waits any more. Their number is not shown" in said
    assert "Links to sign in" not in said
    assert not re.search(r"\b3[78]\b", said)
    with db.reading() as session:
        assert progress.pace(session, NOW + A_MINUTE / 2) == progress.Pace(0, None)


def test_an_employee_who_is_written_to_is_named_nowhere(staffed):
    put(f"{WAVE}:1", "in_doubt", error="timed out", to="zoe@work.example")
    put("interaction:1", "in_doubt", error="timed out", to="carl@shop.example")
    page = browser_of(staffed, ADMIN).get("/messages").text
    assert "zoe" not in page
    assert "work.example" not in page
    assert "carl" not in page
    assert "shop.example" in page


def test_an_analyst_sees_that_messages_are_in_doubt_and_decides_nothing(staffed):
    number = put("interaction:1", "in_doubt")
    ana = browser_of(staffed, ANALYST)
    page = ana.get("/messages").text
    assert "1 message is in doubt" in page
    assert "An administrator decides" in page
    assert '<form method="post" action="/messages"' not in page
    assert send(ana, "/messages", messages=str(number), again="") == 404
    assert send(ana, "/messages/failed", mailing="interaction", error="") == 404
    assert state_of(number) == "in_doubt"


@pytest.mark.parametrize(
    ("button", "becomes", "deed"),
    [("again", "queued", "message sent again"), ("leave", "left", "message left")],
)
def test_an_admin_decides_on_a_message_in_doubt_and_it_is_written_down(staffed, button, becomes, deed):
    number, other = put("interaction:1", "in_doubt"), put("interaction:2", "in_doubt")
    assert send(browser_of(staffed, ADMIN), "/messages", messages=str(number), **{button: ""}) == 303
    assert (state_of(number), state_of(other)) == (becomes, "in_doubt")
    with db.reading() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == deed)).one()
        assert entry.subject == naming.name(session.get_one(Message, number))
        assert entry.person_id == session.scalar(select(service.Person.id).filter_by(email=ADMIN))
        assert "shop.example" not in f"{entry.subject}{entry.detail}"


def test_who_decides_on_nothing_is_asked_to_choose(staffed):
    put("interaction:1", "in_doubt")
    ada = browser_of(staffed, ADMIN)
    assert send(ada, "/messages", again="") == 422
    assert send(ada, "/messages", messages="99999999999999", again="") == 303


def test_what_was_decided_or_has_left_is_not_decided_again(database):
    doubtful, sent = put("interaction:1", "in_doubt"), put("interaction:2", "sent")
    with db.writing() as session:
        assert decisions.leave(session, [doubtful, sent], by=None) == 1
    with db.writing() as session:
        assert decisions.send_again(session, [doubtful, sent], NOW, by=None) == 0
    assert (state_of(doubtful), state_of(sent)) == ("left", "sent")


def test_what_is_sent_again_keeps_the_pace(database):
    number = put("interaction:1", "in_doubt")
    with db.writing() as session:
        decisions.send_again(session, [number], NOW, by=None)
    with db.reading() as session:
        assert session.get_one(Message, number).due_at == NOW + A_MINUTE


def test_what_failed_for_one_reason_is_tried_again_together(staffed):
    mine = [put(f"interaction:{n}", "failed", error="535 wrong password") for n in range(3)]
    other = put("interaction:9", "failed", error="550 no such person")
    assert "535 wrong password" in browser_of(staffed, ANALYST).get("/messages").text
    ada = browser_of(staffed, ADMIN)
    assert send(ada, "/messages/failed", mailing="interaction", error="535 wrong password") == 303
    assert [state_of(number) for number in (*mine, other)] == ["queued"] * 3 + ["failed"]
    assert send(ada, "/messages/failed", error="x") == 422


def test_a_server_in_trouble_is_told_with_what_it_said_and_when_it_is_tried_again(staffed):
    with db.writing() as session:
        trouble = {"since": NOW, "times": 3, "until": NOW + timedelta(minutes=2)}
        session.add(Trouble(channel="email", error="421 too busy", **trouble))
    said = plain(browser_of(staffed, ANALYST).get("/messages").text)
    assert "The mail server fails" in said
    assert "next attempt is on 3 November 2026 at 10:02" in said
    assert "421 too busy" in said


def test_the_numbers_are_read_from_an_index_alone(sqlite):
    """With 100,000 mails of some kilobytes each, reading the rows would take the page seconds."""
    counting = "SELECT mailing, state, count(*) FROM message GROUP BY mailing, state"
    with db.reading() as session:
        plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {counting}")
        assert any("COVERING INDEX ix_message_mailing_state" in row[3] for row in plan)
