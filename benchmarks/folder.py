"""A simulated company as a company folder, and what the commands say about it: the whole way through."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from benchmarks.scoring import Interval, Judged, Said
from benchmarks.simulator import SimulatedCompany
from benchmarks.staff import Split

FIRST_YEAR = 2020
FLASK = Path(sys.executable).with_name("flask")

Line = Sequence[object]


def write(made: SimulatedCompany, folder: Path) -> None:
    """Write the company folder of the contract with cells.csv, and truth.csv; small cells are left in."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, header, lines in _files(made):
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(header.split())
            writer.writerows(lines)


def _files(made: SimulatedCompany) -> Iterator[tuple[str, str, Iterable[Line]]]:
    yield "teams", "team opened closed split_from", _teams(made)
    yield "value_chain", "supplier customer", _links(made)
    yield "touchpoints", "touchpoint team", _touchpoints(made)
    yield "irritants", "irritant label touchpoints", _irritants(made)
    yield "fixes", "fix irritant started touchpoints teams", _fixes(made)
    yield "rollouts", "fix place started", _rollouts(made)
    yield "cells", "side month place irritant n total squares", _cells(made)
    columns = "fix verdict class started customer_effect staff_effect landing_teams landing_irritant"
    yield "truth", columns, _truth(made)


def month(index: int) -> str:
    """YYYY-MM of a column of the panels."""
    return f"{FIRST_YEAR + index // 12}-{index % 12 + 1:02d}"


def team(number: int) -> str:
    """A team's code."""
    return f"team-{number:05d}"


def touchpoint(number: int) -> str:
    """A touchpoint's code."""
    return f"touchpoint-{number:04d}"


def irritant(number: int) -> str:
    """An irritant's code."""
    return f"irritant-{number:04d}"


def _joined(codes: Iterable[str]) -> str:
    return "|".join(sorted(codes))


def _children(made: SimulatedCompany) -> dict[int, Split]:
    return {split.parent: split for split in made.splits}


def _with_children(made: SimulatedCompany, number: int) -> tuple[int, ...]:
    split = _children(made).get(number)
    return (number,) if split is None else (number, *split.children)


def _teams(made: SimulatedCompany) -> Iterator[Line]:
    splits = _children(made)
    for number in range(len(made.layout.asked)):
        yield team(number), "", month(splits[number].month) if number in splits else "", ""
    for split in made.splits:
        for child in split.children:
            yield team(child), month(split.month), "", team(split.parent)


def _links(made: SimulatedCompany) -> Iterator[Line]:
    front = {one for teams in made.layout.serving for one in teams}
    for supplier, customers in enumerate(made.layout.supplies):
        for one in _with_children(made, supplier):
            for customer in customers:
                for other in _with_children(made, customer):
                    yield team(one), team(other)
            if supplier in front:
                yield team(one), "CUSTOMERS"


def _touchpoints(made: SimulatedCompany) -> Iterator[Line]:
    for number, teams in enumerate(made.layout.serving):
        for serving in teams:
            for one in _with_children(made, serving):
                yield touchpoint(number), team(one)


def _irritants(made: SimulatedCompany) -> Iterator[Line]:
    for number, places in sorted(made.layout.places.items()):
        yield irritant(number), f"Irritant {number}", _joined(map(touchpoint, places))


def _fixes(made: SimulatedCompany) -> Iterator[Line]:
    for fix in made.fixes:
        places, teams = _joined(map(touchpoint, fix.touchpoints)), _joined(map(team, fix.teams))
        yield fix.code, irritant(fix.measure), month(fix.start), places, teams


def _rollouts(made: SimulatedCompany) -> Iterator[Line]:
    for fix in made.fixes:
        starts = [
            *zip(map(touchpoint, fix.touchpoints), fix.touchpoint_starts, strict=True),
            *zip(map(team, fix.teams), fix.team_starts, strict=True),
        ]
        yield from ((fix.code, place, month(start)) for place, start in starts if start != fix.start)


def _cells(made: SimulatedCompany) -> Iterator[Line]:
    for side, panel, code in (("customer", made.customers, touchpoint), ("employee", made.staff, team)):
        sums = made.raw[side].astype(int)
        for row, column in np.argwhere(sums[0] > 0).tolist():
            place, measure = int(panel.place[row]), int(panel.measure[row])
            yield side, month(column), code(place), irritant(measure), *sums[:, row, column].tolist()


def _truth(made: SimulatedCompany) -> Iterator[Line]:
    for one in made.truth:
        landing = one.landing_rows if one.displaced else ()
        teams, measures = _joined({team(t) for t, _ in landing}), _joined({irritant(k) for _, k in landing})
        effects = f"{one.customer:.2f}", f"{one.staff:.2f}"
        yield one.code, one.verdict, one.kind, month(one.start), *effects, teams, measures


def replay(made: SimulatedCompany) -> list[Judged]:
    """What the commands say of the company: load, replay and the history of verdicts, on a new database."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        write(made, place / "company")
        databases = {
            "PULSE_DATABASE_URL": f"sqlite:///{place / 'main.sqlite'}",
            "PULSE_URN_URL": f"sqlite:///{place / 'urn.sqlite'}",
        }
        for words in (("db", "upgrade"), ("load", str(place / "company")), ("correlate", "--replay")):
            _flask(databases, *words)
        history = _flask(databases, "verdicts", "--history", "--format", "csv")
    return read(made, history)


def _flask(databases: dict[str, str], *words: str) -> str:
    """What a command printed; raises CalledProcessError where it fails."""
    done = subprocess.run(
        [FLASK, *words], env=os.environ | databases, check=True, capture_output=True, text=True
    )
    return done.stdout


def read(made: SimulatedCompany, history: str) -> list[Judged]:
    """The history of all looks as `flask verdicts --history --format csv` prints it, fix by fix."""
    said: dict[str, list[Said]] = {truth.code: [] for truth in made.truth}
    starts = {truth.code: truth.start for truth in made.truth}
    for row in csv.DictReader(io.StringIO(history)):
        year, number, _ = row["as_of"].split("-")
        index = 12 * (int(year) - FIRST_YEAR) + int(number) - 1
        said[row["fix"]].append(_said(row, index - starts[row["fix"]] + 1, made))
    return [
        Judged(truth, made.size.months - truth.start, tuple(sorted(said[truth.code], key=lambda s: s.month)))
        for truth in made.truth
    ]


def _said(row: dict[str, str], after: int, made: SimulatedCompany) -> Said:
    teams = {int(made.root[_number(code)]) for code in row["landing_team"].split("|") if code}
    return Said(
        month=after,
        outcome=row["verdict"],
        probability=float(row["probability"]) if row["probability"] else None,
        customer=_interval(row, "customer"),
        staff=_interval(row, "staff"),
        landing=tuple((one, _number(row["landing_irritant"])) for one in sorted(teams)),
        reason=row["reason"],
    )


def _number(code: str) -> int:
    return int(code.rsplit("-", 1)[1])


def _interval(row: dict[str, str], side: str) -> Interval | None:
    low, high = row[f"{side}_low"], row[f"{side}_high"]
    return (float(low), float(high)) if low and high else None
