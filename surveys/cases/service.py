"""Cases: opened for customers who agreed to be contacted, taken on, commented, closed for a reason."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import Session

from pulse.people import service as people
from pulse.people.models import Grant, Person, PersonGrant
from surveys.cases import rules
from surveys.cases.models import Case, CaseEvent, CaseState, CloseReason
from surveys.responses.models import ContactWish, Response

LOOK_AFTER = (Grant.ANALYST, Grant.ADMIN, Grant.OWNER)  # who may be given a case
SEE_ALL = (Grant.ANALYST, Grant.ADMIN)  # customers' addresses are no business of others
AT_ONCE = 500


class ReasonMissing(Exception):
    """A case is closed for a reason."""


class Overtaken(Exception):
    """Somebody else changed the case since the page was shown."""


class Forgotten(Exception):
    """The way to reach the customer is deleted, and what is written from then on would never be."""


def open_case(
    session: Session, response: Response, contact: str, name: str, now: datetime, *, zone: ZoneInfo
) -> Case:
    """A new case for whoever sent a response, due in five working days."""
    case = Case(
        response_id=response.id,
        contact=contact.strip(),
        name=name.strip(),
        state=CaseState.OPEN,
        owner_id=None,
        due_on=rules.due(now.astimezone(zone).date()),
        opened_at=now,
        closed_at=None,
        reason=None,
        wants_news=False,
    )
    session.add(case)
    session.flush()
    session.add(CaseEvent(case_id=case.id, at=now, by_id=None, state=case.state, owner_id=None, comment=""))
    return case


def open_wished(session: Session, now: datetime, *, zone: ZoneInfo) -> int:
    """Open cases for the wishes to be contacted that came in; how many.

    A wish beside an answer that is kept apart waits until the answer is let in. What was wished moves into
    the case and is nowhere else from then on.
    """
    waiting = (
        select(ContactWish, Response)
        .join(Response, Response.id == ContactWish.response_id)
        .where(Response.held.is_(None), ~exists().where(Case.response_id == Response.id))
        .order_by(Response.id)
        .limit(AT_ONCE)
    )
    opened = 0
    while rows := session.execute(waiting).all():
        for wish, response in rows:
            open_case(session, response, wish.contact, wish.name, now, zone=zone)
        mine = [response.id for _, response in rows]
        session.execute(delete(ContactWish).where(ContactWish.response_id.in_(mine)))
        opened += len(rows)
    return opened


def move(
    session: Session,
    case: Case,
    state: CaseState,
    *,
    by: int,
    now: datetime,
    seen: int,
    owner: int | None = None,
    comment: str = "",
    reason: CloseReason | None = None,
    wants_news: bool = False,
) -> None:
    """Take a case on, hand it over, comment on it, close it or open it again; keeps who, when and what.

    seen -- the last event the person had before them
    owner -- id of the person who looks after it from now on; reason, wants_news -- of closing

    Raises Overtaken, Forgotten, or ReasonMissing where a case is closed for none.
    """
    if case.contact is None:
        raise Forgotten
    if seen != last_event(session, case):
        raise Overtaken
    if state is CaseState.CLOSED and reason is None:
        raise ReasonMissing
    turned = state is not case.state
    case.state, case.owner_id = state, owner
    case.reason = reason if state is CaseState.CLOSED else None
    case.wants_news = state is CaseState.CLOSED and wants_news
    if turned:
        case.closed_at = now if state is CaseState.CLOSED else None
    event = CaseEvent(case_id=case.id, at=now, by_id=by, state=state, owner_id=owner, comment=comment.strip())
    session.add(event)
    if turned:
        people.note(session, f"case {state.value.replace('_', ' ')}", f"case {case.id}", by=by)


def last_event(session: Session, case: Case) -> int:
    """The number of the last thing that happened to a case."""
    return session.scalar(select(func.max(CaseEvent.id)).where(CaseEvent.case_id == case.id)) or 0


def may_look_after(session: Session) -> Sequence[Person]:
    """Whom a case can be given to, by address."""
    held = exists().where(PersonGrant.person_id == Person.id, PersonGrant.grant.in_(LOOK_AFTER))
    found = session.scalars(select(Person).where(held, Person.disabled_at.is_(None)).order_by(Person.email))
    return [person for person in found if people.may_enter(person)]
