"""A customer's answer: one page per permission, one response, one transaction."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import exists, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from pulse.months import month_of
from pulse.organisation.models import Irritant, IrritantTouchpoint, Side, Touchpoint
from pulse.organisation.service import is_asked
from surveys.invitations.service import NotInvited
from surveys.responses import erasure, indicators
from surveys.responses.answers import Question, seconds, shown
from surveys.responses.checklist import CONSENT, OTHER, Given, Item
from surveys.responses.models import ContactWish, Held, Response, ResponseScore
from surveys.responses.page import Page
from surveys.responses.permission import Permission
from surveys.waves.service import running_codes

QUESTIONS = 2  # closed ones: how it went, and the list


@dataclass(frozen=True)
class Survey:
    """A customer's page: where they were, when (if it is known), and what they are asked."""

    touchpoint: str
    happened_on: date | None
    opening: Question
    items: tuple[Item, ...]

    @property
    def seconds(self) -> int:
        """How long answering will take."""
        return seconds(QUESTIONS)


@dataclass(frozen=True)
class Words:
    """What a customer wrote; all of it may be empty.

    other -- what else bothered them; contact, name -- how to reach them and what to call them
    trap -- what stands in the field that no person sees
    """

    comment: str = ""
    other: str = ""
    contact: str = ""
    name: str = ""
    trap: str = ""


def laid_out(
    session: Session, permission: Permission, page: Page, now: datetime, *, seed: str, zone: ZoneInfo
) -> Page:
    """A page that is shown for the first time, with the irritants chosen for it.

    seed -- the same one gives the same irritants in the same order
    """
    day = now.astimezone(zone).date()
    met = {irritant.code: irritant.id for irritant in _met(session, permission.touchpoint_id, day)}
    running = running_codes(session, month_of(day))
    return replace(page, shown=tuple(met[code] for code in shown(met, running, seed=seed)))


def _met(session: Session, touchpoint_id: int, day: date) -> Collection[Irritant]:
    """The irritants asked about at a touchpoint on a day; one without any touchpoint is met at all."""
    here = exists().where(
        IrritantTouchpoint.irritant_id == Irritant.id, IrritantTouchpoint.touchpoint_id == touchpoint_id
    )
    anywhere = ~exists().where(IrritantTouchpoint.irritant_id == Irritant.id)
    asked = select(Irritant).where(or_(here, anywhere), is_asked(day))
    return session.scalars(asked.order_by(Irritant.code)).all()


def survey(session: Session, permission: Permission, page: Page, *, language: str) -> Survey:
    """What a page asks, in a language; with the irritants that were shown on it, in that order."""
    rows = session.scalars(select(Irritant).where(Irritant.id.in_(page.shown)))
    known = {irritant.id: irritant for irritant in rows}
    return Survey(
        session.get_one(Touchpoint, permission.touchpoint_id).name(language),
        permission.happened_on,
        indicators.question(indicators.opening(session, permission.touchpoint_id)),
        tuple(_item(known[number], language) for number in page.shown if number in known),
    )


def _item(irritant: Irritant, language: str) -> Item:
    words = irritant.question(Side.CUSTOMER, language)
    return Item(irritant.id, irritant.code, irritant.label(language), words)


@dataclass(frozen=True)
class Sent:
    """What arrived from a page: its answers and words, which page it was, and a fingerprint of it all.

    erasure -- the secret of the link by which it can be erased
    """

    given: Given
    words: Words
    page: Page
    digest: str
    erasure: str


def answer(
    session: Session,
    permission: Permission,
    asked: Survey,
    sent: Sent,
    now: datetime,
    *,
    language: str,
    zone: ZoneInfo,
) -> None:
    """Use the permission up and keep the response, or neither.

    What looks as if no person had sent it is kept apart, not refused. Raises NotInvited where the
    permission was used up in the meantime.
    """
    spent = permission.spend(session, now)
    given, words = sent.given, sent.words
    response = Response(
        invitation_id=spent.invitation_id,
        once=spent.once,
        touchpoint_id=permission.touchpoint_id,
        door=permission.door,
        month=month_of(now.astimezone(zone).date()),
        answered_at=now,
        language=language,
        comment=words.comment,
        other=words.other if OTHER in given.ticked else "",
        other_score=given.other_score,
        held=_held(sent, now) or spent.held,
        digest=sent.digest,
        erasure=erasure.digest(sent.erasure),
        scores=_scores(session, asked.opening, given),
    )
    session.add(response)
    try:
        session.flush()
    except IntegrityError as twice:  # another request kept an answer by the same permission
        raise NotInvited from twice
    if CONSENT in given.ticked and words.contact:
        session.add(ContactWish(response_id=response.id, contact=words.contact, name=words.name))


def _held(sent: Sent, now: datetime) -> Held | None:
    if sent.words.trap:
        return Held.TRAP
    return Held.TOO_FAST if sent.page.is_too_fast(now) else None


def _scores(session: Session, opening: Question, given: Given) -> list[ResponseScore]:
    found: Mapping[int, int] = given.scores
    scores = [ResponseScore(measure_id=irritant, score=score) for irritant, score in found.items()]
    measure = None if given.score is None else indicators.measure(session, opening.code)
    if measure is not None:
        scores.append(ResponseScore(measure_id=measure.id, score=given.score))
    return scores


def is_repeated(session: Session, erasing: str, digest: str) -> bool:
    """Whether exactly this answer was kept before by the same permission.

    erasing -- the secret of the link that erases its answer; digest -- of what was sent now
    """
    rows = select(Response.digest).where(Response.erasure == erasure.digest(erasing))
    return session.scalar(rows) == digest
