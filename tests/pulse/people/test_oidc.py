"""Signing in by the organisation's own service: a real provider, and everything that can go wrong with it."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc.jwk import OctKey, RSAKey
from sqlalchemy import select
from werkzeug.test import TestResponse

from benchmarks.hostility.strings import HOSTILE, strings
from config import settings
from pulse import db
from pulse.organisation.models import Team
from pulse.people import oidc, service
from pulse.people.models import AuditEntry, Grant, Identity, Person
from tests.conftest import SECRET, Addresses, made
from tests.pulse.people.provider import KEY, KID, Provider, running
from tests.pulse.people.test_links import token_in
from tests.pulse.test_web import PASSWORD

# The provider, which stands in for one elsewhere, speaks an older Authlib's words.
pytestmark = pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning")
EVE = {"email": "Eve@Example.org", "email_verified": True}
SITE = "http://127.0.0.1:8000"


@pytest.fixture(scope="module")
def started() -> Iterator[Provider]:
    """One provider for all tests: a server each would take most of their time."""
    with running() as provider:
        yield provider


@pytest.fixture
def provider(started: Provider) -> Provider:
    """The provider, straight again."""
    started.bent = started.key = None
    started.algorithm = "RS256"
    started.asked.clear()
    started.told.clear()
    oidc._services.clear()
    return started


@pytest.fixture
def configure(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Settings that name the provider."""

    def use(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"PULSE_OIDC_{name.upper()}", value)
        settings.cache_clear()

    use(issuer=provider.issuer, client="pulse", secret="known to both of us")
    yield use  # type: ignore[misc]
    monkeypatch.undo()
    settings.cache_clear()


class English(FlaskClient):
    """The browser of somebody who reads English."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"


@pytest.fixture
def app(configure: None, sqlite_addresses: Addresses) -> Iterator[Flask]:
    """The application with the provider as its sign-in service, and Eve, whom the file of people knows."""
    found = made(sqlite_addresses, secret_key=SECRET)
    found.test_client_class = English
    with db.writing() as session:
        service.add(session, "eve@example.org", language="en", password=PASSWORD)
    yield found
    for database in (db.main, db.night):
        database.close()


def led(client: FlaskClient, onward: str = "") -> str:
    """The provider's address that the button leads to."""
    answer = client.get(f"/sign-in/service{onward}")
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def back(client: FlaskClient, address: str) -> TestResponse:
    """The page somebody sees who is sent back to this address."""
    assert address.startswith(SITE), address
    return client.get(address.removeprefix(SITE))


def enters(client: FlaskClient, provider: Provider, subject: str, onward: str = "") -> TestResponse:
    """All the way there and back."""
    return back(client, provider.agree(led(client, onward), subject))


def refused(page: TestResponse, words: str, status: int = 403) -> bool:
    """Whether a page says these words, and nobody is signed in."""
    return page.status_code == status and words in page.text


def signed_in(client: FlaskClient) -> bool:
    """Whether one's own account opens."""
    return client.get("/me").status_code == 200


def identities() -> list[tuple[str, str]]:
    with db.reading() as session:
        rows = select(Identity.subject, Person.email).join(Person, Person.id == Identity.person_id)
        return sorted(tuple(row) for row in session.execute(rows))


def test_the_first_time_somebody_is_known_by_their_verified_address_and_later_by_their_subject(
    client, provider
):
    provider.has("s-1", **EVE)
    page = client.get("/sign-in?next=/me%3Flang%3Den&lang=en").text
    assert "/sign-in/service?next=/me?lang%3Den" in page
    assert "Sign in with your organisation’s account" in page

    answer = enters(client, provider, "s-1", "?next=/me%3Flang%3Den")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/me?lang=en")
    assert signed_in(client)
    assert identities() == [("s-1", "eve@example.org")]
    with db.reading() as session:  # and no time of it is kept
        assert session.scalars(select(AuditEntry)).all() == []
        assert [row.linked_on for row in session.scalars(select(Identity))] == [service.today()]
    asked, told = provider.asked[-1], provider.told[-1]
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == told["redirect_uri"] == f"{SITE}/sign-in/back"
    assert {len(asked[part]) for part in ("state", "nonce")} <= {20, 30}
    assert asked["scope"] == "openid email profile"

    provider.has("s-1", email="eve.married@example.org", email_verified=False)
    client.post("/sign-out", data={"csrf_token": token_in(client.get("/me").text)})
    assert not signed_in(client)
    enters(client, provider, "s-1")
    assert signed_in(client)
    assert len(identities()) == 1


