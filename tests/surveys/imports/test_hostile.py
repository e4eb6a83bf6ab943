"""Awkward files of other projects under every name of a company folder: refused, never a crash."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st

from pulse.db import Database
from surveys.imports.known import known
from surveys.imports.layouts import SCORES, STRUCTURE
from surveys.imports.load import read
from surveys.imports.refusals import Refused
from tests.surveys.imports.conftest import COMPANY, Spoil

HOSTILE = Path(__file__).resolve().parents[4] / "shared" / "data" / "hostile"
NAMES = [layout.file.removesuffix(".csv") for layout in (*STRUCTURE, *SCORES)]


def hostile(pattern: str) -> list[Path]:
    found = sorted(HOSTILE.glob(pattern))
    if not found:
        pytest.skip("the hostile files of ../shared/data are not here")
    return found


def refusals(database: Database, folder: Path) -> Iterator[str]:
    """What is refused of a folder, each on one printable line."""
    with database.reading() as session:
        before = known(session)
    try:
        read(folder, before)
    except Refused as refused:
        for refusal in refused.report.refused:
            assert str(refusal).isprintable()
            yield str(refusal)


@pytest.mark.parametrize("name", NAMES)
def test_no_hostile_file_crashes_under_any_name(sqlite: Database, company: Spoil, name: str):
    for path in hostile("csv-*/**/*.csv"):
        lines = list(refusals(sqlite, company(**{name: path.read_bytes()})))
        assert lines, f"{path.name} was taken as {name}.csv"
        assert all(line.startswith(f"{name}.csv") for line in lines)


OURS = {
    "spreadsheet hint": b"sep=;\nteam;name\nT1;x\n",
    "tabs": b"team\tname\nT1\tx\n",
    "pipes": b"id|name|value\n1|a|10\n",
    "carets": b"id^name\n1^a\n",
    "no header": b"1,2,3\n4,5,6\n",
    "names missing": b",,,\n1,2,3,4\n",
    "one name twice": b"a,a\n1,2\n",
    "control byte": b"id\x01value\nA\x01A1\n",
    "quote in the header": b'"te"am,name\nT1,x\n',
    "quote never closed": b'id,value\nA,"123\n',
    "backslash": b'col\n"a\\"b"\n',
    "zero bytes": bytes(64),
    "utf-16 with a mark": "id,value\n".encode("utf-16"),
    "utf-32 mark alone": b"\x00\x00\xfe\xff",
    "lone surrogate": b"id\n\xed\xa0\x80\n",
    "overlong": b"id\n\xc0\xaf\n",
    "two marks": b"\xef\xbb\xbf\xef\xbb\xbfid\n1\n",
    "carriage returns alone": b"\r\r\r",
    "picture": b"\x89PNG\r\n\x1a\n\0\0\0",
    "archive": b"PK\x03\x04\x14\0",
    "page": b"<!DOCTYPE html><html></html>",
}


@pytest.mark.parametrize("name", NAMES)
def test_nothing_that_is_no_table_of_ours_crashes_under_any_name(sqlite: Database, company: Spoil, name: str):
    for what, content in OURS.items():
        lines = list(refusals(sqlite, company(**{name: content})))
        assert lines, f"{what} was taken as {name}.csv"
        assert all(line.startswith(f"{name}.csv") for line in lines), what


def test_naughty_strings_are_names_or_codes_or_are_refused(sqlite: Database, company: Spoil):
    (path,) = hostile("blns.json")
    quoted = ['"' + text.replace('"', '""') + '"' for text in json.loads(path.read_text("utf-8"))]
    names = "".join(f"T{number},{text}\n" for number, text in enumerate(quoted))
    codes = "".join(f"{text},\n" for text in quoted)
    for rows in (names, codes):
        text = ("team,name\nTOP,\nSALES,\nPHONE,\nSTOCK,\n" + rows).encode("utf-8", "replace")
        for line in refusals(sqlite, company(teams=text)):
            assert line.startswith("teams.csv, line ")


def test_formulas_are_names_like_any_other(sqlite: Database, company: Spoil):
    rows = "".join(
        f'T{number},"{text}"\n' for number, text in enumerate(("=1+1", "@SUM(A1)", "-2+3|x", "+1"))
    )
    assert list(refusals(sqlite, company(teams="team,name\nTOP,\nSALES,\nPHONE,\nSTOCK,\n" + rows))) == []


@trying(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(NAMES), st.binary(max_size=300), st.integers(0, 200), st.integers(0, 60))
def test_bytes_of_any_kind_anywhere_in_a_file_never_crash(
    sqlite: Database, company: Spoil, name: str, noise: bytes, at: int, cut: int
):
    text = COMPANY.get(f"{name}.csv", "side,month,place,irritant,n,total,squares\n").encode()
    for line in refusals(sqlite, company(**{name: text[:at] + noise + text[at + cut :]})):
        assert ".csv" in line
