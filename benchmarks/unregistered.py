"""How well changes that nobody registered are noticed on the customers' side (docs/unregistered.md).

    python -m benchmarks.unregistered [--level LEVEL] [--companies 24] [--size M] [--seed0 70000] [--jobs 1]
                                      [--detail]

Every company is looked at month by month as the night would. Two kinds of changes are planted on irritants
without any fix: those of the simulator, at some or all touchpoints of an irritant, and one at all touchpoints
of every fourth irritant that is left in peace, which lifts 30 to 60 % off the customers. The other irritants
that are left in peace tell the false alarms. ± is the binomial standard error.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from math import log, sqrt

import numpy as np

from benchmarks import customers
from benchmarks.customers import Crowd
from benchmarks.levels import LEVELS, SIZES
from benchmarks.planting import FIRST_START, LAST_START, Planted, planted
from benchmarks.scoring import Share
from benchmarks.simulator import K, SimulatedCompany, company
from pulse.correlation import engine
from pulse.correlation.changes import Change
from pulse.correlation.panel import Panel

EVERYWHERE = (0.30, 0.60)  # share of the customers' level
ONE_IN = 4
THRESHOLDS = (20, 100)
SOON = 6  # months, that of the change included
MOVED = 0.10  # an irritant whose true level shifted by so much by itself is worth the question


@dataclass(frozen=True)
class Case:
    """One irritant over a company's life, with all that was reported about it.

    kind -- "quiet", "some" or "all" (the touchpoints where it changed)
    begun -- month in which customers first could notice, None where nothing was planted; rose -- the sign
    level -- (months,) mean true score over its touchpoints; told -- (look, change), earliest look first
    """

    kind: str
    begun: int | None
    rose: bool
    level: tuple[float, ...]
    told: tuple[tuple[int, Change], ...]

    def first(self, evidence: int) -> tuple[int, Change] | None:
        """The first report with that much evidence, in the direction of what was planted and since then."""
        strong = [(look, change) for look, change in self.told if change.log_evidence >= log(evidence)]
        if self.begun is not None:
            strong = [one for one in strong if one[0] >= self.begun and one[1].more == self.rose]
        return strong[0] if strong else None

    def moved(self, change: Change) -> bool:
        """Whether the true level really was another after the reported month than in the year before."""
        before = np.mean(self.level[max(change.month - 12, 0) : change.month])
        after = np.mean(self.level[change.month :])
        return bool(abs(after / before - 1.0) >= MOVED and (after > before) == change.more)


def cases(level: str, size: str, seed: int) -> list[Case]:
    """One company through all its looks."""
    made = company(level, SIZES[size], seed=seed)
    everything, changes = drawn(made), hidden(made)
    crowd = customers.crowd(
        made.layout, (*(fix for fix in everything if fix.registered), *changes.values()), made.size.months,
        LEVELS[level], made.size.irritants, np.random.default_rng([seed, 3]),
    )  # fmt: skip
    panel = cells(crowd, np.random.default_rng([seed, 5]), len(made.layout.met))
    told: dict[int, list[tuple[int, Change]]] = {}
    for month in range(made.size.months):
        prepared = engine.prepare(None, panel, made.fixes, made.chain, month=month)
        for change in engine.unregistered(prepared):
            told.setdefault(change.measure, []).append((month, change))
    busy = {fix.measure for fix in made.fixes}
    return [
        case(irritant, changes.get(irritant), crowd, made, told.get(irritant, []))
        for irritant in sorted(set(made.layout.places) - busy)
    ]


def drawn(made: SimulatedCompany) -> tuple[Planted, ...]:
    """Every fix of a company, those nobody registered included, drawn again as the simulator drew them."""
    return planted(made.layout, made.size, LEVELS[made.level], np.random.default_rng([made.seed, 1]))


def hidden(made: SimulatedCompany) -> dict[int, Planted]:
    """What nobody registered, by irritant, one each and none where a fix is registered."""
    random = np.random.default_rng([made.seed, 6])
    everything = drawn(made)
    busy = {fix.irritant for fix in everything if fix.registered}
    found = {fix.irritant: fix for fix in everything if not fix.registered and fix.irritant not in busy}
    for irritant in sorted(set(made.layout.places) - busy - set(found))[::ONE_IN]:
        found[irritant] = everywhere(irritant, made, random)
    return found


def everywhere(irritant: int, made: SimulatedCompany, random: np.random.Generator) -> Planted:
    """A relief at all touchpoints of an irritant, at once or within some months."""
    places = made.layout.places[irritant]
    start = int(random.integers(FIRST_START, made.size.months - LAST_START))
    return Planted(
        code=f"hidden-{irritant}", kind="everywhere", registered=False, irritant=irritant, start=start,
        touchpoints=places, teams=(), touchpoint_starts=(start,) * len(places), team_starts=(), late={},
        delay=0, ramp=int(random.integers(1, 5)), felt=0.0, share=-float(random.uniform(*EVERYWHERE)),
        points=0.0, landing=(), hops=0,
    )  # fmt: skip


def cells(crowd: Crowd, random: np.random.Generator, touchpoints: int) -> Panel:
    """The customers' cells of at least K answers."""
    sums = np.stack(customers.counted(crowd, random))
    n, total, squares = np.where(sums[0] >= K, sums, 0.0)
    mean = total / np.maximum(n, 1.0)
    variance = np.maximum(squares - n * mean**2, 0.0) / np.maximum(n - 1.0, 1.0)
    return Panel(crowd.place, crowd.irritant, n, mean, variance, np.full(touchpoints, -1))


