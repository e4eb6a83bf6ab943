"""Forms filled in: each string into each of their text fields, until every field was given every string."""

import csv
import io
import random
import zipfile
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from io import BytesIO
from typing import Any
from urllib.parse import urljoin

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete
from werkzeug.test import TestResponse

from benchmarks.hostility.forms import SAMPLES, TEXTS, Found, Kind, endpoint, general, host, kind_of
from benchmarks.hostility.pages import Field, Form, Page, dangers
from benchmarks.hostility.renewal import RENEWALS
from benchmarks.hostility.stage import Browsers, as_names
from pulse import db
from pulse.people.models import SignInAttempt
from tests.pulse.dashboards.told import PASSWORD

CHOSEN = {"radio", "option", "checkbox"}
FREE = {"text", "search", "textarea"}  # into which anything may be written
STRICT = {"email": "somebody@example.org", "number": "1", "date": date.today().isoformat()}
STRICT |= {"url": "https://tickets.example/", "password": PASSWORD}
BY_NAME = {"contact": "somebody@example.org", "day": (date.today() + timedelta(days=30)).isoformat()}
BY_NAME |= {"website": ""}  # a trap: what is sent with it is dropped
TWICE = {"new", "again"}  # a new password is typed twice
ADDRESSES = {"contact", "email"}  # which take a string with an address's end
TRIES = 3  # with other choices, where a form is refused
TOKEN = "csrf_token"
BUTTONS = 20  # times that a form without a text to be written is sent
OFTEN = 5  # every so manieth string also stands where none is written: in hidden fields, choices and buttons
TAKES_APART = {"surveys.starting.look_into"}  # a button that would load another company in place of this one

Text = tuple[Kind, str]  # a text field: of which kind of form, and its name


@dataclass
class Report:
    """What came of filling forms in.

    kinds -- of forms; sent -- how often one was sent; faults -- what went wrong, in words
    given, taken -- numbers of the strings that each text field was given, and with which it was not refused
    """

    kinds: set[Kind] = field(default_factory=set)
    sent: int = 0
    given: dict[Text, set[int]] = field(default_factory=lambda: defaultdict(set))
    taken: dict[Text, set[int]] = field(default_factory=lambda: defaultdict(set))
    faults: list[str] = field(default_factory=list)

    def add(self, more: "Report") -> None:
        """Count another one's in."""
        self.kinds |= more.kinds
        self.sent += more.sent
        for mine, others in ((self.given, more.given), (self.taken, more.taken)):
            for text, numbers in others.items():
                mine[text] |= numbers
        self.faults += more.faults

    @property
    def reached(self) -> set[str]:
        """The endpoints to which something was sent."""
        return {kind.target for kind in self.kinds}

    def short(self, strings: int) -> list[str]:
        """The text fields that were not given all of so many strings, in words."""
        return [
            f"{kind.method} {kind.target} {name} of {' '.join(kind.names)}: {len(numbers)} of {strings}"
            for (kind, name), numbers in self.given.items()
            if len(numbers) < strings
        ]


@dataclass(frozen=True)
class Way:
    """A way to fill a form in: the fields that hold the string, and the button that sends it.

    button -- name and value; none = any
    end -- what the string ends with, as a part of it
    everywhere -- whether the string also stands where no text is written
    """

    fields: frozenset[str]
    button: tuple[str, str] | None = None
    everywhere: bool = False
    end: str = ""


@dataclass(frozen=True)
class Standing:
    """A form, on the page of this address, in this browser."""

    path: str
    form: Form
    browser: FlaskClient