def test_nobody_is_signed_in_without_the_state_this_browser_was_given(app, client, provider):
    provider.has("s-3", **EVE)
    address = provider.agree(led(client), "s-3")
    stranger = app.test_client()
    for browser, sent in (
        (stranger, address),  # somebody else's browser, led to our address: it would be signed in as Eve
        (client, re.sub("state=[^&]+", "state=guessed", address)),
        (client, re.sub("&?state=[^&]+", "", address)),
        (client, f"{SITE}/sign-in/back"),
    ):
        assert refused(back(browser, sent), "Start signing in once more")
        assert not signed_in(browser)
    assert provider.told == []  # the code was shown to nobody


def test_an_address_that_was_used_works_no_second_time(app, client, provider):
    provider.has("s-4", **EVE)
    address = provider.agree(led(client), "s-4")
    copy = app.test_client()
    with client.session_transaction() as mine, copy.session_transaction() as theirs:
        theirs.update(mine)
    assert back(client, address).status_code == 303
    assert refused(back(client, address), "Start signing in once more")  # the state is gone
    assert refused(back(copy, address), "Start signing in once more")  # the code is, even with the cookie
    assert not signed_in(copy)


def test_a_code_is_worth_nothing_without_its_verifier(app, client, provider):
    provider.has("s-5", **EVE)
    stolen = provider.agree(led(client), "s-5")
    thief = app.test_client()
    own = parse_qs(urlsplit(led(thief)).query)["state"][0]
    answer = back(thief, re.sub("state=[^&]+", f"state={own}", stolen))
    assert refused(answer, "Start signing in once more")
    assert not signed_in(thief)


