"""A fix whose start was found from the answers says when it was put on record (fixes.csv: registered)."""

from datetime import date

import pytest
from sqlalchemy import select

from pulse.db import Database
from pulse.organisation import service
from pulse.organisation.models import Fix
from surveys.imports.load import load
from surveys.imports.refusals import Refused
from tests.surveys.imports.conftest import Spoil

FIXES = "fix,irritant,started,registered\nQUEUE,WAIT,2025-02,{}\nSHORT,FORM,2025-03,\n"


def kept(database: Database) -> dict[str, date | None]:
    """The registration of each fix, as the night reads it."""
    with database.reading() as session:
        assert {fix.code: fix.registered for fix in session.scalars(select(Fix))} == {
            scope.fix: scope.registered for scope in service.scopes(session)
        }
        return {scope.fix: scope.registered for scope in service.scopes(session)}


def test_a_month_or_a_day_is_kept_and_nothing_where_none_is_given(database: Database, company: Spoil) -> None:
    with database.writing() as session:
        load(session, company(fixes=FIXES.format("2025-06-17"), rollouts=None))
    assert kept(database) == {"QUEUE": date(2025, 6, 17), "SHORT": None}


def test_it_is_frozen_like_the_start_itself(sqlite: Database, company: Spoil) -> None:
    with sqlite.writing() as session:
        load(session, company(fixes=FIXES.format("2025-06"), rollouts=None))
    earlier = company(fixes=FIXES.format("2025-02"), rollouts=None)
    with pytest.raises(Refused) as refused, sqlite.writing() as session:
        load(session, earlier)
    assert "changes its registered;" in str(refused.value.report.refused[0])
    with sqlite.writing() as session:
        load(session, earlier, replace=True)
    assert kept(sqlite)["QUEUE"] == date(2025, 2, 1)


def test_a_wrong_date_is_refused_with_what_to_write(sqlite: Database, company: Spoil) -> None:
    with pytest.raises(Refused) as refused, sqlite.writing() as session:
        load(session, company(fixes=FIXES.format("June"), rollouts=None))
    assert "write YYYY-MM-DD or YYYY-MM" in str(refused.value.report.refused[0])
