"""Clocks in processes of their own: in a module that imports little, because each process imports it anew."""

import os
import signal
from datetime import UTC, datetime
from multiprocessing.connection import Connection

from pulse.db import Database
from pulse.scheduler import Job, hourly, nightly, run_due

NOW = datetime(2026, 11, 3, 9, tzinfo=UTC)


def ticking(url: str, told: Connection) -> None:
    """Runs the job at the moments it is told, says which fell to it, and ends on None."""
    database = Database()
    database.connect(url)
    told.send("ready")
    while (now := told.recv()) is not None:
        told.send(run_due(database, Job("count", hourly, lambda now: f"by {os.getpid()}"), now))
    database.close()


def dying(url: str, told: Connection) -> None:
    """Begins a job, says so, and waits to be killed."""
    database = Database()
    database.connect(url)

    def work(now: datetime) -> str:
        told.send("begun")
        signal.pause()
        return "never"

    run_due(database, Job("count", nightly, work), NOW)
