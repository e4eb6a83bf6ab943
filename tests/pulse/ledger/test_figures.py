"""The door: who may read which figures, and that hidden, empty and not one's own look the same."""

from datetime import UTC, date, datetime

import pytest

from pulse.ledger import store
from pulse.ledger.figures import Figure, figures, participation
from pulse.ledger.models import Extent, Source
from pulse.ledger.readers import EVERYTHING, Reader, reader_of
from pulse.ledger.rounding import Participation
from pulse.ledger.store import Sum
from pulse.organisation.models import Irritant, Side, Team
from pulse.people import service as people
from pulse.people.models import Grant

MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)
NOW = datetime(2026, 7, 4, 2, tzinfo=UTC)
ANSWERS = {"A": 8, "A1": 9, "B": 4, "C": 22}


@pytest.fixture
def company(database):
    """HEAD over A (over A1), B and C; everybody says 4.5 in May and in June; five people to read it."""
    ids: dict[str, int] = {}
    with database.writing() as session:
        for code, parent in (("HEAD", None), ("A", "HEAD"), ("A1", "A"), ("B", "HEAD"), ("C", "HEAD")):
            team = Team(code=code, name_en=code, name_fr=code, parent_id=ids.get(parent or ""))
            session.add(team)
            session.flush()
            ids[code] = team.id
        words = ("label", "customer_question", "employee_question")
        irritant = Irritant(code="WAIT", **{f"{w}_{lang}": "Waiting" for w in words for lang in ("en", "fr")})
        session.add(irritant)
        session.flush()
        ids["WAIT"] = irritant.id
        for name, team_code, grant in (
            ("eve", "A1", None), ("marc", "A", Grant.MANAGER), ("bea", "B", Grant.MANAGER),
            ("ana", "C", Grant.ANALYST), ("carl", "C", Grant.COUNCIL),
        ):  # fmt: skip
            person = people.add(session, f"{name}@example.org")
            team = session.get_one(Team, ids[team_code])
            people.join(session, person, team, since=date(2020, 1, 1))
            if grant is not None:
                people.grant(session, person, grant, team=team if grant is Grant.MANAGER else None)
            ids[name] = person.id
        for month in (MAY, JUNE):
            sums = [Sum(ids["WAIT"], ids[c], n, 450 * n, 450 * 450 * n) for c, n in ANSWERS.items()]
            store.replace(session, Side.EMPLOYEE, month, Source.LOADED, sums)
            store.close(session, Side.EMPLOYEE, month, k=5, now=NOW)
        store.note_participation(session, MAY, {ids["A"]: (12, 8), ids["B"]: (9, 4), ids["C"]: (40, 22)})
    return ids


def read(database, company, reader: Reader, **chosen) -> list[Figure]:
    with database.reading() as session:
        return figures(session, reader, Side.EMPLOYEE, **chosen)


def named(company, found: list[Figure]) -> list[tuple[str, str]]:
    codes = {number: code for code, number in company.items() if code.isupper()}
    return sorted({(codes[figure.place_id], figure.extent.value) for figure in found})


def reader(database, company, name: str) -> Reader:
    with database.reading() as session:
        return reader_of(session, company[name])


@pytest.mark.parametrize("name", ["ana", "carl"])
def test_analysts_and_the_council_read_every_figure(database, company, name):
    found = read(database, company, reader(database, company, name))
    assert named(company, found) == [("A", "own"), ("A", "whole"), ("A1", "own"), ("C", "own")]


def test_a_manager_reads_the_own_line_and_what_holds_it(database, company):
    found = reader(database, company, "marc")
    assert named(company, read(database, company, found)) == [("A", "own"), ("A", "whole"), ("A1", "own")]
    assert found.may_read(company["A1"])
    assert not found.may_read(company["B"])


def test_a_manager_of_a_team_below_the_threshold_reads_nothing(database, company):
    assert read(database, company, reader(database, company, "bea")) == []


def test_an_employee_reads_the_own_team_and_the_units_above_as_a_whole(database, company):
    found = read(database, company, reader(database, company, "eve"))
    assert named(company, found) == [("A", "whole"), ("A1", "own")]


def test_hidden_empty_unknown_and_not_ones_own_are_the_same_nothing(database, company):
    marc = reader(database, company, "marc")
    for someone, place in ((EVERYTHING, company["B"]), (EVERYTHING, 987654), (marc, company["C"])):
        assert read(database, company, someone, places=[place]) == []
    assert read(database, company, EVERYTHING, first=date(2030, 1, 1)) == []


def test_figures_are_chosen_by_measure_place_extent_and_calendar_month_alone(database, company):
    found = read(
        database, company, EVERYTHING, measures=[company["WAIT"]], extent=Extent.WHOLE, first=JUNE, last=JUNE
    )
    assert [(f.place_id, f.month, f.n, f.points, f.low, f.high, f.fresh) for f in found] == [
        (company["A"], JUNE, 15, 4.5, 4.25, 4.75, True)
    ]


def test_the_lowest_and_the_highest_band_are_open():
    low = Figure(1, 1, Extent.OWN, MAY, 10, 50, 50, fresh=True)
    high = Figure(1, 1, Extent.OWN, MAY, 40, 990, 10, fresh=True)
    assert (low.low, low.high) == (0.0, 0.75)
    assert (high.low, high.high) == (9.85, 10.0)


def test_participation_is_told_of_units_of_ten_to_those_who_may_read_them(database, company):
    with database.reading() as session:
        assert participation(session, EVERYTHING, MAY) == {
            company["A"]: Participation.TO_75,
            company["C"]: Participation.TO_75,
        }
        assert participation(session, reader_of(session, company["bea"]), MAY) == {}
        assert participation(session, EVERYTHING, MAY, places=[company["B"]]) == {}
