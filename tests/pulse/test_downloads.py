"""A page's figures as files: the same rows in each of them, and no text that a spreadsheet would run."""

import csv
import io
import json
from datetime import date
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest
from flask import Flask, request

from pulse import exports
from pulse.downloads import KINDS, sent, wanted
from pulse.exports import Book, Column, Sheet, as_xlsx

COLUMNS = [Column("team", "Équipe"), Column("month", "Mois"), Column("score", "Score")]
ROWS = [["=1+1", date(2026, 5, 1), 4.5], ["Guichet", date(2026, 6, 1), None]]
BOOK = Book(
    "heat",
    [("Rule", "=cmd()")],
    [Sheet("cells", "Cells: [all]", COLUMNS, ROWS), Sheet("more", "cells  all ", COLUMNS[:1], [["x"]])],
)
NAMESPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def asked(address: str) -> tuple[str, bytes, str]:
    app = Flask("asked")
    with app.test_request_context(address):
        kind = wanted()
        assert kind is not None
        response = sent(BOOK, kind)
        return response.mimetype, response.get_data(), response.headers["Content-Disposition"]


def test_the_address_says_which_file_and_anything_else_is_the_page():
    app = Flask("asked")
    for said, kind in {"": None, "?as=": None, "?as=pdf": None, **{f"?as={k}": k for k in KINDS}}.items():
        with app.test_request_context(f"/heat{said}"):
            assert wanted() == kind, request.full_path


def test_csv_holds_the_first_sheet_or_the_one_asked_for():
    _, body, name = asked("/heat?as=csv")
    rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))

    assert rows == [["team", "month", "score"], ["'=1+1", "2026-05-01", "4.5"], ["Guichet", "2026-06-01", ""]]
    assert "heat.csv" in name
    assert asked("/heat?as=csv&sheet=more")[1].decode("utf-8-sig").split() == ["team", "x"]


def test_json_holds_all_sheets_with_nothing_where_nothing_may_be_shown():
    mimetype, body, _ = asked("/heat?as=json")
    told = json.loads(body)

    assert mimetype == "application/json"
    assert told["sheets"]["cells"][1] == {"team": "Guichet", "month": "2026-06-01", "score": None}
    assert told["sheets"]["more"] == [{"team": "x"}]


def test_a_workbook_holds_numbers_as_numbers_and_no_formula():
    with ZipFile(io.BytesIO(as_xlsx(BOOK, about="About"))) as parts:
        first = ElementTree.fromstring(parts.read("xl/worksheets/sheet1.xml"))
        names = [
            sheet.get("name")
            for sheet in ElementTree.fromstring(parts.read("xl/workbook.xml")).iter(f"{NAMESPACE}sheet")
        ]
        everything = b"".join(parts.read(name) for name in parts.namelist())

    assert [value.text for value in first.iter(f"{NAMESPACE}v")][-1] != "4.5"
    assert "4.5" in [value.text for value in first.iter(f"{NAMESPACE}v")]
    assert b"<f>" not in everything
    assert len({str(name).casefold() for name in names}) == 3


def test_a_long_workbook_says_the_same_as_a_short_one(monkeypatch: pytest.MonkeyPatch):
    def cells(body: bytes) -> list[str]:
        with ZipFile(io.BytesIO(body)) as parts:
            texts = "xl/sharedStrings.xml"  # a long one keeps its texts in the cells
            known = ElementTree.fromstring(parts.read(texts)) if texts in parts.namelist() else ()
            shared = ["".join(one.itertext()) for one in known]
            sheet = ElementTree.fromstring(parts.read("xl/worksheets/sheet1.xml"))
        said = [(cell.get("t"), "".join(cell.itertext())) for cell in sheet.iter(f"{NAMESPACE}c")]
        return [shared[int(text)] if kind == "s" else text for kind, text in said]

    short = cells(as_xlsx(BOOK, about="About"))
    monkeypatch.setattr(exports, "LONG", 0)
    assert cells(as_xlsx(BOOK, about="About")) == short