@dataclass
class Sender:
    """Somebody of a role who fills forms of one kind in, wherever they stand.

    places -- addresses of pages that hold one; those that hold none any more are dropped
    known -- those that held one at first
    onward -- where sending led, a few
    """

    app: Flask
    browsers: Browsers
    role: str
    kind: Kind
    places: deque[str]
    report: Report
    chance: random.Random
    known: Sequence[str] = ()
    onward: list[str] = field(default_factory=list)
    _left: Standing | None = None  # what was refused and is there still
    _alike: bool = False  # whether forms of other kinds do that ask for the same texts

    def write(self, text: str, number: int) -> bool:
        """Write a string into each text field of a form; False where there is none, or no form any more.

        Into the free fields together, and where that is refused into each alone; into each strict one alone;
        now and then into everything, whether text is written there or not.

        number -- of the string
        """
        if (found := self._form()) is None:
            return False
        self._left = found
        free, strict = texts(found.form)
        if not free | strict:
            return False
        has_file = any(one.kind == "file" for one in found.form.fields)
        for name in free | strict:
            _ = self.report.given[self.kind, general(name)]  # even where it will never be given any
        together = [Way(frozenset(free), button) for button in buttons(found.form)] if free else []
        alone = [Way(frozenset({name})) for name in one_by_one(strict, number)]
        alone += [Way(frozenset({name}), end="@example.org") for name in sorted(strict & ADDRESSES)]
        refused = False
        for way in together:
            refused |= not self._got_through(way, text, number)
        if refused and len(free) > 1:
            alone += [Way(frozenset({name})) for name in one_by_one(free, number)]
        for way in alone:
            self._looked_at(way, text, number)
        if (number % OFTEN == 0 or has_file) and (found := self._form()) is not None:
            self._send(found, Way(frozenset(free | strict), everywhere=True), text, number)
        return True

    def _looked_at(self, way: Way, text: str, number: int) -> None:
        """Send a form until it is looked at, whether taken or refused: what it changes may have changed."""
        for _ in range(TRIES):
            if (found := self._form()) is None or self._send(found, way, text, number) is not None:
                return

    def _got_through(self, way: Way, text: str, number: int) -> bool:
        """Send a form until it is taken, a few times where something can be chosen; whether it was."""
        for _ in range(TRIES):
            if (found := self._form()) is None:
                break
            refused = self._send(found, way, text, number)
            if refused is False:
                return True
            if refused and not any(one.kind in CHOSEN for one in found.form.fields):
                break
        return False

    def press(self, text: str, number: int) -> None:
        """Send a form as it stands, chosen by chance, and every other time with a string in its choices."""
        if (found := self._form()) is not None:
            self._send(found, Way(frozenset(), everywhere=number % 2 == 1), text, number)

    def _form(self) -> Standing | None:
        """The next form of this kind and the page it is on; None where there is none left."""
        left, self._left = self._left, None
        if left is not None:
            return left
        found = self._standing()
        for renew in (*RENEWALS.get(self.kind.target, ()), self._take_alike):
            if found is None:
                renew()
                self.places = deque(self.known)
                found = self._standing()
        return found

    def _take_alike(self) -> None:
        """From now on, take forms that ask for the same texts, whatever else they ask for."""
        self._alike = True

    def _standing(self) -> Standing | None:
        for _ in range(len(self.places)):
            path = self.places.popleft()
            client = self.browsers.of(self.role)
            reply = client.get(path, headers={"Accept-Language": "en"}, base_url=host(path))
            if reply.status_code != 200 or reply.mimetype != "text/html":
                continue
            for form in Page(reply.text).forms:
                if self._is_mine(path, form):
                    self.places.append(path)
                    return Standing(path, form, client)
        return None

    def _is_mine(self, path: str, form: Form) -> bool:
        kind = kind_of(self.app, path, form)
        if kind is None or kind == self.kind or not self._alike:
            return kind == self.kind
        wanted = {name for of, name in self.report.given if of == self.kind}
        asked = {general(name) for names in texts(form) for name in names}
        return (kind.target, kind.method) == (self.kind.target, self.kind.method) and wanted == asked

    def _send(self, found: Standing, way: Way, text: str, number: int) -> bool | None:
        """Send a form, filled in in one way; whether it was refused, None where it was not looked at."""
        form, said = found.form, values(found.form, way, text, self.chance)
        to = urljoin(found.path, form.action) if form.action else found.path
        told = f"{self.role}: {form.method} {to} with {said!r:.300}"
        if self.kind.target.startswith("pulse.people."):
            _calm()
        self.report.sent += 1
        try:
            browser = found.browser if self.role == "customer" else self.browsers.of(self.role)
            answer = _sent(browser, form.method, to, said)
        except Exception as error:  # the benchmark counts what goes wrong
            self.report.faults.append(f"{told}: {type(error).__name__}: {error}"[:600])
            return None
        refused = answer.status_code == 422
        if answer.status_code >= 500:
            self.report.faults.append(f"{told}: {answer.status_code}")
        there = answer.headers.get("Location", "")
        at_the_door = there.startswith("/sign-in") and not self.kind.target.startswith("pulse.people.")
        looked_at = refused or (answer.status_code < 400 and not at_the_door)
        if looked_at:
            self._note(way.fields, number, refused)
        if (form.method == "GET" or refused) and not way.everywhere:
            self._left = Standing(found.path, self._again(found, answer), found.browser)
        dangerous = dangers(answer.text) if answer.mimetype == "text/html" else []
        self.report.faults += [f"{told}: {danger}" for danger in dangerous[:1]]
        self.onward += [there] if there.startswith("/") and len(self.onward) < SAMPLES else []
        return refused if looked_at else None

    def _again(self, found: Standing, answer: TestResponse) -> Form:
        """The form as it was, but for hidden fields: what was asked about once may now be left out."""
        if answer.status_code == 422 and answer.mimetype == "text/html":
            for form in Page(answer.text).forms:
                if self._is_mine(found.path, form):
                    hidden = {one.name: one for one in form.fields if one.kind == "hidden"}
                    fields = [hidden.get(one.name, one) for one in found.form.fields]
                    return replace(found.form, fields=fields)
        return found.form

    def _note(self, names: Iterable[str], number: int, refused: bool) -> None:
        for name in names:
            self.report.given[self.kind, general(name)].add(number)
            if not refused:
                self.report.taken[self.kind, general(name)].add(number)


