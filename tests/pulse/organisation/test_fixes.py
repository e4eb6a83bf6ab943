"""Whatever people try, from its first day on a fix keeps what was written down; every change is kept."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from pulse.organisation import fixes, service
from pulse.organisation.fixes import Act, Draft
from pulse.organisation.freezing import Stage, has_begun, is_frozen, put_on_record, stage
from pulse.organisation.models import FixEvent, RollOut
from pulse.organisation.scope import Dates
from tests.surveys.conftest import built

START = date(2027, 1, 11)
days = st.dates(date(2026, 12, 1), date(2027, 3, 31))


def act(day: date) -> Act:
    return Act("ana@example.org", datetime(day.year, day.month, day.day, 12, tzinfo=UTC), day)


def draft(railway, **other: object) -> Draft:
    values = {
        "name_en": "More benches",
        "name_fr": "Plus de bancs",
        "irritant_id": railway.irritants["seats"].id,
        "touchpoints": frozenset(),
        "teams": frozenset(),
        "started": START,
        "owner": "ana@example.org",
        "requested_by": "",
        "hypothesis": "",
        "staff_task": "nothing",
        "expected_customer": -100,
        "expected_staff": 0,
    }
    return Draft(**(values | other))


@given(days, st.none() | days, days)
def test_a_fix_is_at_one_stage_and_never_goes_back(started, stopped, today):
    order = list(Stage)
    now, then = stage(started, stopped, today), stage(started, stopped, today + timedelta(days=1))
    assert order.index(then) >= order.index(now)
    assert (now is Stage.WITHDRAWN) == (stopped is not None and stopped < started)
    assert is_frozen(started, today) == has_begun(Dates(started), today) == (today >= started)
    late = put_on_record(started, today)
    assert late in (None, today)
    assert (late is None) == (started.replace(day=1) >= today.replace(day=1))


steps = st.lists(
    st.tuples(st.integers(0, 20), st.sampled_from(("edit", "date", "stop", "withdraw", "owner")), days),
    max_size=8,
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_from_its_first_day_on_nothing_that_was_written_down_changes(sqlite, steps):
    """People try things on later and later days; whatever is refused leaves no trace."""
    with sqlite.writing() as session:
        railway = built(session)
        north = railway.teams["north"].id
        fix = fixes.register(session, draft(railway), act(date(2026, 12, 1)))
        today, promised, begun = date(2026, 12, 1), None, {}
        for ahead, what, day in steps:
            today += timedelta(days=ahead)
            if fixes.launched(fix, today):
                promised = promised or replace(fixes.draft_of(fix), owner=None)
            scope = service.acting(session, fix)
            began = {place: dates.started for place, dates in scope.teams.items() if has_begun(dates, today)}
            before = len(fixes.events(session, fix)), fixes.version(session, fix)
            with suppress(fixes.Frozen, fixes.Withdrawn, fixes.DateRefused):
                attempt(session, railway, fix, what, day, act(today), north)
            events, version = len(fixes.events(session, fix)), fixes.version(session, fix)
            assert (events - before[0], version != before[1]) in ((0, False), (1, True))
            begun.update(began)
            scope = service.acting(session, fix)
            if not fix.withdrawn:
                assert {place: scope.teams[place].started for place in begun} == begun
            assert promised is None or replace(fixes.draft_of(fix), owner=None) == promised
        session.rollback()


def attempt(session, railway, fix, what: str, day: date, by: Act, place: int) -> None:
    seen = fixes.version(session, fix)
    if what == "edit":
        other = draft(railway, started=day, expected_customer=-day.day * 10, owner=fix.owner)
        fixes.edit(session, fix, other, by, seen=seen)
    elif what == "date":
        fixes.roll_out(session, fix, {place: Dates(day)}, by, reason="", seen=seen)
    elif what == "stop":
        fixes.stop(session, fix, day, by, reason="enough", seen=seen)
    elif what == "withdraw":
        fixes.withdraw(session, fix, by, reason="no", seen=seen)
    else:
        fixes.hand_over(session, fix, f"{day.day}@example.org", by, seen=seen)


def test_who_has_not_read_the_last_version_overwrites_nothing(database):
    with database.writing() as session:
        railway = built(session)
        fix = fixes.register(session, draft(railway), act(date(2026, 12, 1)))
        seen, today = fixes.version(session, fix), act(date(2026, 12, 2))
        fixes.edit(session, fix, draft(railway, expected_staff=50), today, seen=seen)
        with pytest.raises(fixes.Overtaken):
            fixes.edit(session, fix, draft(railway, expected_staff=10), today, seen=seen)
        with pytest.raises(fixes.Overtaken):
            fixes.stop(session, fix, date(2027, 2, 1), today, reason="x", seen=seen)
        assert fix.expected_staff == 50
        changed = [event.changed for event in session.scalars(select(FixEvent).order_by(FixEvent.id))]
        assert changed[1:] == [{"expected_staff": [0, 50]}]


def test_a_new_start_takes_earlier_dates_of_places_along(database):
    with database.writing() as session:
        railway = built(session)
        fix = fixes.register(session, draft(railway), act(date(2026, 12, 1)))
        north, south = (railway.teams[code].id for code in ("north", "south"))
        dates = {north: Dates(date(2027, 2, 1)), south: Dates(date(2027, 4, 1))}
        by = act(date(2026, 12, 2))
        fixes.roll_out(session, fix, dates, by, reason="", seen=fixes.version(session, fix))
        later = draft(railway, started=date(2027, 3, 1))
        fixes.edit(session, fix, later, by, seen=fixes.version(session, fix))
        [row] = session.scalars(select(RollOut)).all()
        assert (row.place_id, row.started) == (south, date(2027, 4, 1))
        last = session.scalars(select(FixEvent).order_by(FixEvent.id.desc())).first()
        assert last.changed == {
            "started": ["2027-01-11", "2027-03-01"],
            "started:team:north": ["2027-02-01", None],
        }
