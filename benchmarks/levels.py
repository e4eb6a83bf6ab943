"""How hard a simulated company makes it to see what a fix did: three levels, and sizes of companies."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """How many irritants, teams, months and registered fixes."""

    irritants: int
    teams: int
    months: int
    fixes: int


SIZES = {
    "XS": Size(10, 10, 24, 4),
    "S": Size(20, 40, 30, 10),
    "M": Size(40, 120, 36, 24),
    "L": Size(200, 500, 36, 120),
    "XL": Size(2_000, 20_000, 48, 1_500),
}


@dataclass(frozen=True)
class Level:
    """Nuisances of a company. Staff sizes are points of 0..10, customers' shares of the level (logs).

    style, taste, mood, noise -- spread of answers: between people; between one person's irritants; between
        one person's months (shared by all their answers); between single answers
    list_length, asked -- irritants a team is asked about at all, and per person and month
    response, evasion -- share of people who answer; how far a point of burden lowers its logit
    leaving -- share of people replaced each month
    team_wave, irritant_wave, row_wave, memory -- spread and monthly memory of first-order autoregressions
    season, trend -- largest yearly half-swing, and largest drift a year, of an irritant
    shocks, shock -- passing shocks an irritant or a unit meets in 36 months, and their spread
    shifts, shift -- share of rows (a third as many units and irritants) that change for good, and the spread
    customer_* -- the same for customers
    crowd -- median of customer answers a row and month (20 to 5,000)
    anticipated, scattered, gradual -- share of fixes felt before their start; beginning later in some places
        than registered; taking 2 to 4 months (the others at once)
    everywhere -- share of fixes whose scope leaves no touchpoint of the irritant untouched
    crowded -- fixes per irritant that has any
    blind -- share of displacements that land where nobody asks
    splits -- share of teams that split; unregistered -- unregistered changes per registered fix
    """

    name: str
    style: float
    taste: float
    mood: float
    noise: float
    list_length: int
    asked: int
    response: float
    evasion: float
    leaving: float
    team_wave: float
    irritant_wave: float
    row_wave: float
    memory: float
    season: float
    trend: float
    shocks: float
    shock: float
    shifts: float
    shift: float
    customer_touchpoint_wave: float
    customer_irritant_wave: float
    customer_row_wave: float
    customer_season: float
    customer_trend: float
    customer_shock: float
    customer_shift: float
    crowd: float
    anticipated: float
    scattered: float
    gradual: float
    everywhere: float
    crowded: float
    blind: float
    splits: float
    unregistered: float


EASY = Level(
    name="easy",
    style=1.0,
    taste=0.6,
    mood=0.3,
    noise=1.3,
    list_length=9,
    asked=6,
    response=0.74,
    evasion=0.0,
    leaving=0.01,
    team_wave=0.1,
    irritant_wave=0.06,
    row_wave=0.08,
    memory=0.4,
    season=0.2,
    trend=0.1,
    shocks=0.3,
    shock=0.4,
    shifts=0.01,
    shift=0.4,
    customer_touchpoint_wave=0.02,
    customer_irritant_wave=0.03,
    customer_row_wave=0.02,
    customer_season=0.08,
    customer_trend=0.05,
    customer_shock=0.08,
    customer_shift=0.2,
    crowd=300.0,
    anticipated=0.1,
    scattered=0.05,
    gradual=0.3,
    everywhere=0.1,
    crowded=1.3,
    blind=0.0,
    splits=0.01,
    unregistered=0.05,
)

REALISTIC = Level(
    name="realistic",
    style=1.2,
    taste=0.7,
    mood=0.4,
    noise=1.3,
    list_length=9,
    asked=6,
    response=0.64,
    evasion=0.08,
    leaving=0.015,
    team_wave=0.2,
    irritant_wave=0.2,
    row_wave=0.12,
    memory=0.6,
    season=0.5,
    trend=0.3,
    shocks=0.7,
    shock=0.6,
    shifts=0.04,
    shift=0.6,
    customer_touchpoint_wave=0.03,
    customer_irritant_wave=0.04,
    customer_row_wave=0.03,
    customer_season=0.12,
    customer_trend=0.06,
    customer_shock=0.12,
    customer_shift=0.2,
    crowd=400.0,
    anticipated=0.25,
    scattered=0.15,
    gradual=0.6,
    everywhere=0.15,
    crowded=1.4,
    blind=0.05,
    splits=0.025,
    unregistered=0.15,
)

HOSTILE = Level(
    name="hostile",
    style=1.3,
    taste=0.8,
    mood=0.6,
    noise=1.6,
    list_length=10,
    asked=6,
    response=0.56,
    evasion=0.2,
    leaving=0.03,
    team_wave=0.3,
    irritant_wave=0.22,
    row_wave=0.2,
    memory=0.7,
    season=0.5,
    trend=0.4,
    shocks=1.0,
    shock=0.7,
    shifts=0.07,
    shift=0.7,
    customer_touchpoint_wave=0.08,
    customer_irritant_wave=0.09,
    customer_row_wave=0.08,
    customer_season=0.3,
    customer_trend=0.2,
    customer_shock=0.3,
    customer_shift=0.35,
    crowd=180.0,
    anticipated=0.5,
    scattered=0.4,
    gradual=0.75,
    everywhere=0.25,
    crowded=2.0,
    blind=0.15,
    splits=0.06,
    unregistered=0.3,
)

LEVELS = {level.name: level for level in (EASY, REALISTIC, HOSTILE)}
