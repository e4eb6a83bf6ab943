"""A customer's answer: one page per invitation, one response, one transaction."""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from pulse.months import month_of
from pulse.organisation.models import Irritant, IrritantTouchpoint, Side, Touchpoint
from surveys.invitations import service as invitations
from surveys.invitations.models import Invitation
from surveys.questions.bother import BOTHER
from surveys.responses.answers import Question, digest, read, shown
from surveys.responses.models import Door, Response, ResponseScore
from surveys.waves.service import running_codes


@dataclass(frozen=True)
class Survey:
    """A customer's page: where they were, when, and what they are asked."""

    touchpoint: str
    happened_on: date
    questions: tuple[Question, ...]


def survey(session: Session, token: str, now: datetime, *, language: str, zone: ZoneInfo) -> Survey:
    """The page behind a link; looking uses nothing up. Raises invitations.NotInvited."""
    invited = invitations.look(session, token, now)
    met = {irritant.code: irritant for irritant in _met(session, invited.touchpoint_id)}
    running = running_codes(session, month_of(now.astimezone(zone).date()))
    codes = shown(met, running, seed=invitations.token_hash(token))
    touchpoint = session.get_one(Touchpoint, invited.touchpoint_id)
    return Survey(
        touchpoint.name(language),
        invited.happened_on,
        tuple(_question(met[code], language) for code in codes),
    )


def _question(irritant: Irritant, language: str) -> Question:
    return Question(irritant.code, irritant.question(Side.CUSTOMER, language), BOTHER)


def _met(session: Session, touchpoint_id: int) -> Collection[Irritant]:
    """The irritants met at a touchpoint; one without any touchpoint is met at all of them."""
    here = exists().where(
        IrritantTouchpoint.irritant_id == Irritant.id, IrritantTouchpoint.touchpoint_id == touchpoint_id
    )
    anywhere = ~exists().where(IrritantTouchpoint.irritant_id == Irritant.id)
    return session.scalars(select(Irritant).where(or_(here, anywhere)).order_by(Irritant.code)).all()


def answer(
    session: Session,
    token: str,
    form: Mapping[str, str],
    comment: str,
    now: datetime,
    *,
    language: str,
    zone: ZoneInfo,
) -> None:
    """Use the invitation up and keep the response, or neither.

    form -- the fields as they were sent

    The same answer sent twice is kept once. Raises invitations.NotInvited, and NotAnAnswer for what our
    page cannot send.
    """
    try:
        invited = invitations.spend(session, token, now)
    except invitations.NotInvited:
        if is_repeated(session, token, form, comment):
            return
        raise
    met = {irritant.code: irritant for irritant in _met(session, invited.touchpoint_id)}
    scores = read(form, [_question(irritant, "en") for irritant in met.values()]).scores
    session.add(
        Response(
            invitation_id=invited.invitation_id,
            touchpoint_id=invited.touchpoint_id,
            door=Door.INVITED,
            month=month_of(now.astimezone(zone).date()),
            answered_at=now,
            language=language,
            comment=comment,
            other="",
            digest=digest(form, comment),
            erasure=secrets.token_hex(),
            scores=[ResponseScore(measure_id=met[code].id, score=score) for code, score in scores.items()],
        )
    )
    session.flush()


def is_repeated(session: Session, token: str, form: Mapping[str, str], comment: str) -> bool:
    """Whether exactly this answer was kept for this link before."""
    rows = (
        select(Response.digest)
        .join(Invitation, Invitation.id == Response.invitation_id)
        .where(Invitation.token_hash == invitations.token_hash(token))
    )
    return session.scalar(rows) == digest(form, comment)
