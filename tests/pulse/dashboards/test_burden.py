"""The burden ledger adds up what the newest verdicts say of a team, and nothing else."""

import json
import math
import re

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select

from config import settings
from pulse import db
from pulse.dashboards.burden import added
from pulse.ledger.disclosure import Extent
from pulse.ledger.models import ReleasedCell
from pulse.organisation.models import Fix, Irritant, Team
from pulse.verdicts.models import Verdict
from pulse.verdicts.sentences import Span
from tests.pulse.dashboards.conftest import text_of
from tests.pulse.dashboards.line import LATEST, MANAGER, show
from tests.pulse.dashboards.test_heat import browser_of, line  # noqa: F401  # a fixture
from tests.pulse.dashboards.told import ANALYST, EMPLOYEE, LAST

tenths = st.integers(-50, 50).map(lambda n: n / 10)
widths = st.integers(1, 30).map(lambda n: n / 10)
spans = st.builds(lambda value, down, up: Span(value, value - down, value + up), tenths, widths, widths)


@given(st.lists(spans, min_size=1, max_size=8))
def test_the_sum_of_effects_lies_in_its_interval_and_errors_add_up_by_their_squares(some):
    total = added(some)
    assert total is not None
    assert total.low <= total.value <= total.high
    assert total.value == pytest.approx(sum(span.value for span in some), abs=0.051)
    half = math.sqrt(sum((span.high - span.value) ** 2 for span in some))
    assert total.high - total.value == pytest.approx(half, abs=0.11)
    assert added(reversed(some)) == total


def test_the_sum_of_nothing_is_not_nothing():
    assert added([]) is None
    assert added([Span(1.9, 1.2, 2.6)]) == Span(1.9, 1.2, 2.6)
    assert added([Span(1.0, 0.7, 1.3), Span(-0.4, -0.8, 0.0)]) == Span(0.6, 0.1, 1.1)


def account(page: str, team: str) -> str:
    """What the ledger says of a team."""
    found = re.search(rf'<tbody role="rowgroup" data-team="{team}">(.*?)</tbody>', page, re.S)
    assert found is not None
    return text_of(found[1])


def test_every_team_that_a_fix_touches_has_its_account(line: Flask) -> None:  # noqa: F811
    page = browser_of(line, ANALYST).get("/burden").text
    assert re.findall(r'data-team="([\w-]+)"', page) == ["counter", "billing"]
    # Landed on both; the fix's own team is told once. The other two fixes of the counter have 0.0 and 0.8.
    assert "landed here" in account(page, "billing")
    assert "+1.9 +1.2 to +2.6" in account(page, "billing")
    said = account(page, "counter")
    assert said.count("Refunds within 48 hours") == 1
    assert "+2.7 +1.3 to +4.1" in said
    assert "Heated waiting rooms" in said
    assert "no figure yet" in said
    assert "Boarding marks" in said
    assert "Live displays" not in said


def test_a_sum_over_the_budget_is_told_in_words(line: Flask) -> None:  # noqa: F811
    client = browser_of(line, ANALYST)
    page = client.get("/burden").text
    assert settings().burden_budget == 2.0
    assert "1 team out of 2 took on more than the budget of 2.0 points" in page
    assert "Fixes put 2.7 points on the team (1.3 to 4.1); the budget is 2.0." in account(page, "counter")
    assert "The interval reaches beyond the budget of 2.0." in account(page, "billing")
    assert re.findall(r'data-team="([\w-]+)"', client.get("/burden?over=1").text) == ["counter"]
    longer = client.get("/burden?months=24").text
    assert "budget of 4.0 points" in longer
    assert "Live displays" in account(longer, "counter")


def test_a_fix_that_has_ended_is_shown_and_not_counted(line: Flask) -> None:  # noqa: F811
    with db.writing() as session:
        session.scalars(select(Fix).where(Fix.code == "pay-later")).one().stopped = LAST
    said = account(browser_of(line, ANALYST).get("/burden").text, "counter")
    assert "ended, not in the sum" in said
    assert "+1.9 +1.1 to +2.7" in said


def test_only_the_newest_verdict_counts(line: Flask) -> None:  # noqa: F811
    with db.writing() as session:
        newest = session.scalars(
            select(Verdict).join(Fix).where(Fix.code == "refund-48h", Verdict.as_of == LAST)
        ).one()
        values = {
            column.key: getattr(newest, column.key)
            for column in Verdict.__table__.columns
            if column.key not in ("id", "revision")
        }
        values |= {"landing_effect": 0.9, "landing_low": 0.4, "landing_high": 1.4}
        session.add(Verdict(**values, revision=1))
    assert "+0.9 +0.4 to +1.4" in account(browser_of(line, ANALYST).get("/burden").text, "billing")


def test_a_team_that_answers_too_high_to_rise_is_named(line: Flask) -> None:  # noqa: F811
    with db.writing() as session:
        billing = session.scalars(select(Team).where(Team.code == "billing")).one()
        late = session.scalars(select(Irritant).where(Irritant.code == "late")).one()
        mine = (ReleasedCell.place_id == billing.id, ReleasedCell.measure_id == late.id)
        session.execute(delete(ReleasedCell).where(*mine, ReleasedCell.month == LATEST))
        show(session, billing, late, 0, n=10, score=900, extent=Extent.OWN)
    said = account(browser_of(line, ANALYST).get("/burden").text, "billing")
    assert "The team answers so high about “Trains run late” that a further rise could not show." in said


def test_a_manager_sees_the_own_account_and_no_other(line: Flask) -> None:  # noqa: F811
    client = browser_of(line, MANAGER)
    page = client.get("/burden").text
    assert re.findall(r'data-team="([\w-]+)"', page) == ["counter"]
    assert "Billing" not in text_of(page)
    assert "/fixes/" not in page
    assert "billing" not in client.get("/burden?as=json").text
    assert browser_of(line, EMPLOYEE).get("/burden").status_code == 404


def test_files_hold_the_very_entries_of_the_page(line: Flask) -> None:  # noqa: F811
    client = browser_of(line, ANALYST)
    sheets = json.loads(client.get("/burden?as=json").text)["sheets"]
    sums = {one["team"]: (one["sum"], one["sum_low"], one["sum_high"], one["load"]) for one in sheets["sums"]}
    assert sums == {"counter": (2.7, 1.3, 4.1, "over"), "billing": (1.9, 1.2, 2.6, "perhaps")}
    entries = {(one["team"], one["fix"]): (one["effect"], one["landed"]) for one in sheets["entries"]}
    assert entries["billing", "refund-48h"] == (1.9, True)
    assert entries["counter", "warm-rooms"] == (None, False)
    assert client.get("/burden?as=csv&sheet=sums").text.count("\n") == 3
