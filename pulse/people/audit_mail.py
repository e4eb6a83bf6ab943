"""The daily mail of where the audit's chain ends: who keeps it can tell later that nothing was changed."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from config import settings
from pulse.i18n import gettext as _
from pulse.i18n import number, speaking
from pulse.outbox.hours import SATURDAY, in_working_hours
from pulse.outbox.letters import Letter, Link, Paragraph, as_html, as_text
from pulse.outbox.models import Message
from pulse.outbox.service import enqueue
from pulse.people.audit import Verification
from pulse.people.holders import holding
from pulse.people.models import Grant

KEPT = timedelta(days=30)


def tell(session: Session, found: Verification, now: datetime) -> int:
    """Queue the mail of a working day to administrators and works council; to how many.

    One a day: queued again it is the same. At the weekend only what does not hold is told of.
    """
    day = now.astimezone(settings().zone).date()
    if day.weekday() >= SATURDAY and found.fault is None:
        return 0
    told = 0
    for person in holding(session, Grant.ADMIN, Grant.COUNCIL):
        with speaking(person.language):
            subject, paragraphs = letter(found)
            told += enqueue(
                session,
                key=f"audit:{day}:{person.id}",
                channel="email",
                recipient=person.email,
                subject=subject,
                text=as_text(paragraphs),
                html=as_html(paragraphs, subject),
                now=now,
                due=now if found.fault else in_working_hours(now, settings().zone),
            )
    return told


def letter(found: Verification) -> Letter:
    """The words of the mail."""
    end = found.head
    page = Link(f"{settings().site_url}/audit", _("To the audit"), button=True)
    if found.fault is not None:
        broken = _(
            "The audit does not hold at entry %(n)s: somebody has changed it, or taken something out of it,"
            " with access to the database itself. Everything before this entry is as it was.",
            n=number(found.fault.number, 0),
        )
        compare = _(
            "Compare with the mails of the days before: the command below tells of each of them whether it"
            " still fits."
        )
        command = "flask audit verify --number … --head …"
        return _("Warning: the audit was changed"), [_("Hello,"), broken, compare, command, page, "Pulse"]
    words: list[Paragraph] = [
        _("Hello,"),
        _(
            "the audit says who did what in Pulse. Each entry bears a digest, which covers all entries before"
            " it. Tonight every one of them was checked, and the chain ends here:"
        ),
        _("Entry %(n)s", n=number(end.number, 0)),
        end.digest,
        _(
            "Keep this mail. If somebody changes an older entry or takes one out, this command finds it,"
            " whoever they are:"
        ),
        f"flask audit verify --number {end.number} --head {end.digest}",
        page,
        "Pulse",
    ]
    return _("Audit: entry %(n)s", n=number(end.number, 0)), words


def forget(session: Session, now: datetime) -> int:
    """Delete those of these mails that were queued a month ago; how many. Their readers have them."""
    old = delete(Message).where(Message.key.like("audit:%"), Message.queued_at <= now - KEPT)
    return len(session.scalars(old.returning(Message.id)).all())
