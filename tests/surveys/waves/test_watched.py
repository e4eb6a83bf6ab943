"""A fix wants answers from half a year before its start until a year after, near where it runs."""

from datetime import UTC, date, datetime

import pytest

from pulse.correlation.design import Watched
from pulse.organisation.models import RollOut
from pulse.organisation.service import FixScope
from pulse.verdicts.models import Verdict
from pulse.verdicts.rules import Outcome
from surveys.waves.watched import is_watched, near_teams, nearest
from tests.surveys.conftest import MONTH


def fix(started, stopped=None, teams=()):
    return FixScope(1, "fix", 1, started, stopped, tuple(teams), ())


@pytest.mark.parametrize(
    ("month", "watched"),
    [
        (date(2025, 11, 1), False),
        (date(2025, 12, 1), True),
        (date(2026, 6, 1), True),
        (date(2027, 6, 1), True),
        (date(2027, 7, 1), False),
    ],
)
def test_a_fix_is_watched_from_six_months_before_to_twelve_after(month, watched):
    assert is_watched(fix(date(2026, 6, 15)), month) is watched


def test_a_fix_that_was_stopped_wants_no_more_answers():
    stopped = fix(date(2026, 6, 15), stopped=date(2026, 9, 30))
    assert is_watched(stopped, date(2026, 9, 1))
    assert not is_watched(stopped, date(2026, 10, 1))


def test_a_gradual_roll_out_counts_from_its_first_place_to_a_year_after_its_last():
    gradual = fix(date(2026, 6, 1), teams=[(1, date(2026, 1, 5)), (2, date(2026, 12, 5))])
    assert is_watched(gradual, date(2025, 7, 1))
    assert is_watched(gradual, date(2027, 12, 1))
    assert not is_watched(gradual, date(2028, 1, 1))


def test_teams_are_near_a_fix_within_two_hops_of_its_own(database, railway):
    with database.writing() as session:
        railway.session = session
        for code in ("yard", "works", "office"):
            railway.team(code)
        railway.supply("yard", "north")
        railway.supply("works", "yard")
        railway.supply("office", "works")
        ids = {code: team.id for code, team in railway.teams.items()}
    with database.reading() as session:
        near = near_teams(session, MONTH)
        hops = {code: [fix.hops for fix in near.get(team, [])] for code, team in ids.items()}
    assert hops == {
        "head": [],
        "north": [0],
        "south": [0],
        "desk": [],
        "yard": [1],
        "works": [2],
        "office": [],
    }


def test_a_fix_whose_verdict_is_known_asks_for_less(database, railway):
    with database.writing() as session:
        railway.session = session
        wifi = railway.fix("wifi", started=date(2026, 6, 1))
        session.add(RollOut(fix_id=wifi.id, place_id=railway.teams["north"].id, started=date(2026, 6, 1)))
        for number, (outcome, probability) in enumerate(
            [(Outcome.UNDETERMINED, 0.5), (Outcome.RESOLVED, 0.04)]
        ):
            session.add(
                Verdict(
                    fix_id=wifi.id,
                    as_of=date(2026, 9 + number, 30),
                    revision=0,
                    concluded_at=datetime(2026, 11, 1, tzinfo=UTC),
                    outcome=outcome,
                    probability=probability,
                )
            )
    with database.reading() as session:
        north = near_teams(session, MONTH)[railway.teams["north"].id]
    assert {fix.irritant: fix.settled for fix in north} == {"queue": 0.0, "wifi": 0.96}


def test_a_unit_is_as_near_to_a_fix_as_the_nearest_of_its_teams():
    near = {1: [Watched("a", 2), Watched("b", 1)], 2: [Watched("a", 0, 0.5), Watched("a", 0, 0.2)]}
    assert nearest([1, 2, 3], near) == (Watched("a", 0, 0.2), Watched("b", 1))
