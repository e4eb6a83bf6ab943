"""What Prometheus reads: figures of the whole installation, out of the database, whichever worker answers.

No figure follows employees: nothing of an open wave, nothing of its reminders or of links to sign in, no
processor time, no size of a file and no number of connections in use, which would beat with each ballot. What
customers send is counted by whole hours that are over. No label is a person, a path, a token or a touchpoint.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import QueuePool, Select, func, select
from sqlalchemy.orm import Session

from pulse import db
from pulse.months import month_of, shifted
from pulse.outbox.models import Message, MessageState
from pulse.scheduler import Job
from pulse.verdicts.models import Flag, FlagState
from pulse.webhooks.models import Delivery, DeliveryState
from surveys.delivery import mailings
from surveys.delivery.models import Trouble
from surveys.invitations.models import Interaction, Outcome
from surveys.responses.models import Door, Held, Response
from surveys.watching import alerts, findings, refusals, running, work
from surveys.watching.check import Check, State

TYPE = "text/plain; version=0.0.4; charset=utf-8"
WINDOWS = {"hour": timedelta(hours=1), "day": timedelta(days=1)}
ASKED = (MessageState.QUEUED, MessageState.IN_DOUBT, MessageState.FAILED)


class Figures(Collector):
    """All figures of a moment.

    checks -- whether this web server could do its work; where one fails, nothing else is told
    """

    def __init__(
        self, now: datetime, jobs: Sequence[Job], checks: Sequence[Check], *, zone: ZoneInfo
    ) -> None:
        self._now, self._jobs, self._checks, self._zone = now, jobs, checks, zone

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Each figure with all of its labels."""
        yield of("ready", "1 where a check is passed that answering needs.", "check", self._ready())
        if any(check.state is State.FAILING and check.name != "clock" for check in self._checks):
            return
        with db.reading() as session:
            yield from _of_customers(self._now)
            for of_one in (_refusals, _messages, _news, _flags, _alerts):
                yield from of_one(session, self._now)
            yield from _jobs(
                session, self._now, running.standings(session, self._now, self._jobs, self._zone)
            )
            yield from _clocks(session, self._now)
        yield from _connections()

    def _ready(self) -> dict[str, float]:
        return {check.name: float(check.state is not State.FAILING) for check in self._checks}


