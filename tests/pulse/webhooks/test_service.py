"""Webhooks are told what they asked for, once; admins make them and see what became of it."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from config import settings
from pulse import db
from pulse.webhooks import guard, service, signing
from pulse.webhooks.events import WANTED, Event
from pulse.webhooks.models import Delivery, DeliveryState, Trouble, Webhook
from tests.conftest import SECRET
from tests.pulse.people.test_accounts import ADMIN, ANALYST, browser_of, deeds, send, staffed

__all__ = ["staffed"]  # a fixture

NOW = datetime(2026, 11, 9, 9, tzinfo=UTC)
URL = "https://chat.example.org/hooks/a-secret-of-theirs"


def make(name="chat", *events, url=URL) -> service.Made:
    with db.writing() as session:
        return service.make(session, name, url, events or WANTED, inwards=(), key=SECRET, now=NOW)


def found(made: service.Made):
    return lambda session: session.get_one(Webhook, made.webhook_id)


def test_news_is_queued_once_for_each_that_wants_it(database):
    make("one", Event.FLAG_RAISED)
    make("two", Event.FLAG_RAISED, Event.SUCCESS)
    stopped = make("three")
    with db.writing() as session:
        service.stop(session, found(stopped)(session), NOW)
        assert service.tell(session, Event.FLAG_RAISED, "flag:1", {"a": "é"}, NOW) == 2
        assert service.tell(session, Event.FLAG_RAISED, "flag:1", {"a": "é"}, NOW) == 0
        assert service.tell(session, Event.SUCCESS, "fix:1", {}, NOW) == 1
        assert not service.anybody_wants(session, Event.VERDICT_CHANGED)
        bodies = session.scalars(select(Delivery.body).where(Delivery.event == "flag.raised")).all()
        assert set(bodies) == {
            '{"type":"flag.raised","timestamp":"2026-11-09T09:00:00+00:00","data":{"a":"é"}}'
        }


@pytest.mark.parametrize(
    ("name", "url", "events", "refusal"),
    [
        ("", URL, WANTED, service.NotAName),
        ("a\nb", URL, WANTED, service.NotAName),
        ("a" * 101, URL, WANTED, service.NotAName),
        ("chat", URL, (), service.NoEvent),
        ("chat", "http://chat.example.org/", WANTED, guard.NotAnAddress),
        ("chat", "https://10.0.0.1/", WANTED, guard.Inwards),
    ],
)
def test_what_cannot_be_a_webhook_is_refused_by_name(sqlite, name, url, events, refusal):
    with pytest.raises(refusal), db.writing() as session:
        service.make(session, name, url, events, inwards=(), key=SECRET, now=NOW)


def test_two_that_work_have_different_names_and_no_secret_is_kept_as_it_is(sqlite):
    made = make()
    with pytest.raises(service.NameTaken):
        make()
    with db.writing() as session:
        service.stop(session, found(made)(session), NOW)
    again = make()
    with db.reading() as session:
        kept = session.scalars(select(Webhook.sealed)).all()
        assert not any(secret in sealed for secret in (made.secret, again.secret) for sealed in kept)
        assert signing.opened(kept[1], SECRET).current == again.secret


def test_stopped_it_gives_up_what_waits_and_started_again_it_is_told_what_is_new(sqlite):
    made = make()
    with db.writing() as session:
        webhook = found(made)(session)
        service.tell(session, Event.SUCCESS, "a", {}, NOW)
        service.stop(session, webhook, NOW)
        service.try_out(session, webhook, NOW)
        (row,) = session.scalars(select(Delivery)).all()
        assert (row.state, row.error) == (DeliveryState.FAILED, Trouble.STOPPED.value)
        service.again(session, row, NOW)
        assert row.state is DeliveryState.FAILED
        service.start(session, webhook)
        service.again(session, row, NOW)
        assert row.state is DeliveryState.QUEUED
        assert service.tell(session, Event.SUCCESS, "b", {}, NOW) == 1


def test_what_was_done_with_a_month_ago_is_forgotten(database):
    make()
    with db.writing() as session:
        service.tell(session, Event.SUCCESS, "a", {}, NOW)
        service.tell(session, Event.SUCCESS, "b", {}, NOW)
        session.scalars(select(Delivery).where(Delivery.key == "a")).one().state = DeliveryState.DELIVERED
    with db.writing() as session:
        assert service.forget(session, NOW + timedelta(days=29)) == 0
        assert service.forget(session, NOW + timedelta(days=31)) == 1


def test_admins_make_a_webhook_see_its_secret_once_and_look_after_it(staffed, monkeypatch):
    admin = browser_of(staffed, ADMIN)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', admin.get("/webhooks").text)
    assert token is not None
    form = {"name": "chat", "url": URL, "events": ["flag.raised", "fix.succeeded"], "csrf_token": token[1]}
    page = admin.post("/webhooks", data=form)
    secret = re.search(r"whsec_[A-Za-z0-9+/=]{44}", page.text)
    assert (page.status_code, secret is not None, page.headers["Cache-Control"]) == (200, True, "no-store")
    assert "There is a webhook of this name" in admin.post("/webhooks", data=form).text
    assert send(admin, "/webhooks/1/try") == 303
    page = admin.get("/webhooks/1").text
    assert secret is not None
    assert secret[0] not in page + admin.get("/webhooks").text
    assert "test" in page
    renewed = admin.post("/webhooks/1/secret", data={"csrf_token": token[1]}).text
    assert "whsec_" in renewed
    assert secret[0] not in renewed
    with db.reading() as session:
        (row,) = session.scalars(select(Delivery)).all()
    assert send(admin, f"/webhooks/1/deliveries/{row.id}/again") == 303
    assert send(admin, "/webhooks/1/deliveries/msg_nothing/again") == 404
    assert send(admin, "/webhooks/1/stop") == 303
    assert "Stopped on" in admin.get("/webhooks/1").text
    assert "Given up when the webhook was stopped." in admin.get("/webhooks/1?lang=en").text
    assert send(admin, "/webhooks/1/stop", start="1") == 303
    assert admin.get("/webhooks/2").status_code == 404
    told = [(action, subject, detail) for action, subject, detail in deeds() if action.startswith("webhook")]
    assert told == [
        ("webhook made", "chat", "flag.raised fix.succeeded chat.example.org"),
        ("webhook secret changed", "chat", ""),
        ("webhook delivery sent again", "chat", row.id),
        ("webhook stopped", "chat", ""),
        ("webhook started again", "chat", ""),
    ]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "Write the address that news is sent to"),
        ("http://example.org/", "Write an address such as"),
        ("https://169.254.169.254/latest/meta-data", "leads into your own network"),
        ("https://localhost:8443/", "leads into your own network"),
    ],
)
def test_the_form_refuses_in_words_what_leads_inwards(staffed, url, said):
    admin = browser_of(staffed, ADMIN)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', admin.get("/webhooks").text)
    assert token is not None
    form = {"name": "chat", "url": url, "events": ["flag.raised"], "csrf_token": token[1]}
    page = admin.post("/webhooks", data=form)
    assert (page.status_code, said in page.text) == (422, True)
    with db.reading() as session:
        assert session.scalars(select(Webhook.id)).all() == []


def test_nobody_but_admins_sees_webhooks(staffed):
    analyst = browser_of(staffed, ANALYST)
    make()
    assert [analyst.get(path).status_code for path in ("/webhooks", "/webhooks/1")] == [404, 404]
    assert send(analyst, "/webhooks/1/stop") == 404


def test_the_command_line_makes_lists_and_stops_them(app, monkeypatch):
    monkeypatch.setenv("PULSE_SECRET_KEY", SECRET)
    settings.cache_clear()
    run = app.test_cli_runner().invoke
    made = run(args=["webhooks", "add", "chat", URL, "--event", "flag.raised"])
    assert re.fullmatch(r"webhook: 1\nsecret: whsec_\S{44}\n", made.output)
    assert run(args=["webhooks", "list"]).output == f"1\tchat\t{URL}\tflag.raised\t0\tworks\n"
    assert "inwards" not in run(args=["webhooks", "stop", "1"]).output
    assert run(args=["webhooks", "list"]).output.endswith("stopped\n")
    for words, said in (
        (["add", "x", "https://127.0.0.1/"], "PULSE_WEBHOOK_INWARDS"),
        (["add", "x", "nothing"], "https://example.org/pulse"),
        (["add", "", URL], "1 to 100 characters"),
        (["stop", "9"], "there is no webhook 9"),
    ):
        refused = run(args=["webhooks", *words])
        assert (refused.exit_code, said in refused.output) == (1, True), refused.output
    settings.cache_clear()
