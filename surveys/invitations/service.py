"""Inviting a customer to answer once about one interaction, and using that permission up."""

import hashlib
import secrets
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from pulse.organisation.models import Touchpoint
from surveys.invitations.models import Interaction, Invitation, Outcome, Way

VALID = timedelta(days=30)
TOKEN_BYTES = 16


class UnknownTouchpoint(Exception):
    """There is no touchpoint of this code."""


class AlreadyInvited(Exception):
    """This interaction has led to an invitation before."""


class NotInvited(Exception):
    """The link is unknown, used or expired; which of them is nobody's business."""


class Invited(NamedTuple):
    """What a valid link allows: one answer about one touchpoint."""

    invitation_id: int
    touchpoint_id: int
    happened_on: date


def invite(
    session: Session, touchpoint: str, *, interaction: str | None = None, happened_on: date, now: datetime
) -> str:
    """The token of a new invitation; only its hash is stored, so this is the one time it can be read.

    touchpoint -- code of the touchpoint the customer was at
    interaction -- the caller's id of that contact; default: one of our own

    Raises UnknownTouchpoint, or AlreadyInvited for an interaction that was seen before.
    """
    where = session.scalar(select(Touchpoint.id).where(Touchpoint.code == touchpoint))
    if where is None:
        raise UnknownTouchpoint(touchpoint)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    known = interaction or f"pulse-{secrets.token_hex(8)}"
    if session.scalar(select(exists().where(Interaction.code == known))):
        raise AlreadyInvited(known)
    seen = Interaction(
        code=known,
        touchpoint_id=where,
        happened_at=now,
        received_at=now,
        contact_keys=[],
        outcome=Outcome.INVITED,
    )
    session.add(seen)
    session.flush()
    session.add(
        Invitation(
            token_hash=token_hash(token),
            interaction_id=seen.id,
            touchpoint_id=where,
            way=Way.LINK,
            happened_on=happened_on,
            expires_at=now + VALID,
            spent_at=None,
        )
    )
    session.flush()
    return token


def token_hash(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def look(session: Session, token: str, now: datetime) -> Invited:
    """What a link allows, without using it up: mail scanners open links too. Raises NotInvited."""
    valid = select(*_INVITED).where(
        Invitation.token_hash == token_hash(token), Invitation.spent_at.is_(None), Invitation.expires_at > now
    )
    found = session.execute(valid).first()
    if found is None:
        raise NotInvited
    return Invited(*found)


def spend(session: Session, token: str, now: datetime) -> Invited:
    """Use a link up; raises NotInvited where it is not valid or another request was faster."""
    mine = (
        update(Invitation)
        .where(
            Invitation.token_hash == token_hash(token),
            Invitation.spent_at.is_(None),
            Invitation.expires_at > now,
        )
        .values(spent_at=now)
        .returning(*_INVITED)
    )
    found = session.execute(mine).first()
    if found is None:
        raise NotInvited
    return Invited(*found)


_INVITED = (Invitation.id, Invitation.touchpoint_id, Invitation.happened_on)
