"""What is written into a form: the string into some of its fields, and what is usual into the others."""

import csv
import io
import random
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO
from typing import Any

from benchmarks.hostility.forms import TEXTS, general
from benchmarks.hostility.pages import Field, Form
from benchmarks.hostility.stage import as_names
from tests.pulse.dashboards.told import PASSWORD

CHOSEN = {"radio", "option", "checkbox"}
FREE = {"text", "search", "textarea"}  # into which anything may be written
STRICT = {"email": "somebody@example.org", "number": "1", "date": date.today().isoformat()}
STRICT |= {"url": "https://tickets.example/", "password": PASSWORD}
BY_NAME = {"contact": "somebody@example.org", "day": (date.today() + timedelta(days=30)).isoformat()}
BY_NAME |= {"website": ""}  # a trap: what is sent with it is dropped
TYPED_TWICE = {"new", "again"}  # of passwords
ADDRESSES = {"contact", "email"}  # which take a string with an address's end
TOKEN = "csrf_token"


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
    typed_twice = one.kind == "password" and one.name in TYPED_TWICE
    return one.kind == "file" or typed_twice or (one.kind in FREE and one.name not in BY_NAME)


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
