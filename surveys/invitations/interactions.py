"""Interactions coming in: each is decided on once, and whom to ask is written to in the same transaction."""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from config import Settings
from pulse.db import insert_into
from pulse.organisation.models import Touchpoint
from pulse.outbox import secrets
from pulse.outbox.service import Draft, enqueue_all
from surveys.invitations import contacts, incoming, mails, quotas, rules
from surveys.invitations.incoming import Place, Sound
from surveys.invitations.incoming import Refused as Refused
from surveys.invitations.incoming import Seen as Seen
from surveys.invitations.models import Contact, Interaction, Invitation, Outcome, TouchpointSurvey, Way
from surveys.invitations.sending import next_moment
from surveys.invitations.service import VALID, token_hash

MOST = 1000  # interactions of one call
SETTLING = timedelta(minutes=15)  # after an interaction: nobody is written to while it may still go on
TOKEN = 22  # characters of a link: 132 bits, and short enough for a text message

# Made once: for an interaction that comes alone, making statements would take as long as running them.
PLACES = (
    select(
        Touchpoint.id,
        Touchpoint.code,
        Touchpoint.name_en,
        Touchpoint.name_fr,
        TouchpointSurvey.share,
        TouchpointSurvey.target,
        TouchpointSurvey.way,
    )
    .outerjoin(TouchpointSurvey, TouchpointSurvey.touchpoint_id == Touchpoint.id)
    .where(Touchpoint.code.in_(bindparam("codes", expanding=True)))
)
BEFORE = (
    select(Interaction.code, Interaction.outcome, Invitation.way, Invitation.token_hash)
    .outerjoin(Invitation, Invitation.interaction_id == Interaction.id)
    .where(Interaction.code.in_(bindparam("codes", expanding=True)))
)
CONTACTS = select(Contact.key, Contact.asked_at, Contact.opted_out_at, Contact.unreachable_since).where(
    Contact.key.in_(bindparam("keys", expanding=True))
)


class TooMany(ValueError):
    """More interactions than one call takes."""


class NoSecretKey(Exception):
    """Without PULSE_SECRET_KEY no customer can be known again and no link be made."""


@dataclass(frozen=True)
class Taken:
    """What became of an interaction.

    new -- False where it had come before: the outcome is the first one
    link -- to be handed to the customer by the caller, at touchpoints where invitations go that way
    """

    code: str
    outcome: Outcome
    new: bool
    link: str | None = None


@dataclass(frozen=True, eq=False)
class _Decided:
    """An interaction that came for the first time, and what it leads to; due -- when a message may go."""

    sound: Sound
    outcome: Outcome
    due: datetime

    @property
    def code(self) -> str:
        return self.sound.seen.code


def take(session: Session, seen: Sequence[Seen], now: datetime, *, known: Settings) -> list[Taken | Refused]:
    """Decide on interactions and queue what is to be sent; what became of each, in the order given.

    Of a refused one nothing is kept; each other is kept once, however often it comes. Decisions are made
    one after the other, over all processes: each knows of every one before it.
    Raises TooMany for more than MOST, NoSecretKey.
    """
    if len(seen) > MOST:
        raise TooMany(len(seen))
    if known.secret_key is None:
        raise NoSecretKey
    secret = known.secret_key.get_secret_value()
    contacts.one_at_a_time(session)
    places = _places(session, {incoming.spelt(each.touchpoint) for each in seen})
    read = [incoming.read(each, places, now, secret=secret, known=known) for each in seen]
    sound: dict[str, Sound] = {}
    for each in read:
        if isinstance(each, Sound):
            sound.setdefault(each.seen.code, each)
    before = _before(session, sound, secret, known)
    fresh = [each for code, each in sound.items() if code not in before]
    decided = _decided(session, fresh, now, known)
    ids = _keep(session, decided, now)
    new = [each for each in decided if each.code in ids]
    _invite(session, [each for each in new if each.outcome is Outcome.INVITED], ids, now, secret, known)
    # Whatever a link or a command brought in meanwhile was there before, too.
    before |= _before(session, [each.code for each in decided if each.code not in ids], secret, known)
    return _told(read, before, new, secret, known)


def link_of(secret: str, code: str, site_url: str) -> str:
    """The address at which the customer of an interaction can answer, if one was invited."""
    return f"{site_url}/r/{_token(secret, code)}"


def _token(secret: str, code: str) -> str:
    return secrets.secret(secret, _nonce(code), TOKEN)


def _nonce(code: str) -> str:
    # Derived, not drawn: a caller who asks again, having missed the reply, is given the same link.
    return "answer-" + hashlib.sha256(code.encode()).hexdigest()


def _places(session: Session, codes: Collection[str]) -> dict[str, Place]:
    return {
        row.code: Place(
            row.id,
            {"en": row.name_en, "fr": row.name_fr},
            100 if row.share is None else row.share,
            row.target,
            row.way or Way.EMAIL,
        )
        for row in session.execute(PLACES, {"codes": [code for code in codes if code.isprintable()]})
    }


def _before(session: Session, codes: Iterable[str], secret: str, known: Settings) -> dict[str, Taken]:
    """What became of those that came before; a link is told again only where it is one of ours."""
    wanted = list(codes)
    found = session.execute(BEFORE, {"codes": wanted}) if wanted else ()
    return {
        code: Taken(
            code,
            outcome,
            False,
            link_of(secret, code, known.site_url)
            if way is Way.LINK and digest == token_hash(_token(secret, code))
            else None,
        )
        for code, outcome, way, digest in found
    }