def case(
    irritant: int,
    change: Planted | None,
    crowd: Crowd,
    made: SimulatedCompany,
    told: Sequence[tuple[int, Change]],
) -> Case:
    """One irritant with its truth."""
    rows = crowd.irritant == irritant
    level = tuple((crowd.bothered[rows] * crowd.mean[rows]).mean(0).tolist())
    if change is None:
        return Case("quiet", None, False, level, tuple(told))
    begun = min(change.begins_at_touchpoint(point) for point in change.touchpoints) + change.delay
    whole = set(change.touchpoints) == set(made.layout.places[irritant])
    return Case("all" if whole else "some", begun, change.share > 0, level, tuple(told))


def share(hits: Sequence[bool]) -> Share:
    """The share of hits with its binomial error."""
    count = len(hits)
    value = sum(hits) / count if count else float("nan")
    return Share(value, sqrt(value * (1.0 - value) / count) if count else float("nan"), count)


def lines(found: Sequence[Case]) -> Iterator[str]:
    """The figures, a line each."""
    quiet = [one for one in found if one.kind == "quiet"]
    for evidence in THRESHOLDS:
        yield f"evidence of at least {evidence}:"
        wrong = [(one, alarm[1]) for one in quiet if (alarm := one.first(evidence)) is not None]
        rate = share([one.first(evidence) is not None for one in quiet])
        yield f"  false alarms per irritant, whole life: {rate}"
        noise = sum(not one.moved(change) for one, change in wrong)
        yield f"    {len(wrong)} of {len(quiet)}; {noise} where the true level had not shifted by {MOVED:.0%}"
        for kind, words in (("all", "at all touchpoints"), ("some", "at some touchpoints")):
            yield from power(words, [one for one in found if one.kind == kind], evidence)


def power(words: str, mine: Sequence[Case], evidence: int) -> Iterator[str]:
    """How many planted changes were found, how soon, and how well dated."""
    seen = [(one.begun or 0, one.first(evidence)) for one in mine]
    known = [(begun, *report) for begun, report in seen if report is not None]
    delays = [look - begun for begun, look, _ in known]
    soon = share([report is not None and report[0] - begun < SOON for begun, report in seen])
    near = share([abs(change.month - begun) <= 1 for begun, _, change in known])
    held = share([change.earliest <= begun <= change.latest for begun, _, change in known])
    width = (
        np.median([change.latest - change.earliest + 1 for _, _, change in known]) if known else float("nan")
    )
    ever = share([report is not None for _, report in seen])
    delay = np.median(delays) if delays else float("nan")
    yield f"  changes {words} ({len(mine)}): found {ever}, within {SOON} months {soon}, delay {delay:.0f}"
    yield f"    month right within one {near}, inside the range {held}, median width {width:.0f} months"


def run() -> None:
    """Print the figures of a level, or of all."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--level", choices=sorted(LEVELS))
    words.add_argument("--companies", type=int, default=24)
    words.add_argument("--size", choices=sorted(SIZES), default="M")
    words.add_argument("--seed0", type=int, default=70_000)
    words.add_argument("--jobs", type=int, default=1)
    words.add_argument("--detail", action="store_true", help="list every false alarm")
    asked = words.parse_args()
    seeds = range(asked.seed0, asked.seed0 + asked.companies)
    for level in [asked.level] if asked.level else list(LEVELS):
        begun = time.perf_counter()
        with ProcessPoolExecutor(asked.jobs) as pool:
            companies = list(pool.map(cases, repeat(level), repeat(asked.size), seeds))
        found = [one for some in companies for one in some]
        seconds = time.perf_counter() - begun
        print(
            f"{level}: {asked.companies} companies of size {asked.size}, "
            f"seeds {asked.seed0} on, {seconds:.0f} s"
        )
        print("\n".join(lines(found)), flush=True)
        if asked.detail:
            print("\n".join(alarms(found)), flush=True)


def alarms(found: Sequence[Case]) -> Iterator[str]:
    """Every false alarm: when, which month, and what the true level did."""
    for one in found:
        report = one.first(THRESHOLDS[0])
        if one.kind == "quiet" and report is not None:
            look, change = report
            before, after = (
                np.mean(one.level[max(change.month - 12, 0) : change.month]),
                np.mean(one.level[change.month :]),
            )
            yield (
                f"  look {look}: month {change.month} ({change.earliest} to {change.latest}), evidence "
                f"{np.exp(change.log_evidence):.3g}, {'more' if change.more else 'less'}; "
                f"truly {before:.2f} then {after:.2f}"
            )


if __name__ == "__main__":
    run()
