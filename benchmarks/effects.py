"""Published effects of real events beside what Pulse's own estimator makes of the same data.

    python -m benchmarks.effects          the table, then the same estimator on events that never were

The files are read from ../shared/data/effects and never become part of this project; published figures, with
their source, are in docs/real-series.md. No verdict is given: only the effect and its interval (method.md
§4.11) are compared. Periods are months, years or days, whatever the case has.
"""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from config import ROOT
from pulse.correlation.panel import Effect, FloatArray, IntArray
from pulse.correlation.series import NEVER, Series, effect_on

FOLDER = ROOT.parent / "shared" / "data" / "effects"
SEATS = ("drivers", "front", "rear")
BELTS = 169
NINETEEN_EIGHTY_NINE = 19
HISTORY = 36


@dataclass(frozen=True)
class Published:
    """A published figure in the unit of the series, with its 95 % interval where there is one."""

    value: float
    low: float | None = None
    high: float | None = None

    @classmethod
    def of(cls, value: float, se: float) -> Published:
        """A figure with its standard error."""
        return cls(value, value - 1.96 * se, value + 1.96 * se)


@dataclass(frozen=True)
class Case:
    """An event and its series. log -- figures are logarithms, printed as changes in per cent."""

    name: str
    series: Series
    starts: IntArray
    rows: tuple[int, ...] | None
    published: Published
    log: bool = False

    def effect(self) -> Effect | None:
        """What Pulse's estimator says."""
        return effect_on(self.series, self.starts, self.rows)


def read(file: str, folder: Path = FOLDER) -> list[dict[str, str]]:
    """The rows of one of the files, whatever it separates columns with."""
    text = (folder / file).read_text(encoding="utf-8-sig").splitlines()
    return list(csv.DictReader(text, delimiter=";" if ";" in text[0] else ","))


def number(text: str) -> float:
    """A number with a decimal point or comma; NaN where there is none."""
    return float(text.replace(",", ".")) if text.strip() else np.nan


def column(rows: Sequence[dict[str, str]], name: str) -> FloatArray:
    """(rows,) one column of a file."""
    return np.array([number(row[name]) for row in rows])


def table(rows: Sequence[dict[str, str]], who: str, when: str, what: str) -> tuple[list[str], FloatArray]:
    """Names, and (names, periods) figures of a file with one line a name and period."""
    names, periods = sorted({row[who] for row in rows}), sorted({row[when] for row in rows})
    found = np.full((len(names), len(periods)), np.nan)
    at = {name: i for i, name in enumerate(names)}, {period: i for i, period in enumerate(periods)}
    for row in rows:
        found[at[0][row[who]], at[1][row[when]]] = number(row[what])
    return names, found


def only(which: int, start: int, rows: int) -> IntArray:
    """(rows,) starts of an event at one row."""
    return np.where(np.arange(rows) == which, start, NEVER)


def seats(name: str, row: int, published: float, *, before: int = BELTS) -> Case:
    """Killed and seriously injured in cars, by seat; the law compelled drivers and front seats.

    Asked about the rear, all three count as touched: what was compelled is no comparison for what was not.
    before -- months before the law that are used; an organisation that has asked for three years has 36
    """
    killed = np.array([column(read("its_uk_seatbelts.csv"), seat) for seat in SEATS])[:, BELTS - before :]
    starts = np.array([before, before, before if SEATS[row] == "rear" else NEVER])
    series = Series.of(np.log(killed), 1.0 / killed)
    return Case(name, series, starts, (row,), Published(float(np.log1p(published))), log=True)


def california(name: str, published: Published, *, among: Sequence[str] | None = None) -> Case:
    """Packs a head and year; California's tax rose in 1989."""
    states, packs = table(read("sc_prop99_long.csv"), "State", "Year", "PacksPerCapita")
    kept = [i for i, state in enumerate(states) if among is None or state in among]
    which = [states[i] for i in kept].index("California")
    return Case(name, Series.of(packs[kept]), only(which, NINETEEN_EIGHTY_NINE, len(kept)), None, published)


def california_alone(name: str, published: Published) -> Case:
    """California's packs without any other state."""
    packs = column(read("its_cigsales_single.csv"), "cigsale")[None, :]
    return Case(name, Series.of(packs), np.array([NINETEEN_EIGHTY_NINE]), None, published)


def counties(name: str, published: Published, *, first: int | None = None) -> Case:
    """Log of youth employment in 500 counties, 2003 to 2007; minimum wages rose in 2004, 2006 or 2007.

    first -- ask about the counties of that year alone
    """
    lines = read("did_mpdta.csv")
    names, employed = table(lines, "countyreal", "year", "lemp")
    year = {line["countyreal"]: int(number(line["first.treat"])) for line in lines}
    begun = np.array([year[county] for county in names])
    starts = np.where(begun > 0, begun - 2003, NEVER)
    rows = None if first is None else tuple(np.flatnonzero(begun == first).tolist())
    return Case(name, Series.of(employed), starts, rows, published, log=True)