def _decided(session: Session, fresh: Sequence[Sound], now: datetime, known: Settings) -> list[_Decided]:
    """Decide in the order given, each knowing what was decided before it; nothing is written but quotas."""
    rest = timedelta(days=known.rest_days)
    people = _contacts(session, {key for each in fresh for key in each.keys})
    left = quotas.left(session, {each.place.id: each.place for each in fresh}.values(), now, known.zone)
    decided = []
    for each in fresh:
        mine = [people[key] for key in each.keys if key in people]
        asked = [person.asked_at for person in mine if person.asked_at is not None]
        outcome = rules.outcome(
            rules.Known(
                code=each.seen.code,
                happened_at=each.seen.happened_at,
                reachable=each.way is not None,
                opted_out=any(person.opted_out for person in mine),
                unreachable=any(person.unreachable for person in mine),
                asked_at=max(asked, default=None),
                share=each.place.share,
                left=left.get(each.place.id),
            ),
            now,
            rest,
        )
        due = now
        if outcome is Outcome.INVITED:
            due = _due(each, now, known)
            people.update(dict.fromkeys(each.keys, _Person(due)))
            if each.place.id in left:
                left[each.place.id] -= 1
        decided.append(_Decided(each, outcome, due))
    return decided


@dataclass(frozen=True)
class _Person:
    """What the rules know of a contact."""

    asked_at: datetime | None
    opted_out: bool = False
    unreachable: bool = False


def _contacts(session: Session, keys: Collection[str]) -> dict[str, _Person]:
    found = session.execute(CONTACTS, {"keys": list(keys)}) if keys else ()
    return {
        key: _Person(asked, opted_out is not None, unreachable is not None)
        for key, asked, opted_out, unreachable in found
    }


def _due(each: Sound, now: datetime, known: Settings) -> datetime:
    """When a customer may be written to; what the caller hands over is there at once."""
    if each.way is Way.LINK:
        return now
    earliest = max(now, each.seen.happened_at + SETTLING)
    return next_moment(earliest, known.zone, known.sending_hours, known.sending_days)


def _keep(session: Session, decided: Sequence[_Decided], now: datetime) -> dict[str, int]:
    """Store interactions; the id of each by its code, but for those that another door stored meanwhile."""
    if not decided:
        return {}
    rows = [
        {
            "code": each.code,
            "touchpoint_id": each.sound.place.id,
            "happened_at": each.sound.seen.happened_at,
            "received_at": now,
            "contact_keys": each.sound.keys,
            "outcome": each.outcome,
        }
        for each in decided
    ]
    mine = insert_into(session, Interaction).on_conflict_do_nothing(index_elements=["code"])
    stored = session.execute(mine.returning(Interaction.code, Interaction.id), rows)
    return {code: number for code, number in stored}


def _invite(
    session: Session,
    invited: Sequence[_Decided],
    ids: Mapping[str, int],
    now: datetime,
    secret: str,
    known: Settings,
) -> None:
    """Give each the permission to answer once, remember that they were asked, and queue what is sent."""
    if not invited:
        return
    rows = [_invitation(each, ids[each.code], secret, known) for each in invited]
    session.execute(insert_into(session, Invitation), rows)
    asked = {key: each.due for each in invited for key in each.sound.keys}
    contacts.mark_all_asked(session, asked)
    counted = Counter(each.sound.place.id for each in invited if each.sound.place.target is not None)
    quotas.count(session, counted, now, known.zone)
    sent = [each for each in invited if each.sound.way is not Way.LINK]
    enqueue_all(session, [_draft(each, ids[each.code], known) for each in sent], now)


def _invitation(each: _Decided, number: int, secret: str, known: Settings) -> dict[str, object]:
    return {
        "token_hash": token_hash(_token(secret, each.code)),
        "interaction_id": number,
        "touchpoint_id": each.sound.place.id,
        "way": each.sound.way,
        "happened_on": each.sound.seen.happened_at.astimezone(known.zone).date(),
        "expires_at": each.due + VALID,
        "spent_at": None,
    }


def _draft(each: _Decided, number: int, known: Settings) -> Draft:
    """The message of an invitation; the secrets of its links are filled in when it is sent."""
    seen, place = each.sound.seen, each.sound.place
    asked = mails.Asked(
        language=incoming.language(seen.language, known),
        place=place.names,
        happened_on=seen.happened_at.astimezone(known.zone).date(),
        until=(each.due + VALID).astimezone(known.zone).date(),
        name=seen.name,
        link=f"{known.site_url}/r/{secrets.mark(_nonce(each.code), TOKEN)}",
        stop=f"{known.site_url}/stop/{contacts.stop_mark(each.sound.keys)}",
    )
    key = f"{contacts.INVITATION}{number}"
    if each.sound.way is Way.SMS:
        words = mails.text_message(asked, known, room=len(known.site_url) + len("/r/") + TOKEN)
        return Draft(key, "sms", seen.phone or "", "", words, due=each.due)
    letter = mails.invitation(asked, known)
    return Draft(key, "email", seen.email or "", *letter, headers=mails.headers(asked.stop), due=each.due)


def _told(
    read: Sequence[Sound | Refused],
    before: Mapping[str, Taken],
    new: Sequence[_Decided],
    secret: str,
    known: Settings,
) -> list[Taken | Refused]:
    """What became of each; of several under one code the first is the new one."""
    fresh = {each.code: each for each in new}
    told: list[Taken | Refused] = []
    for each in read:
        if isinstance(each, Refused):
            told.append(each)
            continue
        code = each.seen.code
        mine = fresh.get(code)
        if mine is None:
            told.append(before[code])
            continue
        handed = mine.outcome is Outcome.INVITED and mine.sound.way is Way.LINK
        link = link_of(secret, code, known.site_url) if handed else None
        told.append(Taken(code, mine.outcome, mine.sound is each, link))
    return told
