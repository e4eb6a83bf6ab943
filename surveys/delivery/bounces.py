"""What comes back: an address nobody can be reached at, and customers who call a mail spam.

Both are remembered of customers alone, under the keyed digests of surveys/invitations/contacts.py.
"""

import enum
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from config import Settings
from config import settings as of_this_process
from pulse.outbox.models import Message
from pulse.people.service import NotAnAddress
from surveys.delivery import mailings, naming
from surveys.invitations import contacts
from surveys.invitations.models import Interaction, OptedOutBy


class Kind(enum.Enum):
    """What came back."""

    BOUNCE = "bounce"  # for good: what a server will try again is no bounce yet
    COMPLAINT = "complaint"


class NotKnown(Exception):
    """Neither a message sent from here in the last weeks nor an address is named."""


def note(
    session: Session,
    *,
    message_id: str | None = None,
    recipient: str | None = None,
    kind: Kind | str,
    now: datetime,
    known: Settings | None = None,
) -> bool:
    """Remember that a message came back or was called spam; whether it concerned a customer.

    message_id -- the mail's Message-ID, or the id a gateway was given; recipient -- where only that is known

    A bounce makes the address unreachable; a complaint is a wish never to be asked again, by whatever way.
    Told twice, it is remembered once. What employees are sent is left alone: nobody is to be shown as
    unreachable for a pulse. Raises NotKnown where nothing says whom it is about, ValueError for another kind.
    """
    what = Kind(kind)
    message = naming.find(session, message_id) if message_id else None
    if message is not None and not mailings.is_to_customer(message.mailing):
        return False
    keys = _keys(message.recipient if message else recipient, known or of_this_process())
    if not keys:
        raise NotKnown(message_id or recipient or "")
    if what is Kind.COMPLAINT:
        contacts.opt_out(session, [*keys, *_others(session, message)], OptedOutBy.COMPLAINT, now)
    else:
        contacts.mark_unreachable(session, keys, now)
    return True


def note_nobody(session: Session, message: Message, known: Settings, now: datetime) -> None:
    """Remember that a server knows nobody at a message's address, where it was to a customer."""
    keys = _keys(message.recipient, known) if mailings.is_to_customer(message.mailing) else []
    if keys:
        contacts.mark_unreachable(session, keys, now)


def _keys(recipient: str | None, known: Settings) -> list[str]:
    """The key of an address or a number; none where it is neither, or where there is no secret key."""
    if not recipient or known.secret_key is None:
        return []
    secret = known.secret_key.get_secret_value()
    try:
        if "@" in recipient:
            return contacts.keys(secret, email=recipient)
        return contacts.keys(secret, phone=recipient, calling_code=known.calling_code)
    except (NotAnAddress, contacts.NotANumber):
        return []


def _others(session: Session, message: Message | None) -> list[str]:
    """All keys of the customer whom a message was to."""
    number = mailings.interaction(message.key) if message else None
    found = select(Interaction.contact_keys).where(Interaction.id == number)
    return session.scalar(found) or [] if number is not None else []
