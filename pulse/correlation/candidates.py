"""Where a fix's burden could have landed: places and their prior weights (§4.5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pulse.correlation.contrast import Places
from pulse.correlation.panel import Chain, Fix, IntArray
from pulse.correlation.side import Side

WEIGHTS = {"together": 0.34, "one": 0.10, "near": 0.16, "all_near": 0.04, "far": 0.12, "irritant": 0.24}
FOREVER = 10**6


@dataclass(frozen=True)
class Candidate:
    """A place: rows of one irritant, with the start that holds there.

    fix -- index of the fix; family -- key of WEIGHTS, or "customers"
    rows, starts -- the place's rows and the fix's start at each
    weight -- prior weight; hops -- from the fix's own teams
    """

    fix: int
    family: str
    rows: tuple[int, ...]
    starts: tuple[int, ...]
    fresh: int
    stop: int
    weight: float = 1.0
    hops: int = 0

    @property
    def in_scope(self) -> bool:
        """All rows lie in the fix's own scope, on its own irritant."""
        return self.family in ("together", "one", "customers")


def start_of(fix: Fix, which: int, starts: tuple[int, ...]) -> int:
    """The start at the which-th place of a scope."""
    return starts[which] if which < len(starts) else fix.start


def team_starts(fix: Fix) -> dict[int, int]:
    """Start at each team of the scope."""
    return {team: start_of(fix, i, fix.team_starts) for i, team in enumerate(fix.teams)}


def touchpoint_starts(fix: Fix) -> dict[int, int]:
    """Start at each touchpoint of the scope."""
    return {place: start_of(fix, i, fix.touchpoint_starts) for i, place in enumerate(fix.touchpoints)}


def limits(fix: Fix) -> tuple[int, int]:
    """First month whose cells count as after (from registration if later), and stop."""
    fresh = fix.start if fix.registered is None else max(fix.start, fix.registered)
    return fresh, FOREVER if fix.stop is None else fix.stop


def customer_place(side: Side, index: int, fix: Fix) -> Candidate | None:
    """The scope's touchpoints on the fix's irritant together, or None when none is measured."""
    starts = touchpoint_starts(fix)
    rows = rows_at(side, starts, fix.measure)
    if not rows:
        return None
    fresh, stop = limits(fix)
    return Candidate(index, "customers", tuple(rows.values()), tuple(starts[p] for p in rows), fresh, stop)


def rows_at(side: Side, starts: dict[int, int], measure: int) -> dict[int, int]:
    """Row of each place on an irritant, in the series that holds its start; the unmeasured are left out."""
    places = np.array(sorted(starts), int)
    found = side.cells.find(places, np.full(len(places), measure), np.array([starts[p] for p in places], int))
    return side.latest(
        {
            int(place): int(row)
            for place, row in zip(places, found, strict=True)
            if row >= 0 and side.known(int(row), starts[int(place)])
        }
    )


def staff_places(side: Side, index: int, fix: Fix, chain: Chain) -> tuple[list[Candidate], float]:
    """Candidates of one fix with weights that add up to 1, and the share of prior weight nobody measures.

    Weights are split evenly inside a family and renormalised over the families that exist; a scope of one
    team is "together" and "one" at once.
    """
    starts = team_starts(fix)
    if not starts:
        return [], 0.0
    fresh, stop = limits(fix)
    bare = Candidate(index, "together", (), (), fresh, stop)
    own = rows_at(side, starts, fix.measure)
    first, second = chain.rings(tuple(starts))
    near = rows_at(side, dict.fromkeys(first, fix.start), fix.measure)
    far = rows_at(side, dict.fromkeys(second, fix.start), fix.measure)
    families: dict[str, list[Candidate]] = {family: [] for family in WEIGHTS}
    if own:
        together = replace(bare, rows=tuple(own.values()), starts=tuple(starts[p] for p in own))
        families["together"] = [together]
        if len(own) > 1:
            families["one"] = [
                replace(bare, family="one", rows=(row,), starts=(starts[p],)) for p, row in own.items()
            ]
    families["near"] = [lone(bare, "near", row, fix.start, 1) for row in near.values()]
    if len(near) > 1:
        rows = tuple(near.values())
        families["all_near"] = [
            replace(bare, family="all_near", rows=rows, starts=(fix.start,) * len(rows), hops=1)
        ]
    families["far"] = [lone(bare, "far", row, fix.start, 2) for row in far.values()]
    families["irritant"] = other_irritants(side, bare, fix, starts)
    blind = unmeasured(len(starts), len(own), len(first), len(near), len(second), len(far), families)
    return weighted(families), blind


