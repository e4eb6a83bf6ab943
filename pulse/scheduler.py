"""Jobs, and the row that decides who runs one: each (job, period) is run once by any number of clocks."""

import enum
import logging
import os
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib import import_module
from zoneinfo import ZoneInfo

from apscheduler.events import EVENT_SCHEDULER_SHUTDOWN
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import ColumnElement, UniqueConstraint, delete, exists, func, or_, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolEmpty
from sqlalchemy.orm import Mapped, Session, mapped_column

from pulse.db import Base, Database, insert_into

log = logging.getLogger("pulse.scheduler")

LEASE = timedelta(minutes=15)  # a run unfinished after this, whose clock is silent, is run again
SILENT = timedelta(minutes=5)  # a clock that has not beaten for so long is silent
TROUBLE = (DBAPIError, PoolEmpty)  # of a database that is away
AHEAD = timedelta(minutes=10)  # what was run later than this from now was run by a clock that was ahead
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
    """One job's run for one period; the unique row is what decides who runs it.

    attempts -- how often it was claimed: who claimed it last is the only one to finish it
    report -- what it did; while it runs, the clock that runs it
    """

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


class Overtaken(Exception):
    """Another clock has taken this run over, because ours was silent: whatever it did is not to count."""


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
    work   -- does it and says in one line what it did; repeatable: killed anywhere, it is simply run again.
              What it does in once() happens once, wherever it is killed
    needs  -- the module that it imports when it runs, because the pages' processes are not to hold it
    """

    name: str
    period: Callable[[datetime], str]
    work: Callable[[datetime], str]
    needs: str | None = None


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


def claim(session: Session, job: str, period: str, now: datetime, clock: str = "") -> int:
    """The number of the attempt that the caller is to make at this job's period; 0 where it is another's.

    clock -- the name the caller beats by: as long as it does, nobody takes the run over

    Decided by the database in one statement.
    """
    row = {"state": RunState.RUNNING, "claimed_at": now, "finished_at": None, "report": clock}
    mine = (
        insert_into(session, Run)
        .values(job=job, period=period, attempts=1, **row)
        .on_conflict_do_update(
            index_elements=["job", "period"],
            set_={**row, "attempts": Run.attempts + 1},
            where=or_(_is_dead(now), (Run.state == RunState.FAILED) & (Run.claimed_at < now - PAUSE)),
        )
        .returning(Run.attempts)
    )
    return session.scalar(mine) or 0


def _is_dead(now: datetime) -> ColumnElement[bool]:
    """Whether a run was left by a clock that died: it began a while ago, and who began it is silent."""
    alive = exists().where(
        Beat.clock == Run.report, Beat.started_at <= Run.claimed_at, Beat.beaten_at > now - SILENT
    )
    return (Run.state == RunState.RUNNING) & (Run.claimed_at < now - LEASE) & ~alive


def finish(
    session: Session,
    job: str,
    period: str,
    state: RunState,
    report: str,
    now: datetime,
    *,
    attempt: int | None = None,
) -> bool:
    """Write down how a claimed run ended; whether it was still the caller's to end.

    attempt -- which one it was; None = whichever
    """
    mine = (Run.job == job) & (Run.period == period)
    if attempt is not None:
        mine &= Run.attempts == attempt
    if state is RunState.FAILED:  # what once() has done stays done, whatever fails afterwards
        mine &= Run.state == RunState.RUNNING
    ended = update(Run).where(mine).values(state=state, report=report, finished_at=now).returning(Run.id)
    return session.scalar(ended) is not None


def settled(session: Session, job: str, period: str) -> bool:
    """Whether a period needs nobody any more: a cheap look before asking to write."""
    return session.scalar(select(Run.state).where(Run.job == job, Run.period == period)) is RunState.DONE


@dataclass(frozen=True)
class Attempt:
    """The run that is under way in this thread."""

    job: str
    period: str
    number: int


_under_way: ContextVar[Attempt | None] = ContextVar("attempt", default=None)


def under_way() -> Attempt | None:
    """The run that this thread is at; None outside of any."""
    return _under_way.get()


@contextmanager
def once(database: Database) -> Iterator[Session]:
    """The last writing transaction of a job: it is committed together with the note that the run is done.

    So what is done in it happens once a period. A clock killed before leaves nothing of it, and another one
    does it; killed afterwards, nobody does it again. Raises Overtaken, and rolls back, where another clock
    has taken the run over meanwhile. Outside a run, a writing transaction like any other.
    """
    with database.writing() as session:
        yield session
        mine = under_way()
        if mine is None:
            return
        done, now = RunState.DONE, datetime.now(UTC)
        if not finish(session, mine.job, mine.period, done, "", now, attempt=mine.number):
            raise Overtaken


def run_due(database: Database, job: Job, now: datetime, *, clock: str = "") -> str | None:
    """Run the job's current period if nobody did; its report, or None where there was nothing to do.

    now -- in the organisation's time zone
    clock -- the name the caller beats by, where it does

    Before, runs of earlier periods are run whose clock died too late for anybody to run them in time. A
    failure is written down and logged, never raised: the clock goes on.
    """
    period = job.period(now)
    with database.reading() as session:
        left = _left(session, job.name, period, now)
        too_early = session.scalar(select(exists().where(*_too_early(job.name, period, now))))
        is_settled = settled(session, job.name, period)
    if too_early:
        with database.writing() as session:
            session.execute(delete(Run).where(*_too_early(job.name, period, now)))
    report = None
    for one in left if is_settled else [*left, period]:
        report = _attempt(database, job, one, now, clock)
    return report


def _left(session: Session, job: str, period: str, now: datetime) -> Sequence[str]:
    """Earlier periods, the oldest first, whose clock died during the run."""
    rows = select(Run.period).where(Run.job == job, Run.period < period, _is_dead(now))
    return session.scalars(rows.order_by(Run.period)).all()


def _too_early(job: str, period: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Runs of periods still to come, by a clock that was ahead: their time comes, and they are due then."""
    return Run.job == job, Run.period > period, Run.claimed_at > now + AHEAD


