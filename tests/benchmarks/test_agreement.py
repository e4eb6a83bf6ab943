"""The benchmark of agreement between all ways out of Pulse, on a small made-up company."""

from benchmarks.agreement import lines, measured


def test_every_way_out_says_the_same_of_every_cell_and_nothing_of_hidden_ones() -> None:
    report = measured(100, 7, least=15)
    assert [way.examples for way in report.ways if way.wrong] == []
    assert report.effects.differing == []
    assert {way.cells for way in report.ways} == {report.released}
    assert report.released > 300
    assert report.hidden > 300
    assert lines(report)
