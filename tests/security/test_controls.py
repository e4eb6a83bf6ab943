"""Secrets, logs, files and visits: what a thief, a log reader or a curious browser would find."""

import logging
import math
import re
from datetime import UTC, datetime

import pytest
from flask import session
from sqlalchemy import inspect

from pulse import db
from pulse.db import Base
from pulse.organisation.models import Fix
from pulse.people import api_keys, attempts, factors, links, login, passwords, service
from pulse.people.models import Grant, Identity, Person, SecondFactor
from pulse.webhooks import signing
from surveys.ballots import blind, codes
from surveys.invitations import open_links
from surveys.invitations import service as invitations
from tests.architecture.test_who_may_enter import rules
from tests.pulse.dashboards.told import EMPLOYEE, PASSWORD
from tests.pulse.test_web import sign_in
from tests.security.conftest import ALL, House, token

CONTROLS = "".join(map(chr, [*range(32), 127, 0x2028, 0x2029]))


def test_every_secret_has_at_least_128_bits() -> None:
    """But for those that are typed by hand, which are tried a few times, or open nothing of anybody's."""
    assert 8 * invitations.TOKEN_BYTES >= 128
    assert 8 * signing.BYTES >= 128
    assert api_keys.SECRET_LENGTH * math.log2(len(api_keys.LETTERS)) >= 128
    assert 8 * blind.NONCE >= 128
    assert len(factors._key_for("k" * 48, b"x")) * 8 >= 128
    assert len(links._digest("x")) * 4 >= 128
    typed = {
        "a printed code": codes.LENGTH * math.log2(len(codes.ALPHABET)),
        "a poster's address": open_links.LENGTH * 5,
        "a recovery code": 10 * math.log2(len(factors.LETTERS)),
    }
    assert all(bits > 48 for bits in typed.values())
    assert factors.DIGITS * math.log2(10) > 19.9
    assert (
        factors.TRIES <= 5
    )  # of a million codes, three of which are taken at a time, in a quarter of an hour


def test_every_key_that_signs_ballots_has_2048_bits_and_lives_a_month() -> None:
    from surveys.ballots.models import UrnBase

    assert blind.BITS >= 2048
    assert {"spare_key", "unit_key"} <= set(Base.metadata.tables)
    assert not [name for name in UrnBase.metadata.tables if "key" in name]


def test_no_token_of_the_service_reaches_a_browser_or_a_table(house: House) -> None:
    """Of somebody whom the service sent it is kept who they are there, and that it was the service."""
    kept = {column.key for column in inspect(Identity).columns}
    assert not [name for name in kept if re.search("token|code|secret|claims", name)]
    assert {"issuer", "subject", "person_id"} <= kept
    with house.app.test_request_context(), db.reading() as reading:
        person = service.person(reading, ALL)
        assert person is not None
        login.enter(person, by_service=True)
        assert set(session) - {"by_service", "_user_id", "_fresh"} <= {"seen", "last"}
    for rule, _, _ in rules(house.app):
        assert "access_token" not in rule.rule


def test_no_hint_and_no_secret_question_is_kept() -> None:
    columns = {column.key for table in (Person, SecondFactor) for column in inspect(table).columns}
    assert not [name for name in columns if re.search("hint|question|maiden|answer$", name)]


def test_no_secret_of_a_visit_or_key_stands_in_an_address(house: House) -> None:
    cookie = house.client.get_cookie("pulse")
    assert cookie is not None
    for path in ("/me", "/dashboard", "/keys", "/fixes", "/people"):
        text = house.client.get(path).text
        addresses = " ".join(re.findall(r'(?:href|action|src)="([^"]*)"', text))
        assert cookie.value not in addresses, path
        assert token(text) not in addresses, path
    for name in ("key", "api_key", "access_token", "token", "session", "pulse"):
        assert house.stranger().get(f"/api/v1/fixes?{name}={cookie.value}").status_code == 401
        assert house.stranger().get(f"/me?{name}={cookie.value}").status_code == 302


