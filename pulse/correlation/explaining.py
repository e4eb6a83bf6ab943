"""Which of several fixes a burden belongs to: rows that two fixes lay claim to (§4.9)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from pulse.correlation.candidates import Candidate, places
from pulse.correlation.evidence import Evidence, evidence
from pulse.correlation.placebo import Placebo
from pulse.correlation.side import Side

CONTESTED_FROM = float(np.log(5.0))
A_OR_B = float(np.log(3.0))


@dataclass(frozen=True)
class Claim:
    """One row's owner among the fixes that may have burdened it, and the runner-up within log 3, or -1."""

    row: int
    owner: int
    start: int
    runner_up: int


def explained_away(
    side: Side, candidates: Sequence[Candidate], found: Evidence, known: Placebo
) -> tuple[Evidence, list[Claim]]:
    """The evidence once each contested row has one owner, and the claims.

    Every other fix's candidate that holds the row is weighed again with the owner's start as something
    that may have moved it.
    """
    claims = settle(side, candidates, found, known)
    owned = {claim.row: claim for claim in claims}
    again = [
        at
        for at, candidate in enumerate(candidates)
        if any(row in owned and owned[row].owner != candidate.fix for row in candidate.rows)
    ]
    if not again:
        return found, claims
    owners = [(claim.row, claim.owner, claim.start) for claim in claims]
    weighed = places(side, [candidates[at] for at in again], owners)
    return found.replaced(again, evidence(side, weighed, known.factor, known.jumpiness)), claims


def settle(side: Side, candidates: Sequence[Candidate], found: Evidence, known: Placebo) -> list[Claim]:
    """The owner of every row that lies in a candidate with weight x e-value of 5 and that two fixes hold."""
    weight = np.log([c.weight for c in candidates]) if len(candidates) else np.zeros(0)
    hot = {
        row
        for at, _ in enumerate(candidates)
        if weight[at] + found.more[at] >= CONTESTED_FROM
        for row in candidates[at].rows
    }
    singles: dict[tuple[int, int], Candidate] = {}
    for candidate in candidates:
        for row, start in zip(candidate.rows, candidate.starts, strict=True):
            if row not in hot:
                continue
            held = singles.get((row, candidate.fix))
            if held is None or held.weight < candidate.weight:
                singles[row, candidate.fix] = single(candidate, row, start)
    holders: dict[int, list[tuple[int, int]]] = {}
    for key in singles:
        holders.setdefault(key[0], []).append(key)
    contested = [key for row in sorted(holders) if len(holders[row]) > 1 for key in sorted(holders[row])]
    alone = evidence(side, places(side, [singles[key] for key in contested]), known.factor, known.jumpiness)
    worth = {
        key: float(more) + float(np.log(singles[key].weight))
        for key, more in zip(contested, alone.here, strict=True)
    }
    return [
        claim(row, [(worth[key], singles[key]) for key in sorted(holders[row])])
        for row in sorted({row for row, _ in contested})
    ]


def single(candidate: Candidate, row: int, start: int) -> Candidate:
    """The candidate narrowed to one of its rows."""
    family = "one" if candidate.in_scope else candidate.family
    return replace(candidate, family=family, rows=(row,), starts=(start,))


def claim(row: int, ranked: list[tuple[float, Candidate]]) -> Claim:
    """The fix with the strongest single-row evidence x weight owns the row; ties go to the first by code."""
    (best, owner), (second, runner_up) = sorted(ranked, key=lambda entry: (-entry[0], entry[1].fix))[:2]
    close = best - second <= A_OR_B
    return Claim(row, owner.fix, owner.starts[0], runner_up.fix if close else -1)
