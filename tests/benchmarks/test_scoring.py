"""The figures of the truth benchmark, worked by hand."""

from math import inf

import pytest

from benchmarks.planting import Row
from benchmarks.scoring import (
    Judged,
    Said,
    by_effect,
    calibration,
    figures,
    precision_and_recall,
    reliability,
)
from benchmarks.simulator import Truth


def truth(kind: str, *landing: Row, customer: float = 0.0, staff: float = 0.0) -> Truth:
    return Truth("fix", kind, 6, customer, staff, landing, 1.0 if landing else 0.0, 0, True)


def judged(what: Truth, *said: Said, months: int = 24) -> Judged:
    return Judged(what, months, said)


def said(month: int, outcome: str = "undetermined", *landing: Row, **values: object) -> Said:
    return Said(month, outcome, landing=landing, **values)  # type: ignore[arg-type]


def test_a_flag_once_raised_counts_even_if_the_verdict_changes_later() -> None:
    harmless = judged(truth("resolved"), said(2), said(3, "displaced"), said(4, "resolved"))

    found = figures([[harmless, judged(truth("nochange"), said(2, "ineffective"))]])

    assert (found.harmless, found.displaced) == (2, 0)
    assert found.false.value == 0.5
    assert found.false_resolved.value == 1.0
    assert found.companies.value == 1.0


def test_power_counts_fixes_with_that_many_months_of_data_only() -> None:
    early = judged(truth("disp_same", (1, 2)), said(3, "displaced", (1, 2)))
    late = judged(truth("disp_hop", (1, 2)), said(5, "displaced", (1, 2)))
    short = judged(truth("disp_irr", (1, 2)), said(2), months=4)

    found = figures([[early, late, short]])

    assert found.power[3].value == pytest.approx(1 / 3)
    assert found.power[6].value == 1.0
    assert found.power[6].count == 2
    assert found.ever.value == pytest.approx(2 / 3)
    assert found.median == 5


def test_a_landing_is_right_when_irritant_and_a_team_are_right_and_exact_when_most_rows_are() -> None:
    true = truth("disp_same", (1, 2), (3, 2))
    right = judged(true, said(2, "displaced", (1, 2), (3, 2)))
    pooled = judged(true, said(2, "displaced", (1, 2), (4, 2), (5, 2)))
    elsewhere = judged(true, said(2, "displaced", (1, 7)))

    found = figures([[right, pooled, elsewhere]])

    assert found.place.value == pytest.approx(2 / 3)
    assert found.exact_place.value == pytest.approx(1 / 3)


def test_verdicts_and_intervals_are_held_to_the_truth_in_the_sixth_month() -> None:
    true = truth("resolved", customer=-1.0, staff=0.2)
    right = judged(true, said(6, "resolved", customer=(-1.4, -0.6), staff=(-0.1, 0.1)))
    silent = judged(true, said(5, "displaced"), said(6))

    found = figures([[right, silent]])

    assert found.given.value == 0.5
    assert found.right.value == 1.0
    assert found.covered_customer.value == 1.0
    assert found.covered_staff.value == 0.0
    assert found.covered_staff.count == 1


def test_calibration_is_the_distance_between_stated_and_observed() -> None:
    pay, none = truth("disp_same", (1, 2)), truth("resolved")
    sure = [judged(pay, said(6, probability=0.9)) for _ in range(9)]
    wrong = [judged(none, said(6, probability=0.9))]

    assert calibration(sure + wrong) == pytest.approx(0.0, abs=1e-12)
    assert calibration([judged(none, said(6, probability=0.3))]) == pytest.approx(0.3)


def test_what_is_never_found_takes_for_ever() -> None:
    assert figures([[judged(truth("disp_same", (1, 2)), said(2))]]).median == inf


def test_the_monte_carlo_error_comes_from_companies_not_from_fixes() -> None:
    flagged, calm = judged(truth("resolved"), said(2, "displaced")), judged(truth("resolved"), said(2))

    alike = figures([[flagged, calm], [flagged, calm]])
    apart = figures([[flagged, flagged], [calm, calm]])

    assert alike.false.error == 0.0
    assert apart.false.error == pytest.approx(0.5)


def test_verdicts_are_right_when_said_and_said_when_right() -> None:
    resolved, displaced = truth("resolved"), truth("disp_hop", (4, 2))
    fixes = [
        judged(resolved, said(6, "resolved")),
        judged(resolved, said(6)),
        judged(displaced, said(6, "resolved")),
    ]

    right, found = precision_and_recall([fixes], 6)["resolved"]

    assert (right.value, right.count) == (0.5, 2)
    assert (found.value, found.count) == (0.5, 2)


def test_power_is_told_by_place_and_size_of_the_effect() -> None:
    own = judged(truth("disp_same", (1, 2)), said(4, "displaced", (1, 2)))
    another = judged(truth("disp_irr", (1, 3)), said(4))
    short = judged(truth("disp_same", (1, 2)), said(2), months=8)

    found = by_effect([[own, another, short]], 6)

    assert (found["own team, one", "0.8-1.2"].value, found["own team, one", "0.8-1.2"].count) == (1.0, 1)
    assert (found["other irritant, one", "0.8-1.2"].value, found["own teams, 2-3", "0.8-1.2"].count) == (0, 0)


def test_what_was_stated_is_held_against_what_came_true_bin_by_bin() -> None:
    fixes = [judged(truth("disp_same", (1, 2)), said(6, probability=p)) for p in (0.85, 0.95)]
    fixes += [judged(truth("nochange"), said(6, probability=0.1))]

    (low, never, few), (high, always, most) = reliability(fixes)

    assert (low, never, few) == (0.1, 0.0, 1)
    assert (round(high, 9), always, most) == (0.9, 1.0, 2)
