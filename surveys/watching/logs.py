"""What a process writes down while it runs: one line of JSON each, without anything of a person.

No request is logged: who answers a survey, and when, is in no log (privacy.md §2). What failed is told by the
view's name instead of the address, which may be somebody's right to answer, and by the kind of error and its
place in the code instead of its words, which like to quote what somebody entered.
"""

import logging
import os
import re
import sys
import threading
import time
import traceback
from collections.abc import Iterator, MutableMapping
from copy import copy
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import click
import structlog
from flask import Flask, Response, current_app, g, request

from config import OWN_MACHINE, settings

Event = MutableMapping[str, Any]

LINES, JSON = "lines", "json"
OWN = ("pulse", "surveys", "wsgi")  # whose messages are known; of others only the words, never the values
DELIVERY = "surveys.delivery"  # on one's own machine its lines are the only mail box there is
SLOW = 5.0  # seconds after which a page that figures are read on is told of
DEEPEST, LAST = 12, 3  # places in the code told of one error; how many of them, whoever's they are
QUIET = {
    # It would write down each request with its address.
    "werkzeug": logging.ERROR,
    # It warns each time it looks at a job that is still at work, which a long night is for hours.
    "apscheduler": logging.ERROR,
}
# What could be somebody: addresses of mails, sites, machines; telephone numbers; whatever could open a door.
TELLING = re.compile(
    r"[a-z][a-z0-9+.-]*://\S+"
    r"|[^\s@<>\"'(]+@[^\s@<>\"')]*\w"
    r"|(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])"
    r"|(?<![\w:])(?:[0-9a-f]{0,4}:){3,7}[0-9a-f]{0,4}(?![\w:])"
    r"|(?<!\w)(?:\+|0)\d(?:[ .-]?\d){7,13}(?!\w)"
    r"|(?<![\w-])(?=[\w-]*\d)[\w-]{20,}(?![\w-])",
    re.IGNORECASE,
)
LEFT_OUT = "…"


class Written(logging.StreamHandler[Any]):
    """Writes to standard error as it is at that moment: tests and servers put another one in its place."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)

    @property
    def stream(self) -> Any:
        """Standard error."""
        return sys.stderr

    @stream.setter
    def stream(self, stream: Any) -> None:
        """It is looked up each time instead."""


def set_up(app: Flask) -> None:
    """Let this process log in one way, once, however many applications it makes; tell of slow pages."""
    app.before_request(_begin)
    app.after_request(_tell_if_slow)
    root = logging.getLogger()
    if not any(isinstance(handler, Written) for handler in root.handlers):
        root.addHandler(_handler(app))
    for name, level in QUIET.items():
        logging.getLogger(name).setLevel(level)
    logging.getLogger(DELIVERY).setLevel(logging.INFO)
    logging.getLogger("pulse.scheduler").setLevel(logging.INFO if kind() == JSON else logging.WARNING)
    threading.excepthook = _of_a_thread


def kind() -> str:
    """How this process logs: in lines for people on one's own machine, else in JSON for programs."""
    known = settings()
    return known.logs or (LINES if _at_home() else JSON)


def _at_home() -> bool:
    return urlsplit(settings().site_url).hostname in OWN_MACHINE


def _handler(app: Flask) -> logging.Handler:
    handler = Written()
    handler.setFormatter(formatter(kind(), process=_process(app)))
    return handler


def _process(app: Flask) -> str:
    """What kind of process this is: web, clock, or the name of another command."""
    if click.get_current_context(silent=True) is None:
        return "web"
    named = next((word for word in sys.argv[1:] if word in app.cli.commands), "web")
    return "web" if named == "run" else named


class Formatter(structlog.stdlib.ProcessorFormatter):
    """What makes a line of a record, whoever wrote it."""

    def format(self, record: logging.LogRecord) -> str:
        """The line; the record stays as it is, other handlers may have it too."""
        return super().format(_bare(record))


