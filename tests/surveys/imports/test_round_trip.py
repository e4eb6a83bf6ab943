"""Any company, written by any program: what is loaded is what was written."""

import tempfile
from collections import defaultdict
from datetime import date
from pathlib import Path

from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st
from sqlalchemy import delete, select

from pulse.db import Base, Database
from pulse.ledger import store
from pulse.ledger.models import Source
from pulse.months import shifted, written
from pulse.organisation.models import Fix, Irritant, Place, Side, Team
from surveys.imports.load import load

FIRST = date(2024, 11, 1)
TEAMS, TOUCHPOINTS, IRRITANTS = ["A", "B-2", "É"], ["P1", "P 2"], ["I1", "I;2", "I,3"]

words = st.text(
    st.sampled_from("aZé9 ,;\"'|\n\r\t=+-@«»\u202f\u4e2d\U0001f600"), min_size=1, max_size=12
).filter(lambda text: bool(text.strip()))


@st.composite
def companies(draw: st.DrawFn) -> dict[str, list[list[str]]]:
    """A company as the cells of its files, decimals with a point."""
    months = [written(shifted(FIRST, number)) for number in range(draw(st.integers(1, 4)))]
    answer = st.tuples(
        st.sampled_from(months),
        st.sampled_from(TEAMS),
        st.sampled_from(IRRITANTS),
        st.integers(0, 1000).map(lambda score: f"{score / 100:g}"),
        st.integers(1, 40).map(str),
    )
    fix = st.tuples(
        words,
        st.sampled_from(IRRITANTS),
        st.sampled_from(months).map(lambda month: f"{month}-17"),
        st.integers(-1000, 1000).map(lambda hundredths: f"{hundredths / 100:.2f}"),
    )
    fixes = [[f"F{number}", *values] for number, values in enumerate(draw(st.lists(fix, max_size=3)))]
    return {
        "teams.csv": [["team", "name", "parent"], ["A", draw(words), ""]]
        + [[team, draw(words), draw(st.sampled_from(["", "A"]))] for team in TEAMS[1:]],
        "touchpoints.csv": [["touchpoint", "team"], ["P1", "A"], ["P1", "B-2"], ["P 2", "É"]],
        "irritants.csv": [["irritant", "label", "label_fr"]]
        + [[irritant, draw(words), draw(words)] for irritant in IRRITANTS],
        "fixes.csv": [["fix", "name", "irritant", "started", "expected_staff"], *fixes],
        "employee_answers.csv": [["month", "team", "irritant", "score", "count"]]
        + [list(row) for row in draw(st.lists(answer, min_size=1, max_size=25))],
    }


@st.composite
def manners(draw: st.DrawFn) -> dict[str, object]:
    """How a program writes a file."""
    return {
        "delimiter": draw(st.sampled_from(",;")),
        "ends": draw(st.sampled_from(["\n", "\r\n", "\r"])),
        "mark": draw(st.sampled_from(["", "\ufeff"])),
        "comma": draw(st.booleans()),
        "quoted": draw(st.booleans()),  # every field, not only where it must be
        "turned": draw(st.booleans()),  # columns in another order, names in capitals and spaced
    }


def as_written(rows: list[list[str]], manner: dict[str, object], numbers: set[str]) -> bytes:
    """The file as such a program writes it."""
    header, *others = rows
    cells = [
        [
            cell.replace(".", ",") if manner["comma"] and name in numbers else cell
            for name, cell in zip(header, row, strict=True)
        ]
        for row in others
    ]
    table = [[f" {name.upper()} " if manner["turned"] else name for name in header], *cells]
    if manner["turned"]:
        table = [row[::-1] for row in table]
    lines = [
        str(manner["delimiter"]).join(quoted(cell, bool(manner["quoted"])) for cell in row) for row in table
    ]
    return (str(manner["mark"]) + "".join(line + str(manner["ends"]) for line in lines)).encode()


def quoted(cell: str, always: bool) -> str:
    """A field in quotes where it must be."""
    return '"' + cell.replace('"', '""') + '"' if always or set(cell) & set('",;\r\n') else cell


@trying(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(companies(), st.lists(manners(), min_size=5, max_size=5))
def test_what_is_loaded_is_what_was_written(
    sqlite: Database, company: dict[str, list[list[str]]], hands: list[dict[str, object]]
):
    with tempfile.TemporaryDirectory() as name, sqlite.writing() as session:
        for table in reversed(Base.metadata.sorted_tables):
            session.execute(delete(table))
        folder = Path(name)
        for (file, rows), manner in zip(company.items(), hands, strict=True):
            (folder / file).write_bytes(as_written(rows, manner, {"score", "expected_staff"}))

        load(session, folder, k=5)

        teams = {team.code: team for team in session.scalars(select(Team))}
        assert {code: team.name_en for code, team in teams.items()} == {
            row[0]: row[1].strip() for row in company["teams.csv"][1:]
        }
        irritants = {irritant.code: irritant for irritant in session.scalars(select(Irritant))}
        assert {code: (row.label_en, row.label_fr) for code, row in irritants.items()} == {
            row[0]: (row[1].strip(), row[2].strip()) for row in company["irritants.csv"][1:]
        }
        fixes = {fix.code: fix for fix in session.scalars(select(Fix))}
        assert {
            code: [fix.name_en, fix.irritant.code, fix.started.isoformat(), f"{fix.expected_staff / 100:.2f}"]
            for code, fix in fixes.items()
        } == {row[0]: [row[1].strip(), *row[2:]] for row in company["fixes.csv"][1:]}
        place = dict(session.execute(select(Place.id, Place.code)).all())
        measure = {irritant.id: code for code, irritant in irritants.items()}
        found = {
            (written(month), place[cell.place_id], measure[cell.measure_id]): (
                cell.n,
                cell.total,
                cell.squares,
            )
            for month in store.closed_months(session, Side.EMPLOYEE)
            for cell in store.contributed(session, Side.EMPLOYEE, month, Source.LOADED)
        }
        assert found == summed(company["employee_answers.csv"][1:])


def summed(rows: list[list[str]]) -> dict[tuple[str, str, str], tuple[int, int, int]]:
    """The sums of answers, the slow way."""
    scores: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for month, team, irritant, score, count in rows:
        scores[month, team, irritant] += [round(float(score) * 100)] * int(count)
    return {key: (len(all_), sum(all_), sum(one * one for one in all_)) for key, all_ in scores.items()}
