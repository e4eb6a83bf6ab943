"""What a customer's link allows: one answer about one touchpoint. The one resolver of /r/<token>."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from surveys.invitations import service as invitations
from surveys.invitations import signed
from surveys.invitations.models import Interaction, Invitation
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
    contact_keys -- by which the customer is known who was invited; none where nobody knows who it is
    spend -- uses the permission up in the transaction that keeps the answer; raises NotInvited where
             another request was faster
    """

    touchpoint_id: int
    happened_on: date | None
    door: Door
    spend: Callable[[Session, datetime], Spent]
    contact_keys: tuple[str, ...] = ()


def resolve(session: Session, token: str, now: datetime, *, key: str, zone: ZoneInfo) -> Permission:
    """What the link of this token allows, without using it up: mail scanners open links too.

    key -- the installation's; zone -- its time zone

    Raises invitations.NotInvited for unknown, altered, used and expired links alike, and after the same work.
    """
    if "." in token:  # which none of those that are drawn has
        return _by_signature(session, token, now, key=key, zone=zone)
    invited = invitations.look(session, token, now)
    return Permission(
        invited.touchpoint_id,
        invited.happened_on,
        Door.INVITED,
        partial(_invitation_spent, token),
        _contact_keys(session, invited.invitation_id),
    )


def _contact_keys(session: Session, invitation_id: int) -> tuple[str, ...]:
    rows = select(Interaction.contact_keys).join(Invitation, Invitation.interaction_id == Interaction.id)
    return tuple(session.scalars(rows.where(Invitation.id == invitation_id)).one())


def _invitation_spent(token: str, session: Session, now: datetime) -> Spent:
    return Spent(invitation_id=invitations.spend(session, token, now).invitation_id)


def _by_signature(session: Session, token: str, now: datetime, *, key: str, zone: ZoneInfo) -> Permission:
    permitted = signed.read(session, token, now, secret_key=key)
    if permitted is None:
        raise invitations.NotInvited

    def spend(session: Session, now: datetime) -> Spent:
        return Spent(invitation_id=signed.spend(session, token, now, secret_key=key, zone=zone).invitation_id)

    return Permission(permitted.touchpoint_id, None, Door.INVITED, spend)
