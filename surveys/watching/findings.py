"""What is wrong just now, of what somebody has to be told of.

Of an open wave one thing alone: whether in most ballot units fewer than a quarter have drawn a ballot when
two thirds of its time are over. It is looked at once, so that neither the moment when that changes nor any
figure finer than the bands of participation is to be seen (privacy.md §3, rule 3).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pulse.ledger.rounding import Participation, participation
from pulse.months import parsed, written
from pulse.outbox.models import Message, MessageState
from pulse.scheduler import Job, Run, RunState
from pulse.webhooks.models import Delivery, DeliveryState
from surveys.delivery import mailings
from surveys.delivery.models import Trouble
from surveys.watching import running
from surveys.watching.check import Check, State
from surveys.watching.models import Alert, Kind
from surveys.waves import rosters
from surveys.waves.models import Wave, WaveState

CORRELATION = "correlate"
TWO_DAYS = timedelta(days=2)
STUCK = timedelta(hours=1)  # what is due for so long...
STILL = timedelta(minutes=30)  # ...while nothing leaves for so long
DOWN = timedelta(minutes=30)  # a server that fails for so long does not come back by itself
TWO_THIRDS = 2 / 3
# Warned of as soon as they are not quite well; others, once they fail.
EARLY = {"disk", "backup", "time"}
TOLD_OTHERWISE = {"jobs", "messages", "clock", "stopping", "mail"}


@dataclass(frozen=True)
class Finding:
    """Something is wrong: what, and with what."""

    kind: Kind
    subject: str


def findings(
    session: Session, now: datetime, jobs: Sequence[Job], checks: Iterable[Check], *, zone: ZoneInfo
) -> list[Finding]:
    """Everything that is wrong now, but for waves.

    checks -- what was found on the machine that looks
    """
    return [
        *_of_jobs(session, now, jobs, zone),
        *_no_correlation(session, now),
        *_messages(session, now),
        *_news(session, now),
        *_channels(session, now),
        *(Finding(Kind.CHECK, check.name) for check in checks if _is_wrong(check)),
    ]


def _is_wrong(check: Check) -> bool:
    if check.name in TOLD_OTHERWISE:
        return False
    return check.state is State.FAILING or (check.state is State.WARNING and check.name in EARLY)


def _of_jobs(session: Session, now: datetime, jobs: Sequence[Job], zone: ZoneInfo) -> Iterator[Finding]:
    for job in running.standings(session, now, jobs, zone):
        if job.fails:
            yield Finding(Kind.JOB_FAILED, job.job)
        elif job.late:
            yield Finding(Kind.JOB_LATE, job.job)


def last_correlation(session: Session) -> datetime | None:
    """When the correlation that succeeded last began."""
    done = Run.job == CORRELATION, Run.state == RunState.DONE
    return session.scalar(select(func.max(Run.claimed_at)).where(*done))


def _no_correlation(session: Session, now: datetime) -> Iterator[Finding]:
    since = last_correlation(session) or session.scalar(select(func.min(Run.claimed_at)))
    if since is not None and since < now - TWO_DAYS:
        yield Finding(Kind.NO_CORRELATION, "")


def oldest_message(session: Session) -> datetime | None:
    """Since when the message is due that has waited longest, of those that may be counted."""
    waiting = Message.state == MessageState.QUEUED, Message.urgent == False  # noqa: E712
    return session.scalar(select(func.min(Message.due_at)).where(*waiting, *mailings.countable()))


def _messages(session: Session, now: datetime) -> Iterator[Finding]:
    oldest = oldest_message(session)
    if oldest is None or oldest > now - STUCK:
        return
    lately = select(func.max(Message.claimed_at)).where(*mailings.countable())
    last = session.scalar(lately)
    if last is None or last < now - STILL:
        yield Finding(Kind.MESSAGES_WAIT, "")


def oldest_news(session: Session) -> datetime | None:
    """Since when the news for another program is due that has waited longest."""
    return session.scalar(select(func.min(Delivery.due_at)).where(Delivery.state == DeliveryState.QUEUED))


def _news(session: Session, now: datetime) -> Iterator[Finding]:
    oldest = oldest_news(session)
    if oldest is not None and oldest < now - STUCK:
        yield Finding(Kind.NEWS_WAIT, "")


def _channels(session: Session, now: datetime) -> Iterator[Finding]:
    for channel in session.scalars(
        select(Trouble.channel).where(Trouble.since < now - DOWN).order_by(Trouble.channel)
    ):
        yield Finding(Kind.CHANNEL_FAILS, channel)


def of_waves(session: Session, now: datetime) -> Iterator[Finding]:
    """What is found of each wave that is two thirds over and was not looked at before: few, or enough."""
    known = {parsed(month) for month in looked_at(session)}
    waves = select(Wave).where(Wave.state == WaveState.OPEN, Wave.opens_at <= now, Wave.closes_at > now)
    for wave in session.scalars(waves.order_by(Wave.month)):
        moment = wave.opens_at + TWO_THIRDS * (wave.closes_at - wave.opens_at)
        if wave.month not in known and now >= moment:
            few = Kind.FEW_ANSWERS if has_few(session, wave) else Kind.ENOUGH_ANSWERS
            yield Finding(few, written(wave.month))


def looked_at(session: Session) -> set[str]:
    """The months whose wave was looked at."""
    looks = Alert.kind.in_((Kind.FEW_ANSWERS.value, Kind.ENOUGH_ANSWERS.value))
    return set(session.scalars(select(Alert.subject).where(looks)))


def has_few(session: Session, wave: Wave) -> bool:
    """Whether in most ballot units fewer than a quarter took part so far, by the bands that months show."""
    bands = [participation(*unit) for unit in rosters.participation(session, wave).values()]
    told = [band for band in bands if band is not None]
    return 2 * told.count(Participation.UNDER_25) > len(told)


def is_running(session: Session, month: str, now: datetime) -> bool:
    """Whether the wave of a month can still be drawn from: what was found of it is of no use afterwards."""
    wave = session.scalar(select(Wave).where(Wave.month == parsed(month)))
    return wave is not None and wave.state is WaveState.OPEN and wave.closes_at > now