def lone(bare: Candidate, family: str, row: int, start: int, hops: int) -> Candidate:
    """A candidate of a single row."""
    return replace(bare, family=family, rows=(row,), starts=(start,), hops=hops)


def other_irritants(side: Side, bare: Candidate, fix: Fix, starts: dict[int, int]) -> list[Candidate]:
    """The fix's teams on each other irritant that at least half of them are asked about."""
    found: dict[int, dict[int, int]] = {}
    for team, start in sorted(starts.items()):
        for row in side.rows_of(team, start):
            measure = int(side.cells.measure[row])
            if measure != fix.measure and side.known(row, start):
                found.setdefault(measure, {})[team] = row
    shared = [side.latest(rows) for _, rows in sorted(found.items()) if 2 * len(rows) >= len(starts)]
    return [
        replace(bare, family="irritant", rows=tuple(rows.values()), starts=tuple(starts[t] for t in rows))
        for rows in shared
    ]


def unmeasured(
    teams: int, own: int, first: int, near: int, second: int, far: int, families: dict[str, list[Candidate]]
) -> float:
    """Share of the prior weight of all places, asked or not, that has no cells."""
    whole = {
        "together": (teams, own), "near": (first, near), "far": (second, far),
        "irritant": (1, len(families["irritant"]) and 1),
    }  # fmt: skip
    weight = {
        "together": WEIGHTS["together"] + WEIGHTS["one"],
        "near": WEIGHTS["near"] + WEIGHTS["all_near"],
        "far": WEIGHTS["far"],
        "irritant": WEIGHTS["irritant"],
    }
    there = {family: weight[family] for family, (count, _) in whole.items() if count}
    lost = sum(weight[f] * (1.0 - whole[f][1] / whole[f][0]) for f in there)
    return lost / sum(there.values())


def weighted(families: dict[str, list[Candidate]]) -> list[Candidate]:
    """All candidates with their prior weights."""
    base = dict(WEIGHTS)
    if families["together"] and not families["one"]:
        base["together"] += base["one"]
    there = {family: members for family, members in families.items() if members}
    total = sum(base[family] for family in there)
    return [
        replace(member, weight=base[family] / total / len(members))
        for family, members in there.items()
        for member in members
    ]


def places(
    side: Side, candidates: Sequence[Candidate], owners: Iterable[tuple[int, int, int]] = ()
) -> Places:
    """The candidates as arrays, with the other fixes that touch their rows.

    owners -- further (row, fix, start): a row that another fix is held to have burdened
    """
    count = np.array([len(c.rows) for c in candidates], int)
    row = np.array([r for c in candidates for r in c.rows], int)
    owner = np.repeat(np.arange(len(candidates)), count)
    mine = np.array([c.fix for c in candidates], int)[owner]
    entry, other, start = touching(side, row, mine, owners)
    return Places(
        row=row,
        owner=owner,
        start=np.array([s for c in candidates for s in c.starts], int),
        fresh=np.maximum(
            np.array([c.fresh for c in candidates], int)[owner],
            np.array([s for c in candidates for s in c.starts], int),
        ),
        stop=np.array([c.stop for c in candidates], int)[owner],
        scope=np.array([-1 if c.family == "irritant" else c.fix for c in candidates], int),
        apart=np.array([not c.in_scope for c in candidates], bool),
        other_entry=entry,
        other_fix=other,
        other_start=start,
    )


def touching(
    side: Side, row: IntArray, mine: IntArray, owners: Iterable[tuple[int, int, int]]
) -> tuple[IntArray, IntArray, IntArray]:
    """Entries that other fixes touch: (entry, other fix, its start there), sorted by entry, each once."""
    further = np.array(sorted(owners), int).reshape(-1, 3)
    table = np.column_stack([side.touched_row, side.touched_fix, side.touched_start])
    if len(further):
        table = np.unique(np.concatenate([table, further]), axis=0)
    low, high = np.searchsorted(table[:, 0], row, "left"), np.searchsorted(table[:, 0], row, "right")
    entry = np.repeat(np.arange(len(row)), high - low)
    ahead = np.arange(len(entry)) - np.repeat(np.cumsum(high - low) - (high - low), high - low)
    found = low[entry] + ahead
    others = table[found, 1] != mine[entry]
    return entry[others], table[found[others], 1], table[found[others], 2]
