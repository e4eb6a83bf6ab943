"""What was written on screen and a company folder agree, whichever comes first."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
import time_machine
from sqlalchemy import select

from pulse.organisation import fixes
from pulse.organisation.fixes import Act, Draft
from pulse.organisation.freezing import FROZEN, is_frozen
from pulse.organisation.models import Asked, Break, Fix, Irritant, RollOut, Side, Team, Touchpoint
from pulse.organisation.scope import Dates
from pulse.organisation.service import Pair
from pulse.people import service as people
from pulse.registering import rewording
from pulse.registering.irritant_forms import pair_of
from surveys.imports.load import load
from surveys.imports.refusals import Refused

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
TODAY = date(2026, 11, 22)
ACT = Act("ana@example.org", NOW, TODAY)
FIXES = "fix,name,irritant,started,stopped,touchpoints,teams,owner,expected_customer,expected_staff\n"


@pytest.fixture(autouse=True)
def this_day():
    """The day on which everything here happens."""
    with time_machine.travel(NOW, tick=False):
        yield


def found(session, code: str) -> Fix:
    return session.scalars(select(Fix).where(Fix.code == code)).one()


def draft(session, **other) -> Draft:
    irritant = session.scalars(select(Irritant).where(Irritant.code == "WAIT")).one()
    desk = session.scalars(select(Touchpoint).where(Touchpoint.code == "DESK")).one()
    values = {
        "name_en": "Second desk",
        "name_fr": "Deuxième guichet",
        "irritant_id": irritant.id,
        "touchpoints": frozenset({desk.id}),
        "teams": frozenset(),
        "started": date(2027, 1, 11),
        "owner": "ana@example.org",
        "requested_by": "",
        "hypothesis": "",
        "staff_task": "nothing",
        "expected_customer": -150,
        "expected_staff": 50,
    }
    return Draft(**(values | other))


@pytest.fixture
def registered(sqlite, company):
    """A folder loaded, and a fix put on record on screen since."""
    with sqlite.writing() as session:
        load(session, company())
        fix = fixes.register(session, draft(session), ACT)
        sales = session.scalars(select(Team).where(Team.code == "SALES")).one()
        seen = fixes.version(session, fix)
        later = {sales.id: Dates(date(2027, 3, 1))}
        fixes.roll_out(session, fix, later, ACT, reason="", seen=seen)
    return sqlite


def refused(database, folder) -> str:
    """Why a folder is refused, for the one reason there is."""
    with pytest.raises(Refused) as told, database.writing() as session:
        load(session, folder)
    [said] = told.value.report.refused
    return str(said)


def recorded(session) -> tuple[object, ...]:
    fix = found(session, "second-desk")
    rows = session.scalars(select(RollOut).where(RollOut.fix_id == fix.id))
    return fixes.draft_of(fix), fix.frozen_on, fix.stopped, [(row.place_id, row.started) for row in rows]


def test_a_folder_that_does_not_know_a_fix_of_the_screen_leaves_it_alone(registered, company):
    with registered.writing() as session:
        before = recorded(session)
        assert load(session, company()).changes == 0
        assert recorded(session) == before


def test_a_folder_that_says_the_same_changes_nothing_and_may_leave_cells_empty(registered, company):
    row = "second-desk,,WAIT,2027-01-11,,,,,,\n"
    with registered.writing() as session:
        before = recorded(session)
        assert load(session, company(fixes=FIXES + row, rollouts=None)).changes == 0
        rows = "fix,place,started,stopped\nQUEUE,SALES,2025-03-01,\n"
        assert load(session, company(fixes=FIXES + row, rollouts=rows)).changes == 0
        assert recorded(session) == before


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("second-desk,,WAIT,2027-02-01,,,,,,\n", "started"),
        ("second-desk,,FORM,2027-01-11,,,,,,\n", "irritant"),
        ("second-desk,,WAIT,2027-01-11,,,,bob@example.org,,\n", "owner"),
        ("second-desk,,WAIT,2027-01-11,,,,,-2,\n", "expected_customer"),
        ("second-desk,Third desk,WAIT,2027-01-11,,CALL,,,,\n", "name and touchpoints"),
    ],
)
def test_a_folder_that_says_otherwise_is_refused_until_somebody_decides(registered, company, row, column):
    said = refused(registered, company(fixes=FIXES + row, rollouts=None))
    assert f"was written on screen, but this file changes its {column}" in said
    with registered.writing() as session:
        load(session, company(fixes=FIXES + row, rollouts=None), replace=True)
        assert recorded(session)[0] != draft(session)


def test_dates_of_places_given_on_screen_are_not_taken_away(registered, company):
    rows = "fix,place,started,stopped\nsecond-desk,SALES,2027-05-01,\n"
    assert "dates of the places of fix" in refused(registered, company(rollouts=rows))
    with registered.writing() as session:
        same = "fix,place,started,stopped\nsecond-desk,SALES,2027-03-01,\nQUEUE,SALES,2025-03-01,\n"
        assert load(session, company(rollouts=same)).changes == 0


def test_an_owner_given_on_screen_outlives_the_folder_that_names_none(sqlite, company):
    with sqlite.writing() as session:
        load(session, company())
        short = found(session, "SHORT")
        fixes.hand_over(session, short, "eve@example.org", ACT, seen=fixes.version(session, short))
        load(session, company())
        assert found(session, "SHORT").owner == "eve@example.org"


def test_a_withdrawn_fix_is_not_called_back_by_a_folder(registered, company):
    with registered.writing() as session:
        fix = found(session, "second-desk")
        fixes.withdraw(session, fix, ACT, reason="no money", seen=fixes.version(session, fix))
        load(session, company(fixes=FIXES + "second-desk,,WAIT,2027-01-11,,,,,,\n", rollouts=None))
        assert found(session, "second-desk").withdrawn


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_screen_and_folder_freeze_on_the_same_day(sqlite, company, days):
    """At the midnight of the organisation's clock, and not at that of Greenwich."""
    start = date(2027, 1, 11)
    midnight = datetime(2027, 1, 10, 23, tzinfo=UTC)  # of Paris
    with sqlite.writing() as session:
        load(session, company(fixes=FIXES + "NEW,,WAIT,2027-01-11,,,,,,\n", rollouts=None))
    with time_machine.travel(midnight.replace(minute=30, day=10 + days), tick=False):
        frozen = is_frozen(start, people.today())
        changed = company(fixes=FIXES + "NEW,,WAIT,2027-01-11,,,,,-1,\n", rollouts=None)
        with sqlite.writing() as session:
            fix = found(session, "NEW")
            assert fixes.launched(fix, people.today()) == frozen == (days >= 0)
            if frozen:
                act, seen = replace(ACT, today=people.today()), fixes.version(session, fix)
                with pytest.raises(fixes.Frozen):
                    fixes.edit(session, fix, draft(session), act, seen=seen)
        if frozen:
            assert "expected_customer" in refused(sqlite, changed)
        else:
            with sqlite.writing() as session:
                load(session, changed)


