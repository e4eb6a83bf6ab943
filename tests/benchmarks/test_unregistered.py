"""The benchmark of changes nobody registered runs, says the same twice, and knows what it planted."""

import numpy as np

from benchmarks import unregistered
from benchmarks.levels import SIZES
from benchmarks.simulator import company
from benchmarks.unregistered import Case
from pulse.correlation.changes import Change


def test_it_prints_a_level(capsys, monkeypatch):
    monkeypatch.setattr(
        "sys.argv", ["unregistered", "--level", "easy", "--size", "XS", "--companies", "2", "--detail"]
    )
    unregistered.run()
    said = capsys.readouterr().out
    assert said.startswith("easy: 2 companies of size XS, seeds 70000 on")
    assert "evidence of at least 100:" in said


def test_seeds_decide_alone():
    assert unregistered.cases("easy", "XS", 5) == unregistered.cases("easy", "XS", 5)


def test_nothing_is_planted_where_a_fix_is_registered():
    made = company("realistic", SIZES["S"], seed=5)
    planted = unregistered.hidden(made)
    assert planted
    assert not set(planted) & {fix.measure for fix in made.fixes}


def told(look: int, month: int, *, more: bool = False, evidence: float = 50.0) -> tuple[int, Change]:
    return look, Change(0, month, month - 1, month, more, float(np.log(evidence)))


def test_a_report_before_the_change_or_the_other_way_does_not_find_it():
    reports = (told(9, 8), told(12, 10, more=True), told(13, 10), told(14, 10, evidence=200.0))
    case = Case("all", 10, False, (1.0,) * 20, reports)
    assert case.first(20) == reports[2]
    assert case.first(100) == reports[3]
    assert "found 1.000" in "\n".join(unregistered.lines([case]))


def test_any_report_about_a_quiet_irritant_is_a_false_alarm():
    wandered = tuple([2.0] * 10 + [1.7] * 10)
    case = Case("quiet", None, False, wandered, (told(12, 10),))
    assert case.first(20) is not None
    assert case.moved(told(12, 10)[1])
    assert not case.moved(told(12, 10, more=True)[1])
