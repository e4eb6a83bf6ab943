"""Pages: found by their endpoint, behind a door each, with headers, language and error pages in common."""

import base64
import enum
import gzip
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol, TypeVar
from urllib.parse import urlencode, urlsplit

import jinja2
from flask import (
    Flask,
    Response,
    abort,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.sessions import SecureCookieSessionInterface
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf
from itsdangerous import Signer
from werkzeug.exceptions import BadHost, HTTPException, InternalServerError

from pulse import i18n
from pulse import menu as menus
from pulse.i18n import lazy
from pulse.menu import MenuItem

View = TypeVar("View", bound=Callable[..., Any])

POLICY = "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'"
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# Sent by a site that is served encrypted: for two years browsers ask it, and hosts below it, in no other way.
ENCRYPTED_ALONE = "max-age=63072000; includeSubDomains"
READS = {"GET", "HEAD", "OPTIONS"}
ELSEWHERE = {"cross-site", "same-site"}  # in Sec-Fetch-Site, which browsers write and pages cannot
PACKED = {"text/html", "text/css", "text/javascript", "image/svg+xml"}
A_YEAR = "public, max-age=31536000, immutable"  # only for addresses that change with what they carry
AN_HOUR = "public, max-age=3600"
FOR_OTHER_SITES = {"widget.js"}  # files of static/ that pages of other sites run


# Whatever is signed (tokens of forms, ballots kept by a browser): SHA-1, which the library takes by itself,
# is on its way out.
Signer.default_digest_method = staticmethod(hashlib.sha256)


class Sessions(SecureCookieSessionInterface):
    """What a browser keeps of somebody signed in: a cookie that holds everything, signed by HMAC-SHA-256."""

    digest_method = staticmethod(hashlib.sha256)


class UnmarkedView(Exception):
    """A view bears neither for_grant nor open_to_all: nobody has said who may see it."""


class Visitor(Protocol):
    """Who has signed in, as far as pages in general need to know."""

    name: str
    language: str

    def may(self, grants: frozenset[enum.Enum]) -> bool:
        """Whether this person holds one of the grants."""
        ...


@dataclass(frozen=True)
class Door:
    """Who may see a page: anybody, or somebody who has signed in and holds one of the grants (none = any)."""

    open: bool
    grants: frozenset[enum.Enum] = frozenset()


@dataclass(frozen=True)
class Reception:
    """How pages learn who is there, and where somebody unknown is sent."""

    visitor: Callable[[], Visitor | None]
    sign_in: str  # endpoint


@dataclass(frozen=True)
class ErrorPage:
    """The page an exception of a room becomes: a status and a template, which is given the error."""

    error: type[Exception]
    status: int
    template: str


def for_grant(*grants: enum.Enum) -> Callable[[View], View]:
    """Marks a view for signed-in people who hold one of the grants; without any, for all of them."""

    def mark(view: View) -> View:
        view.door = Door(open=False, grants=frozenset(grants))  # type: ignore[attr-defined]
        return view

    return mark


def open_to_all(view: View) -> View:
    """Marks a view for everybody: no session is read, so answering leaves no trace of who is signed in."""
    view.door = Door(open=True)  # type: ignore[attr-defined]
    return view


def speaks_to_ballot_host(view: View) -> View:
    """Marks a view whose page casts ballots: it may speak to the ballot host, and to no other but this one.

    What the page shows besides is nothing of the request's, so it may be packed: with nothing of somebody
    else's beside it, the length of a packed page tells nothing of the form's token in it (BREACH).
    """
    view.speaks_to_ballot_host = True  # type: ignore[attr-defined]
    return view


def may_be_framed(origins: Sequence[str]) -> None:
    """Let pages of these sites show the page of this request in a frame; no other page is shown in one.

    origins -- scheme, host and port of each, checked by whoever stored them
    """
    g.framed_by = tuple(origins)


def makes_pictures() -> None:
    """Let the page of this request look at pictures it has made itself: a chart as PNG passes through one."""
    g.makes_pictures = True


def render(*, page: str | None = None, status: int = 200, **context: object) -> Response:
    """The page of this endpoint: pulse.dashboards.flags is templates/pulse/dashboards/flags.html.

    page -- another endpoint whose page to show, for a form that is sent elsewhere than it is shown
    """
    endpoint = page or request.endpoint or ""
    return make_response(render_template(f"{endpoint.replace('.', '/')}.html", **context), status)


def visitor() -> Visitor | None:
    """Who is signed in; always None on pages that are open to all."""
    if "visitor" not in g:
        # An address that leads nowhere looks to each person as a page does that is not meant for them.
        known = request.endpoint is not None
        g.visitor = None if known and _door().open else reception(current_app).visitor()
    found: Visitor | None = g.visitor
    return found


def reception(app: Flask) -> Reception:
    """How this application tells who is there."""
    found: Reception = app.extensions["pulse.reception"]
    return found


def is_local(address: str | None) -> bool:
    """Whether an address to go on to stays on this site: a path, and none that a browser reads as a host."""
    if not address or not address.startswith("/") or address.startswith("//") or "\\" in address:
        return False
    parts = urlsplit(address)
    return not parts.scheme and not parts.netloc and address.isprintable()


def set_up(
    app: Flask,
    *,
    languages: Sequence[str],
    reception: Reception,
    menu: Sequence[MenuItem],
    errors: Sequence[ErrorPage],
    ballot_host: str = "",
) -> None:
    """Give an application with all its views what every page has; raises UnmarkedView.

    ballot_host -- the address ballots are cast at, for the pages that cast them
    """
    _check_doors(app)
    app.extensions["pulse.ballot_host"] = ballot_host
    app.extensions["pulse.reception"] = reception
    app.extensions["pulse.languages"] = tuple(languages)
    app.session_interface = Sessions()
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(i18n.gettext, i18n.plural, newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.undefined = jinja2.StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        number=i18n.number,
        signed=i18n.signed,
        percent=i18n.percent,
        points=i18n.points,
        listed=i18n.listed,
        day=i18n.day,
        month=i18n.month,
        short_month=i18n.short_month,
    )
    app.jinja_env.globals.update(asset=asset, integrity=integrity, csrf_token=generate_csrf)
    app.log_exception = lambda error: _log_failure(app, error)  # type: ignore[assignment, method-assign]
    app.before_request(_choose_language)
    app.before_request(_guard)
    app.url_defaults(_keep_language)
    app.after_request(_add_headers)
    app.after_request(_pack)
    app.context_processor(lambda: _common(menu))
    app.register_error_handler(HTTPException, _error_page)
    for known in errors:
        app.register_error_handler(known.error, _page_of(known))


def asset(name: str) -> str:
    """The address of a file of static/, which changes with its content and may be kept for a year."""
    return url_for("static", filename=name, v=_digest(Path(current_app.static_folder or "") / name))


def integrity(name: str) -> str:
    """What a browser is to find a file of static/ to be before it runs it (Subresource Integrity)."""
    return _integrity(Path(current_app.static_folder or "") / name)


@cache
def _integrity(path: Path) -> str:
    return "sha384-" + base64.b64encode(hashlib.sha384(path.read_bytes()).digest()).decode()


@cache
def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def _check_doors(app: Flask) -> None:
    unmarked = sorted(
        endpoint
        for endpoint, view in app.view_functions.items()
        if endpoint != "static" and not isinstance(getattr(view, "door", None), Door)
    )
    if unmarked:
        raise UnmarkedView(f"mark with for_grant or open_to_all: {', '.join(unmarked)}")


def _door() -> Door:
    return _door_of(request.endpoint or "")


def _door_of(endpoint: str) -> Door:
    # Open without a mark: files of static/ and addresses that lead nowhere.
    return getattr(current_app.view_functions.get(endpoint), "door", Door(open=True))


def _languages() -> tuple[str, ...]:
    offered: tuple[str, ...] = current_app.extensions["pulse.languages"]
    return offered


def _asked_language() -> str | None:
    asked = request.args.get("lang")
    return asked if asked in _languages() else None


def _choose_language() -> None:
    i18n.speak(_asked_language() or i18n.preferred(request.headers.get("Accept-Language"), _languages()))
    if (person := visitor()) is not None and _asked_language() is None and person.language in _languages():
        i18n.speak(person.language)


def _keep_language(endpoint: str, values: dict[str, Any]) -> None:
    # The choice travels in the address: a cookie on an answering page could be tied to an answer.
    if request and endpoint != "static" and (asked := _asked_language()):
        values.setdefault("lang", asked)


def _log_failure(app: Flask, error: object) -> None:
    """Log which view failed, not at which address: a customer's address is the right to answer."""
    app.logger.error("%s failed (%s)", request.endpoint, request.method, exc_info=error)  # type: ignore[arg-type]


def _guard() -> ResponseReturnValue | None:
    door = _door()
    if door.open:
        return None
    if request.method not in READS and request.headers.get("Sec-Fetch-Site") in ELSEWHERE:
        _note_refusal("sent by a page of another site")
        abort(400)  # beside the form's token: a browser says itself that the form was none of ours
    person = visitor()
    if person is None:
        onward = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for(reception(current_app).sign_in, next=onward))
    if door.grants and not person.may(door.grants):
        _note_refusal("not for this account")
        abort(404)  # as for a page that does not exist: which pages there are is nobody else's business
    if "\0" in request.path:
        abort(404)  # no page's address holds it, and PostgreSQL takes it in no value
    return None