def test_what_is_frozen_is_what_the_folder_calls_frozen():
    assert set(FROZEN) <= {"registered", *Draft.__dataclass_fields__} | {"irritant"}


def other_words(irritant: Irritant) -> Pair:
    return replace(pair_of(irritant), customer_question_en="Did the queue annoy you?")


def test_words_changed_on_screen_and_their_break_outlive_a_folder(sqlite, company):
    with sqlite.writing() as session:
        load(session, company())
        by = people.add(session, "ana@example.org", language="en").id
        wait = session.scalars(select(Irritant).where(Irritant.code == "WAIT")).one()
        met = [place.id for place in wait.touchpoints]
        seen = rewording.version(wait)
        [made] = rewording.reword(session, wait, other_words(wait), met, by=by, seen=seen)
        assert (made.side, made.month, made.place_id) == (Side.CUSTOMER, date(2026, 12, 1), None)
    assert "changes its customer_question" in refused(sqlite, company())
    irritants = "irritant,label,customer_question,touchpoints\nWAIT,Waiting,,DESK|CALL\nFORM,Long forms,,\n"
    with sqlite.writing() as session:
        load(session, company(irritants=irritants))
        assert session.scalars(
            select(Irritant).where(Irritant.code == "WAIT")
        ).one().customer_question_en == ("Did the queue annoy you?")
        assert (
            session.scalars(select(Break).where(Break.month == date(2026, 12, 1))).one().side is Side.CUSTOMER
        )


def test_an_irritant_of_the_screen_stays_on_the_lists_of_teams(sqlite, company):
    with sqlite.writing() as session:
        load(session, company())
        by = people.add(session, "ana@example.org", language="en").id
        desk = session.scalars(select(Touchpoint.id).where(Touchpoint.code == "DESK")).one()
        pair = Pair("Cold hall", "Hall froid", "a?", "b ?", "c?", "d ?")
        made = rewording.add(session, pair, [desk], date(2026, 12, 1), by=by)
        listed = select(Asked).where(Asked.irritant_id == made.id)
        assert session.scalars(listed).all() != []
        assert load(session, company()).changes == 0
        assert session.scalars(listed).all() != []
