"""Changes nobody registered."""

from __future__ import annotations

import numpy as np
import pytest

from pulse.correlation.changes import changes, shortest
from pulse.correlation.engine import prepare, unregistered
from pulse.correlation.scales import CUSTOMERS, STAFF
from pulse.correlation.side import Side, scope_of, side
from tests.pulse.correlation.company import Company


def customers(company: Company, month: int = 35) -> Side:
    scope = scope_of([(f.measure, f.touchpoints, f.touchpoint_starts, f.start) for f in company.fixes])
    made = side(company.customer(), month, CUSTOMERS, scope, len(company.fixes))
    assert made is not None
    return made


def test_a_relief_nobody_registered_is_reported_with_its_month():
    made = Company(seed=3)
    made.customer_mean[:, 4, 20:] *= 0.5
    (change,) = changes(customers(made), [])

    assert change.measure == 4
    assert change.earliest <= 20 <= change.latest
    assert abs(change.month - 20) <= 1
    assert not change.more
    assert change.log_evidence >= np.log(20)


def test_a_rise_among_staff_is_reported_as_one():
    made = Company(seed=4)
    made.staff_mean[:, 2, 15:] += 2.0
    prepared = side(made.staff(), 35, STAFF, scope_of([]), 0)
    (change,) = changes(prepared, [])

    assert (change.measure, change.more) == (2, True)


def test_a_month_out_of_the_way_is_not_asked_about_before_the_next_one_bears_it_out():
    lasting, passing = Company(seed=3), Company(seed=3)
    lasting.customer_mean[:, 4, 20:] *= 0.5
    passing.customer_mean[:, 4, 20:21] *= 0.5

    assert changes(customers(lasting, 20), []) == []
    assert [change.measure for change in changes(customers(lasting, 21), [])] == [4]
    assert changes(customers(passing, 20), []) == []
    assert changes(customers(passing, 21), []) == []


def test_what_changed_in_the_first_months_has_too_little_before_it():
    made = Company(seed=3)
    made.customer_mean[:, 4, 3:] *= 0.5

    assert changes(customers(made, 12), []) == []


def test_irritants_with_a_running_fix_are_left_out():
    made = Company(seed=3)
    made.customer_mean[:, 4, 20:] *= 0.5

    assert changes(customers(made), [4]) == []


def test_rows_a_fix_touches_do_not_count():
    made = Company(seed=3)
    made.fix("a", irritant=4, start=20, teams=(0,), touchpoints=tuple(range(8)), relief=0.5)

    assert changes(customers(made), []) == []


def test_quiet_irritants_are_rarely_reported():
    reported = sum(len(changes(customers(Company(seed=seed)), [])) for seed in range(25))

    assert reported <= 5, "200 irritants: at most one in twenty by the bound, one in a hundred as measured"


def test_too_short_a_history_reports_nothing():
    made = Company(months=5)

    assert changes(customers(made, 4), []) == []


@pytest.mark.parametrize(
    ("chance", "held"),
    [([0.0, 0.05, 0.9, 0.05], (2, 2)), ([0.5, 0.45, 0.05], (0, 1)), ([0.25] * 4, (0, 3))],
)
def test_the_range_is_the_shortest_with_nine_tenths(chance, held):
    assert shortest(np.array(chance)) == held


def test_the_engine_asks_about_irritants_without_a_running_fix_only():
    made = Company(seed=3)
    made.customer_mean[:, 4, 20:] *= 0.5
    made.fix("a", irritant=1, start=20, teams=(0,), touchpoints=(0, 1), relief=0.5)
    prepared = prepare(made.staff(), made.customer(), made.fixes, made.chain, month=35)

    assert [change.measure for change in unregistered(prepared)] == [4]
    assert unregistered(prepare(made.staff(), None, made.fixes, made.chain, month=35)) == []
