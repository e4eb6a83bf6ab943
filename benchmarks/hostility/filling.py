"""Forms filled in: each string into each of their text fields, until every field was given every string."""

import random
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urljoin

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete
from werkzeug.test import TestResponse

from benchmarks.hostility.forms import SAMPLES, Found, Kind, endpoint, general, host, kind_of
from benchmarks.hostility.pages import Form, Page, dangers
from benchmarks.hostility.renewal import RENEWALS
from benchmarks.hostility.stage import Browsers
from benchmarks.hostility.writing import ADDRESSES, CHOSEN, Way, buttons, one_by_one, texts, values
from pulse import db
from pulse.people.models import SignInAttempt

TRIES = 3  # with other choices, where a form is refused
BUTTONS = 20  # times that a form without a text to be written is sent
OFTEN = 5  # of so many strings, one also stands where none is written: in hidden fields, choices and buttons
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


@dataclass(frozen=True)
class Task:
    """Kinds of forms to be filled in by somebody of a role: all that are sent to one endpoint.

    places -- pages that hold one, and after these pages that may hold one as well
    """

    role: str
    places: Mapping[Kind, Sequence[str]]


def tasks(app: Flask, role: str, found: Found, done: Set[Kind]) -> list[Task]:
    """What there is to be filled in, without what was; what has most fields first."""
    by_target: dict[str, dict[Kind, list[str]]] = defaultdict(dict)
    for kind, places in found.places.items():
        if kind not in done and kind.target not in TAKES_APART:
            alike = {endpoint(app, path, "GET") or "" for path in places}
            further = [path for where in alike for path in found.linked[where]]
            by_target[kind.target][kind] = [*places, *further]
    told = [Task(role, places) for places in by_target.values()]
    return sorted(told, key=lambda task: -sum(len(kind.names) for kind in task.places))


def filled(app: Flask, task: Task, strings: Sequence[str]) -> tuple[Report, list[str]]:
    """Send each kind of form: what came of it, and where it led.

    Those that text is written into with each string in each of their fields, the others a few times.
    """
    report, chance, onward = Report(set(task.places)), random.Random(len(strings)), list[str]()
    for kind, places in task.places.items():
        sender = Sender(app, Browsers(app), task.role, kind, deque(places), report, chance, places)
        if not all(sender.write(text, number) for number, text in enumerate(strings)):
            for number, text in enumerate(strings[:BUTTONS]):
                sender.press(text, number)
        onward += sender.onward
    return report, onward


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
