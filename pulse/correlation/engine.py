"""One monthly look: what the cells of both sides say about every fix under monitoring (method.md §4).

    look(staff, customers, fixes, chain, month=m)
    == conclude(prepared, [measure(prepared, part) for part in any_split_of(prepared.live)])

A look uses the columns 0..month alone, keeps no state and draws nothing that depends on the order of rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import Executor
from functools import partial

from pulse.correlation.changes import Change, changes
from pulse.correlation.explaining import Claim, explained_away
from pulse.correlation.finding import finding
from pulse.correlation.measured import Measured, finished, measure, together
from pulse.correlation.panel import Chain, Finding, Fix, Panel, Path
from pulse.correlation.path import paths
from pulse.correlation.prepared import MONITORED, Prepared, prepare

PART = 256

__all__ = ["Measured", "Prepared", "conclude", "concluded", "look", "measure", "prepare", "unregistered"]


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
    found = {f.code: f for f in concluded(prepared, charts=charts, executor=executor)}
    return [found[fix.code] for fix in fixes if fix.code in found]


def concluded(prepared: Prepared, *, charts: bool = True, executor: Executor | None = None) -> list[Finding]:
    """Findings of all live fixes by code, measured in parts by any number of workers."""
    parts = [prepared.live[at : at + PART] for at in range(0, len(prepared.live), PART)]
    measured = (executor.map if executor else map)(partial(measure, prepared), parts)
    return conclude(prepared, measured, charts=charts)


def conclude(prepared: Prepared, parts: Iterable[Measured], *, charts: bool = True) -> list[Finding]:
    """Findings of all live fixes by code, once burdens that several fixes lay claim to have an owner."""
    whole = together(list(parts))
    claims: list[Claim] = []
    staff = whole.staff_evidence
    if prepared.staff is not None and staff is not None:
        staff, claims = explained_away(
            prepared.staff, whole.staff, staff, prepared.staff_placebo, finished(prepared)
        )
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


def drawn(prepared: Prepared, whole: Measured) -> dict[tuple[int, str], Path]:
    """Paths of the scopes by (fix, family)."""
    found: dict[tuple[int, str], Path] = {}
    own = [c for c in whole.staff if c.family == "together"]
    for mine, candidates in ((prepared.customers, list(whole.customer)), (prepared.staff, own)):
        if mine is not None and candidates:
            for candidate, path in zip(candidates, paths(mine, candidates), strict=True):
                found[candidate.fix, candidate.family] = path
    return found


def unregistered(prepared: Prepared) -> list[Change]:
    """Changes among customers that no registered fix explains, worth asking HR about (§10)."""
    if prepared.customers is None:
        return []
    busy = [prepared.fixes[index].measure for index in prepared.live]
    return changes(prepared.customers, busy, factor=prepared.customer_placebo.factor)
