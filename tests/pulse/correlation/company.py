"""Small made-up companies with known truth, in cells: what the tests of the engine are held against."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from pulse.correlation.panel import Chain, Fix, Panel


@dataclass
class Company:
    """Teams in a line (team t supplies t + 1), touchpoints, irritants; every team is asked everything.

    answers -- people who answer in a team and month; customers -- answers in a touchpoint, irritant and month
    """

    teams: int = 16
    touchpoints: int = 8
    irritants: int = 8
    months: int = 36
    answers: int = 15
    customers: int = 80
    seed: int = 1
    season: float = 0.3
    team_noise: float = 0.15
    fixes: list[Fix] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)
        self.staff_mean = self._base(self.teams, 3.0, 0.6)
        self.customer_mean = self._base(self.touchpoints, 2.5, 0.4)

    def _base(self, places: int, level: float, spread: float) -> np.ndarray:
        t = np.arange(self.months)
        irritant = level + self.rng.normal(0, spread, (1, self.irritants, 1))
        season = self.season * np.sin(2 * np.pi * (t / 12 + self.rng.random((1, self.irritants, 1))))
        row = self.rng.normal(0, 0.4, (places, self.irritants, 1))
        shock = self.rng.normal(0, self.team_noise, (1, self.irritants, self.months))
        unit = self.rng.normal(0, self.team_noise, (places, 1, self.months))
        return np.clip(irritant + season + row + shock + unit, 0.3, 8.5)

    def fix(
        self,
        code: str,
        *,
        irritant: int,
        start: int,
        teams: tuple[int, ...] = (),
        touchpoints: tuple[int, ...] = (),
        relief: float = 0.0,
        burden: float = 0.0,
        lands: tuple[tuple[int, ...], int] | None = None,
        ramp: int = 1,
    ) -> Fix:
        """Add a fix: relief is a share of customers' level, burden the points it costs where it lands."""
        grown = np.clip((np.arange(self.months) - start + 1) / ramp, 0, 1)
        for touchpoint in touchpoints:
            self.customer_mean[touchpoint, irritant] *= 1.0 - relief * grown
        places, what = lands or (teams, irritant)
        for team in places:
            self.staff_mean[team, what] += burden * grown
        added = Fix(
            code,
            irritant,
            start,
            None,
            teams,
            (start,) * len(teams),
            touchpoints,
            (start,) * len(touchpoints),
        )
        self.fixes.append(added)
        return added

    @property
    def chain(self) -> Chain:
        """Each team next to the one before and the one after."""
        near = [tuple(v for v in (t - 1, t + 1) if 0 <= v < self.teams) for t in range(self.teams)]
        return Chain(tuple(near))

    def staff(self) -> Panel:
        """Staff cells: 60 to 100 % of the people answer, single answers scatter by 2.2 points."""
        n = self.rng.integers(int(0.6 * self.answers), self.answers + 1, self.staff_mean.shape)
        return panel(self.staff_mean, n.astype(float), 2.2, self.rng)

    def customer(self) -> Panel:
        """Customer cells: single answers scatter by 2.5 points."""
        n = self.rng.integers(self.customers // 2, self.customers + 1, self.customer_mean.shape)
        return panel(self.customer_mean, n.astype(float), 2.5, self.rng)


def panel(mean: np.ndarray, n: np.ndarray, spread: float, rng: np.random.Generator) -> Panel:
    """Cells around true means (places, irritants, months)."""
    places, irritants, months = mean.shape
    seen = mean + rng.normal(0, 1, mean.shape) * spread / np.sqrt(np.maximum(n, 1))
    freedom = np.maximum(n - 1, 1)
    variance = np.where(n > 1, spread**2 * rng.chisquare(freedom) / freedom, 0.0)
    place, measure = (a.ravel() for a in np.mgrid[0:places, 0:irritants])
    flat = (-1, months)
    return Panel(
        place, measure, n.reshape(flat), seen.reshape(flat), variance.reshape(flat), np.full(places, -1)
    )  # fmt: skip


def shuffled(panel: Panel, seed: int = 0) -> Panel:
    """The same panel with its rows in another order."""
    order = np.random.default_rng(seed).permutation(len(panel.place))
    return replace(
        panel, place=panel.place[order], measure=panel.measure[order], n=panel.n[order],
        mean=panel.mean[order], variance=panel.variance[order],
        broken=None if panel.broken is None else panel.broken[order],
    )  # fmt: skip
