"""Customers who say something in their own words, and may be contacted about it."""

from datetime import datetime, timedelta

from sqlalchemy import select

from pulse.db import Database
from pulse.months import month_of
from surveys.responses.models import ContactWish, Held, Response
from tests.surveys.conftest import PARIS, Railway, responded


def said(
    database: Database,
    railway: Railway,
    other: str = "",
    *,
    when: datetime,
    at: str = "station",
    language: str = "en",
    comment: str = "",
    score: int | None = None,
    contact: str = "",
    name: str = "",
    held: Held | None = None,
    **scores: int,
) -> int:
    """Store a customer's answer as the answering page does, with what they wrote and wished; its id."""
    responded(database, railway, month_of(when.astimezone(PARIS).date()), at=at, **scores)
    with database.writing() as session:
        answer = session.scalars(select(Response).order_by(Response.id.desc()).limit(1)).one()
        answer.other, answer.comment, answer.language = other, comment, language
        answer.other_score, answer.held, answer.answered_at = score, held, when
        if contact:
            session.add(ContactWish(response_id=answer.id, contact=contact, name=name))
        return answer.id


def days(number: float) -> timedelta:
    """So many days."""
    return timedelta(days=number)
