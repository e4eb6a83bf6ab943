"""A burden belongs to one fix: rows that two fixes lay claim to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pulse.correlation.candidates import Candidate
from pulse.correlation.engine import look
from pulse.correlation.explaining import BURDENS, claim
from pulse.verdicts.rules import Outcome, judge
from tests.pulse.correlation.company import Company


def candidate(fix: int) -> Candidate:
    return Candidate(fix, "near", (5,), (10 + fix,), 10, 99, 0.1, 1)


def test_the_strongest_claim_owns_the_row_and_a_close_second_is_named():
    close = claim(5, [(4.0, candidate(0)), (4.9, candidate(2))])
    clear = claim(5, [(4.0, candidate(0)), (9.0, candidate(2))])

    assert (close.owner, close.start, close.runner_up) == (2, 12, 0)
    assert (clear.owner, clear.runner_up) == (2, -1)


def test_equal_claims_go_to_the_first_by_code():
    assert claim(5, [(4.0, candidate(3)), (4.0, candidate(1))]).owner == 1


def neighbours(second_start: int) -> Company:
    """Fix "a" burdens its own teams; fix "b", next door on the same irritant, burdens nobody."""
    made = Company(teams=16, touchpoints=8, irritants=8, months=30, seed=2)
    made.fix("a", irritant=0, start=10, teams=(4, 5), touchpoints=(0, 1), relief=0.5, burden=2.0)
    made.fix("b", irritant=0, start=second_start, teams=(6, 7), touchpoints=(4, 5), relief=0.5)
    return made


def test_a_neighbours_burden_is_not_laid_at_the_door_of_a_later_fix():
    made = neighbours(16)
    first, second = look(made.staff(), made.customer(), made.fixes, made.chain, month=25)

    assert judge(first).outcome is Outcome.DISPLACED
    assert judge(second).outcome is not Outcome.DISPLACED


def test_a_fix_alone_would_have_been_accused():
    made = neighbours(11)
    staff, customer = made.staff(), made.customer()
    alone = look(staff, customer, made.fixes[1:], made.chain, month=25)[0]
    beside = look(staff, customer, made.fixes, made.chain, month=25)[1]

    assert alone.burden > 3 > beside.burden


def test_a_burden_stays_with_its_fix_after_that_is_no_longer_watched():
    made = neighbours(12)
    staff, customer = made.staff(), made.customer()
    last, later = (
        look(staff, customer, made.fixes, made.chain, month=month, monitored=16)[-1] for month in (25, 26)
    )
    forgotten = look(staff, customer, made.fixes[1:], made.chain, month=26, monitored=16)[0]

    assert last.code == later.code == "b"
    assert forgotten.burden > 3 > max(last.burden, later.burden)


def twins() -> Company:
    """Two fixes of one month on both sides of team 5, which is burdened by one of them."""
    made = Company(teams=16, touchpoints=8, irritants=8, months=30, seed=2)
    made.fix(
        "a", irritant=0, start=12, teams=(4,), touchpoints=(0, 1), relief=0.5, burden=2.5, lands=((5,), 0)
    )
    made.fix("b", irritant=0, start=12, teams=(6,), touchpoints=(4, 5), relief=0.5)
    return made


def test_a_or_b_is_said_when_two_fixes_explain_a_burden_alike():
    made = twins()
    found = look(made.staff(), made.customer(), made.fixes, made.chain, month=16)

    owner = next(f for f in found if judge(f).outcome is Outcome.DISPLACED)
    other = next(f.code for f in found if f.code != owner.code)
    assert owner.landing.places == (5,)
    assert owner.rival == other


def test_evidence_that_fits_two_fixes_alike_counts_for_neither_without_end():
    made = twins()
    staff, customer = made.staff(), made.customer()
    alone = look(staff, customer, made.fixes[:1], made.chain, month=25)[0]
    both = look(staff, customer, made.fixes, made.chain, month=25)

    assert alone.burden > 10
    assert all(f.burden < np.log(2.0 / BURDENS) for f in both)


def test_the_order_of_codes_decides_no_clear_case():
    made = neighbours(16)
    staff, customer = made.staff(), made.customer()
    renamed = [replace(made.fixes[0], code="z"), replace(made.fixes[1], code="b")]
    found = look(staff, customer, renamed, made.chain, month=25)

    assert [judge(f).outcome is Outcome.DISPLACED for f in found] == [True, False]
