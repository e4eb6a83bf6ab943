"""Every page that somebody can come to, and every form on one."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from benchmarks.hostility.pages import Form, Page
from benchmarks.hostility.stage import Browsers
from config import settings

TEXTS = {"text", "search", "textarea", "email", "tel", "url", "number", "date", "password"}
SAMPLES = 40  # pages of one kind on which forms are looked for
NARROWED = (
    40  # pages of one kind that show less of another: sorted, searched, in the other language, as a file
)
PART = re.compile(r"page=\d+")  # of a list: as good as a page of its own
NOT_READY = {"surveys.watching.readyz"}  # no clock runs here, and it says so by 503


@dataclass(frozen=True)
class Kind:
    """A kind of form: to which endpoint it is sent, how, and the names of the fields that are filled in."""

    target: str
    method: str
    names: tuple[str, ...]


@dataclass
class Found:
    """What somebody comes to: pages by endpoint, and where forms of each kind stand.

    linked -- addresses of further pages by endpoint, which were seen on others and not read
    """

    places: dict[Kind, list[str]] = field(default_factory=lambda: defaultdict(list))
    pages: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    linked: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
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
            kind = kind_of(app, path, form)
            if kind is not None:
                found.places[kind].append(path)
    elif reply.status_code == 200:
        found.pages[f"{where} ({reply.mimetype})"].append(path)
    return onward


def kind_of(app: Flask, path: str, form: Form) -> Kind | None:
    """The kind of a form on a page; None where it is sent to no address of ours."""
    target = endpoint(app, urljoin(path, form.action) if form.action else path, form.method)
    names = {general(one.name) for one in form.fields if one.kind != "hidden"}
    return Kind(target, form.method, tuple(sorted(names))) if target is not None else None


def general(name: str) -> str:
    """The name of a field without the code of what it asks about."""
    return re.sub(r"^([a-z]+-).*", r"\1*", name, flags=re.DOTALL)


def host(path: str) -> str:
    """Where an address is served: ballots are cast on a host of their own."""
    return settings().ballot_url if path.startswith("/b/") else settings().site_url
