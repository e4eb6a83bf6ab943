"""Attempts to sign in, or to be sent a link: after a few, an address has to wait, on every process alike."""

import hashlib
import logging
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from pulse.people.models import SignInAttempt

log = logging.getLogger(__name__)
WITHIN = timedelta(minutes=15)
PASSWORDS, LINKS = 8, 4  # attempts within that time


def allowed(session: Session, what: str, email: str, now: datetime, *, most: int) -> bool:
    """Whether an address may be tried once more, known or not; counts the attempt where it may.

    what -- "password" or "link": who is locked out of one way by a stranger still has the other
    """
    if exhausted(session, what, email, now, most=most):
        log.warning("too many attempts (%s)", what)
        return False
    session.add(SignInAttempt(subject=_subject(what, email), at=now))
    session.flush()
    return True


def exhausted(session: Session, what: str, email: str, now: datetime, *, most: int) -> bool:
    """Whether there were as many attempts lately as there may be; counts nothing."""
    subject = _subject(what, email)
    recent = select(func.count()).where(SignInAttempt.subject == subject, SignInAttempt.at > now - WITHIN)
    return (session.scalar(recent) or 0) >= most


def forget(session: Session, what: str, email: str) -> None:
    """Start anew after a success."""
    session.execute(delete(SignInAttempt).where(SignInAttempt.subject == _subject(what, email)))


def forget_old(session: Session, now: datetime) -> None:
    """Delete the attempts that no longer count."""
    session.execute(delete(SignInAttempt).where(SignInAttempt.at <= now - WITHIN))


def _subject(what: str, email: str) -> str:
    # A digest: what a stranger typed into the form is nothing to keep.
    return hashlib.sha256(f"{what} {email}".encode()).hexdigest()
