"""All figures that may be shown: chosen by the address, leafed through, and the same in every file."""

import csv
import io
import json
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from pulse import db
from pulse.dashboards.released import PAGE, Choice
from pulse.db import Database
from pulse.ledger.disclosure import Extent
from pulse.ledger.models import ReleasedCell
from pulse.months import shifted
from pulse.organisation.models import Side
from tests.pulse.dashboards.conftest import text_of
from tests.pulse.dashboards.told import EMPLOYEE, FIRST, LAST, tell
from tests.pulse.test_web import sign_in


def rows(client: FlaskClient, choice: str = "") -> list[dict[str, str]]:
    body = client.get(f"/figures?as=csv{choice}").data.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(body, newline="")))


def test_an_address_says_what_is_chosen_and_nonsense_counts_as_not_said() -> None:
    said = {"side": "employee", "from": "2024-02", "to": "2024-03", "irritant": "late", "extent": "own"}
    choice = Choice.read(said | {"place": "  rennes ", "page": "2"})
    assert (choice.side, choice.extent, choice.page) == (Side.EMPLOYEE, Extent.OWN, 2)
    assert choice.query == said | {"place": "rennes", "page": "2"}
    assert choice.to(1) == said | {"place": "rennes"}
    assert not Choice.read({"side": "both", "from": "soon", "extent": "half", "page": "-1"}).narrowed


def test_every_released_cell_is_in_the_file_and_nothing_else(told: Flask, analyst: FlaskClient) -> None:
    with db.reading() as session:
        cells = session.scalar(select(func.count()).select_from(ReleasedCell))
    found = rows(analyst)
    assert len(found) == cells
    assert {row["side"] for row in found} == {"customer", "employee"}
    hidden = f"{shifted(FIRST, 5):%Y-%m-%d}"  # of this month nothing may be shown
    assert hidden not in {row["month"] for row in found}
    told_as_json = json.loads(analyst.get("/figures?as=json").data)
    assert len(told_as_json["sheets"]["figures"]) == cells
    assert "What may be shown" in told_as_json["about"]


@pytest.mark.parametrize(
    ("choice", "wanted"),
    [
        ("&side=customer", {"side": {"customer"}}),
        ("&irritant=late", {"irritant": {"late"}}),
        ("&place=guichets", {"place": {"counter"}}),
        ("&place=COUNTER", {"place": {"counter"}}),
        ("&from=2025-03&to=2025-04", {"month": {"2025-03-01", "2025-04-01"}}),
    ],
)
def test_figures_are_narrowed_down(told: Flask, choice: str, wanted: dict[str, set[str]]) -> None:
    client = told.test_client()
    sign_in(client, "ana@example.org")
    found = rows(client, f"{choice}&lang=fr")
    assert found
    for column, values in wanted.items():
        assert {row[column] for row in found} == values
    assert rows(client, "&place=nowhere+at+all") == []


def test_the_pages_leaf_through_every_figure_once_the_newest_month_first(analyst: FlaskClient) -> None:
    whole, seen = len(rows(analyst)), 0
    for page in range(1, -(-whole // PAGE) + 1):
        said = analyst.get(f"/figures?page={page}").text
        seen += len(re.findall(r'<th role="rowheader" scope="row">', said))
    assert seen == whole
    first = text_of(analyst.get("/figures").text)
    assert f"{whole} figures" in first
    assert f"{LAST:%B %Y} Customers: Rennes station" in first
    assert "Page 2 of 3" in text_of(analyst.get("/figures?page=2").text)


def test_only_a_page_of_cells_is_read_for_the_screen(database: Database) -> None:
    from pulse.ledger import figures as door
    from pulse.ledger.readers import EVERYTHING

    with database.writing() as session:
        tell(session)
    with database.reading() as session:
        some = door.leafed(session, EVERYTHING, Side.EMPLOYEE, skip=10, limit=7)
        every = door.figures(session, EVERYTHING, Side.EMPLOYEE)
        assert len(some) == 7
        assert set(some) < set(every)
        assert door.number(session, EVERYTHING, Side.EMPLOYEE) == len(every)
        assert door.number(session, EVERYTHING, Side.EMPLOYEE, measures=[]) == 0


def test_the_page_is_for_those_who_read_everything(told: Flask) -> None:
    client = told.test_client()
    sign_in(client, EMPLOYEE)
    assert client.get("/figures").status_code == 404
    assert client.get("/figures?as=csv").status_code == 404
