"""Keys of the API: made and shown once, known by a digest, revoked at once, by admins alone."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, text

from pulse import db
from pulse.db import Database
from pulse.people import api_keys
from pulse.people.models import ApiKey, AuditEntry, Scope
from tests.conftest import SECRET
from tests.pulse.people.test_accounts import ADMIN, ANALYST, COUNCIL, EVE, browser_of, deeds, send, staffed

__all__ = ["staffed"]  # a fixture

NOW = datetime(2026, 11, 9, 9, tzinfo=UTC)
TODAY = NOW.date()


def make(name: str = "till", *scopes: Scope, expires: date | None = None) -> api_keys.Made:
    """A key, made in a transaction of its own."""
    with db.writing() as session:
        return api_keys.make(
            session, name, scopes or {Scope.INTERACTIONS}, expires=expires, secret_key=SECRET, now=NOW
        )


def known(key: str, scope: Scope = Scope.INTERACTIONS, day: date = TODAY) -> str:
    """The name of the key that is shown; raises what the door says of others."""
    with db.reading() as session:
        return api_keys.known(session, key, scope, day, NOW).name


@pytest.fixture
def keys(database: Database) -> time_machine.Traveller:
    """A database on each engine, in November 2026."""
    with time_machine.travel(NOW, tick=False) as coordinates:
        yield coordinates


def test_a_key_is_known_again_and_nothing_like_it(keys):
    made = make()
    assert known(made.text) == "till"
    assert made.link_secret is None
    for wrong in (made.text + "a", made.text[:-1], made.text.replace("_", "-"), "", "pulse__", "\0" * 62):
        with pytest.raises(api_keys.WrongKey):
            known(wrong)
    with pytest.raises(api_keys.NotForThis):
        known(made.text, Scope.BOUNCES)


def test_no_secret_is_in_the_database(keys):
    made = make("till", *Scope)
    secret = made.text.split("_")[2]
    with db.reading() as session:
        rows = session.execute(text("SELECT * FROM api_key")).all()
        audit = session.execute(text("SELECT * FROM audit_entry")).all()
    assert made.link_secret
    assert secret not in repr([*rows, *audit])
    assert made.link_secret not in repr([*rows, *audit])
    assert made.public in repr(rows)


def test_a_key_ends_after_its_last_day_or_when_it_is_revoked(keys):
    made = make(expires=TODAY)
    assert known(made.text, day=TODAY) == "till"
    with pytest.raises(api_keys.WrongKey):
        known(made.text, day=TODAY + timedelta(days=1))
    other = make("kiosk")
    with db.writing() as session:
        api_keys.revoke(session, other.public, NOW)
    with pytest.raises(api_keys.WrongKey):
        known(other.text)
    with pytest.raises(api_keys.UnknownKey), db.writing() as session:
        api_keys.revoke(session, other.public, NOW)


def test_what_is_no_key_is_not_made(keys):
    with pytest.raises(api_keys.Over):
        make(expires=TODAY - timedelta(days=1))
    with pytest.raises(api_keys.NoScope), db.writing() as session:
        api_keys.make(session, "till", set(), expires=None, secret_key=SECRET, now=NOW)
    for name in ("", "   ", "a\nb", "a\0b", "x" * 101):
        with pytest.raises(api_keys.NotAName):
            make(name)
    make()
    with pytest.raises(api_keys.NameTaken):
        make(" till ")


def test_the_name_of_a_key_that_has_ended_is_free_again(keys):
    with db.writing() as session:
        api_keys.revoke(session, make().public, NOW)
    make(expires=TODAY)
    keys.shift(timedelta(days=1))
    make()


def test_the_secret_for_links_hangs_on_installation_and_key():
    known = api_keys.link_secret(SECRET, "a" * 12)
    assert known == api_keys.link_secret(SECRET, "a" * 12)
    assert len({known, api_keys.link_secret(SECRET, "b" * 12), api_keys.link_secret("other", "a" * 12)}) == 3
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", known)


def test_a_use_is_noted_by_its_day_and_never_backwards(keys):
    make()
    with db.reading() as session:
        number = session.scalars(select(ApiKey.id)).one()
    for day in (TODAY, TODAY - timedelta(days=3)):
        with db.writing() as session:
            api_keys.note_use(session, number, day)
        with db.reading() as session:
            assert session.scalars(select(ApiKey.last_used_on)).one() == TODAY


def test_keys_are_for_admins_alone(staffed: Flask):
    made = make()
    for email in (COUNCIL, ANALYST, EVE):
        client = browser_of(staffed, email)
        assert client.get("/keys").status_code == 404
        assert send(client, "/keys", name="mine", scopes="interactions") == 404
        assert send(client, f"/keys/{made.public}/revoke") == 404
    assert staffed.test_client().get("/keys").headers["Location"] == "/sign-in?next=/keys"
    assert browser_of(staffed, ADMIN).post("/keys", data={"name": "forged"}).status_code == 422
    assert len(deeds()) == 1


def page_of(staffed: Flask, **values: object) -> tuple[int, str]:
    """What an admin sees after sending the form."""
    client = browser_of(staffed, ADMIN)
    token = re.search(r'name="csrf_token" type="hidden" value="([^"]+)"', client.get("/keys").text)
    assert token
    reply = client.post("/keys", data={"csrf_token": token[1]} | values)
    return reply.status_code, reply.text


def test_an_admin_makes_a_key_sees_it_once_and_revokes_it(staffed: Flask):
    status, page = page_of(staffed, name="till, shop team", scopes=["interactions", "links"], expires="")
    assert status == 200
    key = re.search(r"pulse_[A-Za-z0-9]{12}_[A-Za-z0-9]{43}", page)
    assert key
    public = key[0].split("_")[1]
    assert api_keys.link_secret(SECRET, public) in page

    admin = browser_of(staffed, ADMIN)
    listing = admin.get("/keys").text
    assert public in listing
    assert key[0] not in listing
    assert api_keys.link_secret(SECRET, public) not in listing
    assert "never" in listing

    assert send(admin, f"/keys/{public}/revoke") == 303
    assert "revoked on" in admin.get("/keys").text
    assert send(admin, f"/keys/{public}/revoke") == 404
    assert deeds() == [
        ("key made", "till, shop team", f"{public} interactions links"),
        ("key revoked", "till, shop team", public),
    ]
    assert "API key made" in admin.get("/audit").text
    with db.reading() as session:
        assert all(entry.person_id for entry in session.scalars(select(AuditEntry)))


def test_a_key_without_links_shows_no_secret_for_them(staffed: Flask):
    _, page = page_of(staffed, name="crm", scopes="bounces", expires="2099-12-31")
    assert "Secret for links" not in page
    listing = browser_of(staffed, ADMIN).get("/keys").text
    assert "31 December 2099" in listing


@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_is_wrong_is_said_beside_the_field(staffed: Flask, language: str):
    make()
    wrong = {
        "name": ({"name": "till", "scopes": "links"}, {"en": "There is a key", "fr": "Une clé de ce nom"}),
        "strange name": (
            {"name": "till\0\u202e", "scopes": "links"},
            {"en": "on one line", "fr": "sur une ligne"},
        ),
        "no name": ({"name": " ", "scopes": "links"}, {"en": "Write what", "fr": "Écrivez à quoi"}),
        "scopes": ({"name": "x"}, {"en": "Choose at least one", "fr": "Choisissez au moins un"}),
        "past": (
            {"name": "x", "scopes": "links", "expires": "2001-01-01"},
            {"en": "Choose today", "fr": "Choisissez aujourd"},
        ),
        "day": (
            {"name": "x", "scopes": "links", "expires": "2027-02-30"},
            {"en": "Write a day", "fr": "Écrivez un jour"},
        ),
    }
    client = browser_of(staffed, ADMIN)
    token = re.search(r'name="csrf_token" type="hidden" value="([^"]+)"', client.get("/keys").text)
    assert token
    for what, (values, words) in wrong.items():
        reply = client.post(f"/keys?lang={language}", data={"csrf_token": token[1]} | values)
        assert reply.status_code == 422, what
        assert words[language] in reply.text, what
    assert len(deeds()) == 1


def test_keys_from_the_command_line(app: Flask):
    runner = app.test_cli_runner()
    added = runner.invoke(args=["keys", "add", "till", "--scope", "interactions", "--expires", "2099-01-01"])
    assert added.exit_code == 0, added.output
    key = added.output.removeprefix("key: ").strip()
    assert known(key) == "till"
    public = key.split("_")[1]

    assert f"{public}\ttill\tinteractions\t" in runner.invoke(args=["keys", "list"]).output
    assert runner.invoke(args=["keys", "list"]).output.strip().endswith("2099-01-01\t-\tworks")
    again = runner.invoke(args=["keys", "add", "till", "--scope", "bounces"])
    assert (again.exit_code, "revoke it first" in again.output) == (1, True)
    late = runner.invoke(args=["keys", "add", "old", "--scope", "bounces", "--expires", "2001-01-01"])
    assert (late.exit_code, "is over" in late.output) == (1, True)
    assert runner.invoke(args=["keys", "add", "none"]).exit_code == 2

    assert runner.invoke(args=["keys", "revoke", public]).output == "revoked: till\n"
    assert runner.invoke(args=["keys", "revoke", public]).exit_code == 1
    assert runner.invoke(args=["keys", "list"]).output.strip().endswith("revoked")


def test_the_command_line_makes_no_secret_for_links_without_the_installations_key(
    app: Flask, monkeypatch: pytest.MonkeyPatch
):
    from config import settings

    for secret, expected in ((None, 1), (SECRET, 0)):
        if secret:
            monkeypatch.setenv("PULSE_SECRET_KEY", secret)
        else:
            monkeypatch.delenv("PULSE_SECRET_KEY", raising=False)
        settings.cache_clear()
        try:
            done = app.test_cli_runner().invoke(args=["keys", "add", "till", "--scope", "links"])
        finally:
            monkeypatch.delenv("PULSE_SECRET_KEY", raising=False)
            settings.cache_clear()
        assert done.exit_code == expected, done.output
    assert "link secret: " in done.output
