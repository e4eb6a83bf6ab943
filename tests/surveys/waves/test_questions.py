"""Everybody of a unit gets the same page: what customers raise, running fixes, the rest in turn."""

from collections import defaultdict
from datetime import date, datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from pulse.correlation.design import CONTROLS, Past, Unit, Watched
from pulse.ledger import store
from pulse.ledger.models import Source
from pulse.months import shifted
from pulse.organisation.models import Indicator, Irritant, Measure, Side, Team
from surveys.questions.kinds import KINDS
from surveys.waves.asked import EXPECTED, past, units_asked
from surveys.waves.models import Wave, WaveQuestion
from surveys.waves.questions import MOST, QUARTERS, chosen
from surveys.waves.service import open_due
from tests.surveys.conftest import MONTH, OPEN, OPENS, PARIS

FIRST = date(2026, 1, 1)


@st.composite
def organisations(draw):
    """A few units with lists, some of them near running fixes."""
    irritants = [f"i{number}" for number in range(draw(st.integers(1, 14)))]
    units = []
    for number in range(draw(st.integers(1, 9))):
        asked = tuple(sorted(draw(st.sets(st.sampled_from(irritants)))))
        near = st.builds(Watched, st.sampled_from(irritants), st.integers(0, 2))
        watched = tuple(fix for fix in draw(st.lists(near, max_size=5)) if fix.irritant in asked)
        answers = draw(st.floats(1, 60))
        units.append(Unit(f"u{number}", answers, asked, watched, bound=draw(st.booleans())))
    return units


def year(units, months=12):
    """What is asked month after month, each wave knowing the earlier ones."""
    history = defaultdict(dict)
    for number in range(months):
        month = shifted(FIRST, number)
        asked = chosen(units, month, history, most=MOST - (month.month in QUARTERS))
        for unit, irritants in asked.items():
            for irritant in irritants:
                times = history[unit][irritant].times if irritant in history[unit] else 0
                history[unit][irritant] = Past(number, times + 1)
        yield month, asked


@settings(max_examples=40)
@given(organisations())
def test_no_page_is_too_long_and_everything_on_a_list_comes_back(units):
    months = list(year(units))
    for month, asked in months:
        for unit in units:
            found = asked[unit.code]
            assert len(found) == len(set(found)) <= MOST - (month.month in QUARTERS)
            assert list(found) == sorted(found)
            assert set(found) <= set(unit.asked) or not unit.bound
    for unit in units:
        more = {irritant for _, asked in months for irritant in asked[unit.code]} | set(unit.asked)
        for irritant in unit.asked:
            at = [-1, *(n for n, (_, asked) in enumerate(months) if irritant in asked[unit.code]), 12]
            assert max(b - a for a, b in pairwise(at)) <= -(-len(more) // 2)


@settings(max_examples=40)
@given(organisations(), st.randoms(use_true_random=False))
def test_a_wave_is_the_same_in_whatever_order_an_organisation_is_read(units, random):
    shuffled = random.sample(units, len(units))
    assert chosen(units, FIRST, {}, most=MOST) == chosen(shuffled, FIRST, {}, most=MOST)


def test_a_fix_gets_its_answers_and_five_controls_far_away():
    near = [Unit(f"n{i}", 9.0, tuple("abcdefgh"), (Watched("a", i),)) for i in range(3)]
    far = [Unit(f"f{i}", 9.0, tuple("bcdefghi")) for i in range(20)]
    months = list(year(near + far))
    for unit, hops in (("n0", 0), ("n1", 1)):
        assert all("a" in asked[unit] for _, asked in months), hops
    assert sum("a" in asked["n2"] for _, asked in months) * 9 >= 12 * 8 * 0.85
    controls = {unit.code for unit in far for _, asked in months if "a" in asked[unit.code]}
    assert len(controls) == CONTROLS
    for unit in controls:
        answers = 9 * sum("a" in asked[unit] for _, asked in months) / 12
        assert answers >= 5 * 0.85


# In the database


def opened(database, now=OPEN):
    with database.writing() as session:
        assert open_due(session, now, zone=PARIS, k=5) is not None


def asked_of(session, unit, month=MONTH):
    rows = (
        select(WaveQuestion)
        .join(Wave, Wave.id == WaveQuestion.wave_id)
        .join(Team, Team.id == WaveQuestion.unit_id)
        .where(Team.code == unit, Wave.month == month)
        .order_by(WaveQuestion.position)
    )
    return session.scalars(rows).all()


def test_words_are_frozen_when_a_wave_opens(database, railway):
    opened(database)
    with database.writing() as session:
        session.get_one(Irritant, railway.irritants["queue"].id).employee_question_en = "Other words?"
    with database.reading() as session:
        [queue] = [
            question
            for question in asked_of(session, "north")
            if question.measure_id == railway.irritants["queue"].id
        ]
        assert queue.words("en") == "How much did queue land on you?"
        assert queue.words("fr") == "À quel point queue est-il retombé sur vous\u202f?"
        assert queue.kind == "landing"


def test_once_a_quarter_the_last_question_is_whether_one_would_recommend_working_here(database, railway):
    opened(database, datetime(2026, 10, 7, 10, tzinfo=PARIS))
    with database.reading() as session:
        page = asked_of(session, "north", date(2026, 10, 1))
        measures = [session.get_one(Measure, question.measure_id) for question in page]
    assert [type(measure) for measure in measures] == [Irritant] * 4 + [Indicator]
    assert measures[-1].code == "enps"
    assert KINDS[page[-1].kind].score("9") == 1000
    assert page[-1].words("en").startswith("How likely are you to recommend")
    assert page[-1].words("fr").startswith("Quelle est la probabilité")


def test_an_irritant_called_like_the_indicator_keeps_its_name(database, railway):
    with database.writing() as session:
        railway.session = session
        railway.irritant("enps", "station")
    opened(database, datetime(2026, 10, 7, 10, tzinfo=PARIS))
    with database.reading() as session:
        assert {question.kind for question in asked_of(session, "north", date(2026, 10, 1))} == {"landing"}


def test_what_was_asked_before_is_remembered_by_codes(database, railway):
    opened(database, OPENS)
    with database.reading() as session:
        history = past(session, date(2027, 1, 1))
        page = asked_of(session, "south")
    assert set(history) == {"north", "south"}
    assert set(history["south"].values()) == {Past(-2, 1)}
    assert len(history["south"]) == len(page) == 5


def test_customers_words_near_a_unit_decide_its_list(database, railway):
    with database.writing() as session:
        railway.session = session
        more = [railway.irritant(f"more{number}", "station").id for number in range(6)]
        station = railway.touchpoints["station"].id
        sums = [store.Sum(irritant, station, 40, 40 * 900, 40 * 900 * 900) for irritant in more[:3]]
        store.replace(session, Side.CUSTOMER, date(2026, 9, 1), Source.RESPONSES, sums)
        store.close(session, Side.CUSTOMER, date(2026, 9, 1), k=5, now=OPEN)
    with database.reading() as session:
        teams = {railway.teams["south"].id: [railway.teams["south"].id]}
        [unit] = units_asked(session, MONTH, teams, {railway.teams["south"].id: 14})
    assert (unit.code, unit.respondents, unit.bound) == ("south", pytest.approx(14 * EXPECTED), False)
    assert len(unit.asked) == 9
    assert {"more0", "more1", "more2", "queue"} <= set(unit.asked)
    assert unit.watched == (Watched("queue", 0),)
