"""A company folder adds nothing to a month that employees answered in a wave."""

from datetime import UTC, datetime

import pytest

from pulse.db import Database
from pulse.ledger import store
from pulse.ledger.models import Source
from pulse.months import parsed
from pulse.organisation.models import Side
from surveys.imports.load import load
from surveys.imports.refusals import Refused
from surveys.waves.models import Wave, WaveState
from tests.surveys.imports.conftest import Spoil


@pytest.mark.parametrize(("state", "taken"), [(WaveState.OPEN, False), (WaveState.PLANNED, True)])
def test_answers_made_up_to_lift_a_few_over_the_threshold_are_refused(
    sqlite: Database, company: Spoil, state: WaveState, taken: bool
):
    month = parsed("2025-02")
    opens, closes = datetime(2025, 2, 4, 9, tzinfo=UTC), datetime(2025, 3, 1, tzinfo=UTC)
    with sqlite.writing() as session:
        session.add(Wave(month=month, opens_at=opens, closes_at=closes, state=state, threshold=5))
    if taken:
        with sqlite.writing() as session:
            load(session, company(), k=5)
    else:
        with pytest.raises(Refused) as refused, sqlite.writing() as session:
            load(session, company(), k=5)
        assert "a wave of this month has been opened" in str(refused.value.report.refused[0])
    with sqlite.reading() as session:
        assert bool(store.contributed(session, Side.EMPLOYEE, month, Source.LOADED)) is taken
