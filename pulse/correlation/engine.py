"""One monthly look: what the cells of both sides say about every fix under monitoring (method.md §4).

    look(staff, customers, fixes, chain, month=m)
    == conclude(prepared, [measure(prepared, part) for part in any_split_of(prepared.live)])

A look uses the columns 0..month alone, keeps no state and draws nothing that depends on the order of rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial

import numpy as np

from pulse.correlation.candidates import (
    Candidate,
    customer_place,
    limits,
    places,
    rows_at,
    staff_places,
    team_starts,
    touchpoint_starts,
)
from pulse.correlation.changes import Change, changes
from pulse.correlation.effect import estimate, in_points
from pulse.correlation.evidence import Evidence, evidence
from pulse.correlation.explaining import Claim, explained_away
from pulse.correlation.panel import Chain, Effect, Finding, Fix, FloatArray, Landing, Panel, Path
from pulse.correlation.path import paths
from pulse.correlation.placebo import Placebo, placebo
from pulse.correlation.scales import CUSTOMERS, STAFF
from pulse.correlation.side import Side, scope_of, side

MONITORED = 24
PART = 256
FEWEST_AFTER = 3
FEWEST_ANSWERS = 20
CEILING = 8.5
SAME_TIME_SHARE = 0.5
MONTHS_BEFORE_A_BREAK = 3


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


@dataclass(frozen=True)
class Measured:
    """One part's candidates and the evidence at each; what conclude needs of a worker."""

    fixes: tuple[int, ...]
    customer: tuple[Candidate, ...]
    customer_evidence: Evidence | None
    staff: tuple[Candidate, ...]
    staff_evidence: Evidence | None
    unsurveyed: tuple[float, ...]


def look(
    staff: Panel | None,
    customers: Panel | None,
    fixes: Sequence[Fix],
    chain: Chain,
    *,
    month: int,
    seed: int = 0,
    monitored: int = MONITORED,
    charts: bool = True,
    executor: Executor | None = None,
) -> list[Finding]:
    """What the months 0..month say about each fix started by then and for at most `monitored` months.

    Findings stand in the order of the fixes given. charts -- also work out the paths for the fix page;
    executor -- measures the fixes in parts, any number of workers with the same result.
    """
    prepared = prepare(staff, customers, fixes, chain, month=month, seed=seed, monitored=monitored)
    parts = [prepared.live[at : at + PART] for at in range(0, len(prepared.live), PART)]
    measured = (executor.map if executor else map)(partial(measure, prepared), parts)
    found = {f.code: f for f in conclude(prepared, measured, charts=charts)}
    return [found[fix.code] for fix in fixes if fix.code in found]


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


def unregistered(prepared: Prepared) -> list[Change]:
    """Changes among customers that no registered fix explains, worth asking HR about (§10)."""
    if prepared.customers is None:
        return []
    busy = [prepared.fixes[index].measure for index in prepared.live]
    return changes(prepared.customers, busy, factor=prepared.customer_placebo.factor)


def placebos(mine: Side | None, sizes: Sequence[int], seed: int) -> Placebo:
    """What placebo fixes tell of a side; nothing without a side."""
    return Placebo(1.0, 0.0) if mine is None else placebo(mine, [size for size in sizes if size], seed=seed)


def measure(prepared: Prepared, part: Sequence[int]) -> Measured:
    """The evidence at every place of some of the live fixes; each fix's depends on no other in the part."""
    fixes = tuple(sorted(part))
    customer: list[Candidate] = []
    staff: list[Candidate] = []
    unsurveyed = []
    for index in fixes:
        fix, blind = prepared.fixes[index], 1.0
        if prepared.customers is not None:
            place = customer_place(prepared.customers, index, fix)
            customer += [place] if place else []
        if prepared.staff is not None:
            found, blind = staff_places(prepared.staff, index, fix, prepared.chain)
            staff += found
        unsurveyed.append(blind)
    return Measured(
        fixes, tuple(customer), weigh(prepared.customers, customer, prepared.customer_placebo),
        tuple(staff), weigh(prepared.staff, staff, prepared.staff_placebo),
        tuple(unsurveyed),
    )  # fmt: skip


def weigh(mine: Side | None, candidates: Sequence[Candidate], known: Placebo) -> Evidence | None:
    """The evidence at candidates of a side, None without a side."""
    return None if mine is None else evidence(mine, places(mine, candidates), known.factor, known.jumpiness)


