"""Which of several fixes a burden belongs to: rows that two fixes lay claim to (§4.9)."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pulse.correlation.candidates import Candidate, places
from pulse.correlation.evidence import Evidence, evidence
from pulse.correlation.panel import FloatArray
from pulse.correlation.placebo import Placebo
from pulse.correlation.side import Side

CONTESTED_FROM = float(np.log(5.0))
A_OR_B = float(np.log(3.0))
# Chance that another fix burdened a row it may have burdened. With all of a fix's prior, 0.35, no fix
# could be flagged beside another that explains as much, and "A or B" could never be said.
BURDENS = 0.1


@dataclass(frozen=True)
class Claim:
    """One row's owner among the fixes that may have burdened it, and the runner-up within log 3, or -1."""

    row: int
    owner: int
    start: int
    runner_up: int


Held = dict[int, dict[int, Candidate]]


def explained_away(
    side: Side,
    candidates: Sequence[Candidate],
    found: Evidence,
    known: Placebo,
    finished: Sequence[Candidate] = (),
) -> tuple[Evidence, list[Claim]]:
    """The evidence once rows that several fixes lay claim to are shared out, and the claims.

    finished -- candidates of fixes no longer watched: what they burdened is theirs all the same

    Each contested row has one owner; every other fix's candidate that holds it is weighed again with the
    owner's start as something that may have moved it. Whoever owns it, a burden then counts for a fix only
    by as much as it is likelier to have come with that fix than with another (due_to_others).
    """
    claims = settle(side, candidates, found, known, finished)
    owner = {claim.row: claim.owner for claim in claims}
    again = [
        at
        for at, candidate in enumerate(candidates)
        if any(owner.get(row, candidate.fix) != candidate.fix for row in candidate.rows)
    ]
    if again:
        owners = [(claim.row, claim.owner, claim.start) for claim in claims]
        weighed = places(side, [candidates[at] for at in again], owners)
        found = found.replaced(again, evidence(side, weighed, known.factor, known.jumpiness))
    if claims:
        found = found.beside(due_to_others(side, candidates, held([*candidates, *finished], owner), known))
    return found, claims


def settle(
    side: Side,
    candidates: Sequence[Candidate],
    found: Evidence,
    known: Placebo,
    finished: Sequence[Candidate] = (),
) -> list[Claim]:
    """The owner of every row that lies in a candidate with weight x e-value of 5 and that two fixes hold."""
    weight = np.log([c.weight for c in candidates]) if len(candidates) else np.zeros(0)
    hot = {
        row
        for at, _ in enumerate(candidates)
        if weight[at] + found.more[at] >= CONTESTED_FROM
        for row in candidates[at].rows
    }
    holders = {row: fixes for row, fixes in held([*candidates, *finished], hot).items() if len(fixes) > 1}
    singles = [holders[row][fix] for row in sorted(holders) for fix in sorted(holders[row])]
    alone = evidence(side, places(side, singles), known.factor, known.jumpiness)
    ranked: dict[int, list[tuple[float, Candidate]]] = {}
    for candidate, more in zip(singles, alone.here, strict=True):
        worth = float(more) + float(np.log(candidate.weight))
        ranked.setdefault(candidate.rows[0], []).append((worth, candidate))
    return [claim(row, ranked[row]) for row in sorted(ranked)]


def held(candidates: Sequence[Candidate], rows: Container[int]) -> Held:
    """By row and fix, the fix's heaviest candidate that holds the row, narrowed to it."""
    found: Held = {}
    for candidate in candidates:
        for row, start in zip(candidate.rows, candidate.starts, strict=True):
            if row not in rows:
                continue
            known = found.setdefault(row, {}).get(candidate.fix)
            if known is None or known.weight < candidate.weight:
                found[row][candidate.fix] = single(candidate, row, start)
    return found


def due_to_others(side: Side, candidates: Sequence[Candidate], holders: Held, known: Placebo) -> FloatArray:
    """(places,) log likelihood ratio of another fix having moved a place, each by its chance; -inf = none.

    Without it two fixes of about the same time both had the whole evidence of one burden. E-values stay
    e-values, since they only become smaller. Beyond method.md §4.9, where the owner keeps its evidence whole.
    """
    others = [
        (at, other) for at, candidate in enumerate(candidates) for other in as_others(candidate, holders)
    ]
    seen = evidence(side, places(side, [other for _, other in others]), known.factor)
    total = np.full(len(candidates), -np.inf)
    for (at, other), more in zip(others, seen.more, strict=True):
        total[at] = np.logaddexp(total[at], more + np.log(BURDENS * other.weight))
    return total


def as_others(candidate: Candidate, holders: Held) -> list[Candidate]:
    """The place as if another fix had moved it, for each that holds at least half of its rows."""
    theirs: dict[int, dict[int, Candidate]] = {}
    for row in candidate.rows:
        for fix, narrowed in holders.get(row, {}).items():
            if fix != candidate.fix:
                theirs.setdefault(fix, {})[row] = narrowed
    return [
        moved_by(candidate, some)
        for _, some in sorted(theirs.items())
        if 2 * len(some) >= len(candidate.rows)
    ]


def moved_by(candidate: Candidate, theirs: dict[int, Candidate]) -> Candidate:
    """The place with another fix's starts and the weight that fix gives it; theirs -- by row."""
    usual = theirs[min(theirs)]
    return replace(
        candidate,
        starts=tuple(theirs.get(row, usual).starts[0] for row in candidate.rows),
        fresh=usual.fresh,
        stop=usual.stop,
        weight=max(narrowed.weight for narrowed in theirs.values()),
    )


def single(candidate: Candidate, row: int, start: int) -> Candidate:
    """The candidate narrowed to one of its rows."""
    family = "one" if candidate.in_scope else candidate.family
    return replace(candidate, family=family, rows=(row,), starts=(start,))


def claim(row: int, ranked: list[tuple[float, Candidate]]) -> Claim:
    """The fix with the strongest single-row evidence x weight owns the row; ties go to the first by code."""
    (best, owner), (second, runner_up) = sorted(ranked, key=lambda entry: (-entry[0], entry[1].fix))[:2]
    close = best - second <= A_OR_B
    return Claim(row, owner.fix, owner.starts[0], runner_up.fix if close else -1)
