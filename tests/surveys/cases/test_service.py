"""Cases are opened from wishes, followed up, and forgotten with what they were about."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import delete, func, select

from pulse.people.models import AuditEntry, Grant, PersonGrant
from surveys.cases import retention, service
from surveys.cases.models import Case, CaseEvent, CaseState, CloseReason
from surveys.responses.erasure import erase
from surveys.responses.models import ContactWish, Held, Response
from tests.surveys.answering import days, said
from tests.surveys.conftest import PARIS, responded

NOW = datetime(2026, 11, 9, 9, tzinfo=UTC)
ADDRESS = "ana@example.org"


def opened(database, now=NOW) -> int:
    with database.writing() as session:
        return service.open_wished(session, now, zone=PARIS)


def only_case(session) -> Case:
    return session.scalars(select(Case)).one()


def move(database, railway, state, **how) -> None:
    with database.writing() as session:
        case = only_case(session)
        seen = service.last_event(session, case)
        service.move(session, case, state, by=railway.people[0].id, **({"now": NOW, "seen": seen} | how))


@pytest.fixture
def waiting(database, railway) -> int:
    """A customer who wants to be contacted, whose case is open."""
    number = said(database, railway, when=NOW, contact=f" {ADDRESS} ", name="Ana", comment="Late!", queue=750)
    assert opened(database) == 1
    return number


def test_a_wish_becomes_a_case_once_and_is_nowhere_else_then(database, railway, waiting):
    assert opened(database) == 0
    with database.reading() as session:
        case = only_case(session)
        assert (case.contact, case.name, case.state, case.due_on) == (
            ADDRESS,
            "Ana",
            CaseState.OPEN,
            date(2026, 11, 16),
        )
        assert session.scalar(select(func.count()).select_from(ContactWish)) == 0
        assert session.scalars(select(CaseEvent.state)).all() == [CaseState.OPEN]


def test_a_wish_beside_a_held_answer_waits_until_it_is_let_in(database, railway):
    number = said(database, railway, when=NOW, contact=ADDRESS, held=Held.TOO_FAST)
    assert opened(database) == 0
    with database.writing() as session:
        session.get_one(Response, number).held = None
    assert opened(database) == 1


def test_everything_that_happens_to_a_case_is_kept_and_its_turns_are_audited(database, railway, waiting):
    owner = railway.people[1].id
    move(database, railway, CaseState.IN_PROGRESS, owner=owner, comment="I will call")
    move(database, railway, CaseState.IN_PROGRESS, owner=owner, comment="No answer")
    move(database, railway, CaseState.CLOSED, owner=owner, reason=CloseReason.NOT_REACHED)
    with database.reading() as session:
        case = only_case(session)
        assert (case.state, case.reason, case.closed_at) == (CaseState.CLOSED, CloseReason.NOT_REACHED, NOW)
        events = session.execute(select(CaseEvent.state, CaseEvent.comment).order_by(CaseEvent.id)).all()
        assert [tuple(event) for event in events] == [
            (CaseState.OPEN, ""),
            (CaseState.IN_PROGRESS, "I will call"),
            (CaseState.IN_PROGRESS, "No answer"),
            (CaseState.CLOSED, ""),
        ]
        assert session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all() == [
            "case in progress",
            "case closed",
        ]


def test_a_case_is_closed_for_a_reason_only(database, railway, waiting):
    with pytest.raises(service.ReasonMissing):
        move(database, railway, CaseState.CLOSED)


def test_who_looks_at_an_old_page_changes_nothing(database, railway, waiting):
    with database.reading() as session:
        seen = service.last_event(session, only_case(session))
    move(database, railway, CaseState.IN_PROGRESS)
    with pytest.raises(service.Overtaken):
        move(database, railway, CaseState.CLOSED, reason=CloseReason.SOLVED, seen=seen)


def test_a_closed_case_can_be_opened_again_while_its_customer_can_be_reached(database, railway, waiting):
    move(database, railway, CaseState.CLOSED, reason=CloseReason.SOLVED)
    move(database, railway, CaseState.IN_PROGRESS)
    with database.reading() as session:
        case = only_case(session)
        assert (case.state, case.closed_at, case.reason) == (CaseState.IN_PROGRESS, None, None)
    move(database, railway, CaseState.CLOSED, reason=CloseReason.SOLVED)
    with database.writing() as session:
        assert retention.forget(session, NOW + days(30)) == (1, 0)
    for state in CaseState:  # not even a comment: nothing would ever delete it
        with pytest.raises(service.Forgotten):
            move(database, railway, state, reason=CloseReason.SOLVED, comment="Ana called again")


@pytest.mark.parametrize(
    ("wants_news", "after", "kept"),
    [(False, 29, True), (False, 30, False), (True, 30, True), (True, 364, True), (True, 365, False)],
)
def test_an_address_is_forgotten_a_month_after_closing_or_later_where_news_are_wanted(
    sqlite, small_railway, wants_news, after, kept
):
    database, railway = sqlite, small_railway
    said(database, railway, when=NOW, contact=ADDRESS, name="Ana", queue=750)
    opened(database)
    move(
        database,
        railway,
        CaseState.CLOSED,
        reason=CloseReason.SOLVED,
        comment="Ana is glad",
        wants_news=wants_news,
    )
    with database.writing() as session:
        retention.forget(session, NOW + days(after))
    with database.reading() as session:
        case = only_case(session)
        assert (case.contact, case.name) == ((ADDRESS, "Ana") if kept else (None, ""))
        assert ("Ana is glad" in session.scalars(select(CaseEvent.comment)).all()) is kept


def test_what_customers_wrote_is_forgotten_after_a_year_and_their_scores_are_not(database, railway, waiting):
    with database.writing() as session:
        assert retention.forget(session, NOW + days(364)) == (0, 0)
        assert retention.forget(session, NOW + days(365)) == (1, 1)
    with database.reading() as session:
        answer = session.get_one(Response, waiting)
        assert (answer.comment, answer.other, len(answer.scores)) == ("", "", 1)


@pytest.mark.parametrize("by_hand", [True, False])
def test_an_erased_answer_takes_its_case_along(database, railway, waiting, by_hand):
    with database.writing() as session:
        if by_hand:  # as the database does it by itself
            session.execute(delete(Response).where(Response.id == waiting, ~Response.scores.any()))
            answer = session.get_one(Response, waiting)
            session.delete(answer)
        else:
            erase(session, session.get_one(Response, waiting), NOW, also=[retention.forget_answer])
    with database.reading() as session:
        for table in (Case, CaseEvent):
            assert session.scalar(select(func.count()).select_from(table)) == 0


def test_a_case_can_be_given_to_those_who_look_after_customers_alone(database, railway):
    responded(database, railway, date(2026, 11, 1), queue=0)
    with database.writing() as session:
        for person, grant in zip(railway.people[:5], Grant, strict=True):
            session.add(PersonGrant(person_id=person.id, grant=grant))
    with database.reading() as session:
        found = [person.grants[0].grant for person in service.may_look_after(session)]
    assert set(found) == {Grant.OWNER, Grant.ANALYST, Grant.ADMIN}