def conclude(prepared: Prepared, parts: Iterable[Measured], *, charts: bool = True) -> list[Finding]:
    """Findings of all live fixes by code, once burdens that several fixes lay claim to have an owner."""
    whole = together(list(parts))
    claims: list[Claim] = []
    staff = whole.staff_evidence
    if prepared.staff is not None and staff is not None:
        staff, claims = explained_away(prepared.staff, whole.staff, staff, prepared.staff_placebo)
    charted = drawn(prepared, whole) if charts else {}
    places_of: dict[int, list[int]] = {}
    for at, candidate in enumerate(whole.staff):
        places_of.setdefault(candidate.fix, []).append(at)
    customer_of = {candidate.fix: at for at, candidate in enumerate(whole.customer)}
    return [
        finding(
            prepared, whole, index, staff, places_of.get(index, []), customer_of.get(index), claims,
            blind, charted,
        )
        for index, blind in zip(whole.fixes, whole.unsurveyed, strict=True)
    ]  # fmt: skip


def together(parts: list[Measured]) -> Measured:
    """Parts as one, fixes in order."""
    whole = [(index, part, i) for part in parts for i, index in enumerate(part.fixes)]
    whole.sort(key=lambda entry: entry[0])
    customer, customer_evidence = merged([(p.customer, p.customer_evidence) for p in parts])
    staff, staff_evidence = merged([(p.staff, p.staff_evidence) for p in parts])
    return Measured(
        tuple(index for index, _, _ in whole), customer, customer_evidence, staff, staff_evidence,
        tuple(part.unsurveyed[i] for _, part, i in whole),
    )  # fmt: skip


def merged(
    pieces: list[tuple[tuple[Candidate, ...], Evidence | None]],
) -> tuple[tuple[Candidate, ...], Evidence | None]:
    """Candidates of several parts by fix, with their evidence."""
    candidates = [c for some, _ in pieces for c in some]
    found = [e for _, e in pieces if e is not None]
    if not found:
        return tuple(candidates), None
    order = sorted(range(len(candidates)), key=lambda at: candidates[at].fix)
    names = ("score", "information", "more", "less", "by_itself", "controls", "rivalry")
    return tuple(candidates[at] for at in order), Evidence(
        *(np.concatenate([getattr(e, name) for e in found])[order] for name in names)
    )


def drawn(prepared: Prepared, whole: Measured) -> dict[tuple[int, str], Path]:
    """Paths of the scopes by (fix, family)."""
    found: dict[tuple[int, str], Path] = {}
    own = [c for c in whole.staff if c.family == "together"]
    for mine, candidates in ((prepared.customers, list(whole.customer)), (prepared.staff, own)):
        if mine is not None and candidates:
            for candidate, path in zip(candidates, paths(mine, candidates), strict=True):
                found[candidate.fix, candidate.family] = path
    return found


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
    burden, landing, rival = landed(prepared, whole.staff, staff, at, claims)
    relief = worse = 0.0
    controls, rivalry = False, 0.0
    if seen is not None and customer_at is not None:
        relief, worse = float(seen.less[customer_at]), float(seen.more[customer_at])
        controls, rivalry = bool(seen.controls[customer_at]), float(seen.rivalry[customer_at])
    if staff is not None and own is not None:
        rivalry = max(rivalry, float(staff.rivalry[own]))
    return Finding(
        code=fix.code,
        relief=relief,
        worse=worse,
        burden=burden,
        customer=effect(prepared, prepared.customers, theirs, seen, customer_at),
        staff=effect(prepared, prepared.staff, whole.staff[own] if own is not None else None, staff, own),
        landing=landing,
        rival=rival,
        unsurveyed=blind,
        ceiling=own is not None and at_ceiling(prepared.staff, whole.staff[own]),
        answers_customer=answers_after(prepared.customers, theirs),
        answers_staff=answers_after(prepared.staff, whole.staff[own] if own is not None else None),
        months_after=months_after(prepared, fix),
        controls=controls,
        confounded=rivalry >= SAME_TIME_SHARE,
        changed_collection=changed(prepared, fix),
        months_before=months_before(prepared.staff, whole.staff[own] if own is not None else None),
        teams=len(whole.staff[own].rows) if own is not None else 0,
        customer_path=charted.get((index, "customers")),
        staff_path=charted.get((index, "together")),
    )


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
    estimated = estimate(found.score[at], found.information[at])
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


def at_ceiling(mine: Side | None, candidate: Candidate) -> bool:
    """Whether the teams scored so high before the start that a rise could not show."""
    if mine is None:
        return False
    rows = np.array(candidate.rows, int)
    before = np.arange(mine.months) < np.array(candidate.starts, int)[:, None]
    n: FloatArray = np.where(before & mine.cells.ok[rows], mine.cells.n[rows], 0.0)
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
