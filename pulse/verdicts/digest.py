"""The weekly mail: what is new since the last one, for whoever looks after fixes; none where nothing is new.

Only what may be shown is in it: verdicts as they are published, and bands of participation.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, joinedload

from pulse.i18n import day, language, month, ngettext, speaking
from pulse.i18n import gettext as _
from pulse.ledger.figures import participation
from pulse.ledger.models import ClosedMonth
from pulse.ledger.readers import EVERYTHING
from pulse.ledger.rounding import Participation
from pulse.organisation.models import Fix, Side
from pulse.outbox.hours import in_working_hours
from pulse.outbox.letters import Heading, Letter, Link, Paragraph, as_html, as_text, one_line, stopping
from pulse.outbox.models import Message
from pulse.outbox.service import Draft, enqueue_all
from pulse.people import personal_links
from pulse.people.holders import holding
from pulse.people.models import Grant, Person
from pulse.scheduler import Run, RunState, weekly
from pulse.verdicts import changes, flags, sentences
from pulse.verdicts.changes import History
from pulse.verdicts.models import ChangeEvent, ChangeState, Flag, FlagEvent, FlagState, Look, Verdict
from pulse.verdicts.names import Names, names_in
from pulse.verdicts.news import fix_address
from pulse.verdicts.rules import Outcome

JOB = "weekly news"
MORNING = time(9)
LONGEST = timedelta(weeks=5)  # how far back a clock that was away looks
MOST = 10  # things told one by one; the others are a click away
KEPT = timedelta(days=30)  # as messages to customers
READ_ALL = frozenset({Grant.ANALYST, Grant.ADMIN})
MAILS = ("weekly:", "flag:")


@dataclass(frozen=True)
class Week:
    """What a mail is about: from one Monday, 9:00, until another, by the organisation's clock."""

    since: datetime
    until: datetime
    first: date
    last: date

    @property
    def key(self) -> str:
        """How the keys of its messages begin."""
        return f"weekly:{self.last.isoformat()}:person"


@dataclass(frozen=True)
class News:
    """What is new: flags, verdicts, checks come due, changes nobody registered, how many took part.

    waiting -- checks that had come due before
    bands -- number of ballot units by the share that took part in a month's wave; None = no new wave
    """

    flags: Sequence[Flag] = ()
    verdicts: Sequence[Verdict] = ()
    checks: Sequence[Flag] = ()
    waiting: Sequence[Flag] = ()
    changes: Sequence[History] = ()
    bands: tuple[date, Counter[Participation]] | None = None

    def of(self, email: str) -> "News":
        """What of it is about somebody's own fixes and flags."""
        mine = email.casefold()
        return News(
            flags=[flag for flag in self.flags if flags.is_of(flag, email)],
            verdicts=[one for one in self.verdicts if (one.fix.owner or "").casefold() == mine],
            checks=[flag for flag in self.checks if flags.is_of(flag, email)],
            waiting=[flag for flag in self.waiting if flags.is_of(flag, email)],
        )

    def __bool__(self) -> bool:
        """Whether there is anything new."""
        return bool(self.flags or self.verdicts or self.checks or self.changes or self.bands)


@dataclass(frozen=True)
class Sender:
    """Where the site is, by which clock it lives, and what signs the links in mails."""

    site_url: str
    zone: ZoneInfo
    secret: str


def week(session: Session, now: datetime, zone: ZoneInfo) -> Week:
    """The time since the last weekly mail; a clock that was away catches up, some weeks at most."""
    last = date.fromisoformat(weekly(now.astimezone(zone)))
    done = select(func.max(Run.period)).where(
        Run.job == JOB, Run.state == RunState.DONE, Run.period < last.isoformat()
    )
    before = session.scalar(done)
    first = date.fromisoformat(before) if before else last - timedelta(weeks=1)
    first = max(first, last - LONGEST)
    return Week(_morning(first, zone), _morning(last, zone), first, last)


def _morning(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, MORNING, zone).astimezone(UTC)


def news(session: Session, of: Week) -> News:
    """What became new in a week."""
    raised = _raised(session, of)
    open_flags = session.scalars(
        select(Flag)
        .where(Flag.state != FlagState.CLOSED, Flag.recheck_on <= of.last)
        .options(joinedload(Flag.fix), joinedload(Flag.verdict))
        .order_by(Flag.recheck_on, Flag.id)
    ).all()
    return News(
        flags=raised,
        verdicts=_reached(session, of, {flag.fix_id for flag in raised}),
        checks=[flag for flag in open_flags if flag.recheck_on and flag.recheck_on > of.first],
        waiting=[flag for flag in open_flags if flag.recheck_on and flag.recheck_on <= of.first],
        changes=_asked(session, of),
        bands=_bands(session, of),
    )