NOT_FOR_THIS_SIGN_IN = (
    {"nonce": "of another sign-in"},
    {"nonce": None},
    {"aud": "another-client"},
    {"aud": ["pulse", "another-client"], "azp": "another-client"},
    {"iss": "https://login.example.net"},
    {"exp": 1_000_000_000},
    {"sub": None},
    {"sub": "\n"},
    {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
)
NOT_SIGNED_BY_IT = (
    ("RS256", RSAKey.generate_key(2048, {"kid": KID})),
    ("HS256", OctKey.import_key("known to both of us, and longer than it was")),
    ("none", None),
)


def test_an_id_token_that_is_not_for_this_sign_in_or_not_of_the_service_is_refused(client, provider):
    provider.has("s-6", **EVE)
    for claims in NOT_FOR_THIS_SIGN_IN:
        provider.bent = claims
        assert refused(enters(client, provider, "s-6"), "This sign-in cannot be trusted"), claims
    provider.bent = {"name": "Eve"}
    for provider.algorithm, provider.key in NOT_SIGNED_BY_IT:
        assert refused(enters(client, provider, "s-6"), "This sign-in cannot be trusted"), provider.algorithm
    assert not signed_in(client)
    assert identities() == []
    provider.algorithm, provider.key = "RS256", KEY
    assert enters(client, provider, "s-6").status_code == 303  # the same way, as it should be


NOT_KNOWN_FOR_SURE = (
    ({"email": "eve@example.org", "email_verified": False}, "Your e-mail address is not confirmed"),
    ({"email": "eve@example.org"}, "Your e-mail address is not confirmed"),
    ({"email_verified": True}, "Your e-mail address is not confirmed"),
    ({"email": "zoe@example.org", "email_verified": True}, "Pulse does not know you yet"),
    ({"email": "eve@example.org\x00", "email_verified": True}, "Pulse does not know you yet"),
)


def test_who_cannot_be_told_for_sure_is_not_signed_in_and_nobody_is_added(client, provider):
    for claims, words in NOT_KNOWN_FOR_SURE:
        provider.has("s-8", **claims)
        assert refused(enters(client, provider, "s-8"), words), claims
    assert not signed_in(client)
    assert identities() == []
    with db.reading() as session:
        assert session.scalars(select(Person.email)).all() == ["eve@example.org"]


def test_a_service_that_lets_nobody_choose_an_address_may_be_trusted_with_it(client, provider, configure):
    configure(trust_email="true")
    provider.has("s-9", email="eve@example.org", email_verified=False)
    assert refused(enters(client, provider, "s-9"), "Your e-mail address is not confirmed")
    provider.has("s-9", email="eve@example.org")
    assert enters(client, provider, "s-9").status_code == 303


def test_who_was_disabled_or_left_is_out_at_once_and_stays_out(client, provider):
    provider.has("s-10", **EVE)
    enters(client, provider, "s-10")
    for end, again in (
        ({"disabled_at": datetime.now(UTC)}, {"disabled_at": None}),
        ({"left_on": service.today() - timedelta(days=1)}, {"left_on": None}),
    ):
        change(**end)
        assert not signed_in(client)
        assert refused(enters(client, provider, "s-10"), "Your account is closed")
        provider.has("s-11", **EVE)  # nor by another account of the same address
        assert refused(enters(client, provider, "s-11"), "Your account is closed")
        change(**again)
        assert enters(client, provider, "s-10").status_code == 303
    assert identities() == [("s-10", "eve@example.org")]


def change(**values: object) -> None:
    """Write into Eve's account."""
    with db.writing() as session:
        eve = session.scalars(select(Person)).one()
        for name, value in values.items():
            setattr(eve, name, value)


def test_an_address_that_was_handed_on_opens_nothing_until_an_admin_undoes_the_link(app, client, provider):
    provider.has("s-12", **EVE)
    provider.has("s-13", **EVE)
    enters(client, provider, "s-12")
    heir = app.test_client()
    assert refused(enters(heir, provider, "s-13"), "This address belongs to another account")

    with db.writing() as session:
        admin = service.add(session, "root@example.org", language="en", password=PASSWORD)
        service.grant(session, admin, Grant.ADMIN)
        eve = service.person(session, "eve@example.org").id  # type: ignore[union-attr]
    provider.has("s-14", email="root@example.org", email_verified=True)
    root = app.test_client()
    enters(root, provider, "s-14")
    page = root.get(f"/people/{eve}").text
    assert "Linked on" in page
    root.post(f"/people/{eve}/identities", data={"csrf_token": token_in(page)})

    assert not signed_in(client)  # the old link's visits are over
    assert enters(heir, provider, "s-13").status_code == 303
    assert ("s-13", "eve@example.org") in identities()
    assert "link to the sign-in service undone" in root.get("/audit").text


def test_the_service_says_who_holds_the_grants_it_was_given_to_say(client, provider, configure):
    configure(
        grants='{"HR": "analyst", "IT": "admin", "leads": "manager"}',
        grants_claim="realm_access.roles",
        team_claim="unit",
    )
    with db.writing() as session:
        session.add_all(Team(code=code, name_en=code, name_fr=code) for code in ("north", "south"))
        eve = service.person(session, "eve@example.org")
        service.grant(session, eve, Grant.ADMIN)  # by hand, before it was the service's to say
        service.grant(session, eve, Grant.OWNER)  # by hand still

    provider.has("s-15", **EVE, unit="north", realm_access={"roles": ["HR", "leads", "guests"]})
    enters(client, provider, "s-15")
    assert held() == {("analyst", None), ("owner", None), ("manager", "north")}
    assert belongs() == "north"

    provider.has("s-15", **EVE, unit=["south"], realm_access={"roles": "leads"})
    enters(client, provider, "s-15")
    assert held() == {("owner", None), ("manager", "south")}
    assert belongs() == "south"

    provider.has("s-15", **EVE, unit="nowhere", realm_access=["HR"])
    enters(client, provider, "s-15")
    assert held() == {("owner", None)}
    assert belongs() == "south"

    with db.reading() as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [f"{entry.action}: {entry.detail}" for entry in entries[:3]] == [
        "grant taken: admin (sign-in service)",
        "grant given: analyst (sign-in service)",
        "grant given: manager (sign-in service)",
    ]
    assert {(entry.at.hour, entry.at.minute, entry.at.second) for entry in entries} == {(0, 0, 0)}


def held() -> set[tuple[str, str | None]]:
    """Eve's grants, with the teams she heads."""
    with db.reading() as session:
        eve = service.person(session, "eve@example.org")
        codes = dict(session.execute(select(Team.id, Team.code)).all())
        return {(one.grant.value, codes.get(one.team_id)) for one in eve.grants}  # type: ignore[union-attr]


def belongs() -> str | None:
    """The code of Eve's team."""
    with db.reading() as session:
        eve = service.person(session, "eve@example.org")
        membership = service.membership(session, eve.id, service.today())  # type: ignore[union-attr]
        return session.get_one(Team, membership.team_id).code if membership else None


def test_while_a_wave_is_not_counted_the_service_moves_nobody(app, client, provider, configure):
    configure(team_claim="unit")
    with db.writing() as session:
        session.add(Team(code="north", name_en="north", name_fr="north"))
    app.extensions["pulse.settled"] = lambda session: service.today()
    provider.has("s-16", **EVE, unit="north")
    enters(client, provider, "s-16")
    assert belongs() is None  # from tomorrow on
    with db.reading() as session:
        eve = service.person(session, "eve@example.org")
        assert service.membership(session, eve.id, service.today() + timedelta(days=1)) is not None  # type: ignore[union-attr]


def test_a_service_that_is_busy_or_away_is_told_apart_from_a_refusal(client, provider, configure, caplog):
    cancelled = provider.agree(led(client), "s-18", deny=True)
    cancelled = re.sub("&?state=[^&]*", "", cancelled) + f"&state={provider.asked[-1]['state']}"
    assert refused(back(client, cancelled), "Signing in was cancelled there")
    busy = client.get("/sign-in/back?error=temporarily_unavailable&state=x")
    assert refused(busy, "The sign-in service does not answer", 503)
    assert client.get("/sign-in/back?error=%0d%0aSet-Cookie:x&state=x").status_code == 403

    elsewhere = provider.agree(led(client), "s-18") + "&iss=https://login.example.net"
    assert refused(back(client, elsewhere), "This sign-in cannot be trusted")
    begun = provider.agree(led(client), "s-18")
    for _ in range(8):
        begun = provider.agree(led(client), "s-18")
    with client.session_transaction() as cookie:  # which has little room
        assert sum(name.startswith("_state_") for name in cookie) == oidc.BEGUN
    oidc._services.clear()
    configure(issuer="http://127.0.0.1:9")  # nobody listens there
    assert refused(client.get("/sign-in/service"), "The sign-in service does not answer", 503)
    assert refused(back(client, begun), "The sign-in service does not answer", 503)
    assert client.get("/sign-in").status_code == 200  # whoever has a password still gets in
    assert "close the browser" in client.get("/sign-in/out?lang=en").text
    configure(issuer=f"{provider.issuer}/")
    assert refused(client.get("/sign-in/service"), "The sign-in service does not answer", 503)
    assert "another name than PULSE_OIDC_ISSUER" in caplog.text


def test_signing_out_says_how_to_sign_out_of_the_service_too(app, client, provider):
    provider.has("s-20", **EVE)
    enters(client, provider, "s-20")
    with client.session_transaction() as cookie:
        stolen = dict(cookie)
    left = client.post("/sign-out", data={"csrf_token": token_in(client.get("/me").text)})
    assert left.headers["Location"] == "/sign-in/out"
    page = client.get("/sign-in/out?lang=en").text
    out = re.search(r'href="([^"]+/oauth2/end_session[^"]+)"', page)
    assert out is not None
    said = parse_qs(urlsplit(out[1].replace("&amp;", "&")).query)
    assert said == {"client_id": ["pulse"], "post_logout_redirect_uri": [f"{SITE}/sign-in"]}
    copy = app.test_client()
    with copy.session_transaction() as cookie:
        cookie.update(stolen)
    assert not signed_in(copy)


def test_signing_out_there_ends_the_visits_here(app, client, provider):
    provider.bent = {}  # so that it publishes the key that logout tokens are signed by below
    provider.has("s-22", **EVE)
    enters(client, provider, "s-22")
    told = {
        "iss": provider.issuer,
        "aud": "pulse",
        "sub": "s-22",
        "iat": int(datetime.now(UTC).timestamp()),
        "jti": "1",
        "events": {oidc.LOGOUT: {}},
    }
    for wrong in (
        {"iss": "https://login.example.net"},
        {"aud": "another-client"},
        {"sub": None},
        {"sub": "somebody-else"},
        {"iat": told["iat"] - 600},
        {"events": {}},
        {"nonce": "this is an id token"},
    ):
        said = {name: value for name, value in (told | wrong).items() if value is not None}
        answer = client.post("/sign-in/ended", data={"logout_token": provider.signed(said)})
        assert answer.status_code == (200 if wrong.get("sub") else 400), wrong
    provider.key = RSAKey.generate_key(2048, {"kid": KID})
    forged = provider.signed(told)
    provider.algorithm, provider.key = "none", None
    for token in (forged, provider.signed(told), "", "a.b.c"):
        assert client.post("/sign-in/ended", data={"logout_token": token}).status_code == 400
    assert signed_in(client)

    provider.algorithm = "RS256"
    answer = app.test_client().post("/sign-in/ended", data={"logout_token": provider.signed(told)})
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert not signed_in(client)


@pytest.mark.skipif(not HOSTILE.is_dir(), reason="the folder of hostile strings is not here")
def test_no_hostile_string_ends_a_visit(client, provider):
    provider.bent = {}
    provider.has("s-22", **EVE)
    enters(client, provider, "s-22")
    for text in strings(500):
        assert client.post("/sign-in/ended", data={"logout_token": text}).status_code == 400, text
    assert signed_in(client)


def test_where_the_service_is_the_only_way_in_passwords_and_links_open_nothing(client, provider, configure):
    configure(alone="true", name="Example Id")
    page = client.get("/sign-in?lang=en")
    assert "Sign in with Example Id" in page.text
    assert 'type="password"' not in page.text
    sent = {"email": "eve@example.org", "password": PASSWORD}
    assert client.post("/sign-in", data=sent).status_code == 404
    assert client.post("/sign-in", data=sent | {"link": "1"}).status_code == 404
    assert client.get("/sign-in/some-link").status_code == 410
    provider.has("s-21", **EVE)
    enters(client, provider, "s-21")
    own = client.get("/me?lang=en").text
    assert "Set a password" not in own
    assert "Change the password" not in own
    assert client.post("/me/password", data={"csrf_token": token_in(own)}).status_code == 404


def test_without_a_service_its_addresses_lead_nowhere(app, monkeypatch):
    monkeypatch.delenv("PULSE_OIDC_ISSUER")
    settings.cache_clear()
    client = app.test_client()
    assert [
        client.get(path).status_code for path in ("/sign-in/service", "/sign-in/back", "/sign-in/out")
    ] == [
        404,
        404,
        303,
    ]
    assert "organisation" not in client.get("/sign-in?lang=en").text
