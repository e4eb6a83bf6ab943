"""Each job is run once a period by any number of clocks, and again where it failed or its clock died."""

import logging
import multiprocessing
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from zoneinfo import ZoneInfo

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from pulse.db import Database
from pulse.scheduler import (
    AHEAD,
    BEAT,
    GONE,
    LEASE,
    LOOK,
    PAUSE,
    SILENT,
    Beat,
    Job,
    Run,
    RunState,
    Watch,
    beat,
    claim,
    finish,
    hourly,
    is_off,
    last_beat,
    nightly,
    once,
    run_due,
    start,
)
from tests.conftest import Addresses
from tests.pulse.clocks import NOW, dying, ticking

PARIS = ZoneInfo("Europe/Paris")
ZONES = [PARIS, *(ZoneInfo(name) for name in ("America/St_Johns", "Australia/Lord_Howe", "Asia/Kolkata"))]
SECOND = timedelta(seconds=1)
PERIODS = 12


def job(work: Callable[[datetime], str], period: Callable[[datetime], str] = hourly) -> Job:
    return Job("count", period, work)


def failing(now: datetime) -> str:
    raise RuntimeError("the server is away")


def runs(database: Database) -> list[tuple[str, str, int, str]]:
    with database.reading() as session:
        rows = session.scalars(select(Run).order_by(Run.period))
        return [(run.period, run.state.value, run.attempts, run.report) for run in rows]


@pytest.fixture
def postgresql(postgresql_addresses: Addresses) -> Iterator[Database]:
    """The main database on PostgreSQL alone."""
    found = Database()
    found.connect(postgresql_addresses.main)
    yield found
    found.close()


@pytest.fixture
def done() -> list[datetime]:
    """When work was done."""
    return []


@pytest.fixture
def counting(done: list[datetime]) -> Job:
    """A job that does its work."""

    def work(now: datetime) -> str:
        done.append(now)
        return f"{len(done)} counted"

    return job(work)


def test_a_period_is_run_once_and_its_report_is_kept(database, counting, done):
    assert run_due(database, counting, NOW) == "1 counted"
    assert run_due(database, counting, NOW + timedelta(minutes=59)) is None
    assert run_due(database, counting, NOW + timedelta(hours=1)) == "2 counted"
    assert runs(database) == [
        ("2026-11-03T09Z", "done", 1, "1 counted"),
        ("2026-11-03T10Z", "done", 1, "2 counted"),
    ]


def test_a_clock_that_was_away_runs_the_period_it_comes_back_in_and_no_other(sqlite, counting, done):
    run_due(sqlite, counting, NOW)
    run_due(sqlite, counting, NOW + timedelta(days=3))
    assert [period for period, *_ in runs(sqlite)] == ["2026-11-03T09Z", "2026-11-06T09Z"]


def test_a_run_that_failed_is_written_down_and_tried_again_after_a_pause(database, counting, done, caplog):
    with caplog.at_level(logging.ERROR, logger="pulse.scheduler"):
        assert run_due(database, job(failing, nightly), NOW) == "RuntimeError: the server is away"
    assert caplog.messages == ["count 2026-11-03 failed"]
    assert runs(database) == [("2026-11-03", "failed", 1, "RuntimeError: the server is away")]
    again = Job("count", nightly, counting.work)
    assert run_due(database, again, NOW + PAUSE) is None
    assert run_due(database, again, NOW + PAUSE + SECOND) == "1 counted"
    assert runs(database) == [("2026-11-03", "done", 2, "1 counted")]


def test_a_run_that_is_under_way_is_left_alone_until_its_clock_must_have_died(database, counting, done):
    with database.writing() as session:
        assert claim(session, "count", nightly(NOW), NOW)
    again = Job("count", nightly, counting.work)
    assert run_due(database, again, NOW + LEASE) is None
    assert run_due(database, again, NOW + LEASE + SECOND) == "1 counted"
    assert runs(database) == [("2026-11-03", "done", 2, "1 counted")]


def test_what_is_done_stays_done_however_long_ago(database, counting, done):
    run_due(database, counting, NOW)
    with database.writing() as session:
        assert not claim(session, "count", hourly(NOW), NOW + timedelta(days=400))


