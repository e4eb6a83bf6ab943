"""The test mail: an administrator's own, by the very way that all mails leave."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from pulse.i18n import gettext as _
from pulse.outbox.letters import Letter, Link, as_html, as_text
from pulse.outbox.models import Message, MessageState
from pulse.outbox.service import enqueue
from surveys.delivery.mailings import TEST

UNDER_WAY = (MessageState.QUEUED, MessageState.CLAIMED)


def send(session: Session, person_id: int, address: str, now: datetime, *, site_url: str) -> None:
    """Queue a test mail to somebody, unless one is still on its way; the one before is forgotten."""
    mailing = f"{TEST}:{person_id}"
    last = latest(session, person_id)
    if last is not None and last.state in UNDER_WAY:
        return
    session.execute(delete(Message).where(Message.mailing == mailing))
    subject, paragraphs = _letter(site_url)
    enqueue(
        session,
        key=f"{mailing}:{int(now.timestamp() * 1000)}",
        channel="email",
        recipient=address,
        subject=subject,
        text=as_text(paragraphs),
        html=as_html(paragraphs, subject),
        now=now,
        urgent=True,
    )


def latest(session: Session, person_id: int) -> Message | None:
    """Somebody's last test mail."""
    mine = select(Message).where(Message.mailing == f"{TEST}:{person_id}")
    return session.scalar(mine.order_by(Message.id.desc()).limit(1))


def _letter(site_url: str) -> Letter:
    paragraphs = (
        _("Hello,"),
        _("this is the test: mails from Pulse reach you. It came by the way that invitations will come."),
        Link(f"{site_url}/start/sending", _("Back to getting started"), button=True),
        "Pulse",
    )
    return _("Pulse: this is the test"), paragraphs
