"""Waves stand in the calendar ahead, and an analyst moves one until it opens."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from pulse.ledger.models import ClosedMonth
from pulse.organisation.models import Side
from pulse.people.models import AuditEntry, Membership
from surveys.waves import planning
from surveys.waves.models import Wave, WaveState
from surveys.waves.planning import band, lines, move, plan_ahead
from surveys.waves.service import open_due, taking_answers
from tests.surveys.conftest import MONTH, OPEN, OPENS, PARIS

DECEMBER, JANUARY, FEBRUARY = date(2026, 12, 1), date(2027, 1, 1), date(2027, 2, 1)


def planned(database, now=OPENS - timedelta(days=1)):
    with database.writing() as session:
        return plan_ahead(session, now, zone=PARIS, k=5)


def moved(database, month, opens, closes, now=OPENS - timedelta(days=1), by=None):
    with database.writing() as session:
        move(session, month, opens, closes, now, zone=PARIS, by=by)


def test_this_months_wave_and_the_next_three_are_planned_once(database, railway):
    assert planned(database) == [MONTH, DECEMBER, JANUARY, FEBRUARY]
    assert planned(database) == []
    assert planned(database, datetime(2026, 12, 1, tzinfo=PARIS)) == [date(2027, 3, 1)]


def test_a_wave_that_never_opened_leaves_the_calendar(database, railway):
    planned(database)
    planned(database, datetime(2027, 1, 1, tzinfo=PARIS))
    with database.reading() as session:
        assert session.scalars(select(Wave.month).order_by(Wave.month)).first() == JANUARY


def test_months_that_a_company_folder_brought_and_companies_without_people_get_none(database, railway):
    with database.writing() as session:
        session.add(ClosedMonth(side=Side.EMPLOYEE, month=DECEMBER, closed_at=OPENS, digest=""))
    assert planned(database) == [MONTH, JANUARY, FEBRUARY]
    with database.writing() as session:
        for membership in session.scalars(select(Membership)):
            session.delete(membership)
    assert planned(database, datetime(2027, 3, 1, tzinfo=PARIS)) == []


def test_a_wave_that_was_moved_opens_and_closes_on_its_new_days(database, railway):
    planned(database)
    moved(database, MONTH, date(2026, 11, 10), date(2026, 11, 20), by=railway.people[0].id)
    with database.writing() as session:
        assert open_due(session, OPENS + timedelta(hours=3), zone=PARIS, k=5) is None
        wave = open_due(session, datetime(2026, 11, 10, 10, tzinfo=PARIS), zone=PARIS, k=5)
        assert wave is not None
        assert taking_answers(session, datetime(2026, 11, 20, 23, 59, tzinfo=PARIS)) is wave
        assert taking_answers(session, datetime(2026, 11, 21, 0, 0, tzinfo=PARIS)) is None
        note = session.scalars(select(AuditEntry)).one()
        assert (note.action, note.subject, note.detail) == (
            "wave moved",
            "2026-11",
            "2026-11-10 - 2026-11-20",
        )
        assert note.person_id == railway.people[0].id


@pytest.mark.parametrize(
    ("opens", "closes", "refusal"),
    [
        (date(2026, 11, 2), date(2026, 11, 30), planning.Past),  # today, an hour ago
        (date(2026, 11, 1), date(2026, 11, 30), planning.Past),
        (date(2026, 10, 31), date(2026, 11, 30), planning.OutsideMonth),
        (date(2026, 11, 10), date(2026, 12, 1), planning.OutsideMonth),
        (date(2026, 11, 20), date(2026, 11, 10), planning.OutsideMonth),
        (date(2026, 11, 20), date(2026, 11, 23), planning.TooShort),
    ],
)
def test_a_wave_cannot_be_moved_into_the_past_or_out_of_its_month_or_too_close(
    sqlite, small_railway, opens, closes, refusal
):
    planned(sqlite)
    with pytest.raises(refusal):
        moved(sqlite, MONTH, opens, closes, now=datetime(2026, 11, 2, 11, tzinfo=PARIS))
    with sqlite.reading() as session:
        assert session.scalars(select(Wave.opens_at).where(Wave.month == MONTH)).one() == OPENS
        assert session.scalars(select(AuditEntry)).all() == []


def test_an_open_wave_stays_where_it_is(database, railway):
    with database.writing() as session:
        assert open_due(session, OPENS, zone=PARIS, k=5) is not None
    with pytest.raises(planning.AlreadyOpen):
        moved(database, MONTH, date(2026, 11, 20), date(2026, 11, 30), now=OPEN)
    with pytest.raises(planning.NoSuchWave):
        moved(database, date(2027, 6, 1), date(2027, 6, 1), date(2027, 6, 20))


def test_the_calendar_tells_days_people_in_bands_and_questions(database, railway):
    with database.writing() as session:
        assert open_due(session, OPENS, zone=PARIS, k=5) is not None
    with database.reading() as session:
        *_, december, november = lines(session, zone=PARIS)
    assert (november.month, november.state, november.opens, november.closes) == (
        MONTH,
        WaveState.OPEN,
        date(2026, 11, 3),
        date(2026, 11, 30),
    )
    assert november.invited == 20  # of 30
    assert november.questions is not None
    assert november.questions[0] == 5
    assert (december.month, december.invited, december.questions) == (DECEMBER, None, None)


@given(st.integers(0, 400_000))
def test_a_band_is_never_above_and_never_far_below(people):
    assert band(people) <= people <= max(band(people) * 5 // 2, 0)
    assert str(band(people)).rstrip("0") in ("", "1", "2", "5")


def test_the_wave_of_a_december_is_planned_across_the_year(database, railway):
    with database.writing() as session:
        plan_ahead(session, datetime(2026, 12, 31, 22, 59, tzinfo=UTC), zone=PARIS, k=5)
        assert plan_ahead(session, datetime(2026, 12, 31, 23, 0, tzinfo=UTC), zone=PARIS, k=5) == [
            date(2027, 4, 1)
        ]
