"""Customers' figures of a touchpoint that fewer than k people serve are about people everybody can name."""

from datetime import UTC, date, datetime

import pytest

from pulse.ledger import store
from pulse.ledger.figures import figures
from pulse.ledger.models import Source
from pulse.ledger.readers import EVERYTHING
from pulse.ledger.store import Sum
from pulse.ledger.touchpoints import served_by_few
from pulse.organisation.models import Irritant, Serving, Side, Team, Touchpoint
from pulse.people import service as people

MAY = date(2026, 5, 1)


@pytest.fixture
def company(database):
    """A desk of 4, a hall of 30 by headcount, a shop nobody knows the size of, each at a touchpoint."""
    ids: dict[str, int] = {}
    with database.writing() as session:
        for code, headcount in (("desk", 4), ("hall", 30), ("shop", None)):
            team = Team(code=code, name_en=code, name_fr=code, headcount=headcount)
            touchpoint = Touchpoint(code=f"at-{code}", name_en=code, name_fr=code)
            session.add_all([team, touchpoint])
            session.flush()
            session.add(Serving(touchpoint_id=touchpoint.id, team_id=team.id))
            ids |= {code: team.id, f"at-{code}": touchpoint.id}
        words = ("label", "customer_question", "employee_question")
        irritant = Irritant(code="WAIT", **{f"{w}_{lang}": "Waiting" for w in words for lang in ("en", "fr")})
        session.add(irritant)
        session.flush()
        ids["WAIT"] = irritant.id
    return ids


def test_a_headcount_below_k_hides_and_an_unknown_one_does_not(database, company):
    with database.reading() as session:
        assert served_by_few(session, MAY, 5) == {company["at-desk"]}
        assert served_by_few(session, MAY, 40) == {company["at-desk"], company["at-hall"]}


def test_who_belonged_to_the_team_that_month_counts_before_its_headcount(database, company):
    with database.writing() as session:
        for number in range(6):
            person = people.add(session, f"p{number}@example.org")
            people.join(session, person, session.get_one(Team, company["desk"]), since=date(2026, 5, 20))
        assert served_by_few(session, MAY, 5) == set()
        assert served_by_few(session, date(2026, 4, 1), 5) == {company["at-desk"]}


def test_its_customers_are_measured_for_the_night_and_shown_to_nobody(database, company):
    with database.writing() as session:
        sums = [Sum(company["WAIT"], company[f"at-{c}"], 40, 16_000, 6_400_000) for c in ("desk", "hall")]
        store.replace(session, Side.CUSTOMER, MAY, Source.LOADED, sums)
        closing = store.close(session, Side.CUSTOMER, MAY, k=5, now=datetime(2026, 6, 4, tzinfo=UTC))
    assert (closing.measured, closing.released) == (2, 1)
    with database.reading() as session:
        assert [f.place_id for f in figures(session, EVERYTHING, Side.CUSTOMER)] == [company["at-hall"]]
