"""The mails of a wave: the invitation when it opens, and two reminders to who has drawn no ballot yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, String, cast, delete, exists, func, select
from sqlalchemy.orm import Session

from pulse.i18n import day, gettext, month, ngettext, number, speaking
from pulse.months import written
from pulse.outbox.hours import in_working_hours
from pulse.outbox.letters import Letter, Link, as_html, as_text
from pulse.outbox.models import Message
from pulse.outbox.service import enqueue
from pulse.people.models import AnswersBy, Membership, Person
from surveys.waves import reminders
from surveys.waves.calendar import last_working_days
from surveys.waves.models import Issued, NoReminder, Wave, WaveQuestion, WaveTeam
from surveys.waves.service import current

AT_ONCE = 2000  # people looked at in one transaction: answers being sent in meanwhile must not wait long
REMINDERS = 2  # to each person at most, on the last working days of the wave
KEPT = timedelta(days=30)  # after a wave: as long as the issuing list, for a reminder tells what it told


@dataclass(frozen=True)
class Letterhead:
    """What the mails of a wave bear.

    site_url -- address of the site; root -- fingerprint of the wave's keys, which the page is checked against
    secret -- signs the link by which somebody refuses reminders; zone -- the organisation's time zone
    """

    site_url: str
    root: str
    secret: str
    zone: ZoneInfo

    @property
    def pulse(self) -> str:
        """The address of the wave's page; what stands after # never leaves the reader's browser."""
        return f"{self.site_url}/pulse" + (f"#{self.root}" if self.root else "")


@dataclass(frozen=True)
class Done:
    """How many mails were queued, and the id of the last person looked at; None = there is nobody left."""

    queued: int
    last: int | None


def invite_some(session: Session, wave: Wave, now: datetime, *, head: Letterhead, after: int = 0) -> Done:
    """Queue mails to those of the next AT_ONCE people who can draw a ballot and have no mail of this wave.

    after -- id of the last person looked at before

    Everybody gets one, whether or not they have drawn a ballot: who has is not read here. Who answers by a
    printed code gets none.
    """
    prefix = _key(wave)
    people, last = _next(session, wave, head.zone, after, ~_queued(prefix))
    for person, questions in people:
        with speaking(person.language):
            letter = invitation(wave, questions, head=head)
            _enqueue(session, f"{prefix}{person.id}", person, letter, now, head.zone)
    return Done(len(people), last)


def remind_some(session: Session, wave: Wave, now: datetime, *, head: Letterhead, after: int = 0) -> Done:
    """Queue reminders to those of the next AT_ONCE people who were invited before today and drew no ballot.

    On the last two working days of the wave, in working hours, one a day; nobody who refused them gets any.
    """
    turn = reminder_due(wave, now, head.zone)
    if turn is None:
        return Done(0, None)
    prefix = f"{_key(wave)}reminder:{turn}:"
    morning = datetime.combine(now.astimezone(head.zone).date(), time(0), head.zone).astimezone(UTC)
    people, last = _next(
        session,
        wave,
        head.zone,
        after,
        ~_queued(prefix),
        _queued(_key(wave), Message.due_at < morning),
        ~exists().where(Issued.wave_id == wave.id, Issued.person_id == Person.id),
        ~exists().where(NoReminder.person_id == Person.id),
    )
    for person, questions in people:
        with speaking(person.language):
            off = f"{head.site_url}/reminders/{reminders.token(head.secret, person.id)}"
            letter = reminder(wave, questions, head=head, off=off)
            _enqueue(session, f"{prefix}{person.id}", person, letter, now, head.zone)
    return Done(len(people), last)


def reminder_due(wave: Wave, now: datetime, zone: ZoneInfo) -> int | None:
    """Which reminder may be sent now, counted from 1; None at any other time.

    On the day a wave opens nobody is reminded of it.
    """
    today, opened = now.astimezone(zone).date(), wave.opens_at.astimezone(zone).date()
    days = last_working_days(wave.closes_at, zone, REMINDERS)
    if today not in days or today <= opened or in_working_hours(now, zone) != now:
        return None
    return days.index(today) + 1


def forget(session: Session, now: datetime) -> int:
    """Delete the mails of waves that ended long enough ago; how many."""
    gone = 0
    for ended in session.scalars(select(Wave.month).where(Wave.closes_at <= now - KEPT)).all():
        first = f"wave:{written(ended)}:"
        mine = delete(Message).where(Message.key >= first, Message.key < f"{first[:-1]};")
        gone += len(session.scalars(mine.returning(Message.id)).all())
    return gone


def invitation(wave: Wave, questions: int, *, head: Letterhead) -> Letter:
    """The invitation in the language being spoken; questions -- how many the reader will be asked."""
    subject = ngettext(
        "%(n)s question about your work, less than a minute",
        "%(n)s questions about your work, less than a minute",
        questions,
    )
    paragraphs: Sequence[str | Link] = (
        gettext("Hello,"),
        gettext(
            "the pulse of %(month)s is open until %(day)s. Which of our customers' problems landed on you?",
            month=month(wave.month),
            day=day(_last_day(wave, head.zone)),
        ),
        Link(head.pulse),
        gettext(
            "Answering is up to you. Figures are shown only for groups of at least %(k)s answers, and no page"
            " shows who has answered.",
            k=number(wave.threshold, 0),
        ),
        *_fingerprint(head),
        "Pulse",
    )
    return subject, paragraphs


def reminder(wave: Wave, questions: int, *, head: Letterhead, off: str) -> Letter:
    """The reminder in the language being spoken; off -- where no more reminders are to be had."""
    last_day = day(_last_day(wave, head.zone))
    paragraphs: Sequence[str | Link] = (
        gettext("Hello,"),
        ngettext(
            "the pulse of %(month)s closes at the end of %(day)s: %(n)s question, less than a minute.",
            "the pulse of %(month)s closes at the end of %(day)s: %(n)s questions, less than a minute.",
            questions,
            month=month(wave.month),
            day=last_day,
        ),
        Link(head.pulse),
        gettext(
            "You get this mail because no ballot has been drawn for you yet. Nobody is shown that, and"
            " answering is up to you."
        ),
        *_fingerprint(head),
        gettext("If you would rather not be reminded again:"),
        Link(off),
        "Pulse",
    )
    return gettext("Open until %(day)s: your pulse", day=last_day), paragraphs


def _fingerprint(head: Letterhead) -> tuple[str, ...]:
    if not head.root:
        return ()
    return (gettext("Fingerprint of this wave, which your browser checks: %(root)s", root=head.root),)


def _enqueue(
    session: Session, key: str, person: Person, letter: Letter, now: datetime, zone: ZoneInfo
) -> None:
    subject, paragraphs = letter
    enqueue(
        session,
        key=key,
        channel="email",
        recipient=person.email,
        subject=subject,
        text=as_text(paragraphs),
        html=as_html(paragraphs, subject),
        now=now,
        due=in_working_hours(now, zone),
    )


def _last_day(wave: Wave, zone: ZoneInfo) -> date:
    return (wave.closes_at - timedelta(seconds=1)).astimezone(zone).date()


def _key(wave: Wave) -> str:
    return f"wave:{written(wave.month)}:person:"


def _queued(prefix: str, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(Message.key == prefix + cast(Person.id, String), *conditions)


def _next(
    session: Session, wave: Wave, zone: ZoneInfo, after: int, *conditions: ColumnElement[bool]
) -> tuple[list[tuple[Person, int]], int | None]:
    """Of the next people in order, those who can draw a ballot, with how many questions each is asked."""
    people = session.scalars(
        select(Person)
        .where(Person.id > after, Person.disabled_at.is_(None), Person.answers_by == AnswersBy.BALLOT)
        .where(*conditions)
        .order_by(Person.id)
        .limit(AT_ONCE)
    ).all()
    if not people:
        return [], None
    unit = _units(session, wave, wave.opens_at.astimezone(zone).date(), people[0].id, people[-1].id)
    asked = _numbers(session, wave)
    able = [(person, asked.get(unit.get(person.id, 0), 0)) for person in people]
    last = people[-1].id if len(people) == AT_ONCE else None
    return [(person, questions) for person, questions in able if questions], last


def _units(session: Session, wave: Wave, opened: date, first: int, last: int) -> dict[int, int]:
    """The unit that each of some people answers for: by the team they belonged to when the wave opened."""
    rows = (
        select(Membership.person_id, WaveTeam.unit_id)
        .join(WaveTeam, WaveTeam.team_id == Membership.team_id)
        .where(WaveTeam.wave_id == wave.id, Membership.person_id.between(first, last), current(opened))
        .order_by(Membership.since)
    )
    return {person: unit for person, unit in session.execute(rows)}


def _numbers(session: Session, wave: Wave) -> dict[int, int]:
    rows = (
        select(WaveQuestion.unit_id, func.count())
        .where(WaveQuestion.wave_id == wave.id)
        .group_by(WaveQuestion.unit_id)
    )
    return {unit: questions for unit, questions in session.execute(rows)}
