"""What visitors are told while a database is away, full or read-only: a page that keeps what they sent.

Nothing here looks at a database: whatever failed would fail again. Each request tries anew, so that all is
well as soon as the database is.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, make_response, render_template, request
from sqlalchemy.exc import DBAPIError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolEmpty

View = TypeVar("View", bound=Callable[..., Any])

RETRY = 10  # seconds after which to come again
NOT_MIGRATED = 1  # SQLITE_ERROR: a table or column that is not there
READ_ONLY = "25006"  # PostgreSQL: read_only_sql_transaction
TROUBLE = (DBAPIError, PoolEmpty)
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def keeps_what_was_sent(view: View) -> View:
    """Marks a view whose form counts once however often it is sent: a page of trouble holds it ready."""
    view.keeps_what_was_sent = True  # type: ignore[attr-defined]
    return view


def is_away(error: BaseException) -> bool:
    """Whether an error says that a database is away, busy, full or read-only, rather than asked wrongly."""
    if isinstance(error, PoolEmpty):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if isinstance(error, OperationalError):
        return bool(getattr(error.orig, "sqlite_errorcode", None) != NOT_MIGRATED)
    refused = isinstance(error, InternalError) and getattr(error.orig, "sqlstate", None) == READ_ONLY
    return refused or error.connection_invalidated


def log(error: Exception) -> None:
    """Log which view met which trouble: in one line, without addresses or values."""
    said = str(getattr(error, "orig", None) or error).strip().splitlines() or [type(error).__name__]
    current_app.logger.error("%s: the database is away (%s)", request.endpoint, said[0])


def set_up(app: Flask) -> None:
    """Answer 503 for every view that meets such an error; other errors stay what they are."""
    for trouble in TROUBLE:
        app.register_error_handler(trouble, _page)


def _page(error: Exception) -> Response:
    if not is_away(error):
        raise error
    log(error)
    g.visitor, g.refused = None, True  # who is there stands in the database, too
    reply = _said()
    reply.headers["Retry-After"] = str(RETRY)
    return reply


def _said() -> Response:
    if request.method == "POST" and request.mimetype not in FORMS:
        return make_response({"error": "away", "status": "away"}, 503)
    view = current_app.view_functions.get(request.endpoint or "")
    kept = request.method == "POST" and getattr(view, "keeps_what_was_sent", False)
    sent = list(request.form.items(multi=True)) if kept else None
    return make_response(render_template("away.html", sent=sent, posted=request.method == "POST"), 503)
