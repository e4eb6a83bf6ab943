"""What pages of fixes hand out is what they show, however it was narrowed down."""

import csv
import io
import json
import re
from zipfile import ZipFile

import pytest
from flask.testing import FlaskClient

from tests.pulse.dashboards.conftest import text_of


def rows(client: FlaskClient, address: str) -> list[dict[str, str]]:
    body = client.get(address).data.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(body, newline="")))


def test_the_overview_hands_out_the_fixes_it_shows(analyst: FlaskClient) -> None:
    found = rows(analyst, "/dashboard?as=csv&show=flagged")
    assert [row["fix"] for row in found] == ["refund-48h", "early-doors"]
    effect = [found[0][f"customer_{part}"] for part in ("effect", "low", "high")]
    assert effect == ["-1.8", "-2.4", "-1.2"]
    assert found[0]["landing_team"] == "billing|counter"
    assert found[0]["flag"] == "open"
    page = text_of(analyst.get("/dashboard?show=flagged").text)
    assert "−1.8" in page
    assert "Flag: still open" in page


@pytest.mark.parametrize("page", ["/dashboard", "/fixes"])
def test_lists_are_narrowed_down_by_the_address(analyst: FlaskClient, page: str) -> None:
    for choice, codes in {
        "owner=omar@example.org&search=retard": {"early-doors"},
        "team=billing": {"refund-48h"},
        "search=nothing+at+all": set(),
        "months=6": {"warm-rooms"},
    }.items():
        found = {row["fix"] for row in rows(analyst, f"{page}?as=csv&{choice}")}
        assert found - {"later"} == codes, choice
    said = analyst.get(f"{page}?team=billing&owner=omar@example.org").text
    assert '<option value="billing" selected>' in said
    assert re.search(r"<option[^>]* selected>omar@example.org", said)
    assert "crew" not in said.split("</form>")[1]  # no fix acts there, so it is no choice


def test_a_file_says_where_it_comes_from(analyst: FlaskClient) -> None:
    about = json.loads(analyst.get("/fixes?as=json&lang=en&owner=omar@example.org").data)["about"]
    assert about["Choice"] == "Owner: omar@example.org"
    assert about["Last month concluded"] == "December 2025"
    assert "owner=omar" in about["Address"]
    assert "smallest group" in about["What may be shown"]
    with ZipFile(io.BytesIO(analyst.get("/fixes?as=xlsx").data)) as parts:
        assert len([name for name in parts.namelist() if "worksheets/sheet" in name]) == 2


def test_a_fix_without_a_verdict_is_handed_out_as_every_other(analyst: FlaskClient) -> None:
    told = json.loads(analyst.get("/fixes?as=json").data)["sheets"]["fixes"]
    later = next(row for row in told if row["fix"] == "later")
    assert later.keys() == told[0].keys()
    assert later["verdict"] is None
    assert later["first_flagged"] is None


def test_changes_are_handed_out_as_well(analyst: FlaskClient) -> None:
    found = rows(analyst, "/changes?as=csv")
    assert {(row["irritant"], row["direction"], row["state"]) for row in found} == {
        ("refunds", "less", "open"),
        ("late", "more", "not_ours"),
        ("info", "less", "open"),
    }
    assert all(row["earliest"] <= row["month"] <= row["latest"] for row in found)


def test_no_figure_but_released_and_published_ones_is_in_a_pages_picture(analyst: FlaskClient) -> None:
    """The data of a chart says what the table beside it says: no answers, no squares, no exact means."""
    page = analyst.get("/dashboard").text
    figure = json.loads(page.split('data-figure="regions">')[1].split("</script>")[0])
    drawn = {value for trace in figure["data"] for value in (*trace["x"], *trace["y"])}
    known = {
        abs(float(value))
        for row in rows(analyst, "/dashboard?as=csv")
        for name, value in row.items()
        if name in ("customer_effect", "staff_effect", "landing_effect") and value
    }
    assert {abs(value) for value in drawn} <= known


def test_no_figure_but_those_of_its_tables_is_in_the_picture_of_a_fix(analyst: FlaskClient) -> None:
    page = analyst.get("/fixes/refund-48h").text
    figure = json.loads(page.split('data-figure="evidence">')[1].split("</script>")[0])
    drawn = {round(value, 1) for trace in figure["data"] for value in trace["y"] if value is not None}
    sheets = json.loads(analyst.get("/fixes/refund-48h?as=json").data)["sheets"]
    known = {
        round(value, 1)
        for row in sheets["months"]
        for value in row.values()
        if isinstance(value, float | int) and not isinstance(value, bool)
    }
    assert drawn
    assert drawn <= known
    assert {key for trace in figure["data"] for key in trace} <= {
        *("type", "mode", "x", "y", "yaxis", "connectgaps", "line", "marker", "fill", "fillcolor"),
        *("hovertext", "hoverinfo", "showlegend", "name", "customdata", "cliponaxis"),
    }
