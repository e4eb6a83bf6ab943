"""Everything one look says about one fix, put together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pulse.correlation.candidates import Candidate
from pulse.correlation.circumstances import (
    answers_after,
    at_ceiling,
    changed,
    compared,
    months_after,
    months_before,
)
from pulse.correlation.effect import estimate, in_points
from pulse.correlation.evidence import Evidence, log_e_value
from pulse.correlation.explaining import Claim
from pulse.correlation.measured import Measured
from pulse.correlation.panel import Effect, Finding, Landing, Path
from pulse.correlation.prepared import Prepared
from pulse.correlation.side import Side

FEWEST_AFTER = 3
FEWEST_ANSWERS = 20
SAME_TIME_SHARE = 0.5


def finding(
    prepared: Prepared,
    whole: Measured,
    index: int,
    staff: Evidence | None,
    at: list[int],
    customer_at: int | None,
    claims: list[Claim],
    blind: float,
    charted: dict[tuple[int, str], Path],
) -> Finding:
    """The finding of one fix. at, customer_at -- its candidates within the whole."""
    fix = prepared.fixes[index]
    theirs = None if customer_at is None else whole.customer[customer_at]
    seen = whole.customer_evidence
    own = next((i for i in at if whole.staff[i].family == "together"), None)
    ours = whole.staff[own] if own is not None else None
    burden, landing, rival = landed(prepared, whole.staff, staff, at, claims)
    relief = worse = 0.0
    controls, rivalry = False, 0.0
    if seen is not None and customer_at is not None:
        relief, worse = float(seen.less[customer_at]), harm(prepared, seen, customer_at)
        controls, rivalry = bool(seen.controls[customer_at]), float(seen.rivalry[customer_at])
    if staff is not None and own is not None:
        rivalry = max(rivalry, float(staff.rivalry[own]))
    return Finding(
        code=fix.code,
        relief=relief,
        worse=worse,
        burden=burden,
        customer=effect(prepared, prepared.customers, theirs, seen, customer_at),
        staff=effect(prepared, prepared.staff, ours, staff, own),
        landing=landing,
        rival=rival,
        unsurveyed=blind,
        ceiling=ours is not None and at_ceiling(prepared.staff, ours),
        answers_customer=answers_after(prepared.customers, theirs),
        answers_staff=answers_after(prepared.staff, ours),
        months_after=months_after(prepared, fix),
        controls=controls,
        confounded=rivalry >= SAME_TIME_SHARE,
        changed_collection=changed(prepared, fix),
        months_before=months_before(prepared.staff, ours),
        teams=len(ours.rows) if ours is not None else 0,
        touchpoints=len(theirs.rows) if theirs is not None else 0,
        compared_customers=compared(prepared.customers, theirs),
        compared_staff=compared(prepared.staff, ours),
        customer_path=charted.get((index, "customers")),
        staff_path=charted.get((index, "together")),
    )


def harm(prepared: Prepared, seen: Evidence, at: int) -> float:
    """Log e-value of harm to customers, counted with the caution their intervals have."""
    if prepared.customers is None:
        return 0.0
    scale, caution = prepared.customers.scale, prepared.customer_placebo.caution
    few = slice(at, at + 1)
    value = log_e_value(seen.score[few] / caution, seen.information[few] / caution, scale.sizes, scale.odds)
    return float(value[0] - seen.by_itself[at])


def landed(
    prepared: Prepared,
    candidates: Sequence[Candidate],
    staff: Evidence | None,
    at: list[int],
    claims: list[Claim],
) -> tuple[float, Landing | None, str | None]:
    """Log e-value of a burden anywhere near, the likeliest place, and the other fix it may belong to."""
    if staff is None or prepared.staff is None or not at:
        return 0.0, None, None
    weight = np.log([candidates[i].weight for i in at])
    each = weight + staff.more[at]
    best = at[int((weight + staff.here[at]).argmax())]
    candidate = candidates[best]
    cells = prepared.staff.cells
    rows = list(candidate.rows)
    landing = Landing(
        places=tuple(int(p) for p in cells.place[rows]),
        measure=int(cells.measure[rows[0]]),
        hops=candidate.hops,
        effect=effect(prepared, prepared.staff, candidate, staff, best),
        log_evidence=float(each[at.index(best)]),
    )
    return float(np.logaddexp.reduce(each)), landing, rival_of(prepared, candidate, claims)


def rival_of(prepared: Prepared, candidate: Candidate, claims: list[Claim]) -> str | None:
    """Code of the fix that lays nearly equal claim to a row of the place, or None."""
    for claim in claims:
        if (
            claim.row in candidate.rows
            and claim.runner_up >= 0
            and candidate.fix in (claim.owner, claim.runner_up)
        ):
            return prepared.fixes[claim.owner + claim.runner_up - candidate.fix].code
    return None


def effect(
    prepared: Prepared, mine: Side | None, candidate: Candidate | None, found: Evidence | None, at: int | None
) -> Effect | None:
    """The effect at a place in points, None below three months or twenty answers after the start."""
    if mine is None or candidate is None or found is None or at is None:
        return None
    if prepared.month - candidate.fresh + 1 < FEWEST_AFTER or answers_after(mine, candidate) < FEWEST_ANSWERS:
        return None
    caution = (prepared.customer_placebo if mine is prepared.customers else prepared.staff_placebo).caution
    estimated = estimate(found.score[at] / caution, found.information[at] / caution)
    if estimated is None:
        return None
    if not mine.scale.relative:
        return Effect.of(*estimated)
    rows = list(candidate.rows)
    level = float(mine.cells.level[rows].mean())
    error = float(np.sqrt((mine.cells.level_se[rows] ** 2).sum())) / len(rows)
    drift = level * level_drift(mine, len(rows), mine.months - max(min(candidate.starts), 0))
    return in_points(estimated, level, float(np.hypot(error, drift)))


def level_drift(mine: Side, rows: int, months: int) -> float:
    """How far the mean level of so many rows strays from usual over so many months, as a share of it.

    A share lifted is worth the points that the level then has, and levels drift with seasons and trends.
    """
    parts = mine.parts
    apart = (parts.unit.covariance(months).mean() + parts.row.covariance(months).mean()) / rows
    return float(np.sqrt(max(parts.irritant.covariance(months).mean() + apart, 0.0)))
