"""The second factor: who needs one, what opens the door, and what does not."""

import base64
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from config import settings
from pulse import db
from pulse.db import Database
from pulse.people import factors, service
from pulse.people.factors import Wanted
from pulse.people.models import AuditEntry, Grant, Person, RecoveryCode, SecondFactor
from pulse.wiring import forget_sign_ins
from tests.conftest import SECRET
from tests.pulse.people.test_links import asked, mailed, pressed, token_in
from tests.pulse.test_web import PASSWORD, sign_in

NOW = datetime(2026, 11, 9, 9, tzinfo=UTC)
RFC_SECRET = b"12345678901234567890"


@pytest.fixture(autouse=True)
def moment() -> Iterator[time_machine.Traveller]:
    """A Monday at nine; steps of 30 seconds pass when a test says so."""
    with time_machine.travel(NOW, tick=False) as found:
        yield found


@pytest.fixture
def required(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An installation that requires it, as one that is served encrypted does."""
    monkeypatch.setenv("PULSE_SECOND_FACTOR", "required")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def ana(app: Flask) -> None:
    """Ana, an analyst; Rob, an administrator; Eve, who only answers."""
    with db.writing() as session:
        for email, grants in (
            ("ana@example.org", [Grant.ANALYST]),
            ("rob@example.org", [Grant.ADMIN]),
            ("eve@example.org", []),
        ):
            person = service.add(session, email, language="en", password=PASSWORD)
            for grant in grants:
                service.grant(session, person, grant)


class App:
    """The app on somebody's phone."""

    def __init__(self, words: str = "") -> None:
        self.secret = base64.b32decode(words.replace(" ", "")) if words else RFC_SECRET

    def code(self, steps: int = 0) -> str:
        """The code it shows now, or some steps later."""
        at = datetime.now(UTC).timestamp() + 30 * steps
        return TOTP(self.secret, 6, SHA1(), 30).generate(at).decode()


def offered(page: str) -> App:
    """The app that has read a page's secret."""
    found = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
    assert found is not None
    return App(found[1])


def send(client: FlaskClient, path: str, **fields: str):
    """Fill in a page's last form and send it."""
    page = client.get(path).text
    kept = dict(re.findall(r'<input[^>]*name="(sealed)"[^>]*value="([^"]*)"', page))
    form = page.partition("<main")[2]
    return client.post(path, data=kept | fields | {"csrf_token": token_in(form)})


def set_up(client: FlaskClient, path: str, **fields: str) -> tuple[App, list[str]]:
    """Set a second factor up on a page; the app, and the recovery codes."""
    page = client.get(path).text
    app = offered(page)
    kept = dict(re.findall(r'<input[^>]*name="(sealed)"[^>]*value="([^"]*)"', page))
    sent = kept | {"code": app.code(), "csrf_token": token_in(page.partition("<main")[2])} | fields
    answer = client.post(path, data=sent)
    codes = re.findall(r"<code>([a-z2-9]{5}-[a-z2-9]{5})</code>", answer.text)
    assert len(codes) == factors.CODES, answer.text
    return app, codes


def inside(client: FlaskClient) -> bool:
    return client.get("/me").status_code == 200


def test_codes_are_those_of_the_standard():
    # RFC 6238, appendix B: the last six of the eight digits given there.
    for moment, code in ((59, "287082"), (1111111109, "081804"), (20000000000, "353130")):
        at = datetime.fromtimestamp(moment, UTC)
        assert factors._step_of(RFC_SECRET, code, at) == moment // 30
        assert factors._step_of(RFC_SECRET, code, at + timedelta(seconds=30)) == moment // 30
        assert factors._step_of(RFC_SECRET, code, at + timedelta(seconds=60)) is None


def test_who_reads_everybodys_figures_needs_one_where_it_is_required(app, required):
    with db.writing() as session:
        for grant in Grant:
            person = service.add(session, f"{grant.value}@example.org")
            service.grant(session, person, grant)
            wanted = factors.wanted(session, person)
            assert (wanted is Wanted.SETTING_UP) == (grant in (Grant.ANALYST, Grant.COUNCIL, Grant.ADMIN))


@pytest.mark.parametrize(
    ("site", "needed"), [("https://pulse.example.org", True), ("http://127.0.0.1:8000", False)]
)
def test_it_is_required_where_the_site_is_encrypted_and_offered_on_ones_own_machine(
    monkeypatch, site, needed
):
    monkeypatch.setenv("PULSE_SITE_URL", site)
    settings.cache_clear()
    assert settings().second_factor_required is needed
    monkeypatch.undo()
    settings.cache_clear()


def test_an_analyst_sets_it_up_before_the_first_page_and_shows_it_ever_after(
    client, app, ana, required, moment
):
    assert sign_in(client, "ana@example.org", onward="?next=/fixes") == "/sign-in/factor?next=/fixes"
    assert not inside(client)
    page = client.get("/sign-in/factor?lang=en").text
    assert 'class="square" role="img"' in page
    assert "<svg" in page
    phone, codes = set_up(client, "/sign-in/factor?next=/fixes&lang=en")
    assert inside(client)

    moment.shift(60)
    other = app.test_client()
    assert sign_in(other, "ana@example.org", onward="?next=/fixes") == "/sign-in/code?next=/fixes"
    assert not inside(other)
    wrong = send(other, "/sign-in/code?next=/fixes&lang=en", code="000000")
    assert wrong.status_code == 422
    assert "This code is not right" in wrong.text
    answer = send(other, "/sign-in/code?next=/fixes&lang=en", code=phone.code())
    assert (answer.status_code, answer.headers["Location"]) == (303, "/fixes")
    assert inside(other)
    assert other.get("/sign-in/code").status_code == 303  # nothing of the half-way is left

    third = app.test_client()
    sign_in(third, "ana@example.org")
    assert send(third, "/sign-in/code", code=phone.code()).status_code == 422  # each code is taken once
    assert send(third, "/sign-in/code", code=phone.code(-1)).status_code == 422  # nor one before it
    assert send(third, "/sign-in/code", code=codes[0].upper().replace("-", " ")).status_code == 303
    assert inside(third)
    sign_in(fourth := app.test_client(), "ana@example.org")
    assert send(fourth, "/sign-in/code", code=codes[0]).status_code == 422  # a recovery code too
    assert "9 recovery codes are left" in third.get("/me?lang=en").text


def test_a_mailed_link_counts_as_one_factor_alone(client, ana, required, moment):
    asked(client, "ana@example.org")
    assert pressed(client, mailed()[-1]) == (303, "/sign-in/factor")
    assert not inside(client)
    phone, _ = set_up(client, "/sign-in/factor")
    client.post("/sign-out", data={"csrf_token": token_in(client.get("/me").text)})
    moment.shift(60)
    asked(client, "ana@example.org")
    assert pressed(client, mailed()[-1]) == (303, "/sign-in/code")
    assert not inside(client)
    assert send(client, "/sign-in/code", code=phone.code()).status_code == 303
    assert inside(client)
    assert "Your password until now" not in client.get("/me?lang=en").text  # a link of the last minutes


def test_codes_are_tried_a_few_times_and_the_first_factor_holds_for_minutes(client, ana, required, moment):
    sign_in(client, "ana@example.org")
    phone, _ = set_up(client, "/sign-in/factor")
    other = client.application.test_client()
    sign_in(other, "ana@example.org")
    for _ in range(factors.TRIES):
        assert "This code is not right" in send(other, "/sign-in/code?lang=en", code="123456").text
    moment.shift(60)
    assert "Too many attempts" in send(other, "/sign-in/code?lang=en", code=phone.code()).text
    moment.shift(9 * 60)
    assert other.get("/sign-in/code").headers["Location"] == "/sign-in"  # ten minutes after the password
    moment.shift(15 * 60)
    sign_in(other, "ana@example.org")
    assert send(other, "/sign-in/code", code=phone.code()).status_code == 303


def test_half_a_sign_in_ends_with_what_ends_visits(client, ana, required):
    sign_in(client, "ana@example.org")
    assert client.get("/sign-in/factor").status_code == 200
    with db.writing() as session:
        service.person(session, "ana@example.org").disabled_at = NOW  # type: ignore[union-attr]
    assert client.get("/sign-in/factor").headers["Location"] == "/sign-in"


def test_a_secret_offered_to_somebody_else_or_too_long_ago_is_not_taken(client, app, ana, moment):
    sign_in(client, "ana@example.org")
    page = client.get("/me/factor/new?lang=en").text
    sealed = re.search(r'name="sealed"[^>]*value="([^"]*)"', page)
    phone = offered(page)
    assert sealed is not None
    rob = app.test_client()
    sign_in(rob, "rob@example.org")
    own = {"csrf_token": token_in(rob.get("/me/factor/new").text), "sealed": sealed[1], "password": PASSWORD}
    assert (
        "This page was open for too long"
        in rob.post("/me/factor/new?lang=en", data=own | {"code": phone.code()}).text
    )
    moment.shift(factors.OFFERED + 1)
    mine = {
        "csrf_token": token_in(client.get("/me/factor/new").text),
        "sealed": sealed[1],
        "password": PASSWORD,
    }
    late = client.post("/me/factor/new?lang=en", data=mine | {"code": phone.code()})
    assert "This page was open for too long" in late.text
    assert offered(late.text).secret != phone.secret
    with db.reading() as session:
        assert session.scalars(select(SecondFactor)).all() == []


def test_in_ones_own_account_it_takes_the_password_then_the_present_app(client, app, ana, moment):
    sign_in(client, "ana@example.org")
    elsewhere = app.test_client()
    sign_in(elsewhere, "ana@example.org")
    page = client.get("/me/factor/new?lang=en").text
    wrong = send(client, "/me/factor/new?lang=en", code="1", password=PASSWORD)
    assert "This code is not right" in wrong.text
    sent = dict(re.findall(r'<input[^>]*name="(sealed)"[^>]*value="([^"]*)"', page))
    sent |= {"code": offered(page).code(), "csrf_token": token_in(page.partition("<main")[2])}
    assert "This is not your password" in client.post("/me/factor/new?lang=en", data=sent).text

    old, codes = set_up(client, "/me/factor/new", password=PASSWORD)
    assert inside(client)
    assert not inside(elsewhere)  # whoever was in by a password alone is out
    moment.shift(60)
    assert "This code is not right" in send(client, "/me/factor?lang=en", code="111111").text
    page = client.get("/me/factor/new?lang=en").text
    sent = dict(re.findall(r'<input[^>]*name="(sealed)"[^>]*value="([^"]*)"', page))
    sent |= {"code": offered(page).code(), "csrf_token": token_in(page.partition("<main")[2])}
    assert "This code is not right" in client.post("/me/factor/new?lang=en", data=sent).text
    _new, fresh = set_up(client, "/me/factor/new", present=old.code())
    moment.shift(60)
    again = send(client, "/me/factor?lang=en", code=codes[0])
    assert again.status_code == 422  # the old recovery codes went with the old app
    renewed = re.findall(r"<code>([a-z2-9-]+)</code>", send(client, "/me/factor", code=fresh[0]).text)
    assert len(renewed) == factors.CODES
    assert (
        send(client, "/me/factor", code=renewed[1], remove="1")
        .headers["Location"]
        .startswith("/me?done=factor")
    )
    assert sign_in(app.test_client(), "ana@example.org") == "/"


def test_where_it_is_required_it_is_replaced_and_not_removed(client, ana, required, moment):
    sign_in(client, "ana@example.org")
    phone, _ = set_up(client, "/sign-in/factor")
    moment.shift(60)
    assert "can be replaced, not removed" in client.get("/me/factor?lang=en").text
    send(client, "/me/factor", code=phone.code(), remove="1")
    with db.reading() as session:
        assert len(session.scalars(select(SecondFactor)).all()) == 1


def test_who_only_answers_is_offered_none(client, ana, required):
    assert sign_in(client, "eve@example.org") == "/"
    assert "Second factor" not in client.get("/me?lang=en").text
    assert client.get("/me/factor/new").status_code == 404
    assert client.get("/me/factor").status_code == 404


def test_an_admin_resets_somebodys_and_it_is_written_down(client, app, ana, moment):
    sign_in(client, "ana@example.org")
    set_up(client, "/me/factor/new", password=PASSWORD)
    with db.reading() as session:
        ids = dict(session.execute(select(Person.email, Person.id)).all())
    rob = app.test_client()
    sign_in(rob, "rob@example.org")
    page = rob.get(f"/people/{ids['ana@example.org']}?lang=en").text
    assert "A second factor was set up on 9 November 2026" in page
    own = rob.post(f"/people/{ids['rob@example.org']}/factor", data={"csrf_token": token_in(page)})
    assert own.status_code == 400
    rob.post(f"/people/{ids['ana@example.org']}/factor", data={"csrf_token": token_in(page)})
    assert not inside(client)
    assert sign_in(client, "ana@example.org") == "/"
    with db.reading() as session:
        deeds = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
        assert [(deed.action, deed.subject) for deed in deeds] == [
            ("second factor set up", "ana@example.org"),
            ("second factor reset", "ana@example.org"),
        ]
        assert (deeds[0].at.hour, deeds[0].at.minute) == (0, 0)  # no time of signing in


def test_the_command_line_resets_it_for_the_last_admin(app, ana):
    with db.writing() as session:
        rob = service.person(session, "rob@example.org")
        offer = factors.offer(rob, SECRET)  # type: ignore[arg-type]
        factors.confirm(session, rob, offer.sealed, App(offer.words).code(), NOW, SECRET)  # type: ignore[arg-type]
    runner = app.test_cli_runner()
    assert runner.invoke(args=["users", "reset-factor", "nobody@example.org"]).exit_code == 1
    assert runner.invoke(args=["users", "reset-factor", "rob@example.org"]).exit_code == 0
    with db.reading() as session:
        assert not factors.has_one(session, service.person(session, "rob@example.org").id)  # type: ignore[union-attr]


def test_the_database_alone_gives_neither_secret_nor_codes_and_forgets_when_one_was_shown(database: Database):
    with database.writing() as session:
        person = service.add(session, "ana@example.org")
        offer = factors.offer(person, SECRET)
        codes = factors.confirm(session, person, offer.sealed, App(offer.words).code(), NOW, SECRET)
    with database.reading() as session:
        factor = session.scalars(select(SecondFactor)).one()
        person = service.person(session, "ana@example.org")
        kept = factor.sealed + " ".join(session.scalars(select(RecoveryCode.digest)))
        assert not any(part in kept for part in (*codes, offer.words.replace(" ", "")))
        assert not factors.taken(session, person, App(offer.words).code(1), NOW, "another key")
        assert factor.last_step > 0
    with database.writing() as session:
        person = service.person(session, "ana@example.org")
        code = App(offer.words).code(1)
        assert [factors.taken(session, person, code, NOW, SECRET) for _ in range(2)] == [True, False]
        paper = codes[0]
        assert [factors.taken(session, person, paper, NOW, SECRET) for _ in range(2)] == [True, False]
    forget_sign_ins(NOW + timedelta(minutes=1))
    with database.reading() as session:
        assert session.scalars(select(SecondFactor.last_step)).one() > 0  # it could still be tried again
    forget_sign_ins(NOW + timedelta(hours=1))
    with database.reading() as session:
        assert session.scalars(select(SecondFactor.last_step)).one() == 0
