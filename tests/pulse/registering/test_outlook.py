"""What a planned fix could show is told from what may be shown, in words, before anything is saved."""

from datetime import date

import pytest
from sqlalchemy import event, select

from pulse import db
from pulse.organisation.fixes import Draft
from pulse.organisation.models import Asked, Break, Fix, Irritant, Side, Supply, Team
from pulse.registering import words
from pulse.registering.outlook import Basis, Expected, outlook
from pulse.verdicts.planning import Plan

TODAY = date(2026, 1, 15)


def draft(session, irritant: str = "late", **other: object) -> Draft:
    found = session.scalars(select(Irritant).where(Irritant.code == irritant)).one()
    values = {
        "name_en": "A fix",
        "name_fr": "Une correction",
        "irritant_id": found.id,
        "touchpoints": frozenset(),
        "teams": frozenset(),
        "started": date(2026, 5, 4),
        "owner": None,
        "requested_by": "",
        "hypothesis": "",
        "staff_task": "nothing",
        "expected_customer": -100,
        "expected_staff": 0,
    }
    return Draft(**(values | other))


def team(session, code: str) -> Team:
    return session.scalars(select(Team).where(Team.code == code)).one()


def seen_from(answers: float, teams: int, before: int) -> str:
    """The warning about power of a plan, if there is one."""
    expected = Expected(Basis.FIGURES, Plan("", date(2026, 5, 1), answers, teams, before))

    class Shown:
        pass

    shown = Shown()
    shown.expected, shown.teams, shown.seen = expected, (object(),), (expected.seen(2.0),)
    return " ".join(words._power(shown))


@pytest.mark.parametrize(
    ("answers", "teams", "before", "said"),
    [
        (
            8,
            1,
            3,
            "With 8 answers a month from 1 team you would see a burden of 2.0 points only after 7 months."
            " Starting 1 month later, with more answers from before, it would show after 5 months.",
        ),
        (
            1,
            1,
            12,
            "With 1 answer a month from 1 team you would not see a burden of 2.0 points within two years."
            " More teams, or more people of these teams answering, would help.",
        ),
        (12, 3, 0, "There are no answers from before the start to compare with."),
        (12, 4, 12, ""),
    ],
)
def test_too_little_power_is_said_with_what_would_help(answers, teams, before, said):
    warned = seen_from(answers, teams, before)
    assert warned.startswith(said)
    assert bool(warned) == bool(said)


def test_answers_are_told_by_figures_that_may_be_shown_and_without_them_by_heads(told):
    said: list[str] = []
    event.listen(db.main.engine, "before_cursor_execute", lambda *what: said.append(what[2]))
    with db.reading() as session:
        known = outlook(session, draft(session), TODAY, k=5)
        assert (known.expected.basis, known.expected.plan.answers, known.expected.plan.teams) == (
            Basis.FIGURES,
            20,
            1,
        )
        assert known.expected.plan.before == 28  # months from the first figure to the start
        new = Irritant(
            code="new",
            label_en="New",
            label_fr="Neuf",
            customer_question_en="",
            customer_question_fr="",
            employee_question_en="",
            employee_question_fr="",
        )
        session.add(new)
        session.flush()
        unknown = outlook(session, draft(session, "new"), TODAY, k=5)
        assert unknown.expected.basis is Basis.HEADS
        assert unknown.expected.plan.answers == 12  # 62 % of 20 people, and no more than are asked for
        assert unknown.expected.plan.before == 4
        assert "By their head counts, expect about 12 answers a month" in words.rests_on(unknown)
        team(session, "counter").headcount = None
        session.flush()
        assert outlook(session, draft(session, "new"), TODAY, k=5).expected.basis is Basis.NOTHING
    assert not [one for one in said if "measured_cell" in one or "contribution" in one]


def test_what_stands_in_the_way_is_said_in_words(told):
    with db.writing() as session:
        counter, crew, billing = (team(session, code) for code in ("counter", "crew", "billing"))
        late = session.scalars(select(Irritant).where(Irritant.code == "late")).one()
        twin = Fix(code="twin", name_en="Twin", name_fr="Jumelle", irritant=late, started=date(2026, 4, 1))
        counter.headcount = 3
        marked = Break(side=Side.CUSTOMER, month=date(2026, 4, 1), measure_id=late.id, note="", place_id=None)
        info = session.scalars(select(Irritant.id).where(Irritant.code == "info")).one()
        listed = Asked(team_id=counter.id, irritant_id=info, since=None, until=None)
        session.add_all([twin, marked, listed])
        session.flush()
        found = outlook(session, draft(session), TODAY, k=5)
        said = " ".join(words.warnings(found, 5))
        assert (
            "“Twin” is about the same irritant, in some of the same places, and starts in April 2026" in said
        )
        assert "Ticket office, Rennes has fewer than 5 people" in said
        assert "Ticket office, Rennes has a list of its own and is not asked about this irritant." in said
        assert "A new series of answers begins in April 2026" in said
        assert "It starts everywhere at once" not in said
        assert words.compared(found).startswith(
            "The answers will be compared with what was before, with 1 other"
        )

        everywhere = draft(session, teams=frozenset({counter.id, billing.id}))
        assert "It starts everywhere at once" in " ".join(
            words.warnings(outlook(session, everywhere, TODAY, k=5), 5)
        )
        far = draft(session, teams=frozenset({crew.id}), started=date(2025, 11, 3))
        late_one = outlook(session, far, TODAY, k=5)
        assert (late_one.late, late_one.earliest, late_one.settled) == (
            True,
            date(2026, 2, 1),
            date(2026, 3, 1),
        )


def test_the_teams_a_burden_could_land_on_are_those_within_two_hops(told):
    with db.writing() as session:
        session.add(Supply(supplier_id=team(session, "crew").id, customer_id=team(session, "billing").id))
        session.flush()
        near, far = outlook(session, draft(session), TODAY, k=5).near
        assert ([one.code for one in near], [one.code for one in far]) == (["billing"], ["crew"])
