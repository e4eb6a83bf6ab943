"""Customers by keyed digests of how they can be reached, and who of them wants no more surveys.

No address is kept: whoever holds one (the caller, a mail server's complaint) can find its key again, nobody
else can find the address. Keys hang on PULSE_SECRET_KEY: with another one, nobody would be known any more.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Integer, String, cast, delete, func, literal_column, or_, select, text, update
from sqlalchemy.orm import Session

from pulse.db import Moment, insert_into
from pulse.outbox import secrets
from pulse.outbox.models import Message, MessageState
from pulse.people.service import NotAnAddress, normal
from surveys.invitations.models import Contact, Interaction, OptedOutBy

KEY_LENGTH = 22  # of a key: 132 bits, so that no two of a billion customers share one
LONGEST_ADDRESS = 254
DECIDING = 0x50756C7365  # the number of PostgreSQL's lock on decisions; any would do
INVITATION = "interaction:"  # begins the key of an invitation's message, before the interaction's number
LOCK = text("SELECT pg_advisory_xact_lock(:number)")
FEWEST_DIGITS, MOST_DIGITS = 6, 15  # of a number that can be called (E.164)
NUMBER = re.compile(r"\+?[0-9()./\s\u00a0\u202f-]+\Z")
COUNTRY = "33"


class NotANumber(ValueError):
    """This cannot be a telephone number."""


class NoSuchLink(Exception):
    """This link was not made here."""


def keys(
    secret: str,
    *,
    customer: str | None = None,
    email: str | None = None,
    phone: str | None = None,
    calling_code: str = COUNTRY,
) -> list[str]:
    """The keys of a customer: one for each of an id, an e-mail address and a number that is given.

    secret -- the installation's secret key
    calling_code -- of the country of a number that is written without one

    The same address gives the same key however it is written. Raises NotAnAddress or NotANumber.
    """
    known = []
    if customer and customer.strip():
        known.append(f"customer:{customer.strip()}")
    if email and email.strip():
        known.append(f"email:{address(email)}")
    if phone and phone.strip():
        known.append(f"phone:{number(phone, calling_code)}")
    return [_key(secret, one) for one in known]


def _key(secret: str, known: str) -> str:
    mixed = hmac.new(secret.encode(), b"contact " + known.encode("utf-8", "surrogatepass"), hashlib.sha256)
    return base64.urlsafe_b64encode(mixed.digest()).decode()[:KEY_LENGTH]


def address(email: str) -> str:
    """An e-mail address as mail servers take it: trimmed, in small letters. Raises NotAnAddress."""
    found = normal(email)
    if not found.isascii() or len(found) > LONGEST_ADDRESS or not _one(found):
        raise NotAnAddress(email)
    return found


def _one(found: str) -> bool:
    """Whether this is one address and no more: what else a mail's header would read into it."""
    return found.count("@") == 1 and not set(found) & set(',;:<>()[]"\\')


def number(phone: str, calling_code: str = COUNTRY) -> str:
    """A telephone number as + and digits, with its country's code (E.164). Raises NotANumber."""
    if not NUMBER.match(phone.strip()):
        raise NotANumber(phone)
    digits = "".join(c for c in phone.replace("(0)", "") if c in "0123456789")
    if phone.strip().startswith("+"):
        pass
    elif digits.startswith("00"):
        digits = digits[2:]
    elif digits.startswith("0"):
        digits = calling_code + digits[1:]
    elif not digits.startswith(calling_code):
        digits = calling_code + digits
    if digits.startswith("0") or not FEWEST_DIGITS <= len(digits) <= MOST_DIGITS:
        raise NotANumber(phone)
    return f"+{digits}"


def stop_token(secret: str, keys: Sequence[str]) -> str:
    """What the address /stop/<token> ends with, for a customer known by these keys; the same for ever."""
    joined = "".join(keys)
    return f"{joined}.{secrets.secret(secret, _nonce(joined))}"


def stop_mark(keys: Sequence[str]) -> str:
    """The same as it stands in a message: its signature is filled in when the message is sent."""
    joined = "".join(keys)
    return f"{joined}.{secrets.mark(_nonce(joined))}"


