"""What a simulated company's customers would say: most met no trouble, the others are spread over 1..10."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks import waves
from benchmarks.layout import Layout
from benchmarks.levels import Level
from benchmarks.planting import Planted
from pulse.correlation.panel import FloatArray, IntArray

BOTHERED = (0.01, 0.97)  # share of customers who met the irritant stays between these
FEWEST, MOST = 20.0, 5_000.0  # answers expected a row and month


@dataclass(frozen=True)
class Crowd:
    """Customer rows (touchpoint, irritant). severity -- (rows, 10) odds of 1..10 among the bothered;
    bothered, without -- (rows, months) share of the bothered, with all fixes and without any; size -- (rows,)
    answers expected a month."""

    place: IntArray
    irritant: IntArray
    severity: FloatArray
    bothered: FloatArray
    without: FloatArray
    size: FloatArray

    @property
    def mean(self) -> FloatArray:
        """(rows, 1) mean score of the bothered."""
        return (self.severity @ np.arange(1.0, 11.0))[:, None]


def crowd(
    ground: Layout,
    fixes: tuple[Planted, ...],
    months: int,
    level: Level,
    irritants: int,
    random: np.random.Generator,
) -> Crowd:
    """All customer rows of a company."""
    pairs = [(point, k) for point, met in enumerate(ground.met) for k in met]
    place, irritant = (np.array(side, int) for side in zip(*pairs, strict=True))
    usual = random.uniform(0.15, 0.6, irritants)[irritant] * np.exp(random.normal(0.0, 0.25, len(pairs)))
    drift = _drift(len(ground.met), irritants, months, place, irritant, level, random)
    without = usual[:, None] * np.exp(drift)
    factor = np.ones_like(without)
    number = {pair: row for row, pair in enumerate(pairs)}
    for fix in fixes:
        for point in fix.touchpoints:
            factor[number[point, fix.irritant]] *= 1.0 + fix.share * fix.worked(
                months, fix.begins_at_touchpoint(point)
            )
    busy = random.lognormal(0.0, 0.6, len(ground.met))[place] * random.lognormal(0.0, 0.7, len(pairs))
    return Crowd(
        place=place,
        irritant=irritant,
        severity=_severity(random.uniform(3.0, 7.0, irritants)[irritant]),
        bothered=np.clip(without * factor, *BOTHERED),
        without=np.clip(without, *BOTHERED),
        size=np.clip(level.crowd * busy, FEWEST, MOST),
    )


def _drift(
    points: int,
    irritants: int,
    months: int,
    place: IntArray,
    irritant: IntArray,
    level: Level,
    random: np.random.Generator,
) -> FloatArray:
    """(rows, months) everything that moves the log of the level and is no fix."""
    of_irritant = (
        waves.seasons(irritants, months, level.customer_season, level.customer_trend, random)
        + waves.spells(irritants, months, level.customer_irritant_wave, level.memory, random)
        + waves.shocks(irritants, months, level.shocks, level.customer_shock, random)
        + waves.shifts(irritants, months, level.shifts / 3, level.customer_shift, random)
    )
    of_place = (
        waves.spells(points, months, level.customer_touchpoint_wave, level.memory, random)
        + waves.shocks(points, months, level.shocks, level.customer_shock, random)
        + waves.shifts(points, months, level.shifts / 3, level.customer_shift, random)
    )
    of_row = waves.spells(len(place), months, level.customer_row_wave, level.memory, random) + waves.shifts(
        len(place), months, level.shifts, level.customer_shift, random
    )
    return of_irritant[irritant] + of_place[place] + of_row


def _severity(centre: FloatArray) -> FloatArray:
    """(rows, 10) odds of the scores 1..10, wide around a centre."""
    odds = np.exp(-((np.arange(1.0, 11.0) - centre[:, None]) ** 2) / (2 * 2.5**2))
    return odds / odds.sum(1, keepdims=True)


def counted(people: Crowd, random: np.random.Generator) -> tuple[FloatArray, FloatArray, FloatArray]:
    """n, total and squares of every row and month, (rows, months) each."""
    months = people.bothered.shape[1]
    holiday = 1.0 - 0.15 * (np.arange(months) % 12 >= 10)
    n = random.poisson(people.size[:, None] * holiday * random.uniform(0.85, 1.15, months))
    scored = random.multinomial(random.binomial(n, people.bothered), people.severity[:, None, :])
    score = np.arange(1.0, 11.0)
    return n.astype(float), scored @ score, scored @ score**2