def formatter(kind: str, *, process: str = "web") -> Formatter:
    """The formatter of a kind of log (JSON or LINES) for a kind of process."""

    def of_process(_: object, __: str, event: Event) -> Event:
        event.update(process=process, pid=os.getpid())
        return event

    json: list[Any] = [_in_order, structlog.processors.JSONRenderer(ensure_ascii=False)]
    return Formatter(
        foreign_pre_chain=[
            structlog.stdlib.ExtraAdder(),
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            of_process,
            _scrubbed,
            *(json if kind == JSON else [_in_a_line]),
        ],
    )


def _bare(record: logging.LogRecord) -> logging.LogRecord:
    """A record without values that may be anything: of somebody else's message, and of an error, words."""
    bare = copy(record)
    whole = record.name.partition(".")[0] in OWN
    bare.msg, bare.args = record.getMessage() if whole else str(record.msg), ()
    error = record.exc_info[1] if record.exc_info else None
    bare.exc_info = bare.exc_text = bare.stack_info = None
    if error is not None:
        bare.error = " < ".join(_named(one) for one in _chain(error))
        bare.where = _places(error.__traceback__)
    return bare


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what it came from, the innermost last."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _named(error: BaseException) -> str:
    """The kind of an error, with its number where there is one: never its words."""
    codes = (getattr(error, name, None) for name in ("sqlstate", "errno", "smtp_code", "sqlite_errorname"))
    code = next((code for code in codes if isinstance(code, int | str) and code), None)
    return f"{type(error).__name__} ({code})" if code is not None else type(error).__name__


def _places(trace: TracebackType | None) -> list[str]:
    """Where an error was raised, the outermost first (module:function:line): our code, and the last steps."""
    stack = [
        (str(frame.f_globals.get("__name__", "?")), f"{frame.f_code.co_name}:{line}")
        for frame, line in traceback.walk_tb(trace)
    ]
    told = [place for place in stack[:-LAST] if place[0].partition(".")[0] in OWN] + stack[-LAST:]
    return [f"{module}:{line}" for module, line in told[-DEEPEST:]]


def _scrubbed(_: object, __: str, event: Event) -> Event:
    """Without what could be somebody, should it have got into a message all the same."""
    if event.get("logger") == DELIVERY and _at_home():
        return event
    for name in event.keys() - {"at", "where", "logger"}:
        event[name] = scrubbed(event[name])
    return event


def scrubbed(value: Any) -> Any:
    """A value of a log line without addresses, numbers and tokens in its words."""
    if isinstance(value, str):
        return TELLING.sub(LEFT_OUT, value)
    if isinstance(value, list | tuple):
        return [scrubbed(each) for each in value]
    if isinstance(value, dict):
        return {scrubbed(key): scrubbed(each) for key, each in value.items()}
    return value if value is None or isinstance(value, bool | int | float) else type(value).__name__


def _in_order(_: object, __: str, event: Event) -> Event:
    first = ("at", "level", "logger", "event", "process", "pid")
    return {name: event[name] for name in (*first, *(event.keys() - set(first)))}


def _in_a_line(_: object, __: str, event: Event) -> str:
    """A line for people: what happened, and what else is known of it."""
    usual = {"at", "level", "logger", "event", "process", "pid", "where"}
    rest = "".join(f" {name}={event[name]}" for name in sorted(event.keys() - usual))
    places = "".join(f"\n    {place}" for place in event.get("where", ()))
    return f"{event['at'][:19]} {event['logger']}: {event['event']}{rest}{places}"


def _of_a_thread(failed: threading.ExceptHookArgs) -> None:
    """A thread that dies says so like everything else does."""
    if failed.exc_value is not None and failed.exc_type is not SystemExit:
        logging.getLogger("pulse").critical("a thread died", exc_info=failed.exc_value)


def _begin() -> None:
    g.begun = time.monotonic()


def _tell_if_slow(response: Response) -> Response:
    """Tell of a slow page that analysts or administrators read; never of one that anybody answers on."""
    view = current_app.view_functions.get(request.endpoint or "")
    took = time.monotonic() - g.get("begun", time.monotonic())
    if took >= SLOW and getattr(getattr(view, "door", None), "grants", None):
        logging.getLogger("surveys.watching").warning(
            "slow page", extra={"endpoint": request.endpoint, "seconds": round(took, 1)}
        )
    return response
