"""Nothing stored links a person to a ballot: every pairing fits, and a planted column is found at once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import linkage
from benchmarks.linkage import PLANTED, Plan, Planted, differences, dumped, emptied, prepared, run
from pulse.db import Database

PEOPLE = 24


@pytest.fixture(scope="module")
def two_hundred() -> Iterator[tuple[Plan, Path]]:
    """200 people of one unit who are going to answer, and the folder of files that each world starts from."""
    with linkage.in_memory() as base:
        with linkage.fresh(base):
            plan = prepared(200, bits=1024)  # half the usual length: the same mathematics
        yield plan, base


@pytest.fixture
def plan(database: Database) -> Plan:
    """A few people of one unit, on each engine, with shorter keys."""
    return prepared(PEOPLE, bits=1024)


def worlds(plan: Plan, *shifts: int, planted: Planted | None = None, rewritten: bool = True) -> list[str]:
    """What two worlds in the same databases do not have in common."""
    if planted:
        linkage.plant(planted)
    found = []
    for shift in shifts:
        run(plan, shift, planted=planted, rewritten=rewritten)
        found.append(dumped())
        emptied()
    return differences(*found)


def test_all_forty_thousand_pairs_of_requests_and_ballots_have_a_blinding_factor(two_hundred):
    plan, _ = two_hundred
    assert linkage.pairs_with_a_factor(plan) == 200 * 200


def test_a_blinding_factor_really_makes_anybodys_request_of_anybodys_ballot(two_hundred):
    plan, _ = two_hundred
    for who, ballot in ((0, 199), (7, 7), (120, 3)):
        assert linkage.request_of(plan, who, ballot).message == plan.requests[who]


def test_a_pair_that_has_no_factor_would_be_counted_out(two_hundred):
    plan, _ = two_hundred
    key = plan.private.key
    broken = Plan(
        plan.private,
        plan.people,
        plan.order,
        (plan.private.p.to_bytes(key.size), *plan.requests[1:]),
        plan.answers,
        plan.signatures,
        plan.ballots,
    )
    assert linkage.pairs_with_a_factor(broken) == 199 * 200


def test_two_hundred_people_casting_others_ballots_leave_the_very_same_files(two_hundred):
    plan, base = two_hundred
    first, other = (linkage.world(plan, base, shift) for shift in (0, 67))
    assert differences(first, other) == []
    assert set(first.files) == {"main", "urn"}
    assert len(first.rows["issued"]) == len(first.rows["ballot"]) == 200


@pytest.mark.parametrize("shift", [1, 11])
def test_whoever_casts_which_ballot_everything_stored_is_the_same(plan, shift):
    assert worlds(plan, 0, shift) == []


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_column_tells_the_worlds_apart(plan, name):
    planted = PLANTED[name]
    assert f"ballot.{planted.column}" in worlds(plan, 0, 1, planted=planted)


def test_without_rewriting_the_order_of_rows_tells_the_worlds_apart(plan, database):
    found = worlds(plan, 0, 1, rewritten=False)
    if database.engine.dialect.name == "postgresql":
        assert "ballot: order of rows" in found
    else:
        assert "urn: file" in found


# Pairing by where the rows lie


def test_pairing_both_tables_by_order_links_everybody_before_they_are_rewritten(plan):
    """So that the next test can fail: each table lies in one page here, in the order of arrival."""
    run(plan, 5, rewritten=False)
    assert linkage.repaired(plan, 5) == PEOPLE


def test_after_rewriting_pairing_by_order_is_no_better_than_chance(plan):
    """By chance one in all is right, whatever their number; 5 and more happen once in 250 times."""
    run(plan, 5)
    assert linkage.repaired(plan, 5) < 5
