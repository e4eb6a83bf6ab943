"""The clocks of benchmarks.clocks, in a module that imports little: hundreds of them are started.

They read the time off a dial that another process sets, and their jobs leave a row in a table.
"""

import logging
import mmap
import os
import random
import struct
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Column, Integer, MetaData, String, Table, insert

from pulse import scheduler
from pulse.db import Database
from pulse.scheduler import Job, hourly, nightly, once, under_way

PARIS = ZoneInfo("Europe/Paris")
LOOK, BEAT = timedelta(milliseconds=20), timedelta(milliseconds=50)  # by the machine's time
SILENT = timedelta(minutes=45)  # by the dial's: some nine beats
LONGEST = 0.02  # seconds that each part of the work takes at most
effects = Table(
    "effect",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("job", String),
    Column("period", String),
)


class Dial:
    """The time as one process tells it to others: seconds since 1970 in a file that all of them look at."""

    def __init__(self, file: Path, *, made: bool = False) -> None:
        if made:
            file.write_bytes(bytes(8))
        self._handle = os.open(file, os.O_RDWR)
        self._seen = mmap.mmap(self._handle, 8)

    def set(self, moment: datetime) -> None:
        """From now on it is this moment."""
        self._seen[:] = struct.pack("d", moment.timestamp())

    def now(self) -> datetime:
        """The moment it is, in Paris."""
        return datetime.fromtimestamp(struct.unpack("d", self._seen[:])[0], PARIS)

    def close(self) -> None:
        """Look no more."""
        self._seen.close()
        os.close(self._handle)


def tick() -> None:
    """A clock with two jobs that runs by the dial until it is killed."""
    logging.disable()
    database, dial = Database(), Dial(Path(os.environ["DIAL"]))
    database.connect(os.environ["TICKING_ON"])
    scheduler.LOOK, scheduler.BEAT, scheduler.SILENT = LOOK, BEAT, SILENT

    def work(now: datetime) -> str:
        run = under_way()
        assert run is not None
        time.sleep(random.uniform(0, LONGEST))
        with once(database) as session:
            session.execute(insert(effects).values(job=run.job, period=run.period))
            time.sleep(random.uniform(0, LONGEST))
        time.sleep(random.uniform(0, LONGEST))
        return "had its effect"

    scheduler.start(database, [Job("hour", hourly, work), Job("night", nightly, work)], PARIS, time=dial.now)
    print("ready", flush=True)
    threading.Event().wait()
