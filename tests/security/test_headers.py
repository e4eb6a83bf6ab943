"""What each answer says to browsers, whatever was asked, by whatever method and under whatever name."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import select
from werkzeug.exceptions import MethodNotAllowed

from config import ROOT, settings
from pulse import db
from pulse.outbox.models import Message
from tests.architecture.test_who_may_enter import rules
from tests.security.conftest import House, stored, token

# The same for everybody, so anybody may keep them: they hold only what was told to everybody.
KEPT = {"/you-said", "/you-said/customers.atom", "/assets/plotly-<digest>.js"}
NEVER = {"TRACE", "TRACK", "CONNECT", "PROPFIND", "PUT", "DELETE", "PATCH"}


@dataclass(frozen=True)
class Looks:
    """Every page of every endpoint as it came to somebody with every grant, and what looking changed."""

    pages: dict[str, tuple[dict[str, str], str]]  # by rule: headers and text
    before: dict[str, list[tuple[object, ...]]]
    after: dict[str, list[tuple[object, ...]]]


@pytest.fixture(scope="module")
def looks(house: House) -> Looks:
    """Each address looked at once."""
    before, pages = stored(), {}
    for rule, method, _ in rules(house.app):
        if method == "GET":
            with house.client.get(house.address(rule)) as page:
                kind = page.headers.get("Content-Type", "")
                pages[rule.rule] = (dict(page.headers), page.text if kind.startswith("text/") else "")
    return Looks(pages, before, stored())


def html(looks: Looks) -> Iterator[tuple[str, dict[str, str], str]]:
    for rule, (headers, text) in looks.pages.items():
        if headers.get("Content-Type", "").startswith("text/html"):
            yield rule, headers, text


def test_every_page_forbids_what_it_does_not_need(looks: Looks) -> None:
    assert len(looks.pages) > 80
    for rule, (headers, _) in looks.pages.items():
        policy = headers["Content-Security-Policy"]
        assert "unsafe" not in policy, rule
        assert "*" not in policy, rule
        for part in ("default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
            assert part in policy, rule
        assert headers["X-Content-Type-Options"] == "nosniff", rule
        assert headers["Referrer-Policy"] == "no-referrer", rule
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin", rule


def test_no_page_of_the_site_is_read_by_pages_of_other_sites(looks: Looks) -> None:
    for rule, (headers, _) in looks.pages.items():
        assert "Access-Control-Allow-Origin" not in headers, rule
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin", rule


def test_no_page_is_stored_by_browsers_or_on_the_way(looks: Looks) -> None:
    assert len(list(html(looks))) > 50
    for rule, (headers, _) in looks.pages.items():
        assert (headers["Cache-Control"] == "no-store") == (rule not in KEPT), rule


def test_every_text_says_in_which_letters_it_is_written(looks: Looks) -> None:
    for rule, (headers, text) in looks.pages.items():
        kind = headers.get("Content-Type", "")
        assert kind, rule
        assert not kind.startswith("text/") or "charset=utf-8" in kind.lower(), rule
        assert not kind.startswith("text/html") or text.lstrip().lower().startswith("<!doctype html>"), rule


def test_answers_do_not_tell_what_they_are_made_by(looks: Looks) -> None:
    for rule, (headers, _) in looks.pages.items():
        assert not {"Server", "X-Powered-By", "X-Runtime", "Via"} & set(headers), rule


def test_every_page_of_somebody_signed_in_has_the_way_out_on_it(looks: Looks) -> None:
    shown = [(rule, text) for rule, _, text in html(looks) if 'class="top"' in text]
    assert len(shown) > 40
    for rule, text in shown:
        assert 'action="/sign-out"' in text or '<form class="me"' not in text, rule
    assert sum('action="/sign-out"' in text for _, text in shown) > 40


def test_a_look_changes_nothing_but_when_somebody_looked(looks: Looks) -> None:
    """No address that is only looked at does anything, so no picture or link of another site can."""
    changed = {table for table in looks.before if looks.before[table] != looks.after[table]}
    assert changed <= {"overview_visit", "audit_entry", "audit_head"}
    new = [row for row in looks.after["audit_entry"] if row not in looks.before["audit_entry"]]
    assert len(new) <= 3  # files that hold what customers wrote: fetching them is written down


def test_no_address_takes_a_method_it_was_not_made_for(house: House) -> None:
    sites = house.app.url_map.bind("localhost")
    for rule, _, _ in rules(house.app):
        for method in NEVER - (rule.methods or set()):
            with pytest.raises(MethodNotAllowed):
                sites.match(house.address(rule), method=method)
    for path in ("/sign-in", "/me", "/b", "/api/v1/fixes", "/static/pulse.css"):
        with house.client.open(path, method="TRACE", headers={"Cookie": "secret=1"}) as refused:
            assert refused.status_code in (404, 405), path
            assert "secret=1" not in refused.text


def test_the_name_a_browser_gave_the_site_leads_nowhere(house: House) -> None:
    """Addresses in pages and mails come from the settings: a made-up Host header is repeated to nobody."""
    evil = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher"}
    stranger = house.stranger()
    for rule, method, door in rules(house.app):
        if method == "GET" and door.open and not rule.rule.startswith("/assets/"):
            with stranger.get(house.address(rule), headers=evil) as page:
                assert "evil.example" not in page.text, rule
                assert "evil.example" not in str(page.headers), rule
    base = "http://evil.example"
    door = token(stranger.get("/sign-in", base_url=base).text)
    form = {"email": "all@example.org", "link": "1", "csrf_token": door}
    assert stranger.post("/sign-in", data=form, base_url=base).status_code == 303
    with db.reading() as session:
        mail = session.scalars(select(Message.text).where(Message.key.like("sign-in:%"))).one()
    assert "evil.example" not in mail
    assert f"{settings().site_url}/sign-in/" in mail


LYING_ABOUT = (
    *("/.git/HEAD", "/.git/config", "/static/", "/static/../config.py", "/static/%2e%2e/config.py", "/.env"),
    *("/instance/pulse.sqlite", "/requirements.txt", "/static/..%5cconfig.py", "/assets/", "/server-status"),
    *("/console", "/debug", "/graphql", "/admin", "/templates/base.html", "/pulse/web.py", "/config.py"),
)


def test_nothing_of_the_installation_lies_about(house: House) -> None:
    stranger = house.stranger()
    for path in LYING_ABOUT:
        with stranger.get(path) as page:
            assert page.status_code == 404, path
            assert "Index of" not in page.text, path


def test_files_that_browsers_keep_hold_nothing_of_anybody() -> None:
    for script in (ROOT / "static").iterdir():
        text = script.read_text(encoding="utf-8")
        assert "{{" not in text, script  # made by no template: the same bytes for everybody
        assert "{%" not in text, script
