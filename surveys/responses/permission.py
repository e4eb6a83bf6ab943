"""What a customer's link allows: one answer about one touchpoint. The one resolver of /r/<token>."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from sqlalchemy.orm import Session

from surveys.invitations import service as invitations
from surveys.responses.models import Door, Held


@dataclass(frozen=True)
class Spent:
    """What an answer came by: an invitation, or a page that counts once.

    held -- why the door keeps this answer apart; None = it counts
    """

    invitation_id: int | None = None
    once: str | None = None
    held: Held | None = None


@dataclass(frozen=True)
class Permission:
    """The right to answer once.

    happened_on -- the day of the contact, where it is known
    spend -- uses the permission up in the transaction that keeps the answer; raises NotInvited where
             another request was faster
    """

    touchpoint_id: int
    happened_on: date | None
    door: Door
    spend: Callable[[Session, datetime], Spent]


def resolve(session: Session, token: str, now: datetime) -> Permission:
    """What the link of this token allows, without using it up: mail scanners open links too.

    Raises invitations.NotInvited for unknown, used and expired links alike; all cost the same work.
    """
    invited = invitations.look(session, token, now)
    return Permission(
        invited.touchpoint_id, invited.happened_on, Door.INVITED, partial(_invitation_spent, token)
    )


def _invitation_spent(token: str, session: Session, now: datetime) -> Spent:
    return Spent(invitation_id=invitations.spend(session, token, now).invitation_id)
