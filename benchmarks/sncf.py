"""A company folder out of public figures: French trains as the customers' side, US agencies as the staff's.

    python -m benchmarks.sncf                       loads and replays them, with times
    python -m benchmarks.sncf SHARED/data/paired FOLDER      only writes the company folder

The files are read from where they lie and never become part of this project. The two sides have nothing to
do with each other, so nothing a verdict says about staff means anything here; what is tried is whether real,
awkward data (130 routes, cancelled months, a pandemic, a staff side of two surveys) goes through.

Customers: a route is a touchpoint, a cause of delay an irritant. Every train that ran is an answer: 10 when
it arrived late for that cause, 0 when it did not, so a score is a tenth of the share of trains late.
Staff: an agency is a team that serves the routes leaving one station; its answers to four items, from
"strongly agree" to "strongly disagree", are 0, 2.5, 5, 7.5 and 10 in the month of the survey. The fixes are
the operator's programme for departures to the minute, begun in Paris in January 2019 and everywhere else a
year later, registered against the two causes it was aimed at.
"""

import csv
import re
import sys
import tempfile
import time
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, cycle
from pathlib import Path

from benchmarks.planted import flask, sqlite
from config import ROOT

Row = Sequence[object]

CAUSES = {
    "external": ("Prct retard pour causes externes", "External causes", "Causes externes", None),
    "track": ("Prct retard pour cause infrastructure", "Track and signals", "Infrastructure", "1"),
    "traffic": ("Prct retard pour cause gestion trafic", "Traffic control", "Gestion du trafic", "3"),
    "rolling": ("Prct retard pour cause matériel roulant", "Rolling stock", "Matériel roulant", None),
    "station": (
        "Prct retard pour cause gestion en gare et réutilisation de matériel",
        "Station management",
        "Gestion en gare",
        "5",
    ),
    "boarding": (
        "Prct retard pour cause prise en compte voyageurs (affluence, gestions PSH, correspondances)",
        "Boarding and connections",
        "Prise en compte des voyageurs",
        "9",
    ),
}
ITEMS = {item: cause for cause, (_, _, _, item) in CAUSES.items() if item}
SURVEYED = {"2020": "2020-10", "2021": "2021-12"}  # the month in which most of each year's answers came in
ANSWERS = (
    ("pct_strongly_agree", 0.0),
    ("pct_agree", 2.5),
    ("pct_neither", 5.0),
    ("pct_disagree", 7.5),
    ("pct_strongly_disagree", 10.0),
)
FIXES = (
    ("h00-paris", "station", "2019-01-01", True),
    ("h00-regions", "station", "2020-01-01", False),
    ("boarding-paris", "boarding", "2019-01-01", True),
)
LOCKDOWN = "2020-03"  # from here on nothing compares with before: hardly a train ran, and in other ways


def code(*names: str) -> str:
    """A plain code made of names."""
    plain = unicodedata.normalize("NFKD", "-".join(names)).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def routes(folder: Path) -> list[dict[str, str]]:
    """The monthly rows of the railway file."""
    with (folder / "sncf_tgv_monthly_2018_2021.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def staff(folder: Path) -> list[dict[str, str]]:
    """The yearly rows of the staff file that are used: one agency, one item."""
    with (folder / "fevs_agency_items_2020_2024.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["year"] in SURVEYED and row["item"] in ITEMS]
    return [row for row in rows if row["agency"] != "All Responses" and row["n"]]


def customer_cells(rows: Iterable[dict[str, str]]) -> Iterator[Row]:
    """Cells of the customers' side: trains that ran, and those that were late by each cause."""
    for row in rows:
        ran = int(row["Nombre de circulations prévues"]) - int(row["Nombre de trains annulés"])
        late = int(row["Nombre de trains en retard à l'arrivée"])
        for irritant, (column, *_) in CAUSES.items():
            if ran > 0 and row[column]:
                trains = min(ran, round(late * float(row[column]) / 100))
                yield "customer", row["Date"], touchpoint(row), irritant, ran, 10 * trains, 100 * trains


def staff_cells(rows: Iterable[dict[str, str]]) -> Iterator[Row]:
    """Cells of the staff side: answers to an item, put back together from their percentages."""
    for row in rows:
        counts = [(round(int(row["n"]) * float(row[column]) / 100), score) for column, score in ANSWERS]
        n = sum(count for count, _ in counts)
        total = sum(count * score for count, score in counts)
        squares = sum(count * score**2 for count, score in counts)
        yield "employee", SURVEYED[row["year"]], code(row["agency"]), ITEMS[row["item"]], n, total, squares


def touchpoint(row: dict[str, str]) -> str:
    """The code of a row's route."""
    return code(row["Gare de départ"], row["Gare d'arrivée"])


def convert(source: Path, target: Path) -> None:
    """Write the company folder; the target is made where there is none."""
    trains, people = routes(source), staff(source)
    names = {code(row["agency"]): " ".join(row["agency"].strip("†").split()) for row in people}
    stations = sorted({row["Gare de départ"] for row in trains})
    serves = dict(zip(stations, cycle(sorted(names)), strict=False))
    lines = {touchpoint(row): (row["Gare de départ"], row["Gare d'arrivée"]) for row in trains}
    target.mkdir(parents=True, exist_ok=True)
    tables: dict[str, tuple[str, Iterable[Row]]] = {
        "teams": ("team,name", names.items()),
        "touchpoints": (
            "touchpoint,name,team",
            ((key, f"{a.title()} - {b.title()}", serves[a]) for key, (a, b) in sorted(lines.items())),
        ),
        "irritants": (
            "irritant,label,label_fr",
            ((key, english, french) for key, (_, english, french, _) in CAUSES.items()),
        ),
        "fixes": (
            "fix,name,irritant,started,touchpoints",
            (
                (key, key.replace("-", " "), irritant, started, "|".join(_leaving(lines, paris=paris)))
                for key, irritant, started, paris in FIXES
            ),
        ),
        "breaks": (
            "side,month,note",
            [("customer", LOCKDOWN, "Lockdown"), ("employee", LOCKDOWN, "Lockdown")],
        ),
        "cells": (
            "side,month,place,irritant,n,total,squares",
            chain(customer_cells(trains), staff_cells(people)),
        ),
    }
    for name, (header, rows) in tables.items():
        with (target / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(header.split(","))
            writer.writerows(rows)


def _leaving(lines: dict[str, tuple[str, str]], *, paris: bool) -> list[str]:
    return sorted(key for key, (station, _) in lines.items() if station.startswith("PARIS") == paris)


def measure(source: Path) -> None:
    """Take the files all the way through the commands, and print how long each took and what was said."""
    if not source.is_dir():
        print(f"left out: {source} is not here")
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        convert(source, folder / "company")
        databases = sqlite(folder, "sncf")
        for command in (("db", "upgrade"), ("load", str(folder / "company")), ("correlate", "--replay")):
            began = time.perf_counter()
            flask(*command, databases=databases)
            print(f"{command[0]}: {time.perf_counter() - began:.1f} s")
        print(flask("verdicts", databases=databases))


if __name__ == "__main__":
    if len(sys.argv) == 3:
        convert(Path(sys.argv[1]), Path(sys.argv[2]))
    elif len(sys.argv) == 1:
        measure(ROOT.parent / "shared" / "data" / "paired")
    else:
        sys.exit("usage: python -m benchmarks.sncf [FOLDER_WITH_THE_FILES FOLDER_TO_WRITE]")