def page(figures: Figures) -> bytes:
    """The figures as Prometheus reads them."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(figures)
    return generate_latest(registry)


def of(name: str, meaning: str, label: str, values: dict[str, float]) -> GaugeMetricFamily:
    """A figure with one label; without any where it is empty."""
    family = GaugeMetricFamily(f"pulse_{name}", meaning, labels=[label] if label else [])
    for value, number in values.items():
        family.add_metric([value] if label else [], number)
    return family


def alone(name: str, meaning: str, value: float | None) -> GaugeMetricFamily:
    """A figure without a label; left out where it is not known."""
    return of(name, meaning, "", {} if value is None else {"": value})


def _age(now: datetime, moment: datetime | None) -> float | None:
    return None if moment is None else max((now - moment).total_seconds(), 0.0)


def _in_windows(name: str, meaning: str, label: str, counts: dict[str, dict[str, int]]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"pulse_{name}", meaning, labels=[label, "window"])
    for window, found in counts.items():
        for value, number in found.items():
            family.add_metric([value, window], number)
    return family


@dataclass(frozen=True)
class Customers:
    """What customers did in windows of whole hours: answers by door, those held by reason, interactions."""

    answers: dict[str, dict[str, int]]
    held: dict[str, dict[str, int]]
    interactions: dict[str, dict[str, int]]


def customers(now: datetime) -> Customers:
    """What customers did in the whole hours that are over now."""
    return _customers(str(db.main.engine.url), refusals.whole(now))


@lru_cache(maxsize=4)  # an hour that is over is counted once by each process: it may be a million rows
def _customers(url: str, end: datetime) -> Customers:
    """What customers did up to a whole hour.

    url -- of the database: a process may have seen another one before
    """
    found = Customers({}, {}, {})
    with db.reading() as session:
        for window, length in WINDOWS.items():
            found.answers[window] = {door.value: 0 for door in Door}
            found.held[window] = {reason.value: 0 for reason in Held}
            for door, reason, number in session.execute(_answers(end - length, end)):
                if reason is None:
                    found.answers[window][door.value] += number
                else:
                    found.held[window][reason.value] += number
            outcomes: dict[Outcome, int] = dict(session.execute(_interactions(end - length, end)).all())
            found.interactions[window] = {outcome.value: outcomes.get(outcome, 0) for outcome in Outcome}
    return found


def _answers(begin: datetime, end: datetime) -> Select[Door, Held | None, int]:
    return (
        select(Response.door, Response.held, func.count())
        .where(Response.month >= shifted(month_of(end.date()), -1))  # by an index; the hours lie within
        .where(Response.answered_at >= begin, Response.answered_at < end)
        .group_by(Response.door, Response.held)
    )


def _interactions(begin: datetime, end: datetime) -> Select[Outcome, int]:
    return (
        select(Interaction.outcome, func.count())
        .where(Interaction.received_at >= begin, Interaction.received_at < end)
        .group_by(Interaction.outcome)
    )


def _of_customers(now: datetime) -> Iterator[GaugeMetricFamily]:
    found = _customers(str(db.main.engine.url), refusals.whole(now))
    hours = "in the last whole hour, and in the last 24 of them"
    yield _in_windows("customer_answers", f"Customers' answers that count, {hours}.", "door", found.answers)
    yield _in_windows(
        "customer_answers_held", f"Customers' answers kept apart, {hours}.", "reason", found.held
    )
    meaning = f"Interactions by what they led to, {hours}."
    yield _in_windows("interactions", meaning, "outcome", found.interactions)


def _refusals(session: Session, now: datetime) -> Iterator[GaugeMetricFamily]:
    end = refusals.whole(now)
    counts = {
        window: {turned.value: n for turned, n in refusals.since(session, end - length, end).items()}
        for window, length in WINDOWS.items()
    }
    meaning = (
        "Customers, programs and readers turned away in the last whole hour, and in the last 24 of them."
    )
    yield _in_windows("refusals", meaning, "reason", counts)


def _messages(session: Session, now: datetime) -> Iterator[GaugeMetricFamily]:
    rows = (
        select(Message.state, func.count())
        .where(Message.state.in_(ASKED), Message.urgent == False, *mailings.countable())  # noqa: E712
        .group_by(Message.state)
    )
    found: dict[MessageState, int] = dict(session.execute(rows).all())
    yield of(
        "messages",
        "Messages by where they stand; without reminders of a wave and links to sign in.",
        "state",
        {state.value: float(found.get(state, 0)) for state in ASKED},
    )
    oldest = _age(now, findings.oldest_message(session))
    yield alone("oldest_message_seconds", "How long the message waits that is due longest.", oldest or 0.0)
    failing = {
        trouble.channel: _age(now, trouble.since) or 0.0 for trouble in session.scalars(select(Trouble))
    }
    yield of("channel_failing_seconds", "Since when a channel's server has failed.", "channel", failing)


def _news(session: Session, now: datetime) -> Iterator[GaugeMetricFamily]:
    rows = select(Delivery.state, func.count()).group_by(Delivery.state)
    found: dict[DeliveryState, int] = dict(session.execute(rows).all())
    told = (DeliveryState.QUEUED, DeliveryState.FAILED)
    yield of(
        "webhook_deliveries",
        "News for other programs by where it stands.",
        "state",
        {state.value: float(found.get(state, 0)) for state in told},
    )
    oldest = _age(now, findings.oldest_news(session))
    yield alone("oldest_webhook_delivery_seconds", "How long news is due that waits longest.", oldest or 0.0)


def _flags(session: Session, now: datetime) -> Iterator[GaugeMetricFamily]:
    rows = select(Flag.state, func.count()).where(Flag.state != FlagState.CLOSED).group_by(Flag.state)
    found: dict[FlagState, int] = dict(session.execute(rows).all())
    states = [state for state in FlagState if state is not FlagState.CLOSED]
    counts = {state.value: float(found.get(state, 0)) for state in states}
    yield of("flags", "Flags that are not closed, by how far their follow-up has come.", "state", counts)
    last = _age(now, findings.last_correlation(session))
    yield alone("correlation_age_seconds", "Since the last correlation that succeeded began.", last)


def _alerts(session: Session, now: datetime) -> Iterator[GaugeMetricFamily]:
    counts: dict[str, float] = {}
    for alert in alerts.standing(session):
        counts[alert.kind] = counts.get(alert.kind, 0) + 1
    yield of("alerts", "What administrators were warned of and is not over.", "kind", counts)
    backup = _age(now, work.last_backup(session))
    yield alone("backup_age_seconds", "Since the last backup was made.", backup)


def _jobs(
    session: Session, now: datetime, standings: Sequence[running.Standing]
) -> Iterator[GaugeMetricFamily]:
    ages = {one.job: _age(now, one.succeeded) for one in standings}
    yield of(
        "job_age_seconds",
        "Since the last run of a job that succeeded began.",
        "job",
        {job: age for job, age in ages.items() if age is not None},
    )
    yield of(
        "job_failures",
        "How often in a row a job has failed.",
        "job",
        {one.job: float(one.failures) for one in standings},
    )
    yield of(
        "job_late",
        "1 where a job has not run when it should.",
        "job",
        {one.job: float(one.late) for one in standings},
    )


def _clocks(session: Session, now: datetime) -> Iterator[GaugeMetricFamily]:
    ages = [_age(now, beat.beaten_at) or 0.0 for beat in running.beats(session)]
    at_work = sum(age < running.SILENT.total_seconds() for age in ages)
    yield alone("clocks", "Clocks at work.", float(at_work))


def _connections() -> Iterator[GaugeMetricFamily]:
    pool = db.main.engine.pool
    if isinstance(pool, QueuePool):
        kept = pool.size(), pool.checkedin() + pool.checkedout()
        yield of(
            "db_connections",
            "Connections of the worker that answers: how many it keeps, how many are open, used or not.",
            "which",
            {"kept": float(kept[0]), "open": float(kept[1])},
        )
