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
    begun = tuple(inherited(fix, staff, customers, month) for fix in begun)
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


def inherited(fix: Fix, staff: Panel | None, customers: Panel | None, month: int) -> Fix:
    """The fix with the places that split from its own by this month, each with the start of its origin."""
    teams = handed_down(staff, team_starts(fix), month)
    touchpoints = handed_down(customers, touchpoint_starts(fix), month)
    return replace(
        fix, teams=tuple(teams), team_starts=tuple(teams.values()),
        touchpoints=tuple(touchpoints), touchpoint_starts=tuple(touchpoints.values()),
    )  # fmt: skip


def handed_down(panel: Panel | None, starts: dict[int, int], month: int) -> dict[int, int]:
    """Starts by place, measured places that split from one of them added."""
    if panel is None or not (panel.came_from >= 0).any():
        return starts
    measured = np.zeros(len(panel.came_from), bool)
    measured[panel.place[(panel.n[:, : month + 1] > 0).any(1)]] = True
    found = dict(starts)
    for generation in generations(panel.came_from):
        for place in generation[measured[generation]].tolist():
            origin = int(panel.came_from[place])
            if origin in found:
                found.setdefault(place, found[origin])
    return found


def placebos(mine: Side | None, sizes: Sequence[int], seed: int) -> Placebo:
    """What placebo fixes tell of a side; nothing without a side."""
    return Placebo(1.0, 0.0) if mine is None else placebo(mine, [size for size in sizes if size], seed=seed)
