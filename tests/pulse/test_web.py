"""Every page: its door, its headers, its language, and what is said when something is wrong."""

import gzip
import re

import pytest
from flask import Blueprint, Flask, abort
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

import wsgi
from pulse import db, web
from pulse.people import service
from pulse.people.models import Grant
from tests.conftest import SECRET

PASSWORD = "correct horse battery staple"


@pytest.fixture
def people(app: Flask) -> None:
    """Ana reads what is concluded; Bob only answers."""
    with db.writing() as session:
        for email, grants in (("ana@example.org", [Grant.ANALYST]), ("bob@example.org", [])):
            person = service.add(session, email, language="en", password=PASSWORD)
            for grant in grants:
                service.grant(session, person, grant)


def without_tokens(page: str) -> str:
    """A page without what is new in each of its forms."""
    return re.sub(r'value="[^"@]{30,}"', "", page)


def sign_in(client: FlaskClient, email: str, password: str = PASSWORD, onward: str = "") -> str:
    """Through the door; where it leads."""
    page = client.get("/sign-in" + onward)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert token is not None
    sent = {"email": email, "password": password, "csrf_token": token[1]}
    return str(client.post("/sign-in" + onward, data=sent).headers.get("Location", ""))


def test_a_stranger_is_sent_to_the_door_and_back_again(client: FlaskClient, people: None) -> None:
    asked = client.get("/fixes?search=refund")
    assert asked.headers["Location"] == "/sign-in?next=/fixes?search%3Drefund"
    assert sign_in(client, "ana@example.org", onward="?next=/fixes?search%3Drefund") == "/fixes?search=refund"


def test_a_page_for_others_is_as_if_it_were_not_there(client: FlaskClient, people: None) -> None:
    sign_in(client, "bob@example.org")
    client.get("/pulse")  # the first page after the door, whichever it is, sets the token of forms
    forbidden, absent = client.get("/dashboard"), client.get("/there-is-no-such-page")
    assert forbidden.status_code == absent.status_code == 404
    assert without_tokens(forbidden.text) == without_tokens(absent.text)
    assert list(forbidden.headers.keys()) == list(absent.headers.keys())


def test_an_analyst_may_read_what_is_concluded(client: FlaskClient, people: None) -> None:
    sign_in(client, "ana@example.org")
    assert [client.get(page).status_code for page in ("/dashboard", "/fixes", "/flags")] == [200] * 3


def test_the_menu_shows_only_doors_that_open(client: FlaskClient, people: None) -> None:
    sign_in(client, "bob@example.org")
    page = client.get("/there-is-no-such-page")
    assert "/dashboard" not in page.text


@pytest.mark.parametrize(
    "address",
    ["//evil.example", "https://evil.example", "/\\evil.example", "evil", "javascript:x", "", "/a\nb", None],
)
def test_nobody_is_sent_to_another_site(address: str | None) -> None:
    assert not web.is_local(address)


@given(st.from_regex(r"/[a-z0-9?=&/.-]*", fullmatch=True))
def test_pages_of_this_site_may_be_gone_on_to(address: str) -> None:
    assert web.is_local(address) == (not address.startswith("//"))


def test_every_page_carries_the_same_strict_headers(client: FlaskClient, people: None) -> None:
    for path in ("/sign-in", "/no-such-page", "/static/pulse.css"):
        with client.get(path) as page:
            assert {name: page.headers[name] for name in web.HEADERS} == web.HEADERS
    assert "unsafe" not in web.HEADERS["Content-Security-Policy"]


def test_pages_are_never_stored_and_files_are_kept_for_a_year(client: FlaskClient) -> None:
    page = client.get("/sign-in")
    assert page.headers["Cache-Control"] == "no-store"
    style = re.search(r'href="(/static/pulse\.css\?v=\w+)"', page.text)
    assert style is not None
    with client.get(style[1]) as file:
        assert file.headers["Cache-Control"] == web.A_YEAR


def test_files_travel_packed_and_pages_with_a_secret_do_not(client: FlaskClient, people: None) -> None:
    with client.get("/static/pulse.css", headers={"Accept-Encoding": "gzip"}) as file:
        assert file.headers["Content-Encoding"] == "gzip"
        assert len(file.data) < 6_000
        assert gzip.decompress(file.data).startswith(b"/* Colours")
    with client.get("/static/pulse.css") as file:
        assert "Content-Encoding" not in file.headers
    assert "Content-Encoding" not in client.get("/sign-in", headers={"Accept-Encoding": "gzip"}).headers


