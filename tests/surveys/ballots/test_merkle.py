"""The tree over a wave's keys is the one of RFC 6962, and a proof leads from each key to its root alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.ballots import merkle

# The leaves and roots that Certificate Transparency's implementations test themselves with.
LEAVES = [
    bytes.fromhex(digits)
    for digits in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}
some_leaves = st.lists(st.binary(max_size=40), min_size=1, max_size=70, unique=True)


@pytest.mark.parametrize("number", ROOTS)
def test_roots_are_those_of_the_published_examples(number):
    root, ways = merkle.grown(LEAVES[:number])
    assert root.hex() == ROOTS[number]
    assert len(ways) == number


@given(some_leaves)
def test_every_proof_leads_from_its_leaf_to_the_root(leaves):
    root, ways = merkle.grown(leaves)
    assert {merkle.climbed(leaf, way) for leaf, way in zip(leaves, ways, strict=True)} == {root}
    assert max(map(len, ways)) <= (len(leaves) - 1).bit_length()


@given(some_leaves, st.binary(max_size=40), st.data())
def test_no_other_leaf_is_proved_by_any_of_the_proofs(leaves, stranger, data):
    root, ways = merkle.grown(leaves)
    way = data.draw(st.sampled_from(ways))
    if stranger not in leaves:
        assert merkle.climbed(stranger, way) != root


@given(some_leaves, st.binary(max_size=40), st.data())
def test_a_tree_in_which_one_key_is_another_has_another_root(leaves, other, data):
    place = data.draw(st.integers(0, len(leaves) - 1))
    changed = [*leaves[:place], other, *leaves[place + 1 :]]
    assert (merkle.grown(changed)[0] == merkle.grown(leaves)[0]) == (changed == leaves)


def test_a_node_is_never_taken_for_a_leaf():
    left, right = merkle.leaf(b"a"), merkle.leaf(b"b")
    assert merkle.node(left, right) != merkle.leaf(left + right)
