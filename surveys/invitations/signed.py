"""Links that a till, a kiosk or a mail's footer makes by itself: signed with a key of the API, good once.

A token is `<public part of the key>.<payload>.<signature>`. The payload is base64url of three lines:
touchpoint, interaction, the second (of Unix time) the link expires at. The signature is base64url of
HMAC-SHA256 over "pulse answer\\n" and the payload, keyed with the characters of the key's link secret.
Neither is padded. What is compared is the text of the signature, so that no other spelling of it passes.
"""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from pulse.db import insert_into
from pulse.organisation.models import Touchpoint
from pulse.people import api_keys, service
from surveys.invitations.models import Interaction, Invitation, Outcome, Way
from surveys.invitations.service import Invited, NotInvited, token_hash

PURPOSE = "pulse answer\n"  # a signature made for anything else is none here
LONGEST = 200  # characters of a touchpoint's or an interaction's code
DIGITS = 12  # of the second a link expires at: enough for 30,000 years


@dataclass(frozen=True)
class Permitted:
    """What a signed link allows: one answer about one interaction at a touchpoint."""

    touchpoint_id: int
    interaction: str


@dataclass(frozen=True)
class _Read:
    """What a token says, whoever wrote it."""

    touchpoint: str
    interaction: str
    expires: int


NOTHING = _Read("", "", 0)


def token(public: str, link_secret: str, touchpoint: str, interaction: str, expires: datetime) -> str:
    """A signed link's token, as any program can make it that has the link secret (docs/api.md)."""
    payload = _base64(f"{touchpoint}\n{interaction}\n{int(expires.timestamp())}".encode())
    return f"{public}.{payload}.{_signature(link_secret, payload)}"


def read(session: Session, token: str, now: datetime, *, secret_key: str) -> Permitted | None:
    """What a signed link allows, without using it up; None where it allows nothing.

    secret_key -- the installation's

    Unknown, revoked and expired keys, altered, expired and used links cost the same queries and the same
    arithmetic, so that the time taken tells none from another.
    """
    public, payload, signature = _parts(token)
    right = _signature(api_keys.link_secret(secret_key, public), payload)
    authentic = hmac.compare_digest(signature.encode("utf-8", "replace"), right.encode())
    said = _said(payload) if authentic else NOTHING
    key = api_keys.signer(session, public, service.today())
    where = session.scalar(select(Touchpoint.id).where(Touchpoint.code == said.touchpoint))
    used = session.scalar(
        select(Invitation.id)
        .join(Interaction, Interaction.id == Invitation.interaction_id)
        .where(Interaction.code == said.interaction)
    )
    void = used is not None or said.expires <= now.timestamp()
    if not authentic or key is None or where is None or void:
        return None
    return Permitted(where, said.interaction)


def spend(session: Session, token: str, now: datetime, *, secret_key: str, zone: ZoneInfo) -> Invited:
    """Use a signed link up: from now on its interaction is known and has its one invitation, which is spent.

    Raises NotInvited where the link allows nothing, or another request was faster. An interaction that was
    told before and led to no invitation may still be answered: this customer came by themselves.
    """
    permitted = read(session, token, now, secret_key=secret_key)
    if permitted is None:
        raise NotInvited
    seen = {
        "code": permitted.interaction,
        "touchpoint_id": permitted.touchpoint_id,
        "happened_at": now,
        "received_at": now,
        "contact_keys": [],
        "outcome": Outcome.INVITED,
    }
    session.execute(
        insert_into(session, Interaction).values(seen).on_conflict_do_nothing(index_elements=["code"])
    )
    mine = update(Interaction).where(
        Interaction.code == permitted.interaction, Interaction.touchpoint_id == permitted.touchpoint_id
    )
    interaction_id = session.scalar(mine.values(outcome=Outcome.INVITED).returning(Interaction.id))
    if interaction_id is None:
        raise NotInvited
    today = now.astimezone(zone).date()
    spent = {
        "token_hash": token_hash(token),
        "interaction_id": interaction_id,
        "touchpoint_id": permitted.touchpoint_id,
        "way": Way.LINK,
        "happened_on": today,
        "expires_at": now,
        "spent_at": now,
    }
    row = insert_into(session, Invitation).values(spent).on_conflict_do_nothing().returning(Invitation.id)
    invitation_id = session.scalar(row)
    if invitation_id is None:
        raise NotInvited
    return Invited(invitation_id, permitted.touchpoint_id, today)


def _parts(token: str) -> tuple[str, str, str]:
    sound = token.encode("utf-8", "replace").decode().replace("\0", "?")  # what any database takes as a value
    public, _, rest = sound.partition(".")
    payload, _, signature = rest.partition(".")
    return public, payload, signature


def _said(payload: str) -> _Read:
    """What a payload says; nothing where it cannot be read, or names what no code can be."""
    try:
        text = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)).decode()
    except (ValueError, binascii.Error):
        return NOTHING
    lines = text.split("\n")
    if len(lines) != 3 or not all(0 < len(line) <= LONGEST and line.isprintable() for line in lines):
        return NOTHING
    touchpoint, interaction, expires = lines
    if not expires.isdecimal() or not expires.isascii() or len(expires) > DIGITS:
        return NOTHING
    return _Read(touchpoint, interaction, int(expires))


def _signature(link_secret: str, payload: str) -> str:
    text = (PURPOSE + payload).encode("utf-8", "replace")
    return _base64(hmac.new(link_secret.encode(), text, hashlib.sha256).digest())


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
