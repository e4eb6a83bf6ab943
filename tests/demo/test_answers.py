"""What is written shows what was planted: simple before-and-after comparisons find it again."""

from collections.abc import Callable, Collection, Iterable

import numpy as np
import pytest

from demo import Company
from demo.answers import LABELS, Counted, customer_answers, staff_answers
from demo.plan import Fix
from demo.truth import Rows

Means = np.ndarray


def means(rows: Rows, drawn: Iterable[Counted]) -> Means:
    """(rows, months) mean score, NaN where nobody answered."""
    found = np.full(rows.expected.shape, np.nan)
    for counted in drawn:
        found[counted.rows, counted.month] = counted.counts @ LABELS / counted.counts.sum(axis=1)
    return found


@pytest.fixture(scope="module")
def staff(railway: Company) -> Means:
    return means(railway.staff, staff_answers(railway))


@pytest.fixture(scope="module")
def customers(railway: Company) -> Means:
    return means(railway.customers, customer_answers(railway))


def rows_of(rows: Rows, wanted: Callable[[str, str], bool]) -> list[int]:
    named = zip(rows.place.tolist(), rows.irritant.tolist(), strict=True)
    return [i for i, (p, k) in enumerate(named) if wanted(rows.places[p], rows.irritants[k])]


def rows_among(rows: Rows, wanted: Collection[tuple[str, str]]) -> list[int]:
    return rows_of(rows, lambda place, code: (place, code) in wanted)


def shift(found: Means, chosen: list[int], fix: Fix) -> float:
    before, after = found[chosen, : fix.started], found[chosen, fix.full :]
    return float(np.nanmean(np.nanmean(after, axis=1) - np.nanmean(before, axis=1)))


def untouched(railway: Company, irritant: str, rows: Rows) -> list[int]:
    """Rows of the irritant that no fix touches and that exist all along."""
    taken = {
        place
        for fix in railway.fixes
        for place, code in (*fix.customer_rows, *fix.staff_rows, *fix.landing_rows)
        if code == irritant
    }
    whole = {i for i in range(len(rows.place)) if rows.opened[i] == 0 and rows.closed[i] == railway.months}
    noted = {(one.place, one.irritant) for one in railway.breaks}
    chosen = rows_of(
        rows, lambda place, code: code == irritant and place not in taken | {p for p, _ in noted}
    )
    return sorted(whole & set(chosen))


def test_written_means_are_those_expected(railway: Company, staff: Means, customers: Means) -> None:
    for rows, found, close in ((railway.staff, staff, 0.12), (railway.customers, customers, 0.04)):
        answered = ~np.isnan(found)
        error = (found - rows.expected)[answered]
        assert abs(error.mean()) < close
        assert np.abs(error).mean() < 0.5


def test_customers_show_the_effect_that_truth_tells(railway: Company, customers: Means) -> None:
    for fix in railway.fixes:
        scope = rows_among(railway.customers, fix.customer_rows)
        others = untouched(railway, fix.irritant, railway.customers)
        level = float(np.nanmean(customers[scope, : fix.started]))
        share = shift(customers, scope, fix) / level
        drift = shift(customers, others, fix) / float(np.nanmean(customers[others, : fix.started]))
        assert share - drift == pytest.approx(fix.customer_share, abs=0.2)


def test_employees_show_the_burden_where_truth_says_it_lands(railway: Company, staff: Means) -> None:
    for fix in railway.fixes:
        rows = fix.landing_rows or fix.staff_rows
        irritant = fix.landing_irritant or fix.irritant
        scope = rows_among(railway.staff, rows)
        change = shift(staff, scope, fix) - shift(staff, untouched(railway, irritant, railway.staff), fix)
        assert change == pytest.approx(fix.staff_points, abs=0.8)


def test_people_keep_their_style_so_teams_differ_for_good(railway: Company, staff: Means) -> None:
    untouched_rows = np.all(railway.staff.expected == railway.staff.without, axis=1)
    lasting = untouched_rows & (railway.staff.opened == 0) & (railway.staff.closed == railway.months)
    early, late = np.nanmean(staff[lasting, :18], axis=1), np.nanmean(staff[lasting, 18:], axis=1)
    assert np.corrcoef(early, late)[0, 1] > 0.6


def test_irritants_of_fixes_are_followed_more_closely_than_others(railway: Company, staff: Means) -> None:
    missing = []
    for fix in railway.fixes:
        scope = rows_among(railway.staff, fix.staff_rows)
        missing.append(np.isnan(staff[scope, fix.started - 6 : fix.started + 12]).mean())
    assert np.mean(missing) < 0.1
    assert max(missing) < 0.4
