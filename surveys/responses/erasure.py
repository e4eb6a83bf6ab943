"""Erasing a customer's answer, for good: by the customer's own link, or by an admin."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence
from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from pulse.db import insert_into
from pulse.months import written
from pulse.people import service as people
from surveys.invitations.models import Interaction, Invitation
from surveys.invitations.service import NotInvited
from surveys.responses.models import ContactWish, Erased, Recount, Response, ResponseScore

Forget = Callable[[Session, int], None]  # what rooms below keep of a response, by its id


class NothingThere(Exception):
    """No answer is kept of this interaction."""


def token(key: str, seed: str) -> str:
    """The secret of the link that erases an answer; a double submit is shown the same one.

    key -- the installation's, without which the database leads to no such link
    seed -- tells this permission to answer from all others
    """
    mixed = hmac.new(key.encode(), f"erase an answer\n{seed}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(mixed).decode().rstrip("=")


def digest(token: str) -> str:
    """What is stored of it (Response.erasure)."""
    return hashlib.sha256(token.encode()).hexdigest()


def look(session: Session, token: str) -> Response:
    """The answer a link erases; raises NotInvited where there is none, or no more."""
    found = session.scalars(select(Response).where(Response.erasure == digest(token))).one_or_none()
    if found is None:
        raise NotInvited
    return found


def of_interaction(session: Session, code: str) -> Response:
    """The answer about an interaction, by the caller's id of it; raises NothingThere."""
    rows = (
        select(Response)
        .join(Invitation, Invitation.id == Response.invitation_id)
        .join(Interaction, Interaction.id == Invitation.interaction_id)
        .where(Interaction.code == code)
    )
    found = session.scalars(rows).one_or_none()
    if found is None:
        raise NothingThere(code)
    return found


def erase(
    session: Session, response: Response, now: datetime, *, also: Sequence[Forget], by: int | None = None
) -> None:
    """Delete an answer and all that came of it, and have its month counted again.

    also -- what rooms below do to forget what they keep of it; by -- the admin, where one did it

    What is written down says that an answer of a month was erased, and nothing that leads to whose; and the
    digest of its link, by which an older backup forgets it again (surveys.keeping).
    """
    remember(session, response.erasure, now.date())
    for forget in also:
        forget(session, response.id)
    session.execute(delete(ContactWish).where(ContactWish.response_id == response.id))
    session.execute(delete(ResponseScore).where(ResponseScore.response_id == response.id))
    session.execute(delete(Response).where(Response.id == response.id))
    ask_recount(session, response.month, now)
    people.note(session, "customer's answer erased", written(response.month), by=by)


def remember(session: Session, digest: str, day: date) -> None:
    """Note that the answer of this link was erased, whether it is here or only in a backup."""
    mark = insert_into(session, Erased).values(digest=digest, erased_on=day)
    session.execute(mark.on_conflict_do_nothing())


def ask_recount(session: Session, month: date, now: datetime) -> None:
    """Have a month counted again once it is closed; while it is open it is counted anyway."""
    asked = insert_into(session, Recount).values(month=month, asked_at=now)
    session.execute(asked.on_conflict_do_update(index_elements=["month"], set_={"asked_at": now}))