def hamburgers(name: str, published: Published) -> Case:
    """Mean staff of New Jersey's and Pennsylvania's restaurants, before and after New Jersey's rise."""
    lines = [line for line in read("did_card_krueger_njmin3.csv") if line["fte"].strip()]
    cells = [
        [column([x for x in lines if (x["nj"], x["d"]) == (state, wave)], "fte") for wave in "01"]
        for state in "10"
    ]
    mean = np.array([[staff.mean() for staff in row] for row in cells])
    variance = np.array([[staff.var(ddof=1) / len(staff) for staff in row] for row in cells])
    return Case(name, Series.of(mean, variance), np.array([1, NEVER]), None, published)


def search_clicks(name: str, published: Published, *, regressed: bool = False) -> Case:
    """A daily series with two controls, event on day 61.

    regressed -- the controls' relation to it in the days before is taken out first
    """
    lines = read("ci_google.csv")
    y, x = column(lines, "y"), np.array([column(lines, name) for name in ("x1", "x2")])
    rows = np.vstack([y, x]) if not regressed else rest_of(y, x, 61)[None, :]
    return Case(name, Series.of(rows), only(0, 61, len(rows)), None, published)


def arma(name: str, published: Published) -> Case:
    """A daily series with one control, event on day 70."""
    lines = read("ci_arma.csv")
    rows = np.array([column(lines, name) for name in ("y", "X")])
    return Case(name, Series.of(rows), only(0, 70, 2), None, published)


def sicily(name: str, published: Published, *, detrended: bool = False) -> Case:
    """Log of heart attacks admitted per month and standard population; the ban began in January 2005.

    detrended -- the straight line of the months before is taken out first
    """
    lines = read("its_sicily_smoking_ban.csv")
    admitted = column(lines, "aces")
    rate = np.log(admitted / column(lines, "stdpop"))
    start = int(column(lines, "smokban").argmax())
    if detrended:
        rate = rest_of(rate, np.arange(len(rate), dtype=float)[None, :], start)
    series = Series.of(rate[None, :], 1.0 / admitted)
    return Case(name, series, np.array([start]), None, published, log=True)


def rest_of(y: FloatArray, x: FloatArray, start: int) -> FloatArray:
    """(periods,) what least squares of the periods before the start on x (series, periods) leaves of y."""
    design = np.vstack([np.ones(len(y)), x]).T
    return np.asarray(y - design @ np.linalg.lstsq(design[:start], y[:start], rcond=None)[0])


TUTORIAL = Published(float(np.log(0.894)), float(np.log(0.865)), float(np.log(0.925)))
CLICKS = Published(27.0, 18.0, 36.0)

CASES: dict[str, Callable[[str], Case]] = {
    "seat belts: drivers": lambda name: seats(name, 0, -0.23),
    "seat belts: front seats": lambda name: seats(name, 1, -0.30),
    "seat belts: rear seats (no duty)": lambda name: seats(name, 2, 0.03),
    "drivers, 36 months before": lambda name: seats(name, 0, -0.23, before=HISTORY),
    "front seats, 36 months before": lambda name: seats(name, 1, -0.30, before=HISTORY),
    "rear seats, 36 months before": lambda name: seats(name, 2, 0.03, before=HISTORY),
    "Proposition 99, 39 states": lambda name: california(name, Published.of(-15.6, 8.4)),
    "Proposition 99, Nevada alone": lambda name: california(
        name, Published(0.0), among=("California", "Nevada")
    ),
    "Proposition 99, no other state": lambda name: california_alone(name, Published.of(-20.06, 4.72)),
    "Card and Krueger": lambda name: hamburgers(name, Published.of(2.76, 1.36)),
    "minimum wages, all counties": lambda name: counties(name, Published.of(-0.0772, 0.0203)),
    "minimum wages, counties of 2004": lambda name: counties(name, Published.of(-0.1373, 0.0412), first=2004),
    "CausalImpact, clicks": lambda name: search_clicks(name, CLICKS),
    "the same, controls regressed out": lambda name: search_clicks(name, CLICKS, regressed=True),
    "CausalImpact, arma": lambda name: arma(name, Published(0.89, 0.27, 1.5)),
    "Sicily, smoking ban": lambda name: sicily(name, TUTORIAL),
    "the same, its trend taken out": lambda name: sicily(name, TUTORIAL, detrended=True),
}


def case(name: str) -> Case:
    """One of the cases, read from its file."""
    return CASES[name](name)


def figure(value: float, log: bool) -> str:
    """A figure as it is published: per cent for logarithms."""
    return f"{100 * np.expm1(value):+.1f} %" if log else f"{value:+.2f}"


