"""The ledger's writing: counted not incremented, closed months frozen, nothing under k leaves it."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from pulse.ledger import store
from pulse.ledger.models import Extent, ReleasedCell, Source
from pulse.ledger.store import Sum
from pulse.organisation.models import Irritant, Side, Team

MAY = date(2026, 5, 1)
NOW = datetime(2026, 6, 4, 2, tzinfo=UTC)
WORDS = dict.fromkeys(
    ("label", "customer_question", "employee_question"),
    "Waiting",
)


@pytest.fixture
def company(database):
    """A department of two teams, and one irritant."""
    with database.writing() as session:
        head = Team(code="HEAD", name_en="Head", name_fr="Tête")
        session.add(head)
        session.flush()
        teams = [Team(code=c, name_en=c, name_fr=c, parent_id=head.id) for c in ("A", "B")]
        words = {f"{key}_{language}": value for key, value in WORDS.items() for language in ("en", "fr")}
        waiting = Irritant(code="WAIT", **words)
        session.add_all([*teams, waiting])
        session.flush()
        return {"HEAD": head.id, "A": teams[0].id, "B": teams[1].id, "WAIT": waiting.id}


def sums(company: dict[str, int], **people: int) -> list[Sum]:
    """Everybody gives a 4.5."""
    return [Sum(company["WAIT"], company[team], n, 450 * n, 450 * 450 * n) for team, n in people.items()]


def close(database, **options):
    with database.writing() as session:
        return store.close(session, Side.EMPLOYEE, MAY, k=5, now=NOW, **options)


def load(database, found, source=Source.LOADED):
    with database.writing() as session:
        store.replace(session, Side.EMPLOYEE, MAY, source, found)


def test_counting_twice_changes_nothing(database, company):
    for _ in range(2):
        load(database, sums(company, A=8, B=9))
    with database.reading() as session:
        assert store.cells(session, Side.EMPLOYEE, MAY) == sums(company, A=8, B=9)


def test_each_source_replaces_only_its_own_rows(database, company):
    load(database, sums(company, A=8))
    load(database, sums(company, A=2), Source.TALLY)
    load(database, sums(company, A=3), Source.TALLY)
    with database.reading() as session:
        assert store.cells(session, Side.EMPLOYEE, MAY) == sums(company, A=11)


def test_a_cell_under_k_is_neither_measured_nor_released(database, company):
    load(database, sums(company, A=8, B=4))
    close(database)
    with database.reading() as session:
        measured = list(store.measured(session, Side.EMPLOYEE, MAY, MAY))
        released = session.scalars(select(ReleasedCell)).all()
    assert [row[1] for row in measured] == [company["A"]]
    assert [(cell.place_id, cell.extent) for cell in released] == [(company["A"], Extent.OWN)]


def test_a_released_cell_is_banded_and_its_unit_added_up(database, company):
    load(database, sums(company, A=8, B=13))
    close(database)
    with database.reading() as session:
        cells = session.scalars(select(ReleasedCell).order_by(ReleasedCell.n)).all()
    assert [(c.place_id, c.extent, c.n, c.score, c.step) for c in cells] == [
        (company["A"], Extent.OWN, 10, 450, 50),
        (company["B"], Extent.OWN, 15, 450, 50),
        (company["HEAD"], Extent.WHOLE, 21, 450, 10),
    ]


def test_closing_again_forgets_what_was_closed_before(database, company):
    load(database, sums(company, A=8, B=9))
    close(database)
    load(database, sums(company, B=9))
    close(database)
    with database.reading() as session:
        assert [row[1] for row in store.measured(session, Side.EMPLOYEE, MAY, MAY)] == [company["B"]]


def test_the_digest_of_a_month_changes_exactly_when_a_measured_cell_does(database, company):
    digests = []
    for found in (sums(company, A=8, B=4), sums(company, A=8, B=3), sums(company, A=9, B=3)):
        load(database, found)
        close(database)
        with database.reading() as session:
            digests.append(store.closed_months(session, Side.EMPLOYEE)[MAY])
    assert digests[0] == digests[1] != digests[2]
