"""Jobs, and the row that decides who runs one: each (job, period) is run once by any number of clocks."""

import enum
import logging
import os
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from apscheduler.events import EVENT_SCHEDULER_SHUTDOWN
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import UniqueConstraint, delete, func, or_, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapped, Session, mapped_column

from pulse.db import Base, Database, insert_into

log = logging.getLogger("pulse.scheduler")

LEASE = timedelta(hours=1)  # a run still unfinished after this died with its clock, and is run again
PAUSE = timedelta(minutes=10)  # before a failed run is tried again
LOOK = timedelta(seconds=30)  # how often a clock looks whether a period is due
BEAT = timedelta(minutes=1)  # how often it says that it is at work
GONE = timedelta(days=1)  # a clock that has said nothing for so long is forgotten


class RunState(enum.Enum):
    """Where a run stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Run(Base):
    """One job's run for one period; the unique row is what decides who runs it."""

    __tablename__ = "run"
    __table_args__ = (UniqueConstraint("job", "period"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    job: Mapped[str]
    period: Mapped[str]
    state: Mapped[RunState]
    attempts: Mapped[int]
    claimed_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    report: Mapped[str]


class Beat(Base):
    """A clock at work says so every minute or so: whether anybody runs jobs is read here.

    clock -- its machine and process
    """

    __tablename__ = "beat"

    clock: Mapped[str] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
    beaten_at: Mapped[datetime]


@dataclass(frozen=True)
class Job:
    """Work that is due once a period.

    period -- the period a moment in the organisation's time zone belongs to (an hour, a night, a month...);
              a clock that was away runs the current period when it comes back
    work   -- does it and says in one line what it did; repeatable: killed anywhere, it is simply run again
    """

    name: str
    period: Callable[[datetime], str]
    work: Callable[[datetime], str]


@dataclass(frozen=True)
class Watch:
    """Work that every clock looks for every few seconds: its own rows decide who does what, not a run's.

    work -- does some of it and says in one line what it did; None where there was nothing to do
    """

    name: str
    every: timedelta
    work: Callable[[datetime], str | None]


def hourly(now: datetime) -> str:
    """The hour as a period. In UTC: the hour that summer time repeats is two hours."""
    return now.astimezone(UTC).strftime("%Y-%m-%dT%HZ")


def nightly(now: datetime) -> str:
    """The night as a period: from 02:00 of a day until 02:00 of the next, by the wall clock."""
    return (now.replace(tzinfo=None) - timedelta(hours=2)).date().isoformat()


def weekly(now: datetime) -> str:
    """The week as a period: from 9:00 of a Monday until 9:00 of the next, by the wall clock."""
    day = (now.replace(tzinfo=None) - timedelta(hours=9)).date()
    return (day - timedelta(days=day.weekday())).isoformat()


def claim(session: Session, job: str, period: str, now: datetime) -> bool:
    """Whether the caller is the one to run this job's period, decided by the database in one statement."""
    row = {"state": RunState.RUNNING, "claimed_at": now, "finished_at": None, "report": ""}
    mine = (
        insert_into(session, Run)
        .values(job=job, period=period, attempts=1, **row)
        .on_conflict_do_update(
            index_elements=["job", "period"],
            set_={**row, "attempts": Run.attempts + 1},
            where=or_(
                (Run.state == RunState.RUNNING) & (Run.claimed_at < now - LEASE),
                (Run.state == RunState.FAILED) & (Run.claimed_at < now - PAUSE),
            ),
        )
        .returning(Run.id)
    )
    return session.execute(mine).first() is not None


def finish(session: Session, job: str, period: str, state: RunState, report: str, now: datetime) -> None:
    """Write down how a claimed run ended."""
    session.execute(
        update(Run)
        .where(Run.job == job, Run.period == period)
        .values(state=state, report=report, finished_at=now)
    )


def settled(session: Session, job: str, period: str) -> bool:
    """Whether a period needs nobody any more: a cheap look before asking to write."""
    return session.scalar(select(Run.state).where(Run.job == job, Run.period == period)) is RunState.DONE


def run_due(database: Database, job: Job, now: datetime) -> str | None:
    """Run the job's current period if nobody did; its report, or None where there was nothing to do.

    now -- in the organisation's time zone

    A failure is written down and logged, never raised: the clock goes on.
    """
    period = job.period(now)
    with database.reading() as session:
        if settled(session, job.name, period):
            return None
    with database.writing() as session:
        if not claim(session, job.name, period, now):
            return None
    # No line says how it went or for how long: of jobs that see ballots that would tell how many there are.
    log.info("%s %s begun", job.name, period)
    try:
        report, state = job.work(now), RunState.DONE
    except Exception as error:  # whatever a job dies of, the other jobs must go on
        log.exception("%s %s failed", job.name, period)
        report, state = f"{type(error).__name__}: {error}", RunState.FAILED
    with database.writing() as session:
        finish(session, job.name, period, state, report, datetime.now(UTC))
    return report


def look(watch: Watch, now: datetime) -> bool:
    """Do some of a watch's work; whether any was there. A failure is logged: the clock goes on."""
    try:
        report = watch.work(now)
    except Exception:
        log.exception("%s failed", watch.name)
        return False
    return report is not None


def beat(session: Session, clock: str, started: datetime, now: datetime) -> None:
    """Write down that a clock is at work, and forget those that were killed long ago."""
    session.execute(delete(Beat).where(Beat.beaten_at < now - GONE))
    row = {"started_at": started, "beaten_at": now}
    session.execute(
        insert_into(session, Beat)
        .values(clock=clock, **row)
        .on_conflict_do_update(index_elements=["clock"], set_=row)
    )


def last_beat(session: Session) -> datetime | None:
    """When a clock last said that it was at work; None where none does."""
    return session.scalar(select(func.max(Beat.beaten_at)))


def start(
    database: Database, jobs: Sequence[Job], zone: ZoneInfo, watches: Sequence[Watch] = ()
) -> BackgroundScheduler:
    """A started clock that looks for due jobs until its shutdown(); each job and watch one at a time."""
    # A thread for each: somebody who waits for a mail must not wait for a long night to be over.
    threads = ThreadPoolExecutor(len(jobs) + len(watches) + 1)
    clock = BackgroundScheduler(timezone=zone, executors={"default": threads})

    def work_through(watch: Watch) -> None:
        while look(watch, datetime.now(zone)) and clock.running:
            pass  # as long as there is work and nobody has told the clock to stop

    for job in jobs:
        _add(clock, job.name, LOOK, partial(_run_now, database, job, zone))
    for watch in watches:
        _add(clock, watch.name, watch.every, partial(work_through, watch))
    name = f"{socket.gethostname()}:{os.getpid()}"
    _add(clock, "beat", BEAT, partial(_beat_now, database, name, datetime.now(UTC)))
    clock.add_listener(lambda event: _fall_silent(database, name), EVENT_SCHEDULER_SHUTDOWN)
    clock.start()
    return clock


def _beat_now(database: Database, name: str, started: datetime) -> None:
    try:
        with database.writing() as session:
            beat(session, name, started, datetime.now(UTC))
    except DBAPIError as error:  # its jobs say more about it, and the next beat is a minute away
        log.warning("beat failed: %s", type(error).__name__)


def _fall_silent(database: Database, name: str) -> None:
    """Take a stopped clock's beat away: that nobody runs jobs any more is to be seen at once."""
    try:
        with database.writing() as session:
            session.execute(delete(Beat).where(Beat.clock == name))
    except DBAPIError as error:
        log.warning("beat not taken away: %s", type(error).__name__)


def _run_now(database: Database, job: Job, zone: ZoneInfo) -> None:
    run_due(database, job, datetime.now(zone))


def _add(clock: BackgroundScheduler, name: str, every: timedelta, work: Callable[[], None]) -> None:
    clock.add_job(
        work,
        "interval",
        seconds=every.total_seconds(),
        next_run_time=datetime.now(clock.timezone),
        id=name,
        coalesce=True,
        max_instances=1,
        misfire_grace_time=None,
    )