def _last_look(session: Session) -> date | None:
    return session.scalar(select(func.max(Look.as_of)))


def _raised(session: Session, of: Week) -> Sequence[Flag]:
    """The flags of the newest month that were raised in a week: a replayed past is no news."""
    raised = select(FlagEvent.flag_id).where(
        FlagEvent.by.is_(None),
        FlagEvent.state == FlagState.OPEN,
        FlagEvent.at >= of.since,
        FlagEvent.at < of.until,
    )
    return session.scalars(
        select(Flag)
        .where(Flag.id.in_(raised), Flag.raised_on == _last_look(session))
        .options(joinedload(Flag.fix), joinedload(Flag.verdict))
        .order_by(Flag.id)
    ).all()


def _reached(session: Session, of: Week, flagged: set[int]) -> list[Verdict]:
    """The verdicts of the newest month that differ from what was known before the week, flags apart."""
    newest = _last_look(session)
    if newest is None:
        return []
    before = session.scalar(
        select(func.max(Verdict.as_of)).where(Verdict.concluded_at < of.since, Verdict.as_of < newest)
    )
    if before is None:
        return []  # the first look ever is history
    was = {verdict.fix_id: verdict.outcome for verdict in _standing(session, before)}
    return [
        verdict
        for verdict in _standing(session, newest)
        if of.since <= verdict.concluded_at < of.until
        and verdict.fix_id not in flagged
        and verdict.outcome is not Outcome.UNDETERMINED
        and verdict.outcome is not was.get(verdict.fix_id)
    ]


def _standing(session: Session, as_of: date) -> list[Verdict]:
    """The last revision of each fix's verdict at the end of a month."""
    rows = session.scalars(
        select(Verdict)
        .where(Verdict.as_of == as_of)
        .options(joinedload(Verdict.fix))
        .order_by(Verdict.fix_id, Verdict.revision)
    )
    return list({verdict.fix_id: verdict for verdict in rows}.values())


def _asked(session: Session, of: Week) -> list[History]:
    """The changes that the newest month was the first to report, in a week, and nobody has answered."""
    newest = _last_look(session)
    asked = set(
        session.scalars(
            select(ChangeEvent.change_id).where(
                ChangeEvent.by.is_(None),
                ChangeEvent.state == ChangeState.OPEN,
                ChangeEvent.at >= of.since,
                ChangeEvent.at < of.until,
            )
        )
    )
    return [
        history
        for history in (changes.histories(session) if asked else ())
        if history.change.id in asked
        and history.change.state is ChangeState.OPEN
        and history.first == newest
        and history.stands(newest)
    ]


def _bands(session: Session, of: Week) -> tuple[date, Counter[Participation]] | None:
    """Of the last wave that was counted in a week, how many units took part to which share."""
    counted = session.scalar(
        select(func.max(ClosedMonth.month)).where(
            ClosedMonth.side == Side.EMPLOYEE,
            ClosedMonth.closed_at >= of.since,
            ClosedMonth.closed_at < of.until,
        )
    )
    newest = select(func.max(ClosedMonth.month)).where(ClosedMonth.side == Side.EMPLOYEE)
    if counted is None or counted != session.scalar(newest):
        return None
    bands = participation(session, EVERYTHING, counted)
    return (counted, Counter(bands.values())) if bands else None


def send(session: Session, now: datetime, sender: Sender) -> int:
    """Queue the week's mail for everybody who wants it and for whom something is new; how many there are.

    Analysts and administrators read everything, owners what is about their own fixes and flags. Asked
    again within the week, it queues nothing twice.
    """
    of = week(session, now, sender.zone)
    whole = news(session, of)
    names = names_in(session, [*(flag.verdict for flag in whole.flags), *whole.verdicts])
    drafts = []
    for person in holding(session, *READ_ALL, Grant.OWNER):
        reads_all = any(held.grant in READ_ALL for held in person.grants)
        mine = whole if reads_all else whole.of(person.email)
        if person.weekly_news and mine:
            drafts.append(_draft(person, mine, names, of, sender, in_working_hours(now, sender.zone)))
    enqueue_all(session, drafts, now)
    return len(drafts)


def _draft(person: Person, mine: News, names: Names, of: Week, sender: Sender, due: datetime) -> Draft:
    token = personal_links.token(sender.secret, personal_links.WEEKLY_NEWS, person.id)
    stop = f"{sender.site_url}/weekly-news/{token}"
    with speaking(person.language):
        subject, paragraphs = letter(mine, names, of, sender.site_url, stop)
        return Draft(
            key=f"{of.key}:{person.id}",
            channel="email",
            recipient=person.email,
            subject=subject,
            text=as_text(paragraphs),
            html=as_html(paragraphs, subject),
            headers=stopping(stop),
            due=due,
        )