def test_plotly_comes_packed_from_here_and_is_kept_for_a_year(client: FlaskClient) -> None:
    from pulse.dashboards import plotly_script

    address = f"/assets/plotly-{plotly_script.digest()}.js"
    packed = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.data) < 1_700_000
    assert packed.headers["Cache-Control"] == web.A_YEAR
    assert client.get("/assets/plotly-other.js").status_code == 404


def test_the_language_travels_in_the_address_and_in_no_cookie(client: FlaskClient) -> None:
    page = client.get("/no-such-page?lang=fr", headers={"Accept-Language": "en"})
    assert '<html lang="fr">' in page.text
    assert 'href="/?lang=fr"' in page.text
    assert "Set-Cookie" not in page.headers


def test_a_person_is_spoken_to_in_their_own_language(client: FlaskClient, people: None) -> None:
    sign_in(client, "ana@example.org")
    assert '<html lang="en">' in client.get("/flags", headers={"Accept-Language": "fr"}).text
    assert '<html lang="fr">' in client.get("/flags?lang=fr").text


@pytest.fixture
def failing(app: Flask) -> FlaskClient:
    """An application with views that go wrong."""
    room = Blueprint("room", "room")

    @room.get("/wrong/<int:status>")
    @web.open_to_all
    def wrong(status: int) -> str:
        if status == 500:
            raise RuntimeError("a secret of the program")
        abort(status)

    app._got_first_request = False
    app.register_blueprint(room)
    app.testing = False  # as it runs: a failure becomes a page
    return app.test_client()


@pytest.mark.parametrize(("status", "shown"), [(400, 400), (403, 404), (413, 413), (422, 422), (500, 500)])
def test_what_goes_wrong_is_told_calmly(failing: FlaskClient, status: int, shown: int) -> None:
    page = failing.get(f"/wrong/{status}?lang=en")
    assert page.status_code == shown
    assert page.text.count("<h1>") == 1
    assert "secret" not in page.text
    assert "Traceback" not in page.text


def test_a_view_nobody_marked_keeps_the_application_from_starting(
    monkeypatch: pytest.MonkeyPatch, sqlite_addresses: object
) -> None:
    room = Blueprint("room", "room")
    room.add_url_rule("/unmarked", view_func=lambda: "", endpoint="unmarked")
    monkeypatch.setattr("pulse.wiring.BLUEPRINTS", (*wsgi.pulse.wiring.BLUEPRINTS, room))
    from tests.conftest import Addresses, made

    assert isinstance(sqlite_addresses, Addresses)
    with pytest.raises(web.UnmarkedView, match=r"pulse\.room\.unmarked"):
        made(sqlite_addresses)
    db.main.close()
    db.night.close()


def test_without_a_secret_key_it_says_what_to_set(sqlite_addresses: object) -> None:
    from tests.conftest import Addresses, made

    assert isinstance(sqlite_addresses, Addresses)
    with pytest.raises(wsgi.RefusesToStart, match="PULSE_SECRET_KEY is not set"):
        made(sqlite_addresses, secret_key=None)
    assert len(SECRET) >= 32


def test_a_failure_is_logged_by_its_view_and_not_by_its_address(
    failing: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    failing.application.config["PROPAGATE_EXCEPTIONS"] = False
    failing.get("/wrong/500?token=secret-of-a-customer")
    assert "room.wrong failed (GET)" in caplog.text
    assert "/wrong/500" not in caplog.text.partition("Traceback")[0]
    assert "secret-of-a-customer" not in caplog.text


def test_an_address_no_database_can_hold_leads_nowhere(client: FlaskClient, people: None) -> None:
    sign_in(client, "ana@example.org")
    assert client.get("/fixes/%00").status_code == 404
    with db.reading() as session:
        assert service.person(session, "ana\0@example.org") is None


def test_a_host_name_that_cannot_be_is_refused(client: FlaskClient) -> None:
    assert client.get("/sign-in", headers={"Host": "a" * 300}).status_code == 400