def _note_refusal(why: str) -> None:
    """Log which view was refused and why; neither to whom nor at which address."""
    current_app.logger.warning("%s refused (%s): %s", request.endpoint, request.method, why)


def _add_headers(response: Response) -> Response:
    if _speaks_to_ballot_host():
        response.headers.setdefault("Content-Security-Policy", _policy_of_casting())
    if g.get("makes_pictures"):
        response.headers.setdefault("Content-Security-Policy", f"{POLICY}; img-src 'self' blob:")
    if framed_by := g.get("framed_by"):
        response.headers["Content-Security-Policy"] = POLICY.replace(
            "frame-ancestors 'none'", f"frame-ancestors {' '.join(framed_by)}"
        )
    if framed_by or _is_for_other_sites():
        response.headers.setdefault("Cross-Origin-Resource-Policy", "cross-origin")
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers["Strict-Transport-Security"] = ENCRYPTED_ALONE
    if _has_left():
        # Pages gone back to are forgotten as well; not what pages store: a ballot may be waiting there.
        response.headers["Clear-Site-Data"] = '"cache"'
    if request.endpoint == "static" and "v" in request.args:
        response.headers["Cache-Control"] = A_YEAR
    elif _is_for_other_sites():
        response.headers["Cache-Control"] = AN_HOUR
    elif request.endpoint != "static" and "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    return response


