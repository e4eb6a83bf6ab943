"""However often backups are taken, two of them compared show no fewer than k ballots apart."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from surveys.keeping.batches import entering

arrivals = st.lists(st.integers(0, 14), max_size=30)  # new ballots of a unit between two backups


@given(arrivals, st.integers(5, 8), st.integers(0, 99))
def test_each_backup_adds_no_ballot_or_at_least_k_and_so_does_the_count_in_the_end(numbers, k, seed):
    there: set[bytes] = set()
    entered: set[bytes] = set()
    chance, sizes = Random(seed), []
    for number in numbers:
        there |= {chance.randbytes(32) for _ in range(number)}
        new = entering(there, entered, k, chance)
        assert new == sorted(new)
        assert set(new) <= there - entered
        entered |= set(new)
        sizes.append(len(new))
    left = len(there) - len(entered)
    assert all(size == 0 or size >= k for size in sizes)
    assert left >= k or not entered


@given(st.integers(0, 40), st.integers(5, 8))
def test_no_more_than_two_batches_less_one_wait_at_any_time(number, k):
    there = {bytes([at]) * 32 for at in range(number)}
    assert number - len(entering(there, (), k, Random(1))) <= 2 * k - 1


def test_who_stays_out_is_drawn_and_follows_from_no_key():
    there = {bytes([at]) * 32 for at in range(12)}
    drawn = {tuple(sorted(there - set(entering(there, (), 5, Random(seed))))) for seed in range(200)}
    assert {key for out in drawn for key in out} == there
    assert len(drawn) > 100
