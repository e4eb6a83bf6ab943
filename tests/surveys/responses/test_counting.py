"""Customers' answers are counted whole, again and again, and never twice."""

from datetime import UTC, date, datetime
from functools import partial

import pytest
from sqlalchemy import delete, select

from pulse.ledger import store
from pulse.ledger.models import Contribution, Source
from pulse.organisation.models import Side
from surveys.invitations.models import TouchpointSurvey
from surveys.responses import counting
from surveys.responses.erasure import ask_recount
from surveys.responses.models import Door, Held, Recount, Response, ResponseScore
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


# By door


def wants_open(database, railway, wanted=True, at="station"):
    with database.writing() as session:
        place = railway.touchpoints[at].id
        found = session.get(TouchpointSurvey, place) or TouchpointSurvey(touchpoint_id=place, origins=[])
        found.open_counts = wanted
        session.add(found)


def test_answers_through_open_links_are_a_source_of_their_own_and_count_where_it_was_said(
    database, railway, respond
):
    respond(MONTH, delay=1000)
    respond(MONTH, door=Door.OPEN, delay=250)
    assert [(row[2], row[3]) for row in counted(database)] == [(Source.RESPONSES, 1)]
    wants_open(database, railway)
    assert sorted((row[2].value, *row[3:5]) for row in counted(database)) == [
        ("open", 1, 250),
        ("responses", 1, 1000),
    ]
    wants_open(database, railway, False)
    assert [(row[2], row[3]) for row in counted(database)] == [(Source.RESPONSES, 1)]


def test_answers_through_the_open_link_of_another_touchpoint_do_not_count(database, railway, respond):
    wants_open(database, railway, at="phone")
    respond(MONTH, door=Door.OPEN, delay=250)
    assert counted(database) == []


@pytest.mark.parametrize("door", Door)
def test_what_is_held_counts_nowhere(database, railway, respond, door):
    wants_open(database, railway)
    for reason in Held:
        respond(MONTH, door=door, held=reason, delay=1000)
    assert counted(database) == []
    respond(MONTH, door=door, delay=1000)
    assert [row[3] for row in counted(database)] == [1]


# Again


def again(database, now=DECEMBER_4):
    with database.reading() as session:
        months = counting.asked_again(session)
        counts = {}
        for month in months:
            counts |= counting.closed_counts(session, month)
    with database.writing() as session:
        counting.count_again(session, months, counts, now, k=5)
    return list(months)


def asked(database, month, now=DECEMBER_4):
    with database.writing() as session:
        ask_recount(session, month, now)


def test_a_closed_month_is_counted_again_where_it_was_asked_for(database, respond):
    for _ in range(6):
        respond(MONTH, delay=750)
    close(database)
    assert again(database) == []
    with database.writing() as session:
        one = session.scalars(select(Response).limit(1)).one()
        session.delete(one)
        before = store.closed_months(session, Side.CUSTOMER)[MONTH]
    asked(database, MONTH)
    assert again(database) == [MONTH]
    assert [row[3:5] for row in ledger(database)] == [(5, 3750)]
    assert again(database) == []
    with database.reading() as session:
        assert store.closed_months(session, Side.CUSTOMER)[MONTH] != before
        assert [cell[3] for cell in store.measured(session, Side.CUSTOMER, MONTH, MONTH)] == [5]


def test_an_open_month_waits_until_it_is_closed(database, respond):
    respond(MONTH, delay=750)
    asked(database, MONTH)
    assert again(database) == []
    close(database)
    assert again(database) == [MONTH]


def test_what_is_asked_for_while_a_month_is_counted_again_is_done_the_next_time(database, respond):
    respond(MONTH, delay=750)
    close(database)
    asked(database, MONTH)
    with database.reading() as session:
        months, counts = counting.asked_again(session), counting.closed_counts(session, MONTH)
    later = DECEMBER_4.replace(minute=5)
    asked(database, MONTH, later)
    with database.writing() as session:
        counting.count_again(session, months, counts, later, k=5)
        assert session.scalars(select(Recount.asked_at)).all() == [later]
    assert again(database, later) == [MONTH]


def test_counting_again_changes_nothing_about_which_doors_counted_when_the_month_was_closed(
    database, railway, respond
):
    respond(MONTH, delay=750)
    respond(OCTOBER, door=Door.OPEN, delay=250)
    respond(MONTH, door=Door.OPEN, delay=250)
    with database.writing() as session:  # October alone counted them when it was closed
        cell = store.Sum(railway.irritants["delay"].id, railway.touchpoints["station"].id, 1, 250, 62_500)
        store.replace(session, Side.CUSTOMER, OCTOBER, Source.OPEN, [cell])
        for month in (OCTOBER, MONTH):
            store.close(session, Side.CUSTOMER, month, k=5, now=DECEMBER_4)
    for wanted in (True, False):
        wants_open(database, railway, wanted)
        for month in (OCTOBER, MONTH):
            asked(database, month)
        assert again(database) == [OCTOBER, MONTH]
        assert [(row[0], row[2]) for row in ledger(database)] == [
            (OCTOBER, Source.OPEN),
            (MONTH, Source.RESPONSES),
        ]