def written(found: Published | Effect | None, log: bool) -> str:
    """A figure with its interval."""
    if found is None:
        return "nothing"
    value = figure(found.value, log)
    if found.low is None or found.high is None:
        return value
    return f"{value} ({figure(found.low, log)} to {figure(found.high, log)})"


def inside(value: float, interval: Published | Effect) -> str:
    """Whether an interval holds a figure."""
    if interval.low is None or interval.high is None:
        return "-"
    return "yes" if interval.low <= value <= interval.high else "no"


def line(name: str) -> str:
    """A row of the table."""
    mine = case(name)
    effect = mine.effect()
    cells = [name, written(mine.published, mine.log), written(effect, mine.log), "-", "-"]
    if effect is not None:
        cells[3:] = inside(mine.published.value, effect), inside(effect.value, mine.published)
    return f"| {' | '.join(cells)} |"


def states_without(start: int, every: int = 1) -> list[Effect]:
    """Each state (or every so-manieth) but California, as if its tax had risen in a year (from 1970)."""
    real = case("Proposition 99, 39 states")
    others = np.flatnonzero(real.starts == NEVER)[::every]
    return [told for state in others if (told := as_if(real, [int(state)], start))]


def counties_without(size: int, start: int, draws: int = 100) -> list[Effect]:
    """Random counties whose minimum wage never rose, as if it had in a year (counted from 2003)."""
    real, rng = case("minimum wages, all counties"), np.random.default_rng(1)
    others = np.flatnonzero(real.starts == NEVER)
    groups = [rng.choice(others, size, replace=False).tolist() for _ in range(draws)]
    return [told for group in groups if (told := as_if(real, group, start))]


def as_if(real: Case, rows: list[int], start: int) -> Effect | None:
    """The effect of an event that never was, rows of the real one still counting as touched."""
    starts = real.starts.copy()
    starts[rows] = start
    return effect_on(real.series, starts, rows)


def states_alone(start: int) -> list[Effect]:
    """Each state but California without the others, as if its tax had risen in a year (from 1970)."""
    real = case("Proposition 99, 39 states")
    others = real.series.mean[real.starts == NEVER]
    return [told for packs in others if (told := effect_on(Series.of(packs[None, :]), [start]))]


def months_without(seat: int, every: int = 6, *, compared: bool = True) -> list[Effect]:
    """A seat, as if belts had become a duty at many times before they did: 36 months before, 12 after.

    compared -- with the other two seats; otherwise all three count as touched
    """
    real = case("seat belts: drivers").series
    elsewhere = NEVER if compared else HISTORY
    starts = np.where(np.arange(len(SEATS)) == seat, HISTORY, elsewhere)
    windows = [slice(at, at + HISTORY + 12) for at in range(0, BELTS - 2 - HISTORY - 12, every)]
    found = [effect_on(Series.of(real.mean[:, w], real.variance[:, w]), starts, [seat]) for w in windows]
    return [told for told in found if told]


NEVER_WERE: dict[str, Callable[[], list[Effect]]] = {
    "38 states, as if in 1983": lambda: states_without(13),
    "38 states, as if in 1989": lambda: states_without(NINETEEN_EIGHTY_NINE),
    "a county, as if in 2004": lambda: counties_without(1, 1),
    "20 counties, as if in 2004": lambda: counties_without(20, 1),
    "20 counties, as if in 2005": lambda: counties_without(20, 2),
    "drivers, 36 months before and 12 after": lambda: months_without(0),
    "rear seats, 36 months before and 12 after": lambda: months_without(2),
    "each seat, the same, all three touched": lambda: [
        told for seat in range(len(SEATS)) for told in months_without(seat, compared=False)
    ],
    "38 states without the others, as if in 1983": lambda: states_alone(13),
    "38 states without the others, as if in 1989": lambda: states_alone(NINETEEN_EIGHTY_NINE),
}


def holding_zero(effects: Sequence[Effect]) -> float:
    """Share of intervals that hold 0."""
    return float(np.mean([told.low <= 0.0 <= told.high for told in effects]))


def main(folder: Path = FOLDER) -> None:
    """Print both tables, or say that the files are not here."""
    if not folder.is_dir():
        print(f"left out: {folder} is not here")
        return
    began = time.perf_counter()
    print("| case | published | Pulse | published inside ours | ours inside published |")
    print("|---|---|---|---|---|")
    for name in CASES:
        print(line(name))
    print("\n| an event that never was | estimates | 95 % intervals that hold 0 |")
    print("|---|---|---|")
    for name, drawn in NEVER_WERE.items():
        effects = drawn()
        print(f"| {name} | {len(effects)} | {holding_zero(effects):.2f} |")
    print(f"\n{time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