def letter(mine: News, names: Names, of: Week, site: str, stop: str) -> Letter:
    """The mail in the language being spoken; stop -- where no more of them are to be had."""
    number = len(mine.flags)
    subject = (
        ngettext("%(n)s new flag this week", "%(n)s new flags this week", number)
        if number
        else _("What is new this week")
    )
    return subject, [
        _("Hello,"),
        _("this is new in Pulse since %(day)s.", day=day(of.first)),
        *_flags(mine, names, site),
        *_verdicts(mine, names, site),
        *_checks(mine, site),
        *_changes(mine, site),
        *_participation(mine),
        _("You get this mail on Mondays when there is something new. If you would rather not:"),
        Link(stop, _("No more weekly mails")),
        "Pulse",
    ]


Told = tuple[Link, str]  # what it is about, and a sentence about it


def _flags(mine: News, names: Names, site: str) -> list[Paragraph]:
    told = [
        (_link(f"{site}/flags/{flag.id}", flag.fix), one_line(sentences.headline(flag.verdict, names)))
        for flag in mine.flags
    ]
    title = ngettext("%(n)s new flag", "%(n)s new flags", len(told))
    return _section(title, told, f"{site}/flags")


def _verdicts(mine: News, names: Names, site: str) -> list[Paragraph]:
    told = [
        (_link(fix_address(site, verdict.fix), verdict.fix), one_line(sentences.headline(verdict, names)))
        for verdict in mine.verdicts
    ]
    title = ngettext("%(n)s verdict reached", "%(n)s verdicts reached", len(told))
    return _section(title, told, f"{site}/fixes")


def _checks(mine: News, site: str) -> list[Paragraph]:
    told = [
        (
            _link(f"{site}/flags/{flag.id}", flag.fix),
            _("To be checked since %(day)s.", day=day(flag.recheck_on)),
        )
        for flag in mine.checks
        if flag.recheck_on
    ]
    title = ngettext("%(n)s check due", "%(n)s checks due", len(told))
    found = _section(title, told, f"{site}/flags?state=overdue")
    if found and mine.waiting:
        found.append(
            ngettext(
                "%(n)s other check has been due for longer.",
                "%(n)s other checks have been due for longer.",
                len(mine.waiting),
            )
        )
    return found


def _changes(mine: News, site: str) -> list[Paragraph]:
    told = []
    for history in mine.changes:
        label = one_line(history.change.irritant.label(language()))
        sentence = one_line(sentences.change(history.newest, label))
        told.append((Link(f"{site}/changes/{history.change.id}", label), sentence))
    title = ngettext("%(n)s change without a fix", "%(n)s changes without a fix", len(told))
    return _section(title, told, f"{site}/changes")


def _participation(mine: News) -> list[Paragraph]:
    if mine.bands is None:
        return []
    of_month, bands = mine.bands
    told = [_share(band, bands[band]) for band in reversed(Participation) if bands[band]]
    return [Heading(_("Participation in the pulse of %(month)s", month=month(of_month))), *told]


def _share(band: Participation, units: int) -> str:
    match band:
        case Participation.UNDER_25:
            return ngettext(
                "In %(n)s unit fewer than a quarter of those invited took part.",
                "In %(n)s units fewer than a quarter of those invited took part.",
                units,
            )
        case Participation.TO_50:
            return ngettext(
                "In %(n)s unit between a quarter and half of those invited took part.",
                "In %(n)s units between a quarter and half of those invited took part.",
                units,
            )
        case Participation.TO_75:
            return ngettext(
                "In %(n)s unit between half and three quarters of those invited took part.",
                "In %(n)s units between half and three quarters of those invited took part.",
                units,
            )
        case _:
            return ngettext(
                "In %(n)s unit more than three quarters of those invited took part.",
                "In %(n)s units more than three quarters of those invited took part.",
                units,
            )


def _section(title: str, told: Sequence[Told], more: str) -> list[Paragraph]:
    if not told:
        return []
    rest = len(told) - MOST
    further = [Link(more, ngettext("%(n)s more", "%(n)s more", rest))] if rest > 0 else []
    return [Heading(title), *(paragraph for both in told[:MOST] for paragraph in both), *further]


def _link(address: str, fix: Fix) -> Link:
    return Link(address, one_line(fix.name(language())))


def forget(session: Session, now: datetime) -> int:
    """Delete weekly mails and mails about flags that were sent a month ago; how many.

    None of them is asked for again by then: a week is over, and a flag is raised once.
    """
    gone = 0
    for prefix in MAILS:
        old = delete(Message).where(
            Message.key >= prefix, Message.key < f"{prefix[:-1]};", Message.sent_at <= now - KEPT
        )
        gone += len(session.scalars(old.returning(Message.id)).all())
    return gone
