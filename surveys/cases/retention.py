"""What is forgotten of customers who were contacted, and when."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, cast, delete, exists, literal, or_, select, update
from sqlalchemy import String as Text
from sqlalchemy.orm import Session

from pulse.outbox.models import Message, MessageState
from surveys.cases.models import Case, CaseEvent, CaseState, Told
from surveys.responses.models import Response

AFTER_CLOSING = timedelta(days=30)
AT_MOST = timedelta(days=365)  # after the answer, whatever became of it
WORDS = timedelta(days=365)  # privacy.md, section 6
NOBODY = "case "  # and its number, in the place of a customer's key
NEWS = "told:"  # the keys of messages about fixes begin with it


def forget(session: Session, now: datetime) -> tuple[int, int]:
    """Forget customers whose case is over, and words a year old; how many of each.

    Of a case stay its days, its reason and who looked after it. With the way to reach the customer go their
    name and what was written about them.
    """
    gone = list(session.scalars(_over(now)))
    for start in range(0, len(gone), 500):
        ids = gone[start : start + 500]
        session.execute(update(CaseEvent).where(CaseEvent.case_id.in_(ids)).values(comment=""))
        session.execute(update(Case).where(Case.id.in_(ids)).values(contact=None, name="", wants_news=False))
    _call_back(session)
    # By then the address is forgotten too: there is nobody left whom the digest would keep from being told.
    nobody = literal(NOBODY) + cast(Told.case_id, Text)
    long_ago = Told.at <= now - AT_MOST, ~Told.contact_key.startswith(NOBODY)
    session.execute(update(Told).where(*long_ago).values(contact_key=nobody))
    old = or_(Response.comment != "", Response.other != "")
    words = (
        update(Response)
        .where(Response.answered_at <= now - WORDS, old)
        .values(comment="", other="")
        .returning(Response.id)
    )
    return len(gone), len(session.scalars(words).all())


def forget_answer(session: Session, response_id: int) -> None:
    """Forget the case of an answer that is about to be erased, and take back what was not sent yet."""
    session.execute(delete(Case).where(Case.response_id == response_id))
    _call_back(session)


def _over(now: datetime) -> Select[int]:
    """Cases whose customer is to be forgotten."""
    told = exists().where(Told.case_id == Case.id)
    closed = and_(
        Case.state == CaseState.CLOSED,
        Case.closed_at <= now - AFTER_CLOSING,
        or_(Case.wants_news.is_(False), told),
    )
    return select(Case.id).where(Case.contact.is_not(None), or_(closed, Case.opened_at <= now - AT_MOST))


def _call_back(session: Session) -> None:
    """Take back news not sent yet to customers who erased their answer, or are forgotten."""
    there = exists().where(_key_of_case(), Case.contact.is_not(None))
    session.execute(
        delete(Message).where(
            Message.key.startswith(NEWS, autoescape=True), Message.state == MessageState.QUEUED, ~there
        )
    )


def _key_of_case() -> ColumnElement[bool]:
    """Whether a message's key is about a case: told:FIX:CASE."""
    return Message.key.like(literal(f"{NEWS}%:") + cast(Case.id, Text))
