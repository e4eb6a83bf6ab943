"""Administrators are told once of what is wrong, and once that it is over."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

import config
from pulse import db
from pulse.db import Database
from pulse.outbox.models import Message, MessageState
from pulse.outbox.service import enqueue
from pulse.people import service as people
from pulse.people.models import Grant
from pulse.scheduler import Beat, Job, Run, RunState, hourly, nightly
from pulse.webhooks.models import Delivery, DeliveryState, Webhook
from surveys.delivery.models import Trouble
from surveys.watching import alerts, findings, refusals, running, watch
from surveys.watching.check import Check, State
from surveys.watching.findings import Finding
from surveys.watching.models import Alert, Kind
from surveys.waves.models import Issued, Wave
from tests.conftest import SECRET
from tests.surveys.conftest import OPENS, OVER, PARIS, Railway, opened

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
JOBS = [Job("correlate", nightly, str), Job("make keys", hourly, str)]
DISK = Check("disk", State.WARNING, "Little room", "Make some.")
FEW, ENOUGH = Kind.FEW_ANSWERS, Kind.ENOUGH_ANSWERS


def ran(session: Session, job: Job, at: datetime, state: RunState = RunState.DONE, attempts: int = 1) -> None:
    """A run of a job, begun at a moment."""
    run = Run(job=job.name, period=job.period(at.astimezone(PARIS)), state=state, attempts=attempts)
    run.claimed_at, run.finished_at, run.report = at, at, "ValueError: of ana@example.org"
    session.add(run)
    session.flush()


def awake(session: Session, now: datetime = NOW, since: timedelta = HOUR) -> None:
    """A clock that has been at work for a while."""
    session.merge(Beat(clock="a:1", started_at=now - since, beaten_at=now))
    session.flush()


def admin(session: Session, email: str = "ada@example.org", language: str = "en") -> None:
    people.grant(session, people.add(session, email, language=language), Grant.ADMIN)


def found(session: Session, now: datetime = NOW, checks: Sequence[Check] = ()) -> set[tuple[Kind, str]]:
    return {(one.kind, one.subject) for one in findings.findings(session, now, JOBS, checks, zone=PARIS)}


def look(
    database: Database, now: datetime, *wrong: Finding, waves: Sequence[Finding] = (), to: Sequence[str] = ()
) -> tuple[int, int]:
    """One pass of a clock that found these things wrong."""
    with database.writing() as session:
        readers = alerts.readers(session, to, "en")
        return alerts.watch(session, now, wrong, waves, lambda: [DISK], readers, site_url="https://p.example")


def mails(database: Database) -> list[tuple[str, str]]:
    with database.reading() as session:
        return [(row.recipient, row.subject) for row in session.scalars(select(Message).order_by(Message.id))]


def test_a_trouble_is_mailed_once_and_once_more_when_it_has_been_over_for_a_while(database: Database) -> None:
    late = Finding(Kind.JOB_LATE, "make keys")
    with database.writing() as session:
        admin(session)
        admin(session, "bea@example.org", "fr")
        people.add(session, "eve@example.org")
    minutes = [timedelta(minutes=5 * n) for n in range(12)]

    assert [look(database, NOW + m, late) for m in minutes[:3]] == [(1, 0), (0, 0), (0, 0)]
    subject = "Needs you: A job has not run when it should: Make the keys of the next ballots"
    assert [mail for mail in mails(database) if mail[0] != "bea@example.org"] == [
        ("ada@example.org", subject)
    ]
    assert len(mails(database)) == 2
    assert mails(database)[1][1] != subject  # Béa reads French

    # It comes and goes: nobody is told that it is over before it really is.
    assert look(database, NOW + minutes[3]) == (0, 0)
    assert look(database, NOW + minutes[4], late) == (0, 0)
    assert [look(database, NOW + m) for m in minutes[5:10]] == [(0, 0), (0, 0), (0, 0), (0, 1), (0, 0)]
    assert len(mails(database)) == 4
    assert mails(database)[2][1].startswith("Well again: A job has not run")

    # The same again is another trouble.
    assert look(database, NOW + minutes[10], late) == (1, 0)
    assert len(mails(database)) == 6


def test_of_several_clocks_one_warns(database: Database) -> None:
    together = Barrier(4)

    def clock(number: int) -> tuple[int, int]:
        together.wait()
        moment = NOW + timedelta(seconds=number)
        return look(database, moment, Finding(Kind.CHANNEL_FAILS, "sms"), to=["it@example.org"])

    with ThreadPoolExecutor(4) as clocks:
        assert sorted(clocks.map(clock, range(4))) == [(0, 0), (0, 0), (0, 0), (1, 0)]
    assert len(mails(database)) == 1


def test_several_troubles_at_once_go_in_one_mail_with_what_to_do(sqlite: Database) -> None:
    wrong = [Finding(Kind.CHECK, "disk"), Finding(Kind.CHANNEL_FAILS, "sms")]
    assert look(sqlite, NOW, *wrong, to=["it@example.org", "on-call@example.org"]) == (2, 0)
    assert mails(sqlite) == [
        (address, "Needs you: Disk space, and 1 more")
        for address in ("it@example.org", "on-call@example.org")
    ]
    with sqlite.reading() as session:
        text = session.scalars(select(Message.text)).first()
    assert "Little room. Make some." in text
    assert "the SMS gateway fails" in text
    assert text.endswith("Open the status page\nhttps://p.example/status\n")


def test_a_job_is_late_when_no_period_of_the_last_hours_is_done_and_a_clock_could_have_run_it(
    database: Database,
) -> None:
    with database.writing() as session:
        ran(session, JOBS[0], NOW - 5 * HOUR)
        ran(session, JOBS[1], NOW - 5 * HOUR)
        assert found(session) == set()  # no clock is at work: that is another trouble, told by /readyz
        awake(session, since=timedelta(minutes=5))
        assert found(session) == set()  # it has just come back
        awake(session)
        assert found(session) == {(Kind.JOB_LATE, "make keys")}
        ran(session, JOBS[1], NOW, RunState.RUNNING)
        assert found(session) == set()
        assert found(session, NOW + 7 * HOUR) == set()
        awake(session, NOW + 7 * HOUR)
        assert found(session, NOW + 7 * HOUR) == {(Kind.JOB_LATE, "make keys")}  # it hangs


def test_a_job_that_failed_three_times_is_told_by_the_kind_of_error_alone(database: Database) -> None:
    with database.writing() as session:
        awake(session)
        ran(session, JOBS[0], NOW - HOUR)
        ran(session, JOBS[1], NOW - 2 * HOUR, RunState.FAILED)
        ran(session, JOBS[1], NOW - HOUR, RunState.FAILED, attempts=1)
        assert found(session) == {(Kind.JOB_LATE, "make keys")}
        ran(session, JOBS[1], NOW, RunState.FAILED)
        assert found(session) == {(Kind.JOB_FAILED, "make keys")}
        standing = running.standings(session, NOW, JOBS, PARIS)[1]
        assert (standing.failures, standing.error, standing.succeeded) == (3, "ValueError", None)
        ran(session, JOBS[1], NOW + HOUR)
        assert running.standings(session, NOW, JOBS, PARIS)[1].failures == 0


def test_two_days_without_a_correlation_are_told(database: Database) -> None:
    with database.writing() as session:
        ran(session, JOBS[0], NOW - 47 * HOUR)
        assert found(session) == set()
        assert found(session, NOW + 2 * HOUR) == {(Kind.NO_CORRELATION, "")}


def test_an_installation_that_never_concluded_anything_is_told_after_two_days(sqlite: Database) -> None:
    with sqlite.writing() as session:
        ran(session, JOBS[1], NOW)
        assert found(session, NOW + 47 * HOUR) == set()
        assert found(session, NOW + 49 * HOUR) == {(Kind.NO_CORRELATION, "")}


def test_a_queue_is_stuck_when_something_waits_and_nothing_leaves(database: Database) -> None:
    with database.writing() as session:
        words = {"channel": "email", "subject": "s", "text": "t", "now": NOW - 2 * HOUR}
        enqueue(session, key="wave:2026-11:person:reminder:1:7", recipient="a@example.org", **words)
        enqueue(session, key="sign-in:9", recipient="a@example.org", urgent=True, **words)
        assert found(session) == set()  # whether such wait would tell who has not answered, and who is here
        enqueue(session, key="weekly:2026-11-16:person:7", recipient="a@example.org", **words)
        assert found(session) == {(Kind.MESSAGES_WAIT, "")}
        enqueue(session, key="weekly:2026-11-16:person:8", recipient="b@example.org", **words)
        sent = update(Message).where(Message.recipient == "b@example.org")
        session.execute(sent.values(state=MessageState.SENT, claimed_at=NOW - timedelta(minutes=5)))
        assert found(session) == set()  # a long mailing under way
        session.add(Trouble(channel="sms", since=NOW - HOUR, times=3, until=NOW, error="500"))
        session.flush()
        assert found(session) == {(Kind.CHANNEL_FAILS, "sms")}


def test_news_for_another_program_that_does_not_arrive_is_told(database: Database) -> None:
    with database.writing() as session:
        hook = Webhook(name="BI", url="https://bi.example.org/in", events=[], sealed="", made_at=NOW)
        hook.made_by = hook.stopped_at = None
        session.add(hook)
        session.flush()
        news = Delivery(id="1", webhook_id=hook.id, key="k", event="flag", body="{}", attempts=3)
        news.state, news.queued_at, news.due_at = DeliveryState.QUEUED, NOW - 3 * HOUR, NOW - 2 * HOUR
        news.claimed_at = news.delivered_at = news.status = news.error = None
        session.add(news)
        session.flush()
        assert found(session) == {(Kind.NEWS_WAIT, "")}


def test_of_checks_those_that_fail_are_told_and_of_a_few_the_first_signs(sqlite: Database) -> None:
    checks = [DISK, replace(DISK, name="proxies"), replace(DISK, name="roles", state=State.FAILING)]
    checks += [replace(DISK, name="clock", state=State.FAILING), replace(DISK, name="backup", state=State.OK)]
    with sqlite.reading() as session:
        assert found(session, checks=checks) == {(Kind.CHECK, "disk"), (Kind.CHECK, "roles")}


@pytest.fixture
def wave(railway: Railway, database: Database) -> Wave:
    """The November wave, open: twelve people in the north, fourteen in the south, three and one beside."""
    with database.writing() as session:
        session.expire_on_commit = False
        return opened(session, OPENS)


def drew(database: Database, wave: Wave, railway: Railway, *numbers: int) -> None:
    with database.writing() as session:
        for number in numbers:
            session.add(Issued(wave_id=wave.id, person_id=railway.people[number].id, request=bytes(32)))


def of_waves(database: Database, now: datetime) -> list[tuple[Kind, str]]:
    with database.reading() as session:
        return [(one.kind, one.subject) for one in findings.of_waves(session, now)]


def test_a_wave_with_few_answers_is_looked_at_once_at_two_thirds_of_its_time(
    database: Database, railway: Railway, wave: Wave
) -> None:
    two_thirds = OPENS + 2 / 3 * (OVER - timedelta(minutes=30) - OPENS)
    assert of_waves(database, two_thirds - HOUR) == []
    late = two_thirds + HOUR
    assert of_waves(database, late) == [(FEW, "2026-11")]
    assert look(database, late, waves=[Finding(FEW, "2026-11")], to=["it@example.org"]) == (1, 0)
    assert mails(database)[0][1] == "Needs you: Few have taken part in the wave of November 2026 so far"

    # However many answer from now on: nothing is looked at, said or mailed again.
    drew(database, wave, railway, *range(30))
    assert of_waves(database, late + HOUR) == []
    assert [look(database, late + n * HOUR, to=["it@example.org"]) for n in range(1, 4)] == [(0, 0)] * 3
    # What another clock found meanwhile is dropped, whatever it is.
    assert look(database, late + HOUR, waves=[Finding(ENOUGH, "2026-11")]) == (0, 0)
    assert look(database, OVER, to=["it@example.org"]) == (0, 0)
    assert len(mails(database)) == 1
    with database.reading() as session:
        assert [(row.kind, row.told_over) for row in session.scalars(select(Alert))] == [(FEW.value, True)]


def test_a_wave_with_enough_answers_is_written_down_as_looked_at_and_never_told(
    database: Database, railway: Railway, wave: Wave
) -> None:
    drew(database, wave, railway, *range(1, 30, 3))  # every third in each unit: over a quarter
    late = OPENS + timedelta(days=22)
    assert of_waves(database, late) == [(ENOUGH, "2026-11")]
    assert look(database, late, waves=[Finding(ENOUGH, "2026-11")], to=["it@example.org"]) == (0, 0)
    assert of_waves(database, late + HOUR) == []
    with database.reading() as session:
        assert (alerts.standing(session), alerts.past(session, 10), mails(database)) == ([], [], [])


@pytest.fixture
def keyed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The settings of this process have a secret key."""
    monkeypatch.setenv("PULSE_SECRET_KEY", SECRET)
    config.settings.cache_clear()
    yield
    monkeypatch.undo()
    config.settings.cache_clear()


