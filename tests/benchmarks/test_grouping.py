"""The grouping's benchmark: what it counts, and that real texts are grouped better than by plain counts."""

from statistics import mean

import pytest

from benchmarks.grouping import TEXTS, agreement, frequent, ours, reports, titles, tried

real = pytest.mark.skipif(not TEXTS.is_dir(), reason="the folder of real texts is not here")


def test_agreement_is_1_for_the_same_groups_and_0_for_one_group_of_all():
    labels = ["a", "a", "b", "b", "c"]
    assert agreement(labels, [5, 5, 7, 7, 9]) == 1
    assert agreement(labels, [1, 1, 1, 1, 1]) == 0


def test_what_belongs_to_no_group_is_alone():
    found = ours(["loud music", "the music is loud", "music too loud", "my dog"])
    assert len(set(found[:3])) == 1
    assert found[3] < 0


def test_labels_that_few_bear_are_left_out():
    assert frequent([("x", "a")] * 5 + [("y", "b")] * 4) == [("x", "a")] * 5


@real
@pytest.mark.parametrize("read", [titles, reports], ids=["chosen-on", "held-out"])
def test_real_french_texts_are_grouped_better_than_by_counts_of_words(read):
    draws = [tried(frequent(read()), 100, seed) for seed in range(2)]
    assert mean(draw[0] for draw in draws) > mean(draw[1] for draw in draws) + 0.05