def _has_left() -> bool:
    """Whether somebody was signed in when this request began, and is not any more."""
    return g.get("visitor") is not None and reception(current_app).visitor() is None


def _is_for_other_sites() -> bool:
    return request.endpoint == "static" and (request.view_args or {}).get("filename") in FOR_OTHER_SITES


def _speaks_to_ballot_host() -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, "speaks_to_ballot_host", False)


def _policy_of_casting() -> str:
    host = current_app.extensions["pulse.ballot_host"]
    with_host = POLICY.replace("form-action 'self'", f"form-action 'self' {host}")
    return f"{with_host}; connect-src 'self' {host}"


def _quotes_nothing() -> bool:
    """Whether a page has nothing on it that somebody else could have put into its request."""
    return _speaks_to_ballot_host() and request.method == "GET" and not set(request.args) - {"lang"}


def _pack(response: Response) -> Response:
    """Send by gzip what holds no secret: files, and pages open to all without a form's token in them."""
    # With a secret in it a page stays as it is: the length of a packed one tells of its content (BREACH).
    secret = request.endpoint is None or not _door().open or "csrf_token" in g
    secret = secret and not _quotes_nothing()
    if secret or response.mimetype not in PACKED or "Content-Encoding" in response.headers:
        return response
    response.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"] and response.status_code != 304:
        response.direct_passthrough = False
        response.set_data(gzip.compress(response.get_data(), 6, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
        response.headers.pop("ETag", None)
    return response


def _common(items: Sequence[MenuItem]) -> dict[str, object]:
    return {
        "visitor": visitor(),
        "menu": menus.menu([item for item in items if opens(item.endpoint)], _where()),
        "language": i18n.language(),
        "other_languages": [(code, i18n.NAMES[code]) for code in _languages() if code != i18n.language()],
        "in_language": _in_language,
        "opens": opens,
    }


def _where() -> str:
    # A page that is refused belongs to no part of the menu: which one would tell that there is such a page.
    return "" if g.get("refused") else request.endpoint or ""


def opens(endpoint: str) -> bool:
    """Whether there is a page of this endpoint and whoever is signed in may enter it."""
    if endpoint not in current_app.view_functions:
        return False
    door = _door_of(endpoint)
    person = visitor()
    return person is not None and (not door.grants or person.may(door.grants))


def _in_language(code: str) -> str:
    """This page's address in another language."""
    return "?" + urlencode({**request.args.to_dict(), "lang": code})


WORDS = {
    400: (lazy("This request was not understood"), lazy("Go back, check what you entered and try again.")),
    404: (
        lazy("There is no such page"),
        lazy("The address may be mistyped, or the page may not be meant for your account."),
    ),
    405: (lazy("This request was not understood"), lazy("Go back, check what you entered and try again.")),
    413: (lazy("This is too large"), lazy("Nothing was stored. Send something shorter.")),
    422: (lazy("Something is missing"), lazy("Go back, check what you entered and try again.")),
    429: (lazy("Too many attempts"), lazy("Wait a few minutes, then try again.")),
    500: (
        lazy("Something went wrong on our side"),
        lazy(
            "What was stored before is safe. Try again in a few minutes. If it stays so, tell your"
            " administrator."
        ),
    ),
}


def _error_page(error: HTTPException) -> ResponseReturnValue:
    if isinstance(error, BadHost):
        return error.get_response()  # at a host name that cannot be, no page has an address to link to
    if isinstance(error, InternalServerError):
        g.visitor = None  # whatever failed may fail again while finding out who is there
    status = 404 if error.code == 403 else error.code or 500
    if status < 400:
        return error.get_response()
    g.refused = True
    title, advice = WORDS.get(status, WORDS[500 if status >= 500 else 400])
    return render_template("error.html", title=title, advice=advice), status


def _page_of(known: ErrorPage) -> Callable[[Exception], ResponseReturnValue]:
    def page(error: Exception) -> ResponseReturnValue:
        return render_template(known.template, error=error), known.status

    return page
