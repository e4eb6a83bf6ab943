"""Every page of somebody with every grant: what it tells browsers, whose forms it takes, what attacks do.

Each page is looked at once for all of these tests.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, urljoin

import pytest
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.test import TestResponse

from benchmarks.hostility.pages import Page, dangers
from benchmarks.hostility.strings import INJECTIONS
from config import ROOT, settings
from pulse import db
from pulse.outbox.models import Message
from tests.architecture.test_who_may_enter import rules
from tests.security.conftest import House, stored, token

# The same for everybody, so anybody may keep them: they hold only what was told to everybody.
KEPT = {"/you-said", "/you-said/customers.atom"}
TOKEN = "csrf_token"
# Sent to the ballot host, or before anybody is signed in: no session is read, so there is none to borrow.
WITHOUT_SESSION = ("/b/", "/r/", "/o/", "/erase/", "/stop/", "/reminders/", "/weekly-news/")
LOOKED_AT = {"overview_visit", "audit_entry", "audit_head", "refusal"}
NEVER = {"TRACE", "TRACK", "CONNECT", "PROPFIND", "PUT", "DELETE", "PATCH"}


@dataclass(frozen=True)
class Looks:
    """Every page of every endpoint as it came to somebody with every grant, and what looking changed."""

    pages: dict[str, tuple[dict[str, str], str]]  # by rule: headers and text
    paths: dict[str, str]  # by rule: where it was looked at
    before: dict[str, list[tuple[object, ...]]]
    after: dict[str, list[tuple[object, ...]]]


@pytest.fixture(scope="module")
def looks(house: House) -> Looks:
    """Each address looked at once."""
    before, pages, paths = stored(), {}, {}
    for rule, method, _ in rules(house.app):
        if method == "GET":
            paths[rule.rule] = house.address(rule)
            with house.client.get(paths[rule.rule]) as page:
                kind = page.headers.get("Content-Type", "")
                pages[rule.rule] = (dict(page.headers), page.text if kind.startswith("text/") else "")
    return Looks(pages, paths, before, stored())


def html(looks: Looks) -> Iterator[tuple[str, dict[str, str], str]]:
    for rule, (headers, text) in looks.pages.items():
        if headers.get("Content-Type", "").startswith("text/html"):
            yield rule, headers, text


@pytest.fixture(scope="module")
def forms(looks: Looks) -> list[tuple[str, dict[str, str]]]:
    """Where each kind of form is sent, with what it holds, and something in every field."""
    found: dict[tuple[str, tuple[str, ...]], tuple[str, dict[str, str]]] = {}
    for rule, _, text in html(looks):
        for form in Page(text).forms:
            to = urljoin(looks.paths[rule], form.action) if form.action else looks.paths[rule]
            if form.method == "POST":
                said = {one.name: one.value or "1" for one in form.fields}
                found.setdefault((re.sub(r"\d+", "0", to), form.names), (to, said))
    return list(found.values())


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
    assert changed <= LOOKED_AT
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


def test_every_form_of_somebody_signed_in_bears_a_token(forms: list[tuple[str, dict[str, str]]]) -> None:
    assert len(forms) > 25
    bare = {to for to, said in forms if TOKEN not in said and not to.startswith(WITHOUT_SESSION)}
    assert bare == set()


def test_no_form_does_anything_without_its_token_or_with_another_one(
    house: House, forms: list[tuple[str, dict[str, str]]]
) -> None:
    before = stored()
    forged = token(house.stranger().get("/sign-in").text)  # a token there is, of another browser
    for to, said in forms:
        if to.startswith(WITHOUT_SESSION):
            continue
        for wrong in ({}, {TOKEN: forged}):
            sent = {name: value for name, value in said.items() if name != TOKEN} | wrong
            assert house.client.post(to, data=sent).status_code < 500, to
        assert house.client.get("/me").status_code == 200, f"{to} signed somebody out"
    assert stored() == before


def test_nothing_sent_by_a_page_of_another_site_is_taken_even_with_the_right_token(
    house: House, forms: list[tuple[str, dict[str, str]]]
) -> None:
    before = stored()
    closed = {rule.endpoint for rule, method, door in rules(house.app) if method == "POST" and not door.open}
    sites, tried = house.app.url_map.bind("localhost"), 0
    for to, said in forms:
        if sites.match(to.partition("?")[0], method="POST")[0] not in closed:
            continue
        for whence in ("cross-site", "same-site"):
            refused = house.client.post(to, data=said, headers={"Sec-Fetch-Site": whence})
            assert refused.status_code == 400, to
            tried += 1
    assert tried > 40
    assert stored() == before


def test_a_form_with_its_token_does_what_it_says(house: House) -> None:
    """So that what the tests above show is the token's doing."""
    before = stored()
    said = {"language": "fr", TOKEN: token(house.client.get("/me").text)}
    answer = house.client.post("/me/language", data=said, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 303
    assert stored() != before


def test_what_a_script_of_ours_sends_needs_its_token_as_well(house: House) -> None:
    drawn = house.client.post("/pulse/ballot", json={"wave": "2026-11", "blinded": "x"})
    assert drawn.status_code >= 400


def test_a_template_with_a_form_has_a_token_in_it() -> None:
    for template in (ROOT / "templates").rglob("*.html"):
        text = template.read_text(encoding="utf-8")
        if 'method="post"' in text and not re.search(
            r"csrf_token|hidden_tag|token\(\)|sealed\(|start\(", text
        ):
            assert re.search(r'\{% (extends|from|import|include) "', text), template


CONTROL = "1337"  # what a template would make of the sum in some of the injections
NAMES = (
    "search",
    "show",
    "page",
    "months",
    "month",
    "as",
    "sheet",
    "team",
    "touchpoint",
    "owner",
    "irritant",
)
NAMES += ("lang", "done", "next", "sort", "from", "to", "side", "measure", "unit", "about", "start", "seen")


def harmless(page: TestResponse, what: str) -> None:
    """That an attack came to nothing in an answer."""
    assert page.status_code < 500, what
    assert "evil" not in str(page.headers.getlist("Set-Cookie")), what
    assert not page.headers.get("evil"), what
    assert not page.headers.get("Location", "/").startswith(("//", "javascript", "http://evil")), what
    if (page.mimetype or "").startswith("text/"):
        assert "root:x:0" not in page.text, what
        assert "$argon2" not in page.text, what
        assert CONTROL not in page.text, what
        assert dangers(page.text) == [], what


def test_no_text_in_an_address_is_taken_for_code_a_statement_a_header_or_a_path(house: House) -> None:
    before, tried = stored(), 0
    for number, (rule, method, _) in enumerate(rules(house.app)):
        if method != "GET" or rule.rule.startswith("/assets/"):
            continue
        attack = INJECTIONS[number % len(INJECTIONS)]
        path = re.sub(r"<(?!int)[^>]+>", quote(attack, safe=""), rule.rule)
        path = re.sub(r"<int[^>]+>", "1", path)
        with house.client.get(path, query_string=dict.fromkeys(NAMES, attack)) as page:
            if rule.rule != "/readyz":  # no clock runs in a test, and it says so by 503
                harmless(page, f"{path}: {attack}")
        tried += 1
    assert tried > 80
    after = stored()
    assert {table for table in before if before[table] != after[table]} <= LOOKED_AT


def test_an_address_is_decoded_once(house: House) -> None:
    code = house.there["fix"]
    once = "".join(f"%{ord(letter):02x}" for letter in code)
    assert house.client.get(f"/fixes/{once}").status_code == 200
    assert house.client.get(f"/fixes/{quote(once)}").status_code == 404


def test_no_text_in_a_form_is_taken_for_code_a_statement_a_header_or_a_path(
    house: House, forms: list[tuple[str, dict[str, str]]]
) -> None:
    people = len(stored()["person"])
    sealed = token(house.client.get("/me").text)
    for number, (to, said) in enumerate(forms):
        if to.startswith(("/sign-out", "/me/")):
            continue  # to stay signed in
        attacked = {name: INJECTIONS[(number + at) % len(INJECTIONS)] for at, name in enumerate(said)}
        page = house.client.post(to, data=attacked | {TOKEN: sealed})
        harmless(page, f"{to}: {attacked}")
    assert house.client.get("/me").status_code == 200
    assert len(stored()["person"]) == people
    assert not list(ROOT.glob("evil*"))


def test_no_text_in_a_header_is_taken_for_anything_but_text(house: House) -> None:
    stranger, before = house.stranger(), stored()
    headers = (
        "User-Agent",
        "Referer",
        "Accept-Language",
        "Accept",
        "Origin",
        "X-Forwarded-For",
        "Authorization",
    )
    headers += (
        "Cookie",
        "Content-Type",
        "If-None-Match",
        "Range",
        "X-Original-URL",
        "X-HTTP-Method-Override",
    )
    for attack in INJECTIONS:
        sent = {name: attack.replace("\r", "").replace("\n", "") for name in headers}
        for path in ("/sign-in", "/you-said", "/api/v1/fixes", "/b/code", "/static/pulse.css"):
            with stranger.get(path, headers=sent) as page:
                harmless(page, f"{path}: {attack}")
    assert stored() == before


def test_of_a_field_sent_twice_the_first_counts_wherever_the_second_stands(house: House) -> None:
    """What stands in an address is no field of a form: one cannot be slipped in beside the other."""
    sealed = token(house.client.get("/me").text)
    twice = MultiDict([(TOKEN, sealed), ("language", "en"), ("language", "fr")])
    assert house.client.post("/me/language?language=fr", data=twice).status_code == 303
    assert '<html lang="en">' in house.client.get("/me").text
    assert house.client.post("/me/language?language=fr", data={TOKEN: sealed}).status_code == 422


def test_fields_that_no_form_has_change_nothing(house: House) -> None:
    """A form takes its own fields alone, whatever columns there are."""
    before = stored()["person"]
    sealed = token(house.client.get("/me").text)
    further = {"id": "1", "email": "eve@example.org", "password_hash": "x", "visits": "9", "grants": "admin"}
    sent = {TOKEN: sealed, "language": "en", **further}
    assert house.client.post("/me/language", data=sent).status_code == 303
    assert stored()["person"] == before
