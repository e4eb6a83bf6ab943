"""A wave is opened by the clock, freezes who is asked what, and closes with its month."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

from sqlalchemy import select

from pulse.ledger.models import ClosedMonth
from pulse.organisation.models import Asked, Measure, Side, Team
from pulse.organisation.trees import open_tree
from pulse.people.models import AnswersBy, Membership, Person
from surveys.waves.models import Wave, WaveQuestion, WaveState, WaveTeam
from surveys.waves.service import (
    attached,
    close_due,
    open_due,
    taking_answers,
    taking_ballots,
    to_be_tallied,
)
from tests.surveys.conftest import CLOSED, MONTH, OPEN, OPENS, OVER, PARIS


def opened(database, now=OPEN):
    with database.writing() as session:
        return open_due(session, now, zone=PARIS, k=5) is not None


def questions(session, unit):
    rows = (
        select(Measure.code)
        .join(WaveQuestion, WaveQuestion.measure_id == Measure.id)
        .join(Team, Team.id == WaveQuestion.unit_id)
        .where(Team.code == unit)
        .order_by(WaveQuestion.position)
    )
    return list(session.scalars(rows))


def units(session):
    of = select(Team.id, Team.code).subquery()
    rows = (
        select(Team.code, of.c.code)
        .join(WaveTeam, WaveTeam.team_id == Team.id)
        .join(of, of.c.id == WaveTeam.unit_id)
    )
    return dict(session.execute(rows).all())


def test_a_wave_opens_at_its_time_and_only_once(database, railway):
    assert not opened(database, OPENS - timedelta(seconds=1))
    assert opened(database, OPENS)
    assert not opened(database, OPENS + timedelta(hours=1))
    with database.reading() as session:
        wave = session.scalars(select(Wave).where(Wave.state == WaveState.OPEN)).one()
        assert (wave.month, wave.opens_at, wave.state, wave.threshold) == (MONTH, OPENS, WaveState.OPEN, 5)


def test_a_clock_that_was_away_opens_the_wave_late(database, railway):
    assert opened(database, OPENS + timedelta(days=12))


def test_everybody_counts_for_a_unit_of_ten(database, railway):
    opened(database)
    with database.reading() as session:
        assert units(session) == {"head": "north", "north": "north", "south": "south", "desk": "north"}


def test_a_unit_is_asked_what_is_met_near_any_of_its_teams_with_the_running_fix_first(database, railway):
    opened(database)
    with database.reading() as session:
        north, south = questions(session, "north"), questions(session, "south")
        assert "queue" in north
        assert "queue" in south
        assert len(north) == len(south) == 5
        assert north != south
        assert sorted(north) == north
        assert "hold" not in south


def test_a_list_of_its_own_replaces_what_a_team_is_asked_by_default(database, railway):
    with database.writing() as session:
        for irritant in ("wifi", "hold"):
            until = date(2026, 10, 1) if irritant == "hold" else None
            team, about = railway.teams["south"].id, railway.irritants[irritant].id
            session.add(Asked(team_id=team, irritant_id=about, since=date(2026, 1, 1), until=until))
    opened(database)
    with database.reading() as session:
        assert questions(session, "south") == ["wifi"]


def test_a_month_that_a_company_folder_brought_gets_no_wave(database, railway):
    with database.writing() as session:
        session.add(ClosedMonth(side=Side.EMPLOYEE, month=MONTH, closed_at=OPENS, digest=""))
    assert not opened(database)


def test_nobody_to_ask_means_no_wave(database):
    assert not opened(database)


def test_the_frozen_tree_skips_closed_teams_and_keeps_who_is_below_them(database, railway):
    with database.writing() as session:
        gone = session.get_one(Team, railway.teams["north"].id)
        gone.closed = date(2026, 11, 1)
        later = railway.teams["desk"].id
        session.get_one(Team, later).parent_id = gone.id
    with database.reading() as session:
        tree = open_tree(session, MONTH)
        assert tree[later] == railway.teams["head"].id
        assert railway.teams["north"].id not in tree
        assert railway.teams["north"].id in open_tree(session, date(2026, 10, 1))


def test_people_who_left_or_were_shut_out_do_not_count(database, railway):
    with database.writing() as session:
        ids = [person.id for person in railway.people if person.email.startswith("south")]
        session.get_one(Person, ids[0]).disabled_at = OPENS
        for membership in session.scalars(select(Membership).where(Membership.person_id == ids[1])):
            membership.until = date(2026, 10, 31)
    with database.reading() as session:
        assert attached(session, date(2026, 11, 9))[railway.teams["south"].id] == 12
        assert attached(session, date(2026, 10, 9))[railway.teams["south"].id] == 13


def test_a_wave_closes_with_its_month_and_waits_to_be_counted(database, railway):
    opened(database)
    with database.writing() as session:
        assert close_due(session, CLOSED - timedelta(hours=1)) == []
    with database.writing() as session:
        assert taking_answers(session, OVER - timedelta(hours=1)) is not None
        assert taking_answers(session, OVER) is None  # even where the clock that should close it is away
        assert taking_ballots(session, MONTH, CLOSED - timedelta(hours=1)) is not None
        assert taking_ballots(session, MONTH, CLOSED) is None
        assert taking_ballots(session, date(2026, 12, 1), OPEN) is None
        assert close_due(session, CLOSED - timedelta(minutes=20)) == [MONTH]
    with database.writing() as session:
        assert close_due(session, CLOSED) == []
        assert to_be_tallied(session, CLOSED - timedelta(minutes=20)) == []
        assert to_be_tallied(session, CLOSED) == [MONTH]


def test_two_clocks_at_the_same_moment_open_one_wave(database, railway):
    start = Barrier(2)

    def clock(_: int) -> bool:
        start.wait()
        return opened(database, OPENS)

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(clock, range(2))) == [False, True]
    with database.reading() as session:
        assert len(session.scalars(select(WaveTeam)).all()) == 4
        assert len(session.scalars(select(WaveQuestion)).all()) == 10


def test_everybody_counts_once_and_who_answers_by_code_draws_nothing(database, railway):
    with database.writing() as session:
        north, south, desk = (railway.teams[code].id for code in ("north", "south", "desk"))
        people = [person.id for person in railway.people]
        moved, by_code = people[1], people[2]  # of the north
        session.add(Membership(person_id=moved, team_id=south, since=date(2026, 5, 1), until=None))
        session.get_one(Person, by_code).answers_by = AnswersBy.CODE
    with database.reading() as session:
        drawing, everybody = (attached(session, OPENS.date(), by_code=by_code) for by_code in (False, True))
    assert (drawing[north], everybody[north]) == (10, 11)
    assert drawing[south] == everybody[south] == 15
    assert drawing[desk] == 3
    assert sum(everybody.values()) == len(people)


def test_units_are_made_of_those_who_can_draw_and_the_others_are_asked_with_them(database, railway):
    with database.writing() as session:
        for person in railway.people:
            if person.email.startswith("north") and person.email != "north0@example.org":
                session.get_one(Person, person.id).answers_by = AnswersBy.CODE
    opened(database)
    with database.reading() as session:
        assert set(units(session).values()) == {"south"}
        assert sum(session.scalars(select(WaveTeam.people))) == 19
        assert len(questions(session, "south")) == 5
