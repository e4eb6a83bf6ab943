"""Whoever answers alone between two backups is one of several: what all of them hold fits each of these."""

from random import Random

import pytest

from benchmarks.alone import Chosen, around, emptied
from benchmarks.linkage import key_of, prepared
from pulse.db import Database
from surveys.keeping import ballots

PEOPLE = 13


def test_somebody_who_answers_alone_between_two_backups_may_have_cast_any_of_six_ballots(
    database: Database, monkeypatch: pytest.MonkeyPatch
):
    plan = prepared(PEOPLE, bits=1024)
    noted: list[bytes] = []
    noting(monkeypatch, noted)
    before, after, counted = around(plan, Random(3))
    entered = tuple(noted)
    assert len(entered) == 7
    waiting = [who for who in plan.order[:-1] if key_of(plan.ballots[who]) not in entered]
    assert len(waiting) == 5
    assert before["urn.gz"] == after["urn.gz"] != counted["urn.gz"]  # the one who came alone is not seen
    emptied()
    others = around(plan, Chosen(entered), swapped=waiting[0])
    for ours, theirs in zip((before, after, counted), others, strict=True):
        assert [name for name in ours if ours[name] != theirs[name]] == []


def test_without_batches_two_backups_tell_whose_ballot_it_is(sqlite: Database, monkeypatch):
    monkeypatch.setattr(
        ballots, "entering", lambda there, entered, k, chance: sorted(set(there) - set(entered))
    )
    plan = prepared(PEOPLE, bits=1024)
    before, after, _ = around(plan, Random(3))
    emptied()
    other = around(plan, Random(3), swapped=plan.order[0])
    assert (before["urn.gz"] != other[0]["urn.gz"], after["urn.gz"] == other[1]["urn.gz"]) == (True, True)


def noting(monkeypatch: pytest.MonkeyPatch, entered: list[bytes]) -> None:
    """Remember which ballots entered first."""
    real = ballots.entering

    def entering(*given):
        found = real(*given)
        entered.extend(found)
        return found

    monkeypatch.setattr(ballots, "entering", entering)
