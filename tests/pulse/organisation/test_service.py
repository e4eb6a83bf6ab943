"""New irritants: their codes come from their names, and leave those of indicators free."""

from datetime import date

import pytest

from pulse.organisation.service import Pair, add_irritant
from tests.surveys.conftest import Railway


@pytest.mark.parametrize(
    ("label", "codes"),
    [
        ("Dirty trains", ["dirty-trains", "dirty-trains-2"]),
        ("Effort", ["effort-2", "effort-3"]),
        ("Été !", ["ete", "ete-2"]),
        ("!?", ["irritant", "irritant-2"]),
    ],
)
def test_a_code_is_made_of_the_name_and_is_nobody_elses(sqlite, label: str, codes: list[str]):
    with sqlite.writing() as session:
        railway = Railway(session)
        station = railway.touchpoint("station")
        pair = Pair(label, label, "?", "?", "?", "?")
        made = [add_irritant(session, pair, [station.id], date(2026, 11, 1)).code for _ in codes]
    assert made == codes
