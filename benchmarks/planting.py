"""Which fixes a simulated company made, and what each really does to whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks.layout import Layout
from benchmarks.levels import Level, Size
from pulse.correlation.panel import FloatArray

# One company's worth of 24; others take a stretch of the same round.
KINDS = (
    *("resolved", "disp_same", "disp_hop", "ineffective", "resolved", "disp_irr", "nochange", "backfired"),
    *("resolved", "disp_hop", "disp_same", "resolved", "nochange", "disp_irr", "ineffective", "resolved"),
    *("disp_hop", "nochange", "resolved", "disp_same", "backfired", "ineffective", "resolved", "disp_irr"),
)
FIRST_START, LAST_START = 6, 5  # months from the beginning, and before the end
RELIEF = (0.25, 0.70)  # share of the customers' level
BURDEN = (0.5, 2.0)  # points
EMPLOYEES_RELIEVED = 0.4  # share of resolved fixes
STAFF_PAY_ANYWAY = 0.3  # share of ineffective fixes
TRIES = 60

Row = tuple[int, int]  # (team or touchpoint, irritant)


@dataclass(frozen=True)
class Planted:
    """A fix as it was registered, and what it does. Months are columns of the panels.

    registered -- False for a change nobody wrote down
    touchpoint_starts, team_starts -- as registered
    late -- place (touchpoints as they are, teams from -1 downwards) -> months it begins later than registered
    delay, ramp -- months before anything shows, and until all of it does
    felt -- share of the effect felt in the month before the start (half of it two months before)
    share -- change of the customers' level; points -- change on the landing rows
    landing -- rows whose staff are affected (burden or relief); hops -- their distance from the own teams
    """

    code: str
    kind: str
    registered: bool
    irritant: int
    start: int
    touchpoints: tuple[int, ...]
    teams: tuple[int, ...]
    touchpoint_starts: tuple[int, ...]
    team_starts: tuple[int, ...]
    late: dict[int, int]
    delay: int
    ramp: int
    felt: float
    share: float
    points: float
    landing: tuple[Row, ...]
    hops: int

    def worked(self, months: int, begin: int) -> FloatArray:
        """(months,) share of its whole effect that shows where it begins in month `begin`."""
        since = np.arange(months) - begin
        early = np.select([since == -1, since == -2], [self.felt, self.felt / 2], 0.0)
        return np.maximum(np.clip((since - self.delay + 1) / self.ramp, 0.0, 1.0), early)

    def begins_at_team(self, team: int) -> int:
        """The month it really begins at a team; beyond the scope with the fix itself."""
        registered = dict(zip(self.teams, self.team_starts, strict=True)).get(team, self.start)
        return registered + self.late.get(-1 - team, 0)

    def begins_at_touchpoint(self, touchpoint: int) -> int:
        """The month it really begins at a touchpoint of its scope."""
        registered = dict(zip(self.touchpoints, self.touchpoint_starts, strict=True))
        return registered[touchpoint] + self.late.get(touchpoint, 0)


def planted(ground: Layout, size: Size, level: Level, random: np.random.Generator) -> tuple[Planted, ...]:
    """All fixes by code, unregistered changes last."""
    hidden = int(random.binomial(size.fixes, level.unregistered))
    pool = _pool(ground, size, level, random)
    first = int(random.integers(len(KINDS)))
    kinds = [KINDS[(first + i) % len(KINDS)] for i in range(size.fixes)]
    kinds += [str(kind) for kind in random.choice(["resolved", "disp_same", "backfired"], hidden)]
    anywhere = tuple(sorted(ground.places))
    found = [
        _draw(i, kind, i < size.fixes, ground, size, level, pool if i < size.fixes else anywhere, random)
        for i, kind in enumerate(kinds)
    ]
    return tuple(fix for fix in found if fix is not None)


def _pool(ground: Layout, size: Size, level: Level, random: np.random.Generator) -> tuple[int, ...]:
    """The irritants that fixes are made for: few enough that several meet on one."""
    possible = sorted(ground.places)
    count = min(len(possible), max(1, round(size.fixes / level.crowded)))
    return tuple(random.choice(possible, count, replace=False).tolist())


def _draw(
    number: int,
    kind: str,
    registered: bool,
    ground: Layout,
    size: Size,
    level: Level,
    pool: tuple[int, ...],
    random: np.random.Generator,
) -> Planted | None:
    """A fix of this kind somewhere, some time; None where the company is too small for any."""
    for attempt in range(TRIES):
        evenly = registered and attempt < TRIES // 2
        irritant = pool[number % len(pool)] if evenly else int(random.choice(pool))
        touchpoints = _scope(ground.places[irritant], level, random)
        teams = tuple(
            sorted({t for p in touchpoints for t in ground.serving[p] if irritant in ground.asked[t]})
        )
        landing = _landing(kind, irritant, teams, ground, level, random) if teams else None
        if landing is not None:
            break
    else:
        return None
    rows, hops = landing
    start = int(random.integers(FIRST_START, max(FIRST_START + 1, size.months - LAST_START)))
    places = (*touchpoints, *(-1 - team for team in teams))
    told = dict(_steps(places, level.scattered / 2, random))
    gradual = random.random() < level.gradual
    return Planted(
        code=f"fix-{number:04d}",
        kind=kind,
        registered=registered,
        irritant=irritant,
        start=start,
        touchpoints=touchpoints,
        teams=teams,
        touchpoint_starts=tuple(start + told.get(point, 0) for point in touchpoints),
        team_starts=tuple(start + told.get(-1 - team, 0) for team in teams),
        late=dict(_steps(places, level.scattered, random)),
        delay=int(random.choice([0, 0, 0, 0, 1])),
        ramp=int(random.integers(2, 5)) if gradual else 1,
        felt=float(random.uniform(0.2, 0.5)) if random.random() < level.anticipated else 0.0,
        share=_share(kind, random),
        points=_points(kind, random) if rows else 0.0,
        landing=rows,
        hops=hops,
    )


def _scope(places: tuple[int, ...], level: Level, random: np.random.Generator) -> tuple[int, ...]:
    """One to three touchpoints of the irritant, or all of them."""
    count = len(places)
    if random.random() >= level.everywhere:
        count = min(int(random.choice([1, 1, 2, 3])), max(1, count - 1))
    return tuple(sorted(random.choice(places, count, replace=False).tolist()))


def _steps(places: tuple[int, ...], odds: float, random: np.random.Generator) -> Iterator[tuple[int, int]]:
    """(place, months later) for half of the places of a share `odds` of fixes, never for the first one."""
    if random.random() < odds:
        for place in places[1:]:
            if random.random() < 0.5:
                yield place, int(random.integers(1, 4))


def _landing(
    kind: str,
    irritant: int,
    teams: tuple[int, ...],
    ground: Layout,
    level: Level,
    random: np.random.Generator,
) -> tuple[tuple[Row, ...], int] | None:
    """Rows where staff feel it, and hops; no rows for most harmless fixes; None where it could not be."""
    own = tuple((team, irritant) for team in teams)
    if kind == "disp_same":
        part = len(own) > 1 and random.random() < 0.15
        return (own[int(random.integers(len(own)))],) if part else own, 0
    if kind == "disp_hop":
        return _neighbours(irritant, teams, ground, level, random)
    if kind == "disp_irr":
        return _another(irritant, teams, ground, random)
    share = {"resolved": EMPLOYEES_RELIEVED, "ineffective": STAFF_PAY_ANYWAY}.get(kind, 0.0)
    return (own, 0) if random.random() < share else ((), 0)


def _neighbours(
    irritant: int, teams: tuple[int, ...], ground: Layout, level: Level, random: np.random.Generator
) -> tuple[tuple[Row, ...], int] | None:
    """One or two teams, one hop away (six in ten) or two; at times teams nobody asks about the irritant."""
    hops = 1 if random.random() < 0.6 else 2
    ring = ground.chain.rings(teams)[hops - 1]
    deaf = random.random() < level.blind
    there = [team for team in ring if (irritant in ground.asked[team]) != deaf]
    if not there:
        return None
    count = min(len(there), int(random.integers(1, 3)))
    chosen = sorted(random.choice(there, count, replace=False).tolist())
    return tuple((team, irritant) for team in chosen), hops


def _another(
    irritant: int, teams: tuple[int, ...], ground: Layout, random: np.random.Generator
) -> tuple[tuple[Row, ...], int] | None:
    """The own teams, on another irritant that at least half of them are asked about."""
    listed = sorted({k for team in teams for k in ground.asked[team]} - {irritant})
    shared = [k for k in listed if 2 * sum(k in ground.asked[team] for team in teams) >= len(teams)]
    if not shared:
        return None
    other = int(random.choice(shared))
    return tuple((team, other) for team in teams if other in ground.asked[team]), 0


def _share(kind: str, random: np.random.Generator) -> float:
    if kind in ("nochange", "ineffective"):
        return 0.0
    size = float(random.uniform(*RELIEF))
    return size if kind == "backfired" else -size


def _points(kind: str, random: np.random.Generator) -> float:
    size = float(random.uniform(*BURDEN))
    return -size if kind == "resolved" else size
