"""What the status page tells administrators. Nothing on it counts employees, or follows an open wave."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from config import Settings, settings
from pulse import db
from pulse.i18n import day
from pulse.i18n import gettext as _
from pulse.scheduler import Job, RunState, Watch, hourly, nightly, weekly
from surveys.watching import alerts, findings, metrics, refusals, running, wording
from surveys.watching.check import Check, State
from surveys.watching.models import Alert, Kind
from surveys.watching.running import Standing

PAST = 10  # warnings that are over, at most
A_DAY = timedelta(days=1)
# What a check says in one line, warnings say each by itself.
SAID_BY = {
    "jobs": {Kind.JOB_LATE, Kind.JOB_FAILED},
    "messages": {Kind.MESSAGES_WAIT, Kind.CHANNEL_FAILS},
}


@dataclass(frozen=True)
class Matter:
    """Something that wants a look: what, since when, and what to do."""

    state: State
    title: str
    said: str
    since: str = ""


@dataclass(frozen=True)
class Line:
    """A job as it is told: what it does, how often, when it last ran, how that went."""

    title: str
    often: str
    last: str
    state: State
    said: str


@dataclass(frozen=True)
class Told:
    """What the databases tell.

    answers, turned -- customers' answers, and customers and programs turned away, in the last 24 whole hours
    concluded -- when verdicts were last concluded; past -- warnings that are over, with when they were
    """

    matters: Sequence[Matter]
    jobs: Sequence[Line]
    clocks: Sequence[tuple[str, str, bool]]
    watches: Sequence[str]
    answers: int
    turned: int
    concluded: str
    past: Sequence[tuple[str, str, str]]


def told(
    now: datetime, jobs: Sequence[Job], watches: Sequence[Watch], known: Settings, checks: Sequence[Check]
) -> Told:
    """Everything the page tells out of the main database, in the language being spoken."""
    with db.reading() as session:
        warnings = alerts.standing(session)
        standings = running.standings(session, now, jobs, known.zone)
        concluded = findings.last_correlation(session)
        return Told(
            matters=matters(checks, warnings),
            jobs=[_line(job, one) for job, one in zip(jobs, standings, strict=True)],
            clocks=list(_clocks(session, now)),
            watches=[wording.job(watch.name) for watch in watches],
            answers=sum(metrics.customers(now).answers["day"].values()),
            turned=_turned(session, now),
            concluded=moment(concluded) if concluded else "",
            past=[_past(alert) for alert in alerts.past(session, PAST)],
        )


def matters(checks: Iterable[Check], warnings: Sequence[Alert]) -> list[Matter]:
    """What wants a look, what fails first: checks that are not well, and what was warned of besides."""
    return sorted(_matters(checks, warnings), key=lambda one: one.state is not State.FAILING)


def _matters(checks: Iterable[Check], warnings: Sequence[Alert]) -> Iterator[Matter]:
    kinds = {Kind(alert.kind) for alert in warnings}
    since = {alert.subject: moment(alert.since) for alert in warnings if alert.kind == Kind.CHECK.value}
    for check in checks:
        if check.state is not State.OK and not SAID_BY.get(check.name, set()) & kinds:
            said = f"{check.said}. {check.advice}".strip()
            yield Matter(check.state, check.title, said, since.get(check.name, ""))
    for alert in warnings:
        if alert.kind != Kind.CHECK.value:
            state = State.WARNING if alert.kind == Kind.FEW_ANSWERS.value else State.FAILING
            advice = wording.advice(Kind(alert.kind), alert.subject, {})
            yield Matter(state, alerts.headline(alert), advice, moment(alert.since))


def moment(at: datetime, now: datetime | None = None) -> str:
    """A moment in words, by the organisation's clock: today at 14:05, 3 March 2025 at 02:00."""
    here, today = (each.astimezone(settings().zone) for each in (at, now or datetime.now(UTC)))
    time = f"{here:%H:%M}"
    if here.date() == today.date():
        return _("today at %(time)s", time=time)
    if here.date() == today.date() - A_DAY:
        return _("yesterday at %(time)s", time=time)
    return _("%(day)s at %(time)s", day=day(here.date()), time=time)


def _often(job: Job) -> str:
    words: Mapping[object, str] = {
        hourly: _("every hour"),
        nightly: _("every night"),
        weekly: _("every Monday"),
    }
    return words.get(job.period, "")


def _line(job: Job, one: Standing) -> Line:
    state, said = _how(one)
    last = moment(one.began) if one.began else _("never")
    return Line(wording.job(job.name), _often(job), last, state, said)


def _how(one: Standing) -> tuple[State, str]:
    if one.fails:
        return State.FAILING, _("fails again and again (%(error)s)", error=one.error or "?")
    if one.late:
        return State.FAILING, _("late")
    if one.state is RunState.FAILED:
        return State.WARNING, _("failed, tried again soon (%(error)s)", error=one.error)
    if one.state is RunState.RUNNING:
        return State.OK, _("at work")
    return State.OK, _("done") if one.state else _("not yet")


def _clocks(session: Session, now: datetime) -> Iterator[tuple[str, str, bool]]:
    """Each clock by machine and process: since when it runs, and whether it is at work."""
    for beat in running.beats(session):
        yield beat.clock, moment(beat.started_at), beat.beaten_at > now - running.SILENT


def _turned(session: Session, now: datetime) -> int:
    end = refusals.whole(now)
    return sum(refusals.since(session, end - A_DAY, end).values())


def _past(alert: Alert) -> tuple[str, str, str]:
    return alerts.headline(alert), moment(alert.since), moment(alert.over_at or alert.since)