def test_jobs_and_periods_are_claimed_apart(sqlite):
    with sqlite.writing() as session:
        for name, period in (("count", "a"), ("count", "b"), ("close", "a")):
            assert claim(session, name, period, NOW)
        finish(session, "count", "a", RunState.DONE, "counted", NOW)
    with sqlite.reading() as session:
        rows = {(run.job, run.period): run.state for run in session.scalars(select(Run))}
    assert [key for key, state in rows.items() if state is RunState.DONE] == [("count", "a")]


def test_a_run_that_died_late_in_its_period_is_run_again_in_the_next(database, counting, done):
    late = NOW + timedelta(minutes=58)
    with database.writing() as session:
        assert claim(session, "count", hourly(late), late) == 1
    assert run_due(database, counting, NOW + timedelta(minutes=61)) == "1 counted"
    assert run_due(database, counting, late + LEASE + SECOND) == "2 counted"
    assert [(period, attempts) for period, _, attempts, _ in runs(database)] == [
        ("2026-11-03T09Z", 2),
        ("2026-11-03T10Z", 1),
    ]


def test_a_run_of_a_clock_that_still_beats_is_taken_over_by_nobody(database, counting, done):
    with database.writing() as session:
        beat(session, "here:1", NOW - SECOND, NOW)
        assert claim(session, "count", nightly(NOW), NOW, "here:1")
    again, later = Job("count", nightly, counting.work), NOW + LEASE + SECOND
    with database.writing() as session:
        beat(session, "here:1", NOW - SECOND, later)
    assert run_due(database, again, later) is None
    with database.writing() as session:  # as after a crash, when another process got the same name
        beat(session, "here:1", NOW + SECOND, later)
    assert run_due(database, again, later) == "1 counted"


def test_a_clock_that_fell_silent_is_taken_for_dead(sqlite, counting, done):
    with sqlite.writing() as session:
        beat(session, "here:1", NOW, NOW)
        assert claim(session, "count", nightly(NOW), NOW, "here:1")
    again = Job("count", nightly, counting.work)
    assert run_due(sqlite, again, NOW + max(LEASE, SILENT) + SECOND) == "1 counted"


# What is done once


def effects(database: Database) -> int:
    """How often the work below had its effect: rows that mean nothing else."""
    with database.reading() as session:
        return len(session.scalars(select(Beat).where(Beat.clock.like("effect%"))).all())


def effect(database: Database, *, meanwhile: Callable[[], object] = str, afterwards: object = None) -> Job:
    """Work with an effect, and what happens before it is committed, and after."""

    def work(now: datetime) -> str:
        with once(database) as session:
            beat(session, f"effect of {now}", now, now)
            session.flush()
            meanwhile()
        if afterwards is not None:
            raise RuntimeError(afterwards)
        return "had its effect"

    return job(work)


def test_an_effect_is_committed_together_with_the_note_that_its_run_is_done(database):
    assert run_due(database, effect(database, afterwards="too late"), NOW) == "RuntimeError: too late"
    assert [(state, attempts) for _, state, attempts, _ in runs(database)] == [("done", 1)]
    assert run_due(database, effect(database), NOW + LEASE + SECOND) is None
    assert effects(database) == 1


def test_an_effect_that_fails_leaves_nothing_and_is_tried_again(sqlite):
    def broken() -> None:
        raise RuntimeError("the disk is full")

    assert run_due(sqlite, effect(sqlite, meanwhile=broken), NOW) == "RuntimeError: the disk is full"
    assert effects(sqlite) == 0
    assert run_due(sqlite, effect(sqlite), NOW + PAUSE + SECOND) == "had its effect"
    assert effects(sqlite) == 1


def test_of_a_run_that_was_taken_over_the_first_has_no_effect(postgresql, caplog):
    later = NOW + LEASE + SECOND

    def overtaking() -> None:
        assert run_due(postgresql, effect(postgresql), later) == "had its effect"

    assert run_due(postgresql, effect(postgresql, meanwhile=overtaking), NOW) is None
    assert effects(postgresql) == 1
    assert [(state, attempts) for _, state, attempts, _ in runs(postgresql)] == [("done", 2)]
    assert "was taken over by another clock" in caplog.text


