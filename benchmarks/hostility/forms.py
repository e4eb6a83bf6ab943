"""Every form that can be found, filled in with every string, and every address that takes JSON."""

import csv
import io
import random
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from benchmarks.hostility.pages import Form, Page, dangers
from benchmarks.hostility.stage import Browsers, Stage, as_names
from config import settings

WRITTEN = {"text", "search", "textarea", "email", "tel", "url", "number", "date", "password", "hidden"}
STRICT = {"email": "somebody@example.org", "number": "1", "date": date.today().isoformat()}
BY_NAME = {"contact": "somebody@example.org"}
BUTTONS = 20  # times that a form without a text to be written is sent
SAMPLES = 40  # pages of one kind on which forms are looked for
TOKEN = "csrf_token"
NOT_BY_FORM = {"surveys.codes.answers", "surveys.codes.code"} | {
    "surveys.api.interactions",
    "surveys.api.bounced",
    "surveys.ballots.draw",
    "surveys.ballots.cast_ballot",
    "surveys.api.success",
    "pulse.people.ended_there",
}
NARROWED = (
    40  # pages of one kind that show less of another: sorted, searched, in the other language, as a file
)
PART = re.compile(r"page=\d+")  # of a list: as good as a page of its own
NOT_READY = {"surveys.watching.readyz"}  # no clock runs here, and it says so by 503
WITHOUT_TEXT = {"surveys.proposals.reopen"}  # a button that stands on a dismissed proposal alone
WITHOUT_TEXT |= {"surveys.starting.start", "surveys.starting.wave"}  # buttons, before a first wave alone
TAKES_APART = {"surveys.starting.look_into"}  # a button that would load another company in place of this one


Kind = tuple[str, str, str, tuple[str, ...]]  # of a form: who sends it where, how, and with which fields


@dataclass
class Found:
    """What somebody comes to: pages by endpoint, forms by kind, and whether text is written into these.

    linked -- addresses of further pages by endpoint, which were seen on others and not read
    """

    places: dict[Kind, list[str]] = field(default_factory=lambda: defaultdict(list))
    pages: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    linked: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    writes: dict[Kind, bool] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


@dataclass
class Report:
    """What came of sending: how much was sent, endpoints reached, where that led, and what went wrong."""

    sent: int = 0
    forms: int = 0
    reached: set[str] = field(default_factory=set)
    onward: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def endpoint(app: Flask, path: str, method: str) -> str | None:
    """The endpoint of an address on this site; None of another site's, or of none."""
    parts = urlsplit(path)
    if parts.scheme or parts.netloc:
        return None
    try:
        found: str = app.url_map.bind("localhost").match(parts.path, method=method)[0]
    except HTTPException:
        return None
    return found


def explored(
    app: Flask, browsers: Browsers, paths: Sequence[str], role: str, samples: int = SAMPLES
) -> Found:
    """All pages that somebody of a role comes to, so many of each kind, and the forms on them.

    paths -- where to begin beside the pages whose addresses are always the same
    """
    found = Found()
    waiting = [*paths]
    waiting += [
        rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments
    ]
    known = set(waiting)
    counts: dict[str, int] = defaultdict(int)
    while waiting:
        path = waiting.pop(0)
        where = endpoint(app, path, "GET")
        if where is None or where == "static":
            continue
        narrowed = bool(query := urlsplit(path).query) and not PART.fullmatch(query)
        sort = f"{where}?" if narrowed else where
        if counts[sort] >= (min(samples, NARROWED) if narrowed else samples):
            found.linked[where] += [] if narrowed else [path]
            continue
        counts[sort] += 1
        reply = browsers.of(role).get(path, headers={"Accept-Language": "en"}, base_url=host(path))
        if reply.status_code >= 500 and where not in NOT_READY:
            found.faults.append(f"{role}: {path} was answered {reply.status_code}")
        for link in _read(app, found, role, where, path, reply):
            there = urljoin(path, link.partition("#")[0])
            if there not in known and there.startswith("/"):
                known.add(there)
                waiting.append(there)
    return found


def _read(app: Flask, found: Found, role: str, where: str, path: str, reply: TestResponse) -> list[str]:
    """Note what a page holds; where it leads on to."""
    onward = [reply.headers["Location"]] if "Location" in reply.headers else []
    if reply.status_code == 200 and reply.mimetype == "text/html":
        found.pages[where].append(path)
        page = Page(reply.text)
        found.faults += [f"{role}: {path}: {danger}" for danger in page.dangers]
        onward += page.links
        for form in page.forms:
            _note(app, found, role, path, form)
    elif reply.status_code == 200:
        found.pages[f"{where} ({reply.mimetype})"].append(path)
    return onward


def _note(app: Flask, found: Found, role: str, path: str, form: Form) -> None:
    target = endpoint(app, urljoin(path, form.action) if form.action else path, form.method)
    if target is not None:
        kind = (role, target, form.method, _kinds(form))
        found.places[kind].append(path)
        found.writes[kind] = any(one.kind in WRITTEN - {"hidden"} for one in form.fields)


