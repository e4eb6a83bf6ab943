"""Error rates of the method on companies with known truth, beside what dashboards do instead.

    python -m benchmarks.truth [--level LEVEL] [--companies 8] [--size M] [--seed0 1000] [--jobs 1]
                               [--commands] [--detail]

Every company is looked at month by month as the scheduler would, from the first fix on. The same seeds give
the same figures. ± is the Monte Carlo standard error, companies being what is drawn.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import repeat

from benchmarks import folder, naive
from benchmarks.levels import LEVELS, SIZES
from benchmarks.planting import Row
from benchmarks.scoring import (
    PLACES,
    Figures,
    Interval,
    Judged,
    Said,
    Share,
    by_effect,
    figures,
    precision_and_recall,
    reliability,
)
from benchmarks.simulator import MONITORED, SimulatedCompany, Truth, company
from pulse.correlation import engine
from pulse.correlation.panel import Effect, Finding, Landing
from pulse.verdicts import rules

ENGINE = "Pulse"


@dataclass(frozen=True)
class Run:
    """One company through every procedure, and the seconds the engine took for one look.

    unregistered -- staff rows moved by changes that nobody wrote down
    """

    seed: int
    unregistered: frozenset[Row]
    judged: dict[str, list[Judged]]
    seconds: float


def run(level: str, size: str, seed: int, commands: bool) -> Run:
    """Draw a company and let every procedure judge it."""
    made = company(level, SIZES[size], seed=seed)
    begun = time.process_time()
    judged = folder.replay(made) if commands else replay(made)
    seconds = (time.process_time() - begun) / made.size.months
    return Run(seed, made.unregistered, naive.procedures(made) | {ENGINE: judged}, seconds)


def replay(made: SimulatedCompany) -> list[Judged]:
    """What the engine and the verdict rules say at every month, the prior learning from finished fixes."""
    said: dict[str, list[Said]] = {truth.code: [] for truth in made.truth}
    last: dict[str, float] = {}
    starts = {fix.code: fix.start for fix in made.fixes}
    for month in range(made.size.months):
        findings = engine.look(
            made.staff, made.customers, made.fixes, made.chain, month=month, monitored=MONITORED, charts=False
        )
        prior = rules.prior(last[code] for code in sorted(last) if starts[code] <= month - MONITORED)
        for finding in findings:
            judgement = rules.judge(finding, prior=prior)
            if judgement.probability is not None:
                last[finding.code] = judgement.probability
            said[finding.code].append(_said(finding, judgement, month - starts[finding.code] + 1, made))
    return [_judged(truth, made, said[truth.code]) for truth in made.truth]


def _judged(truth: Truth, made: SimulatedCompany, said: list[Said]) -> Judged:
    return Judged(truth, made.size.months - truth.start, tuple(said))


def _said(finding: Finding, judgement: rules.Judgement, month: int, made: SimulatedCompany) -> Said:
    return Said(
        month=month,
        outcome=judgement.outcome.value,
        probability=judgement.probability,
        customer=_interval(finding.customer),
        staff=_interval(finding.staff),
        landing=_rows(finding.landing, made),
        reason=judgement.reason.value if judgement.reason else "",
    )


def _interval(effect: Effect | None) -> Interval | None:
    """The interval as it is published, to one decimal."""
    return None if effect is None else (round(effect.low, 1), round(effect.high, 1))


def _rows(landing: Landing | None, made: SimulatedCompany) -> tuple[Row, ...]:
    if landing is None:
        return ()
    return tuple(sorted({(int(made.root[team]), landing.measure) for team in landing.places}))


def runs(level: str, size: str, seeds: Sequence[int], jobs: int, commands: bool) -> Iterator[Run]:
    """Companies in the order of their seeds, shared between processes."""
    if jobs == 1:
        yield from (run(level, size, seed, commands) for seed in seeds)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(run, repeat(level), repeat(size), seeds, repeat(commands))


HEADER = (
    *(
        "procedure",
        "false/fix",
        "resolved",
        "company",
        "3 m",
        "6 m",
        "12 m",
        "ever",
        "median",
        "place",
        "exact",
    ),
    *("right 6 m", "given 6 m", "cust. 95 %", "staff 95 %", "calib."),
)


def line(name: str, found: Figures) -> tuple[str, ...]:
    """One row of the table."""
    median = ">12" if found.median > 12 else f"{found.median:.0f}"
    shares: tuple[Share, ...] = (
        *(found.false, found.false_resolved, found.companies, *found.power.values(), found.ever),
    )
    rest = (
        found.place,
        found.exact_place,
        found.right,
        found.given,
        found.covered_customer,
        found.covered_staff,
    )
    calibration = "-" if found.calibration != found.calibration else f"{found.calibration:.3f}"
    return (name, *map(str, shares), median, *map(str, rest), calibration)


def table(finished: Sequence[Run]) -> str:
    """The whole table as Markdown."""
    lines = [HEADER, tuple("---" for _ in HEADER)]
    found = {name: figures([r.judged[name] for r in finished]) for name in finished[0].judged}
    lines += [line(name, each) for name, each in found.items()]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def detail(finished: Sequence[Run]) -> Iterator[str]:
    """More about the engine: by kind and size of effect, verdict by verdict, and every mistake."""
    companies = [r.judged[ENGINE] for r in finished]
    everything = [one for some in companies for one in some]
    yield "Flagged by month 6: " + _listed(figures(companies).by_kind.items())
    yield "Flagged within 3 / 6 / 12 months, by place and realised points (fixes with 12 months of data):"
    shares = [by_effect(companies, month) for month in (3, 6, 12)]
    for place in PLACES:
        cells = [
            (points, [each[where, points] for each in shares])
            for where, points in shares[0]
            if where == place
        ]
        yield f"  {place}: " + ", ".join(_cell(points, some) for points, some in cells)
    for month in (6, 24):
        said = precision_and_recall(companies, month)
        yield f"Month {month}, right when said / said when right: " + _listed(
            (v, f"{right} / {recalled}") for v, (right, recalled) in said.items()
        )
    yield "Stated probability at month 6, what came true: " + ", ".join(
        f"{stated:.2f} {true:.2f} ({count})" for stated, true, count in reliability(everything)
    )
    for one in finished:
        for fix in one.judged[ENGINE]:
            if fix.flagged is not None:
                yield from _mistake(one, fix, fix.flagged)


def _cell(points: str, shares: Sequence[Share]) -> str:
    found = " / ".join(f"{one.value:.2f}" for one in shares)
    return f"{points}: {found} ({shares[0].count})" if shares[0].count else f"{points}: -"


def _listed(pairs: Iterable[tuple[str, object]]) -> str:
    return ", ".join(f"{name} {value}" for name, value in pairs)


def _mistake(one: Run, fix: Judged, flag: Said) -> Iterator[str]:
    wrong = not fix.truth.displaced
    if not wrong and set(flag.landing) & set(fix.truth.landing_rows):
        return
    others = [
        f"{other.truth.code} ({other.truth.kind}, month {other.truth.start})"
        for other in one.judged[ENGINE]
        if other is not fix and set(other.truth.landing_rows) & set(flag.landing)
    ]
    if one.unregistered & set(flag.landing):
        others.append("a change nobody registered")
    what = "flagged though harmless" if wrong else "flagged in the wrong place"
    yield (
        f"seed {one.seed} {fix.truth.code} ({fix.truth.kind}, month {fix.truth.start}) {what} at its month "
        f"{flag.month}: says {flag.landing}, true {fix.truth.landing_rows} {fix.truth.landed:+.2f}; "
        f"there landed: {', '.join(others) or 'nothing'}"
    )


def arguments(given: Sequence[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--level", choices=list(LEVELS), help="default: all, one after another")
    parser.add_argument("--size", choices=list(SIZES), default="M")
    parser.add_argument("--companies", type=int, default=8)
    parser.add_argument("--seed0", type=int, default=1000, help="seed of the first company")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--commands", action="store_true", help="the whole way: load, correlate, verdicts")
    parser.add_argument("--detail", action="store_true", help="also list every wrong flag")
    return parser.parse_args(given)


def main(given: Sequence[str]) -> None:
    """Print a table a level."""
    chosen = arguments(given)
    for level in [chosen.level] if chosen.level else LEVELS:
        show(level, chosen)


def show(level: str, chosen: argparse.Namespace) -> None:
    """Print one level's table."""
    seeds = range(chosen.seed0, chosen.seed0 + chosen.companies)
    finished = list(runs(level, chosen.size, seeds, chosen.jobs, chosen.commands))
    found = figures([r.judged[ENGINE] for r in finished])
    seconds = sum(r.seconds for r in finished) / len(finished)
    print(
        f"{level}, size {chosen.size}, {len(finished)} companies from seed {chosen.seed0}: "
        f"{found.harmless} harmless and {found.displaced} displaced fixes"
        + ("\n" if chosen.commands else f"; {seconds:.2f} s of processor time a look\n")
    )
    print(table(finished), end="\n\n", flush=True)
    if chosen.detail:
        print("\n".join(detail(finished)), end="\n\n", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
