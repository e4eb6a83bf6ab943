"""One made-up company, built and written once for all tests of the demo."""

import csv
from datetime import date
from pathlib import Path

import pytest

from demo import Company, company, write

LAST_MONTH = date(2026, 10, 1)
Tables = dict[str, list[dict[str, str]]]


def tables(folder: Path) -> Tables:
    """Every CSV file of a folder as a list of rows, by name without the ending."""
    found: Tables = {}
    for path in folder.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            found[path.stem] = list(csv.DictReader(file))
    return found


@pytest.fixture(scope="session")
def railway() -> Company:
    """The company that `scripts/run` shows, ending in a month that does not move."""
    return company(seed=7, last_month=LAST_MONTH)


@pytest.fixture(scope="session")
def folder(railway: Company, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """That company as a company folder."""
    path = tmp_path_factory.mktemp("railway")
    write(railway, path)
    return path


@pytest.fixture(scope="session")
def written(folder: Path) -> Tables:
    """The rows of every file of that folder."""
    return tables(folder)