def _kinds(form: Form) -> tuple[str, ...]:
    """The names of a form's fields that are filled in, without the codes of what they are about.

    One form, whatever it asks of, and whichever list it searches on.
    """
    names = {one.name for one in form.fields if one.kind != "hidden"}
    return tuple(sorted({re.sub(r"^([a-z]-).*", r"\1*", name, flags=re.DOTALL) for name in names}))


@dataclass(frozen=True)
class Sender:
    """Somebody of a role who fills one kind of form in.

    target, method, names -- which kind: where it is sent, how, and with which fields; None = whichever
    """

    app: Flask
    browsers: Browsers
    role: str
    target: str
    method: str
    names: tuple[str, ...] | None
    known: dict[str, Form] = field(default_factory=dict)  # by path, as long as sending changes nothing

    def send(self, path: str, strings: Sequence[str], number: int, chance: random.Random) -> tuple[str, str]:
        """Fetch the page, fill its form in and send it.

        Where that led, and what went wrong; "gone" where the form is not there any more.
        """
        client = self.browsers.of(self.role)
        form = self.known.pop(path, None)
        if form is None or self.role == "customer":  # who is a new one each time, with a new token
            reply = client.get(path, headers={"Accept-Language": "en"}, base_url=host(path))
            form = _same(self.app, path, reply, self.target, self.method, self.names)
        if form is None:
            return "", "gone"
        said = values(form, strings, number, chance)
        to = urljoin(path, form.action) if form.action else path
        told = f"{self.role}: {self.method} {to} with {said!r:.300}"
        try:
            answer = _send(client, self.method, to, said)
        except Exception as error:  # the benchmark counts what goes wrong
            return "", f"{told}: {type(error).__name__}: {error}"[:600]
        if answer.status_code >= 500:
            return "", f"{told}: {answer.status_code}"
        if self.method == "GET" or answer.status_code == 422:
            self.known[path] = form
        found = dangers(answer.text) if answer.mimetype == "text/html" else []
        return answer.headers.get("Location", ""), f"{told}: {found[0]}" if found else ""


def filled(
    app: Flask,
    browsers: Browsers,
    found: Found,
    strings: Sequence[str],
    done: set[tuple[str, str, tuple[str, ...]]],
) -> Report:
    """Send each form once with each string, in all its text fields.

    done -- kinds of forms that were sent before, by whomever; grows
    """
    report, chance = Report(), random.Random(len(strings))
    for (role, target, method, names), places in found.places.items():
        if (target, method, names) in done or target in TAKES_APART:
            continue
        done.add((target, method, names))
        report.forms += 1
        report.reached.add(target)
        sender = Sender(app, browsers, role, target, method, names)
        writes = found.writes[role, target, method, names]
        for number in range(len(strings) if writes else min(BUTTONS, len(strings))):
            onward, fault = sender.send(places[number % len(places)], strings, number, chance)
            report.sent += fault != "gone"
            report.faults += [fault] if fault not in ("", "gone") else []
            if onward.startswith("/") and len(report.onward) < SAMPLES * report.forms:
                report.onward.append(onward)
    return report


def _same(
    app: Flask, path: str, reply: TestResponse, target: str, method: str, names: tuple[str, ...] | None
) -> Form | None:
    if reply.status_code != 200 or reply.mimetype != "text/html":
        return None
    for form in Page(reply.text).forms:
        to = urljoin(path, form.action) if form.action else path
        if (endpoint(app, to, form.method), form.method) == (target, method) and names in (
            None,
            _kinds(form),
        ):
            return form
    return None


def values(form: Form, strings: Sequence[str], number: int, chance: random.Random) -> dict[str, Any]:
    """What to write into a form: another string into each text field; now and then where none is expected."""
    said: dict[str, Any] = {}
    offered: dict[str, list[str]] = defaultdict(list)
    hostile = _hostile(form, number, chance)
    for at, one in enumerate(form.fields):
        text = strings[(number + 7 * at) % len(strings)]
        if one.name == TOKEN:
            said[one.name] = one.value
        elif one.kind == "file":
            said[one.name] = _folder(text) if one.name == "files" else _people_file(text, number)
        elif one.kind == "checkbox":
            if chance.random() < 0.7:
                said[one.name] = one.value or "y"
        elif one.kind in ("radio", "option", "button", "submit"):
            offered[one.name].append(one.value)
        elif one.kind == "hidden":
            said[one.name] = text if one.name in hostile and number % 5 == 0 else one.value
        elif one.kind in WRITTEN:
            usual = one.value or STRICT.get(one.kind) or BY_NAME.get(one.name, "")
            said[one.name] = text if one.name in hostile else usual
    for name, options in offered.items():
        said[name] = (
            strings[number % len(strings)] if name in hostile and number % 10 == 0 else chance.choice(options)
        )
    buttons = [one.name for one in form.fields if one.kind in ("button", "submit")]
    for name in buttons:
        if chance.random() < 0.5:
            said.pop(name, None)
    return said