def test_outside_a_run_it_is_a_transaction_like_any_other(sqlite):
    with once(sqlite) as session:
        beat(session, "effect", NOW, NOW)
    assert (effects(sqlite), runs(sqlite)) == (1, [])


# Clocks that are wrong


def test_what_a_clock_ran_that_was_a_day_ahead_is_run_again_in_its_own_time(database, counting, done):
    night = Job("count", nightly, counting.work)
    tomorrow = NOW + timedelta(days=1)
    assert run_due(database, night, tomorrow) == "1 counted"
    assert run_due(database, night, NOW) == "2 counted"
    assert run_due(database, night, tomorrow) == "3 counted"
    assert run_due(database, night, tomorrow + AHEAD) is None
    assert [period for period, *_ in runs(database)] == ["2026-11-03", "2026-11-04"]


def test_a_clock_a_few_minutes_ahead_has_its_runs_left_alone(sqlite, counting, done):
    assert run_due(sqlite, counting, NOW + timedelta(hours=1)) == "1 counted"
    assert run_due(sqlite, counting, NOW + timedelta(hours=1) - AHEAD) == "2 counted"
    assert run_due(sqlite, counting, NOW + timedelta(hours=1)) is None


def test_a_machine_whose_time_is_not_the_databases_is_noticed(postgresql):
    assert not is_off(postgresql)
    for wrong in (timedelta(days=1), timedelta(days=-1)):
        with time_machine.travel(datetime.now(UTC) + wrong):
            assert is_off(postgresql)


# Two clocks


