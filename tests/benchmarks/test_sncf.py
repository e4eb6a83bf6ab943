"""The converter of public figures: what it makes of a row, and that the real files go all the way through."""

import csv
from pathlib import Path

import pytest

from benchmarks.sncf import CAUSES, convert, customer_cells, staff_cells
from pulse.ledger import store
from pulse.months import parsed
from pulse.organisation.models import Side
from surveys.imports.load import load

REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "paired"
TRAINS = {
    "Date": "2019-02",
    "Gare de départ": "PARIS EST",
    "Gare d'arrivée": "REIMS",
    "Nombre de circulations prévues": "210",
    "Nombre de trains annulés": "10",
    "Nombre de trains en retard à l'arrivée": "20",
    **{column: "" for column, *_ in CAUSES.values()},
}
PEOPLE = {
    "year": "2021",
    "agency": "†Army",
    "item": "5",
    "n": "200",
    "pct_strongly_agree": "10.0",
    "pct_agree": "20.0",
    "pct_neither": "40.0",
    "pct_disagree": "20.0",
    "pct_strongly_disagree": "10.0",
}


def test_a_train_is_an_answer_of_ten_when_late_for_a_cause_and_of_zero_when_not():
    row = TRAINS | {CAUSES["station"][0]: "25.0"}
    assert list(customer_cells([row])) == [
        ("customer", "2019-02", "paris-est-reims", "station", 200, 50, 500)
    ]


def test_a_month_without_trains_has_no_cell():
    row = TRAINS | {"Nombre de trains annulés": "210", CAUSES["station"][0]: "25.0"}
    assert list(customer_cells([row])) == []


def test_shares_of_staff_are_put_back_together_as_answers():
    squares = 20 * 0 + 40 * 2.5**2 + 80 * 5**2 + 40 * 7.5**2 + 20 * 10**2
    assert list(staff_cells([PEOPLE])) == [("employee", "2021-12", "army", "station", 200, 1000, squares)]


def test_the_real_files_go_through_loading(sqlite, tmp_path):
    if not REAL.is_dir():
        pytest.skip("the paired files of ../shared/data are not here")
    convert(REAL, tmp_path / "company")
    with sqlite.writing() as session:
        load(session, tmp_path / "company")
    with (tmp_path / "company" / "cells.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if (row["side"], row["month"]) == ("customer", "2019-02")]
    with sqlite.reading() as session:
        cells = store.cells(session, Side.CUSTOMER, parsed("2019-02"))
    assert len(cells) == len(rows)
    assert sum(cell.n for cell in cells) == sum(int(row["n"]) for row in rows)
