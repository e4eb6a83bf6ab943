"""Where a fix acts, since when, and who is asked about what by default."""

from datetime import date

from pulse.organisation.chain import neighbours
from pulse.organisation.scope import Action, Dates, Served, asked, scope

SERVED = Served(
    teams={"phone": {"T1", "T2"}, "desk": {"T3"}, "web": set()},
    met={"waiting": {"phone", "desk"}, "rudeness": set(), "errors": {"web"}},
)
JANUARY, JUNE, AUGUST, DECEMBER = (date(2025, month, 1) for month in (1, 6, 8, 12))


def test_a_fix_that_names_no_place_acts_at_its_irritants_touchpoints_and_in_the_teams_serving_them():
    found = scope(Action("F", "waiting", Dates(JANUARY)), SERVED)
    assert found.touchpoints == {"phone": Dates(JANUARY), "desk": Dates(JANUARY)}
    assert found.teams.keys() == {"T1", "T2", "T3"}


def test_an_irritant_of_no_touchpoint_is_met_at_all_of_them():
    found = scope(Action("F", "rudeness", Dates(JANUARY)), SERVED)
    assert found.touchpoints.keys() == {"phone", "desk", "web"}


def test_named_touchpoints_decide_the_teams_unless_teams_are_named_too():
    at_desk = Action("F", "waiting", Dates(JANUARY), touchpoints=frozenset({"desk"}))
    assert scope(at_desk, SERVED).teams.keys() == {"T3"}

    named = Action("F", "waiting", Dates(JANUARY), frozenset({"desk"}), frozenset({"T9"}))
    assert scope(named, SERVED).teams.keys() == {"T9"}
    assert scope(named, SERVED).touchpoints.keys() == {"desk"}


def test_a_roll_out_gives_one_place_its_own_dates_and_leaves_the_others_the_fixs():
    action = Action(
        "F", "waiting", Dates(JANUARY, DECEMBER), rollouts={"desk": Dates(JUNE), "T1": Dates(JUNE, AUGUST)}
    )
    found = scope(action, SERVED)
    assert found.touchpoints == {"phone": Dates(JANUARY, DECEMBER), "desk": Dates(JUNE, DECEMBER)}
    assert found.teams["T1"] == Dates(JUNE, AUGUST)
    assert found.teams["T2"] == Dates(JANUARY, DECEMBER)


def test_teams_are_asked_about_the_irritants_of_touchpoints_within_two_hops():
    served = Served(teams={"phone": {"T1"}}, met={"waiting": {"phone"}, "errors": set()})
    beside = neighbours([("T1", None), ("T2", "T1"), ("T3", "T2"), ("T4", "T3"), ("T9", None)])

    found = asked(served, beside)

    assert found == dict.fromkeys(["T1", "T2", "T3"], frozenset({"waiting", "errors"}))


def test_a_team_beyond_two_hops_or_without_a_chain_is_not_asked():
    found = asked(SERVED, {})
    assert found["T1"] == {"waiting", "rudeness"}
    assert found["T3"] == {"waiting", "rudeness"}
    assert "T4" not in found