def test_the_clock_looks_at_everything_and_warns(app: Flask, keyed: None) -> None:
    with db.writing() as session:
        admin(session)
        ran(session, JOBS[0], NOW - 60 * HOUR)
    assert watch.over(NOW, jobs=lambda: JOBS) == "1 warnings, 0 over"
    assert watch.over(NOW, jobs=lambda: JOBS) is None
    assert mails(db.main) == [("ada@example.org", "Needs you: Nothing has been concluded for two days")]
    with db.writing() as session:
        session.execute(update(Message).values(state=MessageState.SENT, sent_at=NOW))
        session.execute(update(Alert).values(over_at=NOW, told_over=True))
        refusals._add(session, NOW, refusals.Turned.LINK, 2)
    assert watch.forget(NOW + timedelta(days=29)) == "0 warnings and 0 runs forgotten"
    assert len(mails(db.main)) == 1
    assert watch.forget(NOW + timedelta(days=366)) == "1 warnings and 1 runs forgotten"
    assert mails(db.main) == []


def test_every_job_has_a_name_that_people_understand(app: Flask) -> None:
    from surveys.watching import wording

    works = [*app.extensions["pulse.jobs"], *app.extensions["pulse.watches"]]
    assert [work.name for work in works if work.name not in wording.JOBS] == []
    assert {kind for kind in Kind if wording.HEADLINES.keys() >= {kind}} == set(Kind)
