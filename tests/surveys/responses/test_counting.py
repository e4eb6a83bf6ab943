"""Customers' answers are counted whole, again and again, and never twice."""

from datetime import UTC, date, datetime
from functools import partial

import pytest
from sqlalchemy import delete, select

from pulse.ledger import store
from pulse.ledger.models import Contribution, Source
from pulse.organisation.models import Side
from surveys.responses import counting
from surveys.responses.models import Response, ResponseScore
from tests.surveys.conftest import MONTH, PARIS, responded

OCTOBER = date(2026, 10, 1)
DECEMBER_4 = datetime(2026, 12, 3, 23, tzinfo=UTC)  # midnight in Paris


@pytest.fixture
def respond(database, railway):
    """Stores a customer's response of a month."""
    return partial(responded, database, railway)


def counted(database):
    with database.writing() as session:
        counting.post(session, counting.open_counts(session))
    return ledger(database)


def ledger(database):
    with database.reading() as session:
        rows = select(Contribution).order_by(Contribution.month, Contribution.measure_id)
        return [
            (row.month, row.side, row.source, row.n, row.total, row.squares) for row in session.scalars(rows)
        ]


def close(database, now=DECEMBER_4):
    with database.writing() as session:
        return counting.close_due(session, now, zone=PARIS, k=5)


def test_counting_twice_is_counting_once(database, respond):
    respond(MONTH, delay=750)
    respond(MONTH, delay=250, wifi=0)
    first = counted(database)
    assert first == counted(database)
    assert [row[3:] for row in first] == [(2, 1000, 625_000), (1, 0, 0)]
    assert {row[1:3] for row in first} == {(Side.CUSTOMER, Source.RESPONSES)}


def test_a_response_that_was_erased_is_counted_out_again(database, respond):
    respond(MONTH, delay=750)
    counted(database)
    with database.writing() as session:
        session.execute(delete(ResponseScore))
        session.execute(delete(Response))
    assert counted(database) == []


def test_a_month_closes_three_days_after_its_end(database, respond):
    for _ in range(5):
        respond(MONTH, delay=750)
    assert close(database, datetime(2026, 12, 3, 22, 59, tzinfo=UTC)) == []
    assert close(database) == [MONTH]
    assert close(database) == []
    with database.reading() as session:
        assert list(store.closed_months(session, Side.CUSTOMER)) == [MONTH]
        assert [cell[2:] for cell in store.measured(session, Side.CUSTOMER, MONTH, MONTH)] == [
            (MONTH, 5, 3750, 2_812_500)
        ]


def test_a_closed_month_is_frozen(database, respond):
    respond(MONTH, delay=750)
    close(database)
    respond(MONTH, delay=0)
    assert [row[3] for row in counted(database)] == [1]


def test_a_month_closed_while_it_was_being_counted_is_not_touched(database, respond):
    respond(MONTH, delay=750)
    with database.reading() as session:
        counts = counting.open_counts(session)
    respond(MONTH, delay=250)
    close(database)
    with database.writing() as session:
        counting.post(session, counts)
    assert [row[3] for row in ledger(database)] == [2]


def test_a_month_without_answers_is_left_for_a_company_folder(database, respond):
    respond(OCTOBER, delay=750)
    assert close(database) == [OCTOBER]
    with database.reading() as session:
        assert list(store.closed_months(session, Side.CUSTOMER)) == [OCTOBER]


def test_counting_leaves_what_was_loaded_alone(database, railway, respond):
    with database.writing() as session:
        cell = store.Sum(railway.irritants["delay"].id, railway.touchpoints["station"].id, 3, 900, 300_000)
        store.replace(session, Side.CUSTOMER, MONTH, Source.LOADED, [cell])
    respond(MONTH, delay=750)
    assert [(row[2], row[3]) for row in counted(database)] == [(Source.LOADED, 3), (Source.RESPONSES, 1)]
