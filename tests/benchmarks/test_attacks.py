"""The attacks of privacy.md §4 on a small organisation: none succeeds on the rule, many on a careless one.

scripts/bench tries them all, on organisations of up to 50,000 people (docs/trust.md has the figures).
"""

import numpy as np
import pytest

from benchmarks.attacking.families import attacked
from benchmarks.attacking.guessing import Case, beyond_chance
from benchmarks.attacking.keeping import keep, publish, publish_carelessly
from benchmarks.attacking.made_up import Organisation, Shape, organisation
from benchmarks.attacking.pages import compared
from benchmarks.attacking.scraped import scraped
from benchmarks.attacking.solver import smallest_given_away
from benchmarks.attacking.windows import again, windows
from pulse.ledger.readers import reader_of


@pytest.fixture(scope="module")
def small() -> Organisation:
    return organisation(Shape(260, waves=8), seed=4)


def test_no_attack_succeeds_and_the_same_attacks_on_at_least_5_do(database, small):
    keep(database, small)
    for month in small.months:
        publish(database, month)
    ours = attacked(scraped(database, small.months))
    ours["windows"] = windows(database, small.months)
    ours["closed twice"] = again(database, small.months[-1])

    assert {name: result.succeeded for name, result in ours.items() if result.succeeded} == {}
    assert sum(result.tried for result in ours.values()) > 3000

    for month in small.months:
        publish_carelessly(database, month)
    careless = attacked(scraped(database, small.months))
    for family in (
        "parent minus children",
        "siblings and direct reports",
        "one linear solver over everything",
    ):
        assert careless[family].succeeded > 0


def test_what_any_employee_reads_is_part_of_what_all_read_together(sqlite, small):
    keep(sqlite, small)
    publish(sqlite, small.months[0])
    [*all_seen] = scraped(sqlite, small.months[:1])
    with sqlite.reading() as session:
        readers = [reader_of(session, person) for person in range(1, 60)]
    for reader in readers:
        for theirs, everything in zip(scraped(sqlite, small.months[:1], reader), all_seen, strict=True):
            assert theirs.shown.items() <= everything.shown.items()


def test_no_byte_of_any_page_depends_on_a_hidden_answer_and_under_at_least_5_some_do():
    tiny = organisation(Shape(150, waves=9), seed=3)
    ours, careless = compared(tiny), compared(tiny, careless=True)

    assert {name: result.succeeded for name, result in ours.items()} == dict.fromkeys(ours, 0)
    assert all(result.tried > 20 for result in ours.values())
    assert careless["pages, byte by byte"].succeeded > 0


def test_the_solver_finds_by_hand_what_overlapping_figures_give_away():
    people = {1: 6, 2: 3, 3: 6, 4: 9}
    assert smallest_given_away([{1, 2, 3}, {1, 3}], people) == 3
    assert smallest_given_away([{1, 2}, {2, 3}], people) == 9
    assert smallest_given_away([{1, 2}, {2, 3}, {1, 3}], people) == 3
    assert smallest_given_away([], people) is None


def cases(people: int, told: float, each: int = 1) -> list[Case]:
    """Leavers of teams of ten whose two totals differ by so much of their answer, and by others' changes."""
    random = np.random.default_rng(5)
    found = []
    for person in range(people):
        answer = int(random.integers(0, 5)) * 250
        apart = told * answer + 400 * random.standard_normal()
        found += [Case(person, answer, 2, 10, apart, 100.0**2)] * each
    return found


def test_guesses_that_two_figures_make_come_true_and_those_of_figures_that_tell_nothing_do_not():
    assert beyond_chance(cases(400, told=1.0)) > 0
    assert beyond_chance(cases(400, told=0.0)) == 0


def test_one_person_seen_many_times_is_not_taken_for_many_people():
    assert beyond_chance(cases(4, told=1.0, each=100)) == 0
