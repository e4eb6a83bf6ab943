"""The evidence at every place of some fixes: the part of a look that can be shared out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pulse.correlation.candidates import Candidate, customer_place, places, staff_places
from pulse.correlation.evidence import Evidence, evidence
from pulse.correlation.placebo import Placebo
from pulse.correlation.prepared import Prepared
from pulse.correlation.side import Side

A_YEAR = 12


@dataclass(frozen=True)
class Measured:
    """One part's candidates and the evidence at each; what conclude needs of a worker."""

    fixes: tuple[int, ...]
    customer: tuple[Candidate, ...]
    customer_evidence: Evidence | None
    staff: tuple[Candidate, ...]
    staff_evidence: Evidence | None
    unsurveyed: tuple[float, ...]


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


def finished(prepared: Prepared) -> list[Candidate]:
    """Staff's places of fixes no longer watched that may own what is seen of those that are.

    What a fix burdened stays its own when its time is over. A fix that began more than a year before the
    first one watched cannot be mistaken for it.
    """
    if prepared.staff is None or not prepared.live:
        return []
    first = min(prepared.fixes[index].start for index in prepared.live)
    over = sorted(set(range(len(prepared.fixes))) - set(prepared.live))
    return [
        place
        for index in over
        if prepared.fixes[index].start >= first - A_YEAR
        for place in staff_places(prepared.staff, index, prepared.fixes[index], prepared.chain)[0]
    ]


def weigh(mine: Side | None, candidates: Sequence[Candidate], known: Placebo) -> Evidence | None:
    """The evidence at candidates of a side, None without a side."""
    return None if mine is None else evidence(mine, places(mine, candidates), known.factor, known.jumpiness)


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