def _attempt(database: Database, job: Job, period: str, now: datetime, clock: str) -> str | None:
    with database.writing() as session:
        number = claim(session, job.name, period, now, clock)
    if not number:
        return None
    # No line says how it went or for how long: of jobs that see ballots that would tell how many there are.
    log.info("%s %s begun", job.name, period)
    before = _under_way.set(Attempt(job.name, period, number))
    try:
        report, state = job.work(now), RunState.DONE
    except Overtaken:
        log.warning("%s %s was taken over by another clock", job.name, period)
        return None
    except Exception as error:  # whatever a job dies of, the other jobs must go on
        log.exception("%s %s failed", job.name, period)
        report, state = f"{type(error).__name__}: {error}", RunState.FAILED
    finally:
        _under_way.reset(before)
    with database.writing() as session:
        finish(session, job.name, period, state, report, datetime.now(UTC), attempt=number)
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
    database: Database,
    jobs: Sequence[Job],
    zone: ZoneInfo,
    watches: Sequence[Watch] = (),
    *,
    time: Callable[[], datetime] | None = None,
) -> BackgroundScheduler:
    """A started clock that looks for due jobs until its shutdown(); each job and watch one at a time.

    time -- tells the moment, in the zone; None = the machine's time, as long as the database agrees with it
    """
    # Modules that import each other, first imported by two threads at once, stay half made in both of them
    # (SciPy's do: CPython breaks the locks of such a circle): so all are there before there are threads.
    for job in jobs:
        if job.needs:
            import_module(job.needs)
    # A thread for each: somebody who waits for a mail must not wait for a long night to be over.
    threads = ThreadPoolExecutor(len(jobs) + len(watches) + 1)
    clock = BackgroundScheduler(timezone=zone, executors={"default": threads})
    tell = time or partial(datetime.now, zone)
    name = f"{socket.gethostname()}:{os.getpid()}"

    def work_through(watch: Watch) -> None:
        while _may_work(database, watch.name, time is None) and look(watch, tell()) and clock.running:
            pass  # as long as there is work and nobody has told the clock to stop

    for job in jobs:
        _add(clock, job.name, LOOK, partial(_run_now, database, job, tell, name, time is None))
    for watch in watches:
        _add(clock, watch.name, watch.every, partial(work_through, watch))
    _add(clock, "beat", BEAT, partial(_beat_now, database, name, tell(), tell))
    clock.add_listener(lambda event: _fall_silent(database, name), EVENT_SCHEDULER_SHUTDOWN)
    clock.start()
    return clock


def _beat_now(database: Database, name: str, started: datetime, tell: Callable[[], datetime]) -> None:
    try:
        with database.writing() as session:
            beat(session, name, started, tell())
    except DBAPIError as error:  # its jobs say more about it, and the next beat is a minute away
        log.warning("beat failed: %s", type(error).__name__)


def _fall_silent(database: Database, name: str) -> None:
    """Take a stopped clock's beat away: that nobody runs jobs any more is to be seen at once."""
    try:
        with database.writing() as session:
            session.execute(delete(Beat).where(Beat.clock == name))
    except DBAPIError as error:
        log.warning("beat not taken away: %s", type(error).__name__)


def _run_now(database: Database, job: Job, tell: Callable[[], datetime], name: str, compared: bool) -> None:
    if not _may_work(database, job.name, compared):
        return
    try:
        run_due(database, job, tell(), clock=name)
    except TROUBLE as error:  # the next look is not far away, and the period stays due
        log.error("%s not run: the database is away (%s)", job.name, type(error).__name__)


def _may_work(database: Database, name: str, compared: bool) -> bool:
    """Whether the time is right, and the database there, for a job or watch of this name."""
    try:
        if not (compared and is_off(database)):
            return True
        log.error("%s not run: this machine's time is not the database's", name)
    except TROUBLE as error:
        log.error("%s not run: the database is away (%s)", name, type(error).__name__)
    return False


def is_off(database: Database) -> bool:
    """Whether this machine's time is not that of PostgreSQL's: one of the two runs jobs on the wrong day."""
    if database.engine.dialect.name != "postgresql":
        return False
    with database.reading() as session:
        theirs = session.execute(select(func.clock_timestamp())).scalar_one()
    return abs(datetime.now(UTC) - theirs) > AHEAD


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