def _hostile(form: Form, number: int, chance: random.Random) -> set[str]:
    """The fields that get a string: all of them, or those without a form of their own, or a single one.

    What is refused for one field shows none of the others: so each field is once the only one.
    """
    names = sorted({one.name for one in form.fields if one.kind in WRITTEN} - {TOKEN})
    free = [
        one.name
        for one in form.fields
        if one.kind in ("text", "search", "textarea") and one.name not in BY_NAME
    ]
    if number % 3 == 0:
        return {one.name for one in form.fields} - {TOKEN}
    if number % 3 == 1:
        return set(free)
    return {chance.choice(names)} if names else set()


def _people_file(text: str, number: int) -> tuple[BytesIO, str]:
    """A file of people with the text in each of its values, or in those alone where anything may stand."""
    out = io.StringIO()
    rows = [[text] * 3] if number % 2 else [[f"new{number}@example.org", "counter", text]]
    csv.writer(out).writerows([["email", "team", "name"], *rows])
    return BytesIO(out.getvalue().encode()), f"{text}.csv"


def _folder(text: str) -> tuple[BytesIO, str]:
    """A company folder with the text in each name, as a ZIP."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, rows in as_names([text]).items():
            table = io.StringIO()
            csv.writer(table).writerows(rows)
            archive.writestr(f"{name}.csv", table.getvalue().encode(errors="replace"))
    return BytesIO(out.getvalue()), f"{text}.zip"


def _send(client: FlaskClient, method: str, to: str, said: Mapping[str, Any]) -> TestResponse:
    headers = {"Accept-Language": "en"}
    if method == "GET":  # what a browser sends takes the place of what stood in the address
        to = to.partition("?")[0]
        return client.get(to, query_string=dict(said), headers=headers, base_url=host(to))
    return client.post(to, data=dict(said), headers=headers, base_url=host(to))


def host(path: str) -> str:
    """Where an address is served: ballots are cast on a host of their own."""
    return settings().ballot_url if path.startswith("/b/") else settings().site_url


def by_json(app: Flask, browsers: Browsers, stage: Stage, strings: Sequence[str]) -> Iterator[str]:
    """Send each string in each field of what programs and printed codes send; what went wrong."""
    programs, site = app.test_client(), settings().site_url
    key = {"Authorization": f"Bearer {stage.key}"}
    contact = {
        "interaction": "i",
        "touchpoint": "station",
        "happened_at": "2026-11-20T10:00:00Z",
        "language": "en",
    }
    contact |= {"customer": "c", "email": "c@example.org", "phone": "+33612345678", "name": "Somebody"}
    ballot = {
        "wave": "2026-11",
        "unit": "counter",
        "nonce": "x",
        "signature": "y",
        "comment": "",
        "answers": {},
    }
    token = re.search(
        r'name="csrf_token"[^>]*value="([^"]*)"', browsers.of("employee").get("/me", base_url=site).text
    )
    assert token is not None
    for number, text in enumerate(strings):
        everywhere = [contact | {name: text, "interaction": f"{text} {name} {number}"} for name in contact]
        yield from _wrong("interactions", programs.post("/api/v1/interactions", json=everywhere, headers=key))
        for name in ("message_id", "recipient", "kind"):
            bounce = {"kind": "bounce", name: text}
            yield from _wrong("bounces", programs.post("/api/v1/bounces", json=bounce, headers=key))
        for path in ("/b/code", "/b/code/answers"):
            by_code = {"code": text, "comment": text, "q-delay": text}
            yield from _wrong(path, programs.post(path, data=by_code, base_url=host(path)))
        cast = ballot | {"comment": text, "answers": {text: text}} | {list(ballot)[number % 4]: text}
        yield from _wrong("a ballot", programs.post("/b", json=cast, base_url=settings().ballot_url))
        drawn = browsers.of("employee").post(
            "/pulse/ballot",
            json={"wave": text, "blinded": text},
            headers={"X-CSRFToken": token[1]},
            base_url=site,
        )
        yield from _wrong("drawing a ballot", drawn)
        confirmed = programs.post("/api/v1/fixes/refund-48h/success", json={"confirmed": text}, headers=key)
        yield from _wrong("a success", confirmed)
        ended = programs.post("/sign-in/ended", data={"logout_token": text}, base_url=site)
        yield from _wrong("an end of a visit", ended)
        for path in (f"/fixes/{quoted(text)}", f"/teams/{quoted(text)}", f"/?lang={quoted(text)}"):
            yield from _wrong(path, browsers.of("analyst").get(path, base_url=site))


def quoted(text: str) -> str:
    """A text as a part of an address."""
    return quote(text, safe="", errors="replace")


def _wrong(what: str, reply: TestResponse) -> Iterator[str]:
    if reply.status_code >= 500:
        yield f"{what} was answered {reply.status_code}"
    elif reply.mimetype == "text/html":
        yield from (f"{what}: {danger}" for danger in dangers(reply.text))


def unreached(app: Flask, reached: set[str]) -> list[str]:
    """Addresses that a text can be sent to, and that nothing was sent to."""
    posts = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    return sorted(posts - reached - NOT_BY_FORM - WITHOUT_TEXT - TAKES_APART)
