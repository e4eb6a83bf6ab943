"""flask clock: the process that runs what is due, until it is told to stop."""

import signal
import threading
from types import FrameType

import click
from flask import current_app
from flask.cli import with_appcontext

from config import settings
from pulse import db, scheduler


@click.command("clock")
@with_appcontext
def clock() -> None:
    """Run the jobs that are due until SIGTERM or Ctrl-C. Any number of clocks may run on one database."""
    stop = threading.Event()

    def ask_to_stop(signal_number: int, frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask_to_stop)
    current_app.extensions["surveys.may_start"](settings())
    jobs, watches = current_app.extensions["pulse.jobs"], current_app.extensions["pulse.watches"]
    running = scheduler.start(db.main, jobs, settings().zone, watches)
    click.echo(f"clock started: {', '.join(work.name for work in [*jobs, *watches])}")
    stop.wait()
    click.echo("clock stopping: what has begun is finished first")
    running.shutdown(wait=True)
    click.echo("clock stopped")
