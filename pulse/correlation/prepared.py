"""What all fixes of one look share: both sides made ready, and what placebo fixes tell of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from pulse.correlation.candidates import team_starts, touchpoint_starts
from pulse.correlation.cells import generations
from pulse.correlation.panel import Chain, Fix, Panel
from pulse.correlation.placebo import Placebo, placebo
from pulse.correlation.scales import CUSTOMERS, STAFF
from pulse.correlation.side import Side, scope_of, side

MONITORED = 24
Heirs = list[tuple[int, int]]


@dataclass(frozen=True)
class Prepared:
    """What all fixes of one look share. fixes -- by code; live -- indices of those under monitoring."""

    month: int
    fixes: tuple[Fix, ...]
    live: tuple[int, ...]
    chain: Chain
    staff: Side | None
    customers: Side | None
    staff_placebo: Placebo
    customer_placebo: Placebo


def prepare(
    staff: Panel | None,
    customers: Panel | None,
    fixes: Sequence[Fix],
    chain: Chain,
    *,
    month: int,
    seed: int = 0,
    monitored: int = MONITORED,
) -> Prepared:
    """Both sides' cells, components and placebo factors, as of a month (column index, its cells included)."""
    begun = tuple(sorted({f.code: f for f in fixes if f.start <= month}.values(), key=lambda f: f.code))
    team_heirs, touchpoint_heirs = heirs(staff, month), heirs(customers, month)
    begun = tuple(inherited(fix, team_heirs, touchpoint_heirs) for fix in begun)
    live = tuple(i for i, fix in enumerate(begun) if month < fix.start + monitored)
    teams = scope_of([(f.measure, f.teams, f.team_starts, f.start) for f in begun])
    touchpoints = scope_of([(f.measure, f.touchpoints, f.touchpoint_starts, f.start) for f in begun])
    mine = side(staff, month, STAFF, teams, len(begun)) if staff is not None else None
    theirs = side(customers, month, CUSTOMERS, touchpoints, len(begun)) if customers is not None else None
    return Prepared(
        month=month, fixes=begun, live=live, chain=chain, staff=mine, customers=theirs,
        staff_placebo=placebos(mine, [len(f.teams) for f in begun], seed),
        customer_placebo=placebos(theirs, [len(f.touchpoints) for f in begun], seed),
    )  # fmt: skip


def inherited(fix: Fix, team_heirs: Heirs, touchpoint_heirs: Heirs) -> Fix:
    """The fix with the places that split from its own, each with the start of its origin."""
    if not team_heirs and not touchpoint_heirs:
        return fix
    teams = handed_down(team_starts(fix), team_heirs)
    touchpoints = handed_down(touchpoint_starts(fix), touchpoint_heirs)
    return replace(
        fix, teams=tuple(teams), team_starts=tuple(teams.values()),
        touchpoints=tuple(touchpoints), touchpoint_starts=tuple(touchpoints.values()),
    )  # fmt: skip


def heirs(panel: Panel | None, month: int) -> Heirs:
    """Places measured by a month that split from another, with their origin, parents before children."""
    if panel is None or not (panel.came_from >= 0).any():
        return []
    measured = np.zeros(len(panel.came_from), bool)
    measured[panel.place[(panel.n[:, : month + 1] > 0).any(1)]] = True
    return [
        (int(place), int(panel.came_from[place]))
        for generation in generations(panel.came_from)
        for place in generation[measured[generation]]
    ]


def handed_down(starts: dict[int, int], known: Heirs) -> dict[int, int]:
    """Starts by place, the heirs of one of them added with its start."""
    found = dict(starts)
    for place, origin in known:
        if origin in found:
            found.setdefault(place, found[origin])
    return found


def placebos(mine: Side | None, sizes: Sequence[int], seed: int) -> Placebo:
    """What placebo fixes tell of a side; nothing without a side."""
    return Placebo(1.0, 0.0) if mine is None else placebo(mine, [size for size in sizes if size], seed=seed)
