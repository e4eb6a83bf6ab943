"""What is said and kept where the site is served encrypted, as every site but one's own machine's is."""

import re
import secrets

import pytest
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import BadSignature

from config import settings
from pulse import db, web
from pulse.people import service
from tests.conftest import SECRET, Addresses, made
from tests.pulse.dashboards.told import PASSWORD
from tests.pulse.test_web import sign_in
from tests.security.conftest import token

SITE = "https://pulse.example.org"


@pytest.fixture
def encrypted(sqlite_addresses: Addresses, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """A browser at an installation that is served encrypted."""
    monkeypatch.setenv("PULSE_SITE_URL", SITE)
    settings.cache_clear()
    return made(sqlite_addresses, site_url=SITE, secret_key=secrets.token_hex(32)).test_client()


@pytest.fixture(autouse=True)
def usual_settings() -> object:
    yield
    settings.cache_clear()


def test_an_encrypted_site_is_asked_in_no_other_way_for_two_years(encrypted: FlaskClient) -> None:
    for path in ("/sign-in", "/no-such-page", "/static/pulse.css", "/api/v1/fixes", "/b/code"):
        with encrypted.get(path, base_url=SITE) as page:
            told = page.headers["Strict-Transport-Security"]
        assert "includeSubDomains" in told
        assert int(re.sub(r"\D", "", told)) >= 365 * 24 * 3600


def test_every_cookie_says_whose_it_is_and_is_out_of_reach_of_scripts(encrypted: FlaskClient) -> None:
    from surveys.responses import views

    cookies = encrypted.get("/sign-in", base_url=SITE).headers.getlist("Set-Cookie")
    with encrypted.application.test_request_context(base_url=SITE):
        reply = encrypted.application.response_class()
        views._keep(reply, views.employee.Held("", "", "", "", ""))
    cookies += reply.headers.getlist("Set-Cookie")
    assert len(cookies) == 2
    for cookie in cookies:
        assert cookie.startswith(("__Host-pulse=", "__Secure-ballot="))
        assert {"Secure", "HttpOnly", "SameSite=Lax"} <= {part.strip() for part in cookie.split(";")}
        assert "Domain" not in cookie
        assert len(cookie) < 4096


def test_a_site_on_ones_own_machine_promises_no_encryption(client: FlaskClient) -> None:
    assert "Strict-Transport-Security" not in client.get("/sign-in").headers


def test_signing_out_empties_the_browser_of_pages(app: Flask) -> None:
    client = app.test_client()
    with db.writing() as session:
        service.add(session, "bob@example.org", language="en", password=PASSWORD)
    sign_in(client, "bob@example.org")
    page = client.get("/me")
    assert "Clear-Site-Data" not in page.headers
    left = client.post("/sign-out", data={"csrf_token": token(page.text)})
    assert left.headers["Clear-Site-Data"] == '"cache"'
    assert "Clear-Site-Data" not in client.get("/sign-in").headers


def test_what_a_browser_keeps_is_signed_by_sha_256_and_nothing_else_is_taken(app: Flask) -> None:
    signed = web.Sessions().get_signing_serializer(app)
    assert signed is not None
    written = signed.dumps({"_user_id": "1-x"})
    assert signed.loads(written) == {"_user_id": "1-x"}
    payload, _, signature = written.rpartition(".")
    assert len(signature) == 43  # 32 bytes in base64url
    for wrong in (payload + ".", payload, f"{payload}.{'A' * 43}", f"none.{written}", written[1:]):
        with pytest.raises(BadSignature):
            signed.loads(wrong)
    assert len(SECRET) >= 32
