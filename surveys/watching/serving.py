"""flask serve: looks whether Pulse may be served, then becomes the web server that serves it."""

import errno
import os
import socket
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import click
from flask.cli import with_appcontext

from config import PREFIX, ROOT, Settings, settings
from pulse.i18n import gettext as _
from surveys.watching import checks, databases, machine, work
from surveys.watching.check import Check, State

PAGE_SECONDS = 60  # longer than any page should take, shorter than anybody waits
LOADING = 20  # seconds a worker has to load the program before the one it replaces is stopped
SPARE = 2  # connections beside one for each thread


@dataclass(frozen=True)
class Plan:
    """How to serve: where, by how many processes and threads, how many seconds an answer may take to end."""

    host: str
    port: int
    workers: int
    threads: int
    finish: int


def granian(plan: Plan) -> list[str]:
    """The command of granian, which Pulse brings along."""
    options = {
        "--interface": "wsgi",
        "--http": "1",
        "--host": plan.host,
        "--port": plan.port,
        "--workers": plan.workers,
        "--blocking-threads": plan.threads,
        "--backpressure": 16 * plan.threads,
        "--workers-kill-timeout": plan.finish,
        "--respawn-interval": LOADING,
        "--log-level": "warning",
    }
    named = [str(part) for option in options.items() for part in option]
    return ["granian", *named, "--factory", "--no-ws", "--respawn-failed-workers", "wsgi:create_app"]


def gunicorn(plan: Plan) -> list[str]:
    """The command of gunicorn, which somebody installed beside Pulse."""
    options = {
        "--bind": f"{plan.host}:{plan.port}",
        "--worker-class": "gthread",
        "--workers": plan.workers,
        "--threads": plan.threads,
        "--graceful-timeout": plan.finish,
        "--timeout": 2 * PAGE_SECONDS,
        "--log-level": "warning",
    }
    named = [str(part) for option in options.items() for part in option]
    return ["gunicorn", *named, "--no-control-socket", "wsgi:create_app()"]


SERVERS: dict[str, Callable[[Plan], list[str]]] = {"granian": granian, "gunicorn": gunicorn}


def refusals(known: Settings, now: datetime) -> list[Check]:
    """What forbids to start: unsafe settings, databases out of reach or not migrated, roles that are wrong.

    On somebody's own machine (docs/operate.md) a simple secret, http and one role for all will do.
    """
    found = [*machine.settings(known), *checks.readiness(now, clock=False)]
    if not machine.is_tried_out(known) and not checks.fails(found, "database", "urn", "migrations"):
        found += databases.roles(known)
    return [check for check in found if check.state is State.FAILING]


def may_start(known: Settings) -> None:
    """End the program where something forbids to start, with a line for each reason."""
    refuse(refusals(known, datetime.now(UTC)))


def refuse(found: Iterable[Check]) -> None:
    """End the program with a line for each reason; do nothing where there is none."""
    reasons = [f"{check.said}. {check.advice}" for check in found]
    if reasons:
        raise click.ClickException("Pulse does not start.\n" + "\n".join(f"  {line}" for line in reasons))


def may_listen(host: str, port: int) -> None:
    """End the program in one line where nobody can listen there.

    A web server shares its port among its workers (SO_REUSEPORT), and so with a second server of the same
    user too, silently: each would get some of the visitors. This asks without sharing, and lets go at once.
    """
    tried = list(_tried(host, port))
    failed = [error for error in tried if error is not None]
    taken = [error for error in failed if error.errno == errno.EADDRINUSE]
    if taken or None not in tried:  # a name may have an address more than this machine, say of IPv6
        raise click.ClickException(_cannot_listen(host, port, (taken or failed)[0]))


def _tried(host: str, port: int) -> Iterator[OSError | None]:
    """Why nobody can listen at each address a host has; None where somebody can."""
    try:
        places = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        yield error
        return
    for family, kind, protocol, _name, address in places:
        try:
            with socket.socket(family, kind, protocol) as place:
                # What connections of a server that has just ended leave behind (TIME_WAIT) is no obstacle.
                place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                place.bind(address)
        except OSError as error:
            yield error
        else:
            yield None


def _cannot_listen(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return _(
            "Port %(port)s of %(host)s is taken:"
            " stop what listens there (ss -ltnp), or choose another by --port",
            port=port,
            host=host,
        )
    return _(
        "Nothing can listen at port %(port)s of %(host)s (%(reason)s): choose others by --host and --port",
        port=port,
        host=host,
        reason=error.strerror,
    )


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--workers", type=click.IntRange(1, 256), help="Processes; default: one a core.")
@click.option("--threads", type=click.IntRange(1, 64), default=4, show_default=True, help="Of each process.")
@click.option(
    "--drain",
    type=click.FloatRange(0, 600),
    default=5.0,
    show_default=True,
    help="Seconds between /readyz saying no and the end, when told to stop.",
)
@click.option(
    "--finish",
    type=click.IntRange(1, 600),
    default=30,
    show_default=True,
    help="Seconds for what is under way at the end.",
)
@click.option(
    "--clock-within",
    type=click.FloatRange(0, 600),
    default=60.0,
    show_default=True,
    help="Seconds in which a clock has to be at work.",
)
@click.option("--without-clock", is_flag=True, help="Start although nobody runs jobs.")
@click.option("--server", type=click.Choice(list(SERVERS)), default="granian", show_default=True)
@with_appcontext
def serve(
    host: str,
    port: int,
    workers: int | None,
    threads: int,
    drain: float,
    finish: int,
    clock_within: float,
    without_clock: bool,
    server: str,
) -> None:
    """Serve the site until SIGTERM or Ctrl-C; refuses where that would not be safe, and says what to do.

    SIGHUP replaces the workers one by one, which then run the newest code.
    """
    known = settings()
    may_start(known)
    may_listen(host, port)
    if not without_clock:
        refuse(no_clock(clock_within))
    for check in machine.settings(known):
        if check.state is State.WARNING:
            click.echo(f"warning: {check.said}. {check.advice}", err=True)
    plan = Plan(host, port, workers or os.cpu_count() or 1, threads, finish)
    click.echo(f"serving {known.site_url} at {host}:{port} by {server}", err=True)
    _become(SERVERS[server](plan), plan, drain)


def no_clock(within: float) -> list[Check]:
    """Wait until a clock is at work; why not, where none comes."""
    end = time.monotonic() + within
    while True:
        found = work.clock(datetime.now(UTC))
        if found.state is not State.FAILING:
            return []
        if time.monotonic() >= end:
            return [found]
        time.sleep(min(0.5, within))


def _become(command: list[str], plan: Plan, drain: float) -> None:
    """Give this process to the supervisor of a web server, which has the settings of pages."""
    os.environ.setdefault(f"{PREFIX}PAGE_SECONDS", str(PAGE_SECONDS))
    os.environ.setdefault(f"{PREFIX}CONNECTIONS", str(plan.threads + SPARE))
    databases.let_go()
    os.chdir(ROOT)
    python = [sys.executable, "-m"]
    told = [str(drain), plan.host, str(plan.port)]
    os.execv(sys.executable, [*python, "surveys.watching.supervisor", *told, *python, *command])
