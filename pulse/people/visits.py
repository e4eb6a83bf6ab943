"""Visits that were signed out: a copy of their cookie opens nothing. Neither who nor when stands here."""

import hashlib
from datetime import date, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from pulse.db import insert_into
from pulse.people.models import EndedVisit

KEPT = timedelta(days=9)  # longer than any visit can last (a week), whatever the setting says later


def end(session: Session, number: str, today: date) -> None:
    """Let a visit open nothing any more; ending it twice changes nothing."""
    row = {"digest": _digest(number), "forget_on": today + KEPT}
    session.execute(insert_into(session, EndedVisit).values(row).on_conflict_do_nothing())


def ended(session: Session, number: str) -> bool:
    """Whether a visit was signed out."""
    return session.get(EndedVisit, _digest(number)) is not None


def forget_old(session: Session, today: date) -> None:
    """Delete what is known of visits that have run out by themselves."""
    session.execute(delete(EndedVisit).where(EndedVisit.forget_on <= today))


def _digest(number: str) -> str:
    return hashlib.sha256(number.encode()).hexdigest()
