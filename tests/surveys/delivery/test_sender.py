"""Messages leave once: claimed before they are sent, tried again when that is safe, else in doubt."""

import logging
import threading
from datetime import UTC, datetime, timedelta
from email import message_from_string
from email.policy import default

import pytest
from sqlalchemy import select

from pulse.outbox import secrets
from pulse.outbox.models import Message, MessageState
from pulse.outbox.service import enqueue
from surveys.delivery.channels import CHANNELS, channel
from surveys.delivery.claims import CLAIM, RESTS, take
from surveys.delivery.sender import WAITS, send_due
from tests.surveys.delivery.conftest import SECRET, settings_for


def queue(database, *recipients, channel="email", text="Bonjour,\n\n.à lire\n", **more):
    now = datetime.now(UTC) - timedelta(minutes=1)
    with database.writing() as session:
        for recipient in recipients:
            enqueue(
                session,
                key=f"news:{recipient}",
                channel=channel,
                recipient=recipient,
                subject="Cinq questions, moins d’une minute",
                text=text,
                now=now,
                **more,
            )


def states(database):
    with database.reading() as session:
        rows = select(Message).order_by(Message.recipient)
        return {m.recipient.partition("@")[0]: m.state.value for m in session.scalars(rows)}


def message(database):
    with database.reading() as session:
        return session.scalars(select(Message)).one()


def test_a_mail_arrives_as_it_was_written(sqlite, postman, by):
    queue(sqlite, "ana@example.org", html="<p>à lire</p>")
    assert send_due(sqlite, by, datetime.now(UTC)) == "1 sent"
    [(recipients, content)] = postman.taken
    mail = message_from_string(content, policy=default)
    assert recipients == ["ana@example.org"]
    assert mail["Subject"] == "Cinq questions, moins d’une minute"
    assert mail["From"] == "Pulse <pulse@example.org>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_body(("plain",)).get_content().replace("\r\n", "\n") == "Bonjour,\n\n.à lire\n"
    assert mail.get_body(("html",)).get_content().strip() == "<p>à lire</p>"
    assert content.isascii()


def test_a_mail_is_sent_once_however_often_the_job_runs(database, postman, by):
    queue(database, "ana@example.org", "bob@example.org")
    assert send_due(database, by, datetime.now(UTC)) == "2 sent"
    assert send_due(database, by, datetime.now(UTC)) is None
    assert len(postman.taken) == 2


