"""What else is to be known about a fix before judging it: months, answers, breaks, ceilings (§4.12)."""

from __future__ import annotations

import numpy as np

from pulse.correlation.candidates import Candidate, limits, rows_at, team_starts, touchpoint_starts
from pulse.correlation.ceiling import CEILING
from pulse.correlation.panel import Fix
from pulse.correlation.prepared import Prepared
from pulse.correlation.side import Side

MONTHS_BEFORE_A_BREAK = 3


def answers_after(mine: Side | None, candidate: Candidate | None) -> int:
    """Answers at a place that count as after the start."""
    if mine is None or candidate is None:
        return 0
    rows, t = np.array(candidate.rows, int), np.arange(mine.months)
    since = np.maximum(np.array(candidate.starts, int), candidate.fresh)[:, None]
    since = np.maximum(since, mine.cells.split[rows][:, None])
    return int(np.where((t >= since) & (t < candidate.stop), mine.cells.n[rows], 0.0).sum())


def months_after(prepared: Prepared, fix: Fix) -> int:
    """Closed months with the fix, its first month included."""
    fresh, stop = limits(fix)
    return max(min(prepared.month + 1, stop) - fresh, 0)


def months_before(mine: Side | None, candidate: Candidate | None) -> int:
    """Months before the start in which a place has cells."""
    if mine is None or candidate is None:
        return 0
    rows, starts = np.array(candidate.rows, int), np.array(candidate.starts, int)
    return int((mine.cells.ok[rows] & (np.arange(mine.months) < starts[:, None])).any(0).sum())


def compared(mine: Side | None, candidate: Candidate | None) -> int:
    """Series that a place is compared with: its irritant elsewhere, and its units' other irritants.

    Those count that were measured before the start as well as since, without a fix having touched them.
    """
    if mine is None or candidate is None:
        return 0
    rows, start = np.array(candidate.rows, int), min(candidate.starts)
    own = np.zeros(len(mine.others), bool)
    own[mine.unit[rows]] = True
    first, last = mine.free_between
    beside = (own[mine.unit] | (mine.irritant == mine.irritant[rows[0]])) & (first < start) & (last >= start)
    beside[rows] = False
    return int(beside.sum())


def at_ceiling(mine: Side | None, candidate: Candidate) -> bool:
    """Whether the teams scored so high before the start that a rise could not show."""
    if mine is None:
        return False
    rows = np.array(candidate.rows, int)
    before = np.arange(mine.months) < np.array(candidate.starts, int)[:, None]
    n = np.where(before & mine.cells.ok[rows], mine.cells.n[rows], 0.0)
    return bool(n.sum() > 0 and (n * mine.cells.y[rows]).sum() / n.sum() > CEILING)


def changed(prepared: Prepared, fix: Fix) -> bool:
    """Whether a break lies between most of a scope's months before and after, on either side."""
    sides = ((prepared.customers, touchpoint_starts(fix)), (prepared.staff, team_starts(fix)))
    return any(mine is not None and broken(mine, starts, fix.measure) for mine, starts in sides)


def broken(mine: Side, starts: dict[int, int], measure: int) -> bool:
    """Whether most series of a scope begin within three months of their start, or end after it."""
    rows = rows_at(mine, starts, measure)
    if not rows or not mine.cells.since.any():
        return False
    cells = mine.cells
    cut = 0
    for place, row in rows.items():
        late = cells.since[row] > 0 and starts[place] - cells.since[row] < MONTHS_BEFORE_A_BREAK
        ends = (
            row + 1 < len(cells.place) and cells.place[row + 1] == place and cells.measure[row + 1] == measure
        )
        cut += bool(late or ends)
    return 2 * cut > len(rows)