@pytest.mark.parametrize("clocks", [2, 4])
def test_of_several_threads_one_runs_each_period(database, clocks):
    work: list[str] = []
    together = threading.Barrier(clocks, timeout=20)

    def tick() -> None:
        for hour in range(PERIODS):
            together.wait()
            now = NOW + timedelta(hours=hour)
            run_due(database, job(lambda now: work.append(hourly(now)) or "done"), now)

    threads = [threading.Thread(target=tick) for _ in range(clocks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(work) == [hourly(NOW + timedelta(hours=hour)) for hour in range(PERIODS)]
    assert {(state, attempts) for _, state, attempts, _ in runs(database)} == {("done", 1)}


@pytest.fixture
def process(addresses, database) -> Iterator[Callable[..., tuple[multiprocessing.Process, Connection]]]:
    """Starts a process of its own with the database's address and one end of a pipe."""
    fresh = multiprocessing.get_context("spawn")  # forked ones would share our connections
    started = []

    def begin(target: Callable[[str, Connection], None]) -> tuple[multiprocessing.Process, Connection]:
        mine, theirs = fresh.Pipe()
        child = fresh.Process(target=target, args=(addresses.main, theirs))
        child.start()
        theirs.close()
        started.append((child, mine))
        return child, mine

    yield begin
    for child, mine in started:
        child.kill()
        child.join()
        child.close()
        mine.close()


def test_of_two_processes_one_runs_each_period(database, process):
    pipes = [process(ticking)[1] for _ in range(2)]
    assert [pipe.recv() for pipe in pipes] == ["ready", "ready"]
    reports = []
    for hour in range(PERIODS):
        for pipe in pipes:
            pipe.send(NOW + timedelta(hours=hour))
        reports.append([pipe.recv() for pipe in pipes])
    for pipe in pipes:
        pipe.send(None)
    assert [pair.count(None) for pair in reports] == [1] * PERIODS
    assert [state for _, state, *_ in runs(database)] == ["done"] * PERIODS


def test_a_run_whose_process_was_killed_is_run_again_by_another_clock(database, process, counting, done):
    child, pipe = process(dying)
    assert pipe.recv() == "begun"
    child.kill()
    child.join()
    again = Job("count", nightly, counting.work)
    assert runs(database) == [("2026-11-03", "running", 1, "")]
    assert run_due(database, again, NOW + LEASE) is None
    assert run_due(database, again, NOW + LEASE + SECOND) == "1 counted"
    assert runs(database) == [("2026-11-03", "done", 2, "1 counted")]


# The clock that looks


def test_two_started_clocks_look_at_once_and_share_the_work(database):
    work: list[datetime] = []
    together = threading.Barrier(
        3, timeout=20
    )  # both clocks and this test: nobody goes on before both have looked

    def period(now: datetime) -> str:
        together.wait()
        return hourly(NOW)

    both = [start(database, [job(lambda now: work.append(now) or "done", period)], PARIS) for _ in range(2)]
    together.wait()
    for clock in both:
        clock.shutdown(wait=True)
    assert len(work) == 1
    assert work[0].tzinfo is PARIS
    assert runs(database) == [("2026-11-03T09Z", "done", 1, "done")]


def test_a_job_that_fails_does_not_hold_up_the_others(sqlite, caplog):
    reached = threading.Event()

    def work(now: datetime) -> str:
        reached.set()
        return "done"

    clock = start(sqlite, [Job("broken", hourly, failing), Job("whole", hourly, work)], PARIS)
    assert reached.wait(20)
    clock.shutdown(wait=True)
    assert ("done", "done") in {(state, report) for _, state, _, report in runs(sqlite)}


def test_stopping_a_clock_waits_for_what_it_has_begun(sqlite):
    begun, may_end = threading.Event(), threading.Event()

    def work(now: datetime) -> str:
        begun.set()
        assert may_end.wait(20)
        return "all of it"

    clock = start(sqlite, [job(work)], PARIS)
    assert begun.wait(20)
    stopper = threading.Thread(target=clock.shutdown, kwargs={"wait": True})
    stopper.start()
    assert [state for _, state, *_ in runs(sqlite)] == ["running"]
    may_end.set()
    stopper.join()
    assert [(state, report) for _, state, _, report in runs(sqlite)] == [("done", "all of it")]


def test_a_clock_looks_every_half_minute_at_each_job_by_itself(sqlite):
    jobs = [Job(name, hourly, lambda now: "done") for name in ("open", "close")]
    clock = start(sqlite, jobs, PARIS)
    looks = {look.id: (look.trigger.interval, look.max_instances) for look in clock.get_jobs()}
    clock.shutdown(wait=True)
    assert looks == {"open": (LOOK, 1), "close": (LOOK, 1), "beat": (BEAT, 1)}


def test_a_clock_at_work_says_so_and_one_that_is_stopped_no_longer(sqlite):
    killed = NOW - timedelta(days=2)
    with sqlite.writing() as session:
        beat(session, "elsewhere:1", killed, killed)
    started, lived = datetime.now(UTC), threading.Event()
    # The job stands behind the beat: both are due at once, and there is a thread for each.
    clock = start(sqlite, [job(lambda now: lived.set() or "done")], PARIS)
    assert lived.wait(20)
    while last(sqlite) in (None, killed):
        pass
    assert started <= last(sqlite) <= datetime.now(UTC)
    clock.shutdown(wait=True)
    assert last(sqlite) is None


def last(database: Database) -> datetime | None:
    with database.reading() as session:
        return last_beat(session)


def test_a_clock_beats_in_one_row_and_forgets_those_that_were_killed_a_day_ago(database):
    for clock, moment in (("old:1", NOW - GONE - SECOND), ("here:2", NOW - BEAT), ("here:2", NOW)):
        with database.writing() as session:
            beat(session, clock, NOW - BEAT, moment)
    with database.reading() as session:
        assert [(row.clock, row.started_at, row.beaten_at) for row in session.scalars(select(Beat))] == [
            ("here:2", NOW - BEAT, NOW)
        ]


def watch(work: Callable[[datetime], str | None], every: timedelta = timedelta(hours=1)) -> Watch:
    return Watch("send", every, work)


def test_what_a_job_needs_is_imported_before_any_thread_of_the_clock(sqlite, tmp_path, monkeypatch):
    (tmp_path / "needed_late.py").write_text("import threading\nBY = threading.current_thread()\n")
    monkeypatch.syspath_prepend(tmp_path)
    clock = start(sqlite, [Job("late", nightly, lambda now: "", needs="needed_late")], PARIS)
    clock.shutdown(wait=True)
    assert sys.modules.pop("needed_late").BY is threading.current_thread()


def test_a_watch_goes_on_at_once_as_long_as_there_is_work_and_leaves_no_runs(sqlite):
    reports, done = iter(["2 sent", "1 sent", None]), threading.Event()

    def work(now: datetime) -> str | None:
        assert now.tzinfo is PARIS
        report = next(reports)
        if report is None:
            done.set()
        return report

    clock = start(sqlite, [], PARIS, [watch(work)])
    assert done.wait(20)
    clock.shutdown(wait=True)
    assert runs(sqlite) == []


def test_a_watch_that_always_has_work_stops_with_its_clock(sqlite):
    begun = threading.Event()

    def work(now: datetime) -> str:
        begun.set()
        return "1 sent"

    clock = start(sqlite, [], PARIS, [watch(work)])
    assert begun.wait(20)
    clock.shutdown(wait=True)
    assert not clock.running


def test_a_watch_that_fails_is_looked_at_again(sqlite, caplog):
    tries, again = [], threading.Event()

    def work(now: datetime) -> None:
        tries.append(now)
        if len(tries) == 1:
            raise RuntimeError("the database is away")
        again.set()

    clock = start(sqlite, [], PARIS, [watch(work, timedelta(milliseconds=10))])
    assert again.wait(20)
    clock.shutdown(wait=True)
    assert "send failed" in caplog.text


def test_a_watch_does_not_wait_for_jobs_however_many_are_at_work(sqlite):
    reached = threading.Event()
    jobs = [Job(f"long {n}", hourly, lambda now: str(reached.wait(20))) for n in range(12)]

    def work(now: datetime) -> None:
        reached.set()

    clock = start(sqlite, jobs, PARIS, [watch(work)])
    clock.shutdown(wait=True)
    assert {report for *_, report in runs(sqlite)} == {"True"}


# Periods, when clocks are set forward and back


def local(*moment: int, fold: int = 0) -> datetime:
    return datetime(*moment, tzinfo=PARIS, fold=fold)


def test_the_hour_that_autumn_repeats_is_two_periods():
    assert hourly(local(2026, 10, 25, 2, 30)) == "2026-10-25T00Z"
    assert hourly(local(2026, 10, 25, 2, 30, fold=1)) == "2026-10-25T01Z"


@pytest.mark.parametrize(("day", "hours"), [((2026, 10, 25), 25), ((2026, 3, 29), 23), ((2026, 11, 3), 24)])
def test_every_hour_of_a_day_is_a_period_and_no_other(day, hours):
    begin = local(*day).astimezone(UTC)
    end = (local(*day) + timedelta(days=1)).astimezone(UTC)
    minutes = range(0, int((end - begin).total_seconds()), 600)
    assert len({hourly((begin + timedelta(seconds=s)).astimezone(PARIS)) for s in minutes}) == hours


@pytest.mark.parametrize(
    ("moment", "night"),
    [
        (local(2026, 10, 25, 1, 59), "2026-10-24"),
        (local(2026, 10, 25, 2), "2026-10-25"),
        (local(2026, 10, 25, 2, 59), "2026-10-25"),
        (local(2026, 10, 25, 2, fold=1), "2026-10-25"),
        (local(2026, 10, 26, 1, 59), "2026-10-25"),
        (local(2026, 3, 29, 1, 59), "2026-03-28"),
        (local(2026, 3, 29, 3), "2026-03-29"),  # the minute after 01:59: there is no 02:00 that day
        (local(2026, 12, 31, 23), "2026-12-31"),
        (local(2027, 1, 1, 1, 59), "2026-12-31"),
        (local(2027, 1, 1, 2), "2027-01-01"),
    ],
)
def test_a_night_begins_at_two_by_the_wall_clock(moment, night):
    assert nightly(moment) == night


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    st.timedeltas(timedelta(0), timedelta(hours=3)),
    st.sampled_from(ZONES),
    st.sampled_from([hourly, nightly]),
)
def test_time_never_goes_back_to_an_earlier_period(moment, later, zone, period):
    assert period(moment.astimezone(zone)) <= period((moment + later).astimezone(zone))


def test_each_day_of_a_year_has_its_night_in_every_zone():
    for zone in ZONES:
        begin = datetime(2026, 1, 1, 2, tzinfo=zone).astimezone(UTC)
        nights = {
            nightly((begin + timedelta(minutes=30 * step)).astimezone(zone)) for step in range(365 * 48)
        }
        assert len(nights) == 365, zone
