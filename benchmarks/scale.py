"""What one look costs in a large organisation: seconds and peak memory on one core.

    python -m benchmarks.scale [L] [XL]        (default: both; sizes as in benchmarks/levels.py)

Cells are drawn directly (normal means, no people), which is all a look sees. Each size runs in a process of
its own, so that the peak is its own; the peak counts the panels too.
"""

from __future__ import annotations

import os
import resource
import sys
import time
from multiprocessing import get_context

import numpy as np

from benchmarks.layout import Layout, layout
from benchmarks.levels import LEVELS, SIZES, Size
from benchmarks.planting import Planted, planted
from pulse.correlation import engine
from pulse.correlation.panel import Fix, FloatArray, IntArray, Panel

LIMITS = {"L": (3.0, None), "XL": (60.0, 3.0)}  # seconds, gigabytes: must
ONE_CORE = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def measure(name: str) -> str:
    """One line: rows, fixes, seconds of one look at the last month, peak memory."""
    size, level = SIZES[name], LEVELS["realistic"]
    random = np.random.default_rng([1, len(name)])
    ground = layout(size, level, random)
    fixes = planted(ground, size, level, random)
    staff, customers = panels(ground, size, random)
    registered = [_registered(fix) for fix in fixes if fix.registered]
    chain = ground.chain
    drawn = _peak()
    begun = time.perf_counter()
    findings = engine.look(staff, customers, registered, chain, month=size.months - 1, charts=False)
    seconds = time.perf_counter() - begun
    return (
        f"{name}: {size.irritants} irritants, {size.teams} teams, {size.months} months, "
        f"{len(registered)} fixes "
        f"({len(findings)} watched), {len(staff.place)} + {len(customers.place)} rows: "
        f"{seconds:.1f} s, peak {_peak():.2f} GB ({drawn:.2f} GB before the look){_limit(name)}"
    )


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def _limit(name: str) -> str:
    seconds, memory = LIMITS.get(name, (None, None))
    wanted = [f"{seconds:.0f} s" if seconds else "", f"{memory:.0f} GB" if memory else ""]
    return f"; at most {' and '.join(filter(None, wanted))} wanted" if any(wanted) else ""


def panels(ground: Layout, size: Size, random: np.random.Generator) -> tuple[Panel, Panel]:
    """Both sides' panels with made-up means around a level a row."""
    team, asked = _pairs(ground.asked)
    point, met = _pairs(ground.met)
    answers = random.poisson(8.0, (len(team), size.months)).astype(float)
    crowd = random.poisson(200.0, (len(point), size.months)).astype(float)
    return (
        _panel(team, asked, np.where(answers >= 5, answers, 0.0), (4.0, 0.7, 3.9), random),
        _panel(point, met, crowd, (1.6, 0.3, 6.0), random),
    )


def _pairs(listed: tuple[tuple[int, ...], ...]) -> tuple[IntArray, IntArray]:
    place = np.repeat(np.arange(len(listed)), [len(some) for some in listed])
    return place, np.array([k for some in listed for k in some], int)


def _panel(
    place: IntArray,
    irritant: IntArray,
    n: FloatArray,
    about: tuple[float, float, float],
    random: np.random.Generator,
) -> Panel:
    """about -- mean level, spread of levels, variance of single answers."""
    level, spread, variance = about
    mean = level + spread * random.standard_normal((len(place), 1))
    mean = mean + np.sqrt(variance / np.maximum(n, 1.0)) * random.standard_normal(n.shape)
    return Panel(
        place, irritant, n, np.clip(mean, 0.0, 10.0), np.full(n.shape, variance), np.full(place.max() + 1, -1)
    )


def _registered(fix: Planted) -> Fix:
    return Fix(
        code=fix.code,
        measure=fix.irritant,
        start=fix.start,
        teams=fix.teams,
        team_starts=fix.team_starts,
        touchpoints=fix.touchpoints,
        touchpoint_starts=fix.touchpoint_starts,
    )


def main(names: list[str]) -> None:
    """Print a line a size."""
    os.environ.update(dict.fromkeys(ONE_CORE, "1"))
    for name in names:
        with get_context("spawn").Pool(1) as pool:  # a fresh process reads the environment above
            print(pool.apply(measure, (name,)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:] or ["L", "XL"])
