"""Interactions as callers tell them: each value read, in one spelling, or refused in words."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from config import Settings
from pulse.i18n import gettext as _
from pulse.people.service import NotAnAddress
from surveys.invitations import contacts
from surveys.invitations.models import Way

LONGEST_CODE = 200
AHEAD = timedelta(days=1)  # by which a caller's clock may be ahead of ours
EARLIEST = 1970  # year; what lies before was never written by a clock
FORGOTTEN = "forgotten "  # begins the code of an interaction whose own is no longer kept


@dataclass(frozen=True)
class Seen:
    """An interaction as the caller tells it.

    code -- the caller's own id of it; whatever comes under the same one later changes nothing
    touchpoint -- its code
    happened_at -- by the organisation's clock where it bears no time zone
    customer -- the caller's id of the customer; email, phone -- how they can be reached; each may be missing
    language -- in which to write to them; name -- by which to address them
    """

    code: str
    touchpoint: str
    happened_at: datetime
    customer: str | None = None
    email: str | None = None
    phone: str | None = None
    language: str | None = None
    name: str | None = None


@dataclass(frozen=True)
class Refused:
    """An interaction of which nothing was kept: which field of Seen, its value, and what would be right.

    reason -- goes after the value ("is no touchpoint; ..."), in the language being spoken
    """

    code: str
    field: str
    value: str
    reason: str


@dataclass(frozen=True)
class Place:
    """A touchpoint and how its customers are asked; names by language."""

    id: int
    names: Mapping[str, str]
    share: int
    target: int | None
    way: Way


@dataclass(frozen=True, eq=False)
class Sound:
    """An interaction whose every value can be.

    keys -- of its customer; way -- how they can be reached, None = not at all
    """

    seen: Seen
    place: Place
    keys: list[str]
    way: Way | None


class _Wrong(ValueError):
    """A value cannot be: the field, and why."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


def read(
    seen: Seen, places: Mapping[str, Place], now: datetime, *, secret: str, known: Settings
) -> Sound | Refused:
    """An interaction with its customer's keys, its values in one spelling; or the first that cannot be.

    places -- by their codes, which are all there are; secret -- the installation's key
    """
    try:
        _check_code(seen.code)
        place = _place(seen.touchpoint, places)
        happened_at = _moment(seen.happened_at, now, known)
        email, phone = _address(seen.email), _number(seen.phone, known.calling_code)
    except _Wrong as wrong:
        return Refused(seen.code, wrong.field, str(getattr(seen, wrong.field)), str(wrong))
    whole = replace(seen, happened_at=happened_at, email=email, phone=phone)
    keys = contacts.keys(secret, customer=seen.customer, email=email, phone=phone)
    return Sound(whole, place, keys, _way(place.way, email, phone, known))


def spelt(code: str) -> str:
    """The code of a touchpoint in the one spelling of its accents that is stored; empty where too long.

    Putting accents in their order takes time by the square of how many there are: a megabyte, an hour.
    """
    return unicodedata.normalize("NFC", code.strip()) if len(code) <= LONGEST_CODE else ""


def _check_code(code: str) -> None:
    if not code.strip() or len(code) > LONGEST_CODE or not code.isprintable():
        raise _Wrong("code", _("is no id; write 1 to %(n)s characters on one line", n=LONGEST_CODE))
    if code.startswith(FORGOTTEN):
        raise _Wrong("code", _("is an id that Pulse uses itself; write another one"))


def _place(code: str, places: Mapping[str, Place]) -> Place:
    found = places.get(spelt(code))
    if found is None:
        raise _Wrong("touchpoint", _("is no touchpoint; write the code of one that was loaded"))
    return found


def _moment(happened_at: datetime, now: datetime, known: Settings) -> datetime:
    moment = happened_at if happened_at.tzinfo else happened_at.replace(tzinfo=known.zone)
    if moment > now + AHEAD:
        raise _Wrong("happened_at", _("is yet to come; write when it happened"))
    if moment.year < EARLIEST:
        raise _Wrong("happened_at", _("cannot be right; write when it happened"))
    return moment


def _address(email: str | None) -> str | None:
    try:
        return contacts.address(email) if email and email.strip() else None
    except NotAnAddress:
        raise _Wrong("email", _("is no e-mail address; write one such as name@example.org")) from None


def _number(phone: str | None, calling_code: str) -> str | None:
    try:
        return contacts.number(phone, calling_code) if phone and phone.strip() else None
    except contacts.NotANumber:
        raise _Wrong("phone", _("is no telephone number; write one such as +33 6 12 34 56 78")) from None


def _way(wanted: Way, email: str | None, phone: str | None, known: Settings) -> Way | None:
    """How a customer is reached: as the touchpoint wishes where that can be, else as can be.

    Where one of mails and text messages leaves the house, the other does not count as reaching anybody;
    where none does, Pulse is being tried out, and both are written to the log.
    """
    if wanted is Way.LINK:
        return Way.LINK
    trying_out = known.smtp_url is None and known.sms_url is None
    able = {
        Way.EMAIL: email is not None and (trying_out or known.smtp_url is not None),
        Way.SMS: phone is not None and (trying_out or known.sms_url is not None),
    }
    return next((way for way in (wanted, Way.EMAIL, Way.SMS) if able[way]), None)


def language(wanted: str | None, known: Settings) -> str:
    """The language to write in: the one told ("fr", "fr-CA") where it is spoken here, else the first."""
    code = (wanted or "").strip().casefold()[:2]
    return code if code in known.languages else known.languages[0]
