"""What is forgotten of customers once nothing can come of it any more."""

from datetime import datetime, timedelta

from sqlalchemy import Delete, String, Update, and_, cast, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from surveys.invitations import contacts
from surveys.invitations.incoming import FORGOTTEN
from surveys.invitations.models import Contact, Interaction, Invitation

MONTHS = 13  # a month, and the same one a year before, can be compared
KEPT = timedelta(days=396)


def forget(session: Session, now: datetime, *, rest: timedelta) -> str:
    """Forget whose interactions those of long ago were; says in one line how many.

    Of an interaction that led to an answer the row stays, without the caller's id and without its customer;
    all others go. Contacts go when they were last asked long ago, but for those who want no more surveys.
    rest -- for how long nobody is asked again
    """
    contacts.one_at_a_time(session)
    before = now - KEPT
    old = Interaction.received_at < before
    theirs = Invitation.interaction_id.in_(select(Interaction.id).where(old))
    _done(session, delete(Invitation).where(Invitation.spent_at.is_(None), theirs))
    answered = exists().where(Invitation.interaction_id == Interaction.id)
    gone = _done(session, delete(Interaction).where(old, ~answered))
    named = ~Interaction.code.startswith(FORGOTTEN, autoescape=True)
    nobody = {"contact_keys": [], "code": FORGOTTEN + cast(Interaction.id, String)}
    emptied = _done(session, update(Interaction).where(old, named).values(nobody))
    wished = Contact.opted_out_at.is_not(None)
    asked = and_(Contact.asked_at.is_not(None), Contact.asked_at >= now - rest)
    unreachable = and_(Contact.unreachable_since.is_not(None), Contact.unreachable_since >= before)
    people = _done(session, delete(Contact).where(~or_(wished, asked, unreachable)))
    return f"{gone} interactions deleted, {emptied} parted from their customer, {people} contacts forgotten"


def _done(session: Session, change: Delete | Update) -> int:
    """How many rows a change touched."""
    return session.connection().execute(change).rowcount