def test_two_senders_send_each_mail_once(database, postman, by):
    queue(database, *(f"p{number}@example.org" for number in range(12)))
    together = threading.Barrier(2)

    def run():
        together.wait()
        send_due(database, by, datetime.now(UTC))

    senders = [threading.Thread(target=run) for _ in range(2)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert sorted(recipients[0] for recipients, _ in postman.taken) == sorted(
        f"p{number}@example.org" for number in range(12)
    )
    assert set(states(database).values()) == {"sent"}


def test_what_is_not_due_waits(sqlite, postman, by):
    queue(sqlite, "ana@example.org")
    assert send_due(sqlite, by, datetime.now(UTC) - timedelta(hours=1)) is None
    assert states(sqlite) == {"ana": "queued"}


def test_a_no_is_final_and_a_not_now_is_not(sqlite, postman, by):
    queue(sqlite, "gone@example.org", "busy@example.org", "full@example.org", "ok@example.org")
    postman.at_recipient = {"gone@example.org": "550 no such person", "busy@example.org": "451 later"}
    postman.at_content = {"full@example.org": "552 too much"}
    send_due(sqlite, by, datetime.now(UTC))
    assert states(sqlite) == {"busy": "queued", "full": "failed", "gone": "failed", "ok": "sent"}


def test_a_failed_attempt_is_tried_again_after_longer_and_longer_and_then_given_up(sqlite):
    queue(sqlite, "ana@example.org")
    nobody = settings_for("smtp://127.0.0.1:1")
    now = datetime.now(UTC)
    for attempt, wait in enumerate(WAITS, start=1):
        assert send_due(sqlite, nobody, now) == "1 queued"
        found = message(sqlite)
        assert found.attempts == attempt
        assert timedelta(0) <= found.due_at - now - wait < timedelta(seconds=20)
        assert send_due(sqlite, nobody, now) is None
        now = found.due_at
    assert send_due(sqlite, nobody, now) == "1 failed"
    assert message(sqlite).error


def test_a_server_that_falls_silent_after_the_message_leaves_it_in_doubt(sqlite, postman, by):
    queue(sqlite, "ana@example.org", "bob@example.org")
    postman.at_content = {"ana@example.org": "silence"}
    assert send_due(sqlite, by, datetime.now(UTC)) == "1 in_doubt"
    assert send_due(sqlite, by, datetime.now(UTC)) is None  # the server is given time before the next
    assert send_due(sqlite, by, datetime.now(UTC) + RESTS[0]) == "1 sent"
    assert send_due(sqlite, by, datetime.now(UTC) + timedelta(days=1)) is None
    assert [recipients for recipients, _ in postman.taken] == [["bob@example.org"]]


def test_a_sender_that_died_leaves_its_message_in_doubt_and_unsent(database, postman, by):
    queue(database, "ana@example.org")
    with database.writing() as session:
        begun = datetime.now(UTC) + timedelta(seconds=1) - timedelta(minutes=1)
        assert take(session, begun).recipient == "ana@example.org"
        assert take(session, begun) is None
    assert send_due(database, by, datetime.now(UTC) + CLAIM) == "1 in_doubt"
    assert states(database) == {"ana": "in_doubt"}
    assert postman.taken == []


def test_a_claim_that_is_still_fresh_is_left_alone(sqlite, by):
    queue(sqlite, "ana@example.org")
    with sqlite.writing() as session:
        take(session, datetime.now(UTC))
    assert send_due(sqlite, by, datetime.now(UTC)) is None
    assert states(sqlite) == {"ana": "claimed"}


@pytest.mark.parametrize("recipient", ["a@b.org\r\nBcc: c@d.org", "zoé@example.org"])
def test_an_address_no_mail_can_be_made_for_fails_at_once(sqlite, postman, by, recipient):
    queue(sqlite, recipient, "ok@example.org")
    assert send_due(sqlite, by, datetime.now(UTC)) == "1 sent, 1 failed"
    assert len(postman.taken) == 1


def test_a_password_is_not_sent_in_the_clear_to_another_machine(sqlite, postman, by):
    url = by.smtp_url.replace(
        "smtp://127.0.0.1", "smtp://me:secret@0.0.0.0"
    )  # this machine under another name
    queue(sqlite, "ana@example.org")
    send_due(sqlite, settings_for(url), datetime.now(UTC))
    assert "the password was not sent" in message(sqlite).error


def test_a_mail_goes_by_encryption_and_with_a_password(sqlite, guarded):
    postman, settings = guarded
    queue(sqlite, "ana@example.org")
    assert send_due(sqlite, settings("me%40example.org:p%40ss%3Aword"), datetime.now(UTC)) == "1 sent"
    assert [recipients for recipients, _ in postman.taken] == [["ana@example.org"]]


def test_a_wrong_password_is_tried_again_later(sqlite, guarded):
    postman, settings = guarded
    queue(sqlite, "ana@example.org")
    assert send_due(sqlite, settings("me%40example.org:wrong"), datetime.now(UTC)) == "1 queued"
    assert "535" in message(sqlite).error
    assert postman.taken == []


def test_a_server_with_a_certificate_nobody_vouches_for_gets_neither_password_nor_mail(
    sqlite, guarded, monkeypatch
):
    postman, settings = guarded
    monkeypatch.delenv("SSL_CERT_FILE")
    queue(sqlite, "ana@example.org")
    assert send_due(sqlite, settings("me%40example.org:p%40ss%3Aword"), datetime.now(UTC)) == "1 queued"
    assert "certificate verify failed" in message(sqlite).error
    assert postman.taken == []


def test_a_connection_that_the_server_ended_in_between_is_opened_anew(sqlite, postman, by):
    queue(sqlite, "ana@example.org", "bob@example.org")
    postman.at_content = {"ana@example.org": "421 too busy, come back"}
    assert send_due(sqlite, by, datetime.now(UTC)) == "1 queued"
    assert send_due(sqlite, by, datetime.now(UTC) + RESTS[0]) == "1 sent"
    assert [recipients for recipients, _ in postman.taken] == [["bob@example.org"]]


def test_without_a_mail_server_mails_go_to_the_log_without_their_text_and_are_not_called_sent(sqlite, caplog):
    queue(sqlite, "ana@example.org", text="https://pulse.example.org/secret-link")
    with caplog.at_level(logging.INFO, logger="surveys.delivery"):
        assert send_due(sqlite, settings_for(None), datetime.now(UTC)) == "1 logged"
    about = "message to ana@example.org: Cinq questions, moins d’une minute"
    assert caplog.messages == [f"not sent (no server is set): {about}"]
    assert states(sqlite) == {"ana": "logged"}


def test_the_log_does_not_say_who_is_reminded(sqlite, caplog):
    now = datetime.now(UTC)
    words = {"channel": "email", "recipient": "ana@example.org", "subject": "Open until Friday", "text": "t"}
    with sqlite.writing() as session:
        enqueue(session, key="wave:2026-11:person:reminder:1:1", now=now, **words)
    with caplog.at_level(logging.INFO, logger="surveys.delivery"):
        assert send_due(sqlite, settings_for(None), datetime.now(UTC)) == "1 logged"
    assert caplog.messages == ["not sent (no server is set): message to somebody: Open until Friday"]


def test_every_channel_is_in_the_list_and_an_unknown_one_fails_the_message(sqlite):
    assert set(CHANNELS) == {"email", "sms", "log"}
    queue(sqlite, "ana@example.org", channel="pigeon")
    assert send_due(sqlite, settings_for(None), datetime.now(UTC)) == "1 failed"
    with pytest.raises(KeyError):
        channel("pigeon", settings_for(None))
    assert message(sqlite).state is MessageState.FAILED


def test_secrets_are_filled_in_the_text_the_page_and_the_headers_and_lie_nowhere(sqlite, postman, by):
    link = f"https://pulse.example.org/stop/{secrets.mark('n')}"
    headers = {"List-Unsubscribe": f"<{link}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    queue(sqlite, "ana@example.org", text=link, html=f'<a href="{link}">x</a>', headers=headers)
    assert send_due(sqlite, by, datetime.now(UTC)) == "1 sent"
    mail = message_from_string(postman.taken[0][1], policy=default)
    filled = f"https://pulse.example.org/stop/{secrets.secret(SECRET, 'n')}"
    assert mail["List-Unsubscribe"] == f"<{filled}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert filled in mail.get_body(("plain",)).get_content()
    assert filled in mail.get_body(("html",)).get_content()
    kept = message(sqlite)
    assert secrets.secret(SECRET, "n") not in f"{kept.text}{kept.html}{kept.headers}"
