"""Warnings: written down once, mailed once, and mailed once more when what was wrong is over."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from pulse.i18n import gettext as _
from pulse.i18n import ngettext, speaking
from pulse.outbox.letters import Heading, Letter, Link, Paragraph, as_html, as_text
from pulse.outbox.models import Message, MessageState
from pulse.outbox.service import enqueue
from pulse.people.holders import holding
from pulse.people.models import Grant
from surveys.watching import findings, wording
from surveys.watching.check import Check
from surveys.watching.findings import Finding
from surveys.watching.models import Alert, Kind

REALLY = timedelta(minutes=15)  # what is over must stay so, before anybody is told
KEPT = timedelta(days=365)  # of warnings
MAILS_KEPT = timedelta(days=30)
DECIDING = 0x50756C7365 + 2  # the number of PostgreSQL's lock on warning: one clock at a time
UNDER_WAY = (MessageState.QUEUED, MessageState.CLAIMED)

Look = Callable[[], Iterable[Check]]


@dataclass(frozen=True)
class Reader:
    """Somebody who is warned: by which name in keys, at which address, in which language."""

    key: str
    email: str
    language: str


def readers(session: Session, addresses: Collection[str], language: str) -> list[Reader]:
    """Whoever is warned: these addresses, in this language; without any all administrators, in theirs."""
    if addresses:
        return [Reader(f"address {number}", email, language) for number, email in enumerate(addresses)]
    return [
        Reader(f"person {person.id}", person.email, person.language)
        for person in holding(session, Grant.ADMIN)
    ]


def standing(session: Session) -> list[Alert]:
    """The warnings of what is wrong, the newest first; what has just gone may come back and is among them."""
    rows = select(Alert).where(Alert.told_over == False)  # noqa: E712
    return list(session.scalars(rows.order_by(Alert.since.desc(), Alert.kind, Alert.subject)))


def past(session: Session, most: int) -> list[Alert]:
    """The latest warnings that are over."""
    rows = select(Alert).where(Alert.told_over == True, Alert.kind != Kind.ENOUGH_ANSWERS.value)  # noqa: E712
    return list(session.scalars(rows.order_by(Alert.over_at.desc(), Alert.kind, Alert.subject).limit(most)))


def watch(
    session: Session,
    now: datetime,
    found: Collection[Finding],
    waves: Collection[Finding],
    look: Look,
    to: Sequence[Reader],
    *,
    site_url: str,
) -> tuple[int, int]:
    """Write down and mail what is wrong that was not before, and what is over; how many there are of each.

    found -- all that is wrong now, but for waves; waves -- what was found of those not looked at before
    look -- looks at everything again, for its words in another language

    Only one clock at a time does this: the others wait, and find it done.
    """
    _alone(session)
    before = standing(session)
    known = {(alert.kind, alert.subject): alert for alert in before}
    new = [_written(session, one, now) for one in found if (one.kind.value, one.subject) not in known]
    looked_at = findings.looked_at(session) if waves else set()
    of_waves = [_written(session, one, now) for one in waves if one.subject not in looked_at]
    new += [alert for alert in of_waves if not alert.told_over]
    still = {(one.kind.value, one.subject) for one in found}
    over = [alert for alert in before if _is_over(session, alert, (alert.kind, alert.subject) in still, now)]
    for reader in to:
        with speaking(reader.language):
            said = {check.name: check for check in look()} if _about_checks(new) else {}
            for name, letter in _letters(new, over, said, site_url):
                _send(session, f"alert:{name}:{now.isoformat()}:{reader.key}", reader.email, letter, now)
    return len(new), len(over)


def _alone(session: Session) -> None:
    if session.get_bind().dialect.name == "postgresql":  # on SQLite whoever writes is alone
        session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": DECIDING})


def _written(session: Session, one: Finding, now: datetime) -> Alert:
    quiet = one.kind is Kind.ENOUGH_ANSWERS
    alert = Alert(kind=one.kind.value, subject=one.subject, since=now, over_at=now if quiet else None)
    alert.told_over = quiet
    session.add(alert)
    return alert


def _is_over(session: Session, alert: Alert, still: bool, now: datetime) -> bool:
    """Whether it is time to tell that what was wrong is over."""
    if alert.kind == Kind.FEW_ANSWERS.value:
        if not findings.is_running(session, alert.subject, now):
            alert.over_at, alert.told_over = now, True  # that a wave has ended is no news
        return False
    if still:
        alert.over_at = None
        return False
    alert.over_at = alert.over_at or now
    alert.told_over = alert.over_at <= now - REALLY
    return alert.told_over


def _about_checks(alerts: Iterable[Alert]) -> bool:
    return any(alert.kind == Kind.CHECK.value for alert in alerts)


def _letters(
    new: Sequence[Alert], over: Sequence[Alert], checks: Mapping[str, Check], site_url: str
) -> Iterable[tuple[str, Letter]]:
    page = Link(f"{site_url}/status", _("Open the status page"), button=True)
    if new:
        yield "new", (_subject(new, _("Needs you")), [*_told(new, checks), page])
    if over:
        lines = [_("What was wrong is over:"), *(headline(alert) for alert in over)]
        yield "over", (_subject(over, _("Well again")), [*lines, page])


def _subject(alerts: Sequence[Alert], beginning: str) -> str:
    first = headline(alerts[0])
    if len(alerts) == 1:
        return _("%(beginning)s: %(what)s", beginning=beginning, what=first)
    more = ngettext("and %(n)s more", "and %(n)s more", len(alerts) - 1)
    return _("%(beginning)s: %(what)s, %(more)s", beginning=beginning, what=first, more=more)


def _told(alerts: Sequence[Alert], checks: Mapping[str, Check]) -> Iterable[Paragraph]:
    yield _("Something in Pulse needs an administrator. You are told once, and again when it is over.")
    for alert in alerts:
        yield Heading(headline(alert))
        if advice := wording.advice(Kind(alert.kind), alert.subject, checks):
            yield advice


def headline(alert: Alert) -> str:
    """What a warning is about, in one line."""
    return wording.headline(Kind(alert.kind), alert.subject)


def _send(session: Session, key: str, recipient: str, letter: Letter, now: datetime) -> None:
    subject, paragraphs = letter
    enqueue(
        session,
        key=key,
        channel="email",
        recipient=recipient,
        subject=subject,
        text=as_text(paragraphs),
        html=as_html(paragraphs, subject),
        now=now,
    )


def forget(session: Session, now: datetime) -> int:
    """Delete warnings of a year ago, and mails with them that were done with a month ago; how many."""
    last = func.coalesce(Message.sent_at, Message.claimed_at, Message.due_at)
    mails = delete(Message).where(Message.mailing.startswith("alert:"), Message.state.not_in(UNDER_WAY))
    session.execute(mails.where(last <= now - MAILS_KEPT))
    old = delete(Alert).where(Alert.over_at <= now - KEPT)
    return len(session.scalars(old.returning(Alert.subject)).all())
