"""What everybody would answer on average, month by month, with the fixes and without them.

A row is (place, irritant); arrays are (rows, months) of expected scores, 0..10 points, over all people of a
place. Employees' effects are added in points, customers' multiply the level. Scores are drawn so that their
expectation, after rounding to the five labels and cutting to 0..10, is exactly the value kept here: what
truth.csv says is therefore what answers show, not a nominal figure.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from demo.irritants import IRRITANTS
from demo.plan import Fix, Ground
from demo.structure import ROLE, Structure, Team

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
LOWEST, HIGHEST = 0.15, 9.4  # expected scores stay off the ends, where nothing could move
STAFF_LEVEL, CUSTOMER_LEVEL = (1.7, 4.3), (1.7, 3.8)  # usual levels of an irritant, points
DEAREST = 4.8  # highest usual level of a row that a burden will be added to


@dataclass(frozen=True)
class Rows:
    """Expected scores of one side; a team that splits closes, and those that come of it open."""

    places: tuple[str, ...]
    irritants: tuple[str, ...]
    place: IntArray  # (rows,) index into places
    irritant: IntArray  # (rows,) index into irritants
    expected: FloatArray  # (rows, months) points
    without: FloatArray  # (rows, months) points, had there been no fix
    opened: IntArray  # (rows,) first month with answers
    closed: IntArray  # (rows,) first month without

    def effect(self, rows: list[tuple[str, str]], first: int) -> float:
        """Realised change in points, mean over these rows and the months from `first` on; 0.0 for no rows."""
        wanted = set(rows)
        places, irritants = np.array(self.places), np.array(self.irritants)
        named = zip(places[self.place].tolist(), irritants[self.irritant].tolist(), strict=True)
        chosen = [i for i, row in enumerate(named) if row in wanted]
        change = (self.expected - self.without)[chosen, first:]
        return float(change.mean()) if change.size else 0.0


@dataclass(frozen=True)
class Break:
    """An annotated month from which a series cannot be compared with before."""

    side: str
    month: int
    place: str
    irritant: str
    note: str


def staff_rows(
    ground: Ground, fixes: tuple[Fix, ...], teams: tuple[Team, ...], random: np.random.Generator
) -> Rows:
    """What teams would answer about the irritants on their lists: level, season, shocks, and fixes."""
    company, months = ground.company, ground.months
    codes = [irritant.code for irritant in IRRITANTS]
    pairs = [(t, k) for t, team in enumerate(teams) for k in _listed(team, ground)]
    place = np.array([t for t, _ in pairs])
    irritant = np.array([codes.index(code) for _, code in pairs])
    origin = _origins(teams)[place]  # a team that split off keeps the level of its parent
    base = _staff_levels(ground, fixes, pairs, teams, origin, irritant, random)
    usual = (
        base[:, None]
        + _seasons(len(codes), months, (0.1, 0.4), 0.2, random)[irritant]
        + _waves(len(codes), months, 0.1, 0.5, random)[irritant]
        + _waves(len(teams), months, 0.11, 0.5, random)[origin]
        + _waves(len(company.towns) + 1, months, 0.06, 0.3, random)[_areas(teams, company)[place]]
        + random.normal(0.0, 0.04, (len(pairs), months))
    )
    change = np.zeros((len(pairs), months))
    at = {(teams[t].code, code): row for row, (t, code) in enumerate(pairs)}
    for fix in fixes:
        for team, code in sorted(fix.landing_rows or (fix.staff_rows if fix.staff_points else ())):
            change[at[team, code]] += fix.staff_points * ramp(fix, team, months)
    return Rows(
        tuple(team.code for team in teams),
        tuple(codes),
        place,
        irritant,
        np.clip(usual + change, LOWEST, HIGHEST),
        np.clip(usual, LOWEST, HIGHEST),
        np.array([teams[t].opened or 0 for t in place]),
        np.array([months if teams[t].closed is None else teams[t].closed for t in place]),
    )


def _listed(team: Team, ground: Ground) -> tuple[str, ...]:
    return ground.lists.get(team.code) or ground.lists[team.split_from]


def _origins(teams: tuple[Team, ...]) -> IntArray:
    index = {team.code: i for i, team in enumerate(teams)}
    return np.array([index[team.split_from] if team.split_from else i for i, team in enumerate(teams)])


def _areas(teams: tuple[Team, ...], company: Structure) -> IntArray:
    index = {area: i for i, area in enumerate(company.towns)}
    return np.array([index.get(team.area, len(index)) for team in teams])


def _staff_levels(
    ground: Ground,
    fixes: tuple[Fix, ...],
    pairs: list[tuple[int, str]],
    teams: tuple[Team, ...],
    origin: IntArray,
    irritant: IntArray,
    random: np.random.Generator,
) -> FloatArray:
    """(rows,) usual level: of irritant, team and row; front-line teams feel irritants a little more."""
    of_irritant = random.uniform(*STAFF_LEVEL, len(IRRITANTS))
    of_team = random.normal(0.0, 0.3, len(teams))[origin]
    front = np.array([0.4 if ROLE[teams[t].role].touchpoint else -0.1 for t, _ in pairs])
    level = np.clip(of_irritant[irritant] + of_team + front + random.normal(0.0, 0.3, len(pairs)), 1.5, 5.0)
    planted = {row: fix.staff_points for fix in fixes for row in fix.landing_rows}
    lifted = {row: fix.staff_points for fix in fixes if not fix.landing_rows for row in fix.staff_rows}
    for row, (t, code) in enumerate(pairs):
        if (teams[t].code, code) in planted:
            level[row] = min(level[row], DEAREST)
        level[row] = max(level[row], 1.8 - lifted.get((teams[t].code, code), 0.0))
    return level


def customer_rows(
    ground: Ground, fixes: tuple[Fix, ...], random: np.random.Generator
) -> tuple[Rows, FloatArray, Break | None]:
    """What customers would answer, how many of them do (rows, months), and the one annotated break."""
    company, months = ground.company, ground.months
    codes = [irritant.code for irritant in IRRITANTS]
    points = company.touchpoints
    pairs = [
        (p, k)
        for p, point in enumerate(points)
        for k, one in enumerate(IRRITANTS)
        if point.kind in one.touchpoints
    ]
    place, irritant = (np.array(side) for side in zip(*pairs, strict=True))
    level = np.log(random.uniform(*CUSTOMER_LEVEL, len(codes)))[irritant]
    level = np.clip(level + random.normal(0.0, 0.1, len(pairs)), *np.log([1.5, 4.0]))
    rhythm = (
        _seasons(len(codes), months, (0.03, 0.12), 0.04, random)[irritant]
        + _waves(len(codes), months, 0.02, 0.5, random)[irritant]
        + _waves(len(points), months, 0.02, 0.5, random)[place]
        + random.normal(0.0, 0.01, (len(pairs), months))
    )
    usual = np.exp(level[:, None] + rhythm)
    at = {(points[p].code, codes[k]): row for row, (p, k) in enumerate(pairs)}
    noted = _break(ground, fixes, sorted(at), months)
    if noted is not None:
        usual[at[noted.place, noted.irritant], noted.month :] *= 1.3
    share = np.ones((len(pairs), months))
    for fix in fixes:
        for point in fix.touchpoints:
            share[at[point, fix.irritant]] += fix.customer_share * ramp(fix, point, months)
    rows = Rows(
        tuple(point.code for point in points),
        tuple(codes),
        place,
        irritant,
        np.clip(usual * share, LOWEST, HIGHEST),
        np.clip(usual, LOWEST, HIGHEST),
        np.zeros(len(pairs), dtype=int),
        np.full(len(pairs), months),
    )
    return rows, _crowds(pairs, months, random), noted


def _crowds(pairs: list[tuple[int, int]], months: int, random: np.random.Generator) -> FloatArray:
    """(rows, months) answers a customer row gets on average: dozens to hundreds, fewer in July and August."""
    usual = np.clip(random.lognormal(np.log(340), 0.35, len(pairs)), 120, 900)
    return usual[:, None] * random.uniform(0.85, 1.15, months)


def _break(ground: Ground, fixes: tuple[Fix, ...], rows: list[tuple[str, str]], months: int) -> Break | None:
    """A changed form where no fix is: on an irritant without one if there is such, else a place without."""
    fixed = {fix.irritant for fix in fixes}
    scopes = {row for fix in fixes for row in fix.customer_rows}
    free = [row for row in rows if row[1] not in fixed] or [row for row in rows if row not in scopes]
    if not free or months < 4:
        return None
    place, irritant = free[0]
    return Break("customer", 2 * months // 3, place, irritant, "Question moved to the top of the form")


def ramp(fix: Fix, place: str, months: int) -> FloatArray:
    """(months,) share of its full effect that a fix has at a place, 0..1."""
    return np.clip((np.arange(months) - fix.start(place) + 1) / fix.ramp, 0.0, 1.0)


def _seasons(
    count: int, months: int, swing: tuple[float, float], trend: float, random: np.random.Generator
) -> FloatArray:
    """(count, months) a yearly wave and a slow trend (per year) for each irritant."""
    month = np.arange(months)
    size, phase = random.uniform(*swing, count), random.uniform(0, 12, count)
    slope = random.uniform(-trend, trend, count) / 12
    wave = size[:, None] * np.sin(2 * np.pi * (month - phase[:, None]) / 12)
    return wave + slope[:, None] * (month - months / 2)


def _waves(count: int, months: int, spread: float, memory: float, random: np.random.Generator) -> FloatArray:
    """(count, months) good and bad spells: a first-order autoregression of this standard deviation."""
    fresh = random.normal(0.0, spread * np.sqrt(1 - memory**2), (count, months))
    fresh[:, 0] = random.normal(0.0, spread, count)
    for month in range(1, months):
        fresh[:, month] += memory * fresh[:, month - 1]
    return fresh