def _nonce(joined: str) -> str:
    return f"stop-{joined}"


def of_stop_token(secret: str, token: str) -> list[str]:
    """The keys of the customer a stop link was made for; raises NoSuchLink."""
    joined, _, signature = token.partition(".")
    if not joined or not token.isascii():
        raise NoSuchLink
    if not hmac.compare_digest(signature, secrets.secret(secret, _nonce(joined))):
        raise NoSuchLink
    return [joined[at : at + KEY_LENGTH] for at in range(0, len(joined), KEY_LENGTH)]


def opt_out(session: Session, keys: Sequence[str], by: OptedOutBy, now: datetime) -> None:
    """Ask a customer never again, not even by what waits to be sent; the first time is what is remembered."""
    if not keys:
        return
    _put(session, keys)
    _take_back(session, keys)
    session.execute(
        update(Contact)
        .where(Contact.key.in_(keys), Contact.opted_out_at.is_(None))
        .values(opted_out_at=now, opted_out_by=by)
    )


def _take_back(session: Session, keys: Sequence[str]) -> None:
    """Delete invitations of a customer that are not sent yet."""
    theirs = or_(*(cast(Interaction.contact_keys, String).contains(key, autoescape=True) for key in keys))
    waiting = (
        select(Message.id)
        .join(Interaction, Interaction.id == cast(func.substr(Message.key, len(INVITATION) + 1), Integer))
        .where(Message.mailing == INVITATION[:-1], Message.state == MessageState.QUEUED, theirs)
    )
    session.execute(delete(Message).where(Message.id.in_(waiting)))


def opt_in(session: Session, keys: Sequence[str]) -> None:
    """Take back what a customer said by the link: nobody else's wish, and no complaint."""
    session.execute(
        update(Contact)
        .where(Contact.key.in_(keys), Contact.opted_out_by == OptedOutBy.LINK)
        .values(opted_out_at=None, opted_out_by=None)
    )


def opted_out(session: Session, keys: Sequence[str]) -> bool:
    """Whether any of these keys is of somebody who wants no more surveys."""
    gone = select(Contact.key).where(Contact.key.in_(keys), Contact.opted_out_at.is_not(None)).limit(1)
    return session.scalar(gone) is not None


def opted_out_by_link(session: Session, keys: Sequence[str]) -> bool:
    """Whether it was only by a link that they said so: then the link can take it back."""
    rows = select(Contact.opted_out_by).where(Contact.key.in_(keys), Contact.opted_out_at.is_not(None))
    return set(session.scalars(rows)) == {OptedOutBy.LINK}


def mark_unreachable(session: Session, keys: Sequence[str], now: datetime) -> None:
    """Remember that what was sent to an address or a number came back; the first time is kept."""
    _put(session, keys)
    session.execute(
        update(Contact)
        .where(Contact.key.in_(keys), Contact.unreachable_since.is_(None))
        .values(unreachable_since=now)
    )


def mark_asked(session: Session, keys: Sequence[str], when: datetime) -> None:
    """Remember that a customer was written to: nobody is again before the days of rest are over."""
    one_at_a_time(session)
    mark_all_asked(session, dict.fromkeys(keys, when))


def mark_all_asked(session: Session, asked: Mapping[str, datetime]) -> None:
    """Remember of many keys when they were written to, by one who has the right to decide."""
    rows = [{"key": key, "asked_at": when} for key, when in asked.items()]
    if rows:
        later = {"asked_at": literal_column("excluded.asked_at", Moment())}
        mine = insert_into(session, Contact).on_conflict_do_update(index_elements=["key"], set_=later)
        session.execute(mine, rows)


def _put(session: Session, keys: Sequence[str]) -> None:
    one_at_a_time(session)
    rows = [{"key": key} for key in set(keys)]
    if rows:
        session.execute(insert_into(session, Contact).on_conflict_do_nothing(index_elements=["key"]), rows)


def one_at_a_time(session: Session) -> None:
    """Wait until nobody else decides on customers, and let nobody until the transaction ends.

    Whoever is decided on twice at the same moment would be asked twice: neither decision sees the other.
    On SQLite nobody else writes at the same time in any case.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(LOCK, {"number": DECIDING})
