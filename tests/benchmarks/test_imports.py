"""Hostile files through the imports: a small run of the benchmark."""

import pytest

from benchmarks.corpora.tables import SHARED
from benchmarks.imports import lines, measured


@pytest.mark.parametrize(
    ("way", "only"),
    [
        ("flask load", "fixes.csv"),
        ("flask load", "teams at one"),
        ("flask people", "hr"),
        ("flask interactions", "marks"),
        ("flask interactions", "hostile/csv-spectrum"),
        ("page of people", "with addresses"),
        ("first run", "archive"),
        ("API", "bounces"),
    ],
)
def test_hostile_files_are_taken_or_refused_with_a_reason(way: str, only: str) -> None:
    if not SHARED.is_dir():
        pytest.skip("the hostile files of ../shared/data are not here")
    results = list(measured(way, 0.0002, only=only))

    assert [result for result in results if result.wrong] == []
    assert all(result.taken or result.words for result in results)
    assert len(lines(results, 1)) >= 2