def texts(form: Form) -> tuple[set[str], set[str]]:
    """The names of a form's text fields: of those that take any text, and of the others."""
    free = {one.name for one in form.fields if _is_free(one)}
    return free, {one.name for one in form.fields if one.kind in TEXTS} - free - {TOKEN}


def one_by_one(names: Iterable[str], number: int) -> list[str]:
    """These names of fields; of those that differ in what they ask about alone one, in turns."""
    alike = defaultdict[str, list[str]](list)
    for name in sorted(names):
        alike[general(name)].append(name)
    return [some[number % len(some)] for some in alike.values()]


def _is_free(one: Field) -> bool:
    typed_twice = one.kind == "password" and one.name in TWICE
    return one.kind == "file" or typed_twice or (one.kind in FREE and one.name not in BY_NAME)


@dataclass(frozen=True)
class Task:
    """Kinds of forms to be filled in by somebody of a role: all that are sent to one endpoint.

    places -- pages that hold one; further -- pages that may hold one as well
    """

    role: str
    places: Mapping[Kind, Sequence[str]]
    further: Mapping[Kind, Sequence[str]]


def tasks(app: Flask, role: str, found: Found, done: Set[Kind]) -> list[Task]:
    """What there is to be filled in, without what was; what has most fields first."""
    by_target: dict[str, dict[Kind, list[str]]] = defaultdict(dict)
    for kind, places in found.places.items():
        if kind not in done and kind.target not in TAKES_APART:
            by_target[kind.target][kind] = places
    told = []
    for kinds in by_target.values():
        alike = {kind: {endpoint(app, path, "GET") or "" for path in kinds[kind]} for kind in kinds}
        further = {kind: [path for where in alike[kind] for path in found.linked[where]] for kind in kinds}
        told.append(Task(role, kinds, further))
    return sorted(told, key=lambda task: -sum(len(kind.names) for kind in task.places))


def filled(app: Flask, task: Task, strings: Sequence[str]) -> tuple[Report, list[str]]:
    """Send each kind of form: what came of it, and where it led.

    Those that text is written into with each string in each of their fields, the others a few times.
    """
    report, chance, onward = Report(set(task.places)), random.Random(len(strings)), list[str]()
    for kind, places in task.places.items():
        known = [*places, *task.further[kind]]
        sender = Sender(app, Browsers(app), task.role, kind, deque(known), report, chance, known)
        if not all(sender.write(text, number) for number, text in enumerate(strings)):
            for number, text in enumerate(strings[:BUTTONS]):
                sender.press(text, number)
        onward += sender.onward
    return report, onward


def values(form: Form, way: Way, text: str, chance: random.Random) -> dict[str, Any]:
    """What to write into a form: the string into some fields, and what is usual into all others."""
    said: dict[str, Any] = {}
    offered: dict[str, list[str]] = defaultdict(list)
    text = "".join(text.split()) + way.end if way.end else text
    for one in form.fields:
        if one.name == TOKEN:
            said[one.name] = one.value
        elif one.kind == "file":
            said[one.name] = _folder(text) if one.name == "files" else _people_file(text, way.everywhere)
        elif one.kind == "checkbox":
            if chance.random() < 0.7:
                said[one.name] = one.value or "y"
        elif one.kind in ("radio", "option"):
            offered[one.name].append(one.value)
        elif one.kind == "hidden":
            said[one.name] = text if way.everywhere else one.value
        elif one.kind in TEXTS:
            said[one.name] = text if one.name in way.fields else _usual(one)
    for name, options in offered.items():
        said[name] = text if way.everywhere and chance.random() < 0.5 else chance.choice(options)
    button = way.button or chance.choice(buttons(form))
    if button is not None:
        said[button[0]] = text if way.everywhere and chance.random() < 0.5 else button[1]
    return said


def buttons(form: Form) -> Sequence[tuple[str, str] | None]:
    """What a form may be sent by: buttons that say which they are, by name and value, or any other."""
    named = [(one.name, one.value) for one in form.fields if one.kind in ("button", "submit")]
    return list(dict.fromkeys(named)) or [None]


def _usual(one: Field) -> str:
    """What a text field holds where nobody is hostile."""
    return one.value or STRICT.get(one.kind) or BY_NAME.get(one.name) or ("plain" if one.required else "")


def _people_file(text: str, everywhere: bool) -> tuple[BytesIO, str]:
    """A file of people with the text in each of its values, or in the one alone where anything may stand."""
    out = io.StringIO()
    rows = [[text] * 3] if everywhere else [["new@example.org", "counter", text]]
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


def _calm() -> None:
    """Forget the attempts to sign in: after a few, nothing would be looked at for a quarter of an hour."""
    with db.writing() as session:
        session.execute(delete(SignInAttempt))


def _sent(client: FlaskClient, method: str, to: str, said: Mapping[str, Any]) -> TestResponse:
    headers = {"Accept-Language": "en"}
    if method == "GET":  # what a browser sends takes the place of what stood in the address
        to = to.partition("?")[0]
        return client.get(to, query_string=dict(said), headers=headers, base_url=host(to))
    return client.post(to, data=dict(said), headers=headers, base_url=host(to))