def test_files_are_handed_out_to_be_kept_and_under_names_of_ours(house: House) -> None:
    """Whatever a fix is called, a file about it has a name of letters, digits and hyphens, and is kept."""
    with db.writing() as writing:
        fix = writing.query(Fix).filter_by(code=house.there["fix"]).one()
        fix.name_en = fix.name_fr = 'x"; filename="evil.html"\r\nX-Evil: 1'
    about = f"/fixes/{house.there['fix']}"
    handed = [
        (path, "csv") for path in ("/fixes", "/flags", "/figures", "/dashboard", "/burden", "/irritants")
    ]
    for path, kind in [*handed, (about, "csv"), (about, "xlsx"), (about, "json")]:
        with house.client.get(f"{path}?as={kind}&filename=evil.html") as file:
            told = file.headers["Content-Disposition"]
            assert re.fullmatch(rf'attachment; filename="?[\w.-]+\.{kind}"?', told), told
            assert file.headers["X-Content-Type-Options"] == "nosniff"
            assert "html" not in file.headers["Content-Type"]
            assert "X-Evil" not in file.headers


def test_what_is_refused_at_a_door_is_logged_without_saying_to_whom(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    employee = house.stranger()
    sign_in(employee, EMPLOYEE)
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        assert employee.get("/people?search=secret-word").status_code == 404
    [line] = [record.getMessage() for record in caplog.records if "refused" in record.getMessage()]
    assert line == "pulse.people.everybody refused (GET): not for this account"
    assert "secret-word" not in caplog.text
    assert EMPLOYEE not in caplog.text


def test_attempts_that_were_too_many_are_logged_without_saying_whose(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    now = datetime.now(UTC)
    with caplog.at_level(logging.WARNING), db.writing() as writing:
        for _ in range(3):
            attempts.allowed(writing, "password", "eve@example.org", now, most=2)
    assert caplog.messages == ["too many attempts (password)"]


def test_no_text_becomes_a_line_of_a_log() -> None:
    """One line a message, whatever is in it, in the form that servers write."""
    from surveys.watching import logs

    record = logging.LogRecord("pulse", logging.ERROR, "x", 1, "told: %s", (f"a{CONTROLS}b",), None)
    line = logs.formatter(logs.JSON).format(record)
    assert not re.search(r"[\x00-\x1f]", line)


def test_logs_and_audit_are_in_utc(house: House) -> None:
    import json

    from surveys.watching import logs

    record = logging.LogRecord("pulse", logging.ERROR, "x", 1, "told", (), None)
    said = json.loads(logs.formatter(logs.JSON).format(record))
    moment = next(value for value in said.values() if re.match(r"\d{4}-\d\d-\d\dT", str(value)))
    assert datetime.fromisoformat(moment).utcoffset() == datetime.now(UTC).utcoffset()
    assert Base.metadata.tables["audit_entry"].c.at.type.__class__.__name__ == "Moment"


def test_signing_in_takes_nothing_over_from_the_cookie_before(house: House) -> None:
    client = house.stranger()
    client.get("/sign-in")
    with client.session_transaction() as before:
        before["planted"] = "by somebody else"
        first = before.get("csrf_token")
    sign_in(client, EMPLOYEE)
    with client.session_transaction() as after:
        assert "planted" not in after
        assert after.get("csrf_token") != first
    one, other = house.stranger(), house.stranger()
    sign_in(one, EMPLOYEE)
    sign_in(other, EMPLOYEE)
    keys = [there.get_cookie("pulse") for there in (one, other)]
    assert keys[0] is not None
    assert keys[1] is not None
    assert keys[0].value != keys[1].value


def test_a_visit_of_somebody_who_lost_a_grant_loses_its_pages_at_once(house: House) -> None:
    with db.writing() as writing:
        person = service.add(writing, "lost@example.org", language="en", password=PASSWORD)
        service.grant(writing, person, Grant.ADMIN)
    client = house.stranger()
    sign_in(client, "lost@example.org")
    assert client.get("/people").status_code == 200
    with db.writing() as writing:
        found = service.person(writing, "lost@example.org")
        assert found is not None
        found.grants.clear()
    assert client.get("/people").status_code == 404
    assert len(passwords.made_up()) == 23
