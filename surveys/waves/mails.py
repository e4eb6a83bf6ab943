"""The mail that tells people that the month's wave is open."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import String, cast, exists, func, select
from sqlalchemy.orm import Session

from pulse.i18n import day, gettext, month, ngettext, number, speaking
from pulse.months import written
from pulse.outbox.models import Message
from pulse.outbox.service import enqueue
from pulse.people.models import Membership, Person
from surveys.waves.calendar import in_working_hours
from surveys.waves.models import Wave, WaveQuestion, WaveTeam
from surveys.waves.service import current

AT_ONCE = 2000  # mails queued in one transaction: answers being sent in meanwhile must not wait long


def invite_some(session: Session, wave: Wave, now: datetime, *, zone: ZoneInfo, site_url: str) -> int:
    """Queue mails to up to AT_ONCE people who can answer and have no mail of this wave yet; how many.

    Everybody gets one, whether or not they answered: who has is not read here.
    """
    due = in_working_hours(now, zone)
    queued = 0
    for person, questions in _uninvited(session, wave, now.astimezone(zone)):
        with speaking(person.language):
            subject, text = words(wave, questions, zone=zone, site_url=site_url)
        enqueue(
            session,
            key=f"{_key(wave)}{person.id}",
            channel="email",
            recipient=person.email,
            subject=subject,
            text=text,
            now=now,
            due=due,
        )
        queued += 1
    return queued


def words(wave: Wave, questions: int, *, zone: ZoneInfo, site_url: str) -> tuple[str, str]:
    """Subject and text in the language being spoken; questions -- how many the reader will be asked."""
    last_day = (wave.closes_at - timedelta(seconds=1)).astimezone(zone).date()
    subject = ngettext(
        "%(n)s question about your work, less than a minute",
        "%(n)s questions about your work, less than a minute",
        questions,
    )
    paragraphs = (
        gettext("Hello,"),
        gettext(
            "the pulse of %(month)s is open until %(day)s. Which of our customers' problems landed on you?",
            month=month(wave.month),
            day=day(last_day),
        ),
        f"{site_url.rstrip('/')}/pulse",
        gettext(
            "Answering is up to you. Figures are shown only for groups of at least %(k)s answers, and no page"
            " shows who has answered.",
            k=number(wave.threshold, 0),
        ),
        "Pulse",
    )
    return subject, "\n\n".join(paragraphs) + "\n"


def _key(wave: Wave) -> str:
    return f"wave:{written(wave.month)}:person:"


def _uninvited(session: Session, wave: Wave, here: datetime) -> Iterator[tuple[Person, int]]:
    asked = (
        select(WaveQuestion.unit_id, func.count().label("questions"))
        .where(WaveQuestion.wave_id == wave.id)
        .group_by(WaveQuestion.unit_id)
        .subquery()
    )
    queued = exists().where(Message.key == _key(wave) + cast(Person.id, String))
    rows = (
        select(Person, asked.c.questions)
        .join(Membership, Membership.person_id == Person.id)
        .join(WaveTeam, WaveTeam.team_id == Membership.team_id)
        .join(asked, asked.c.unit_id == WaveTeam.unit_id)
        .where(current(here.date()), WaveTeam.wave_id == wave.id, Person.disabled_at.is_(None), ~queued)
        .order_by(Person.id)
        .limit(AT_ONCE)
    )
    yield from session.execute(rows).all()
