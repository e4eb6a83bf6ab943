"""No text of anybody's becomes a formula in a spreadsheet."""

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse.exports import cell, table

HOSTILE = Path(__file__).resolve().parents[3] / "shared" / "data" / "hostile"
SIGNS = "=+-@＝＋－＠"
texts = st.text(st.sampled_from("=+-@\t\r\n;,\"' ab1\u00a0\ufeff＝＋－＠|"), max_size=12)


def is_formula(value: str) -> bool:
    """Whether a spreadsheet could take a cell for a formula."""
    return value.lstrip(" \t\r\n\u00a0\ufeff\u200b")[:1] in set(SIGNS)


def parsed(file: str, separator: str) -> list[str]:
    rows = csv.reader(io.StringIO(file.removeprefix("\ufeff"), newline=""), delimiter=separator)
    return [value for row in rows for value in row]


@given(texts)
def test_no_text_becomes_a_formula(text):
    assert not is_formula(cell(text))
    assert cell(text)[:1] not in {"\t", "\r"}


@given(texts)
def test_only_apostrophes_are_added(text):
    assert cell(text).replace("'", "") == text.replace("'", "")


@given(texts)
def test_a_file_opened_with_another_countrys_separator_holds_no_formula_either(text):
    for separator in ",;\t":
        assert not any(map(is_formula, parsed(table(["a", "b"], [[1, text]]), separator)))


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_read_back_is_what_was_written(text):
    assert parsed(table(["head"], [[text]]), ",")[1:] == [cell(text)]


@pytest.mark.parametrize(
    "text", ["", "late again", "3 weeks", "well-known", "a@example.org", "2 + 2", "çà et là"]
)
def test_ordinary_words_stay_as_they_are(text):
    assert cell(text) == text


def test_numbers_stay_numbers():
    assert table(["change"], [[-3], [0.5], [None]]).split() == ["\ufeffchange", "-3", "0.5", '""']


@pytest.mark.skipif(not HOSTILE.is_dir(), reason="the folder of hostile strings is not here")
def test_hostile_strings_read_back_hold_no_formula():
    payloads = (HOSTILE / "csv_injection_payloads.txt").read_text(encoding="utf-8").splitlines()
    naughty = json.loads((HOSTILE / "blns.json").read_text(encoding="utf-8"))
    file = table(["text"], [[text.replace("\0", "")] for text in payloads + naughty])
    for separator in ",;\t":
        assert not any(map(is_formula, parsed(file, separator)))
