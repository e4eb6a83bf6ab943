"""A change nobody registered is asked about once, in the words of every look, and answered by people."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from pulse.db import Database
from pulse.months import last_day, shifted
from pulse.organisation.models import Fix, Indicator, Irritant
from pulse.verdicts import changes, report
from pulse.verdicts.changes import CannotAnswer, NoteMissing, Sighting
from pulse.verdicts.models import ChangeEvent, ChangeSighting, ChangeState, UnregisteredChange

FIRST = date(2024, 1, 1)
NOW = datetime(2026, 1, 3, 2, tzinfo=UTC)
months = st.integers(0, 30)


def month(index: int) -> date:
    return shifted(FIRST, index)


def seen(
    at: int, earliest: int, latest: int, *, irritant: str = "wait", more: bool = False, evidence: float = 2.0
) -> Sighting:
    """A sighting by month numbers."""
    return Sighting(irritant, more, month(at), month(earliest), month(latest), evidence)


@pytest.fixture
def company(database: Database) -> Database:
    """Two irritants and an indicator; no fix."""
    with database.writing() as session:
        for code in ("wait", "noise"):
            words = {
                f"{side}_question_{language}": code
                for side in ("customer", "employee")
                for language in ("en", "fr")
            }
            session.add(Irritant(code=code, label_en=code, label_fr=code, **words))
        session.add(Indicator(code="nps", label_en="NPS", label_fr="NPS"))
    return database


def look(database: Database, index: int, *found: Sighting) -> changes.Recorded:
    """The look at the end of a month."""
    with database.writing() as session:
        return changes.record(session, last_day(month(index)), found, NOW)


def told(database: Database) -> list[tuple[str, str, str, str, str]]:
    """Irritant, range, first look and state of every change."""
    with database.reading() as session:
        return [
            (row["irritant"], row["earliest"], row["latest"], row["first_reported"], row["state"])
            for row in report.changes(session)
        ]


def fix(database: Database, code: str, started: int, *, registered: int | None = None) -> None:
    with database.writing() as session:
        irritant = session.scalars(select(Irritant).where(Irritant.code == "wait")).one()
        when = None if registered is None else month(registered)
        session.add(
            Fix(
                code=code,
                name_en=code,
                name_fr=code,
                irritant=irritant,
                started=month(started),
                registered=when,
            )
        )


def answered(database: Database, state: ChangeState, comment: str = "") -> None:
    with database.writing() as session:
        change = session.scalars(select(UnregisteredChange)).one()
        changes.answer(session, change, state, by="ana@example.org", comment=comment, now=NOW)


def test_a_change_is_asked_about_once_however_many_looks_report_it(company: Database) -> None:
    assert look(company, 15, seen(12, 10, 13)) == changes.Recorded(1, ("wait",))
    assert look(company, 16, seen(12, 11, 12, evidence=3.5)) == changes.Recorded(1, ())
    assert look(company, 17, seen(11, 11, 11, evidence=5.0)) == changes.Recorded(1, ())
    assert told(company) == [("wait", "2024-12", "2024-12", "2025-04-30", "open")]


def test_what_each_look_said_is_kept(company: Database) -> None:
    look(company, 15, seen(12, 10, 13))
    look(company, 16, seen(12, 11, 12))
    with company.reading() as session:
        rows = session.scalars(select(ChangeSighting).order_by(ChangeSighting.as_of)).all()
        assert [(row.as_of, row.revision, row.earliest) for row in rows] == [
            (date(2025, 4, 30), 0, date(2024, 11, 1)),
            (date(2025, 5, 31), 0, date(2024, 12, 1)),
        ]


def test_the_same_look_again_keeps_nothing_new(company: Database) -> None:
    for _ in range(3):
        look(company, 15, seen(12, 10, 13))
    with company.reading() as session:
        assert len(session.scalars(select(ChangeSighting)).all()) == 1
        assert len(session.scalars(select(ChangeEvent)).all()) == 1


def test_another_look_back_in_time_moves_the_first_report_there(company: Database) -> None:
    look(company, 17, seen(12, 11, 12))
    look(company, 14, seen(12, 10, 13))
    assert told(company) == [("wait", "2024-12", "2025-01", "2025-03-31", "open")]


def test_a_look_taken_again_adds_a_revision_and_never_withdraws_the_question(company: Database) -> None:
    look(company, 15, seen(12, 10, 13))
    look(company, 15)
    look(company, 15)
    with company.reading() as session:
        rows = session.scalars(select(ChangeSighting).order_by(ChangeSighting.revision)).all()
        assert [row.month for row in rows] == [date(2025, 1, 1), None]
    assert told(company) == [("wait", "2024-11", "2025-02", "2025-04-30", "open")]


@pytest.mark.parametrize(
    "other",
    [seen(20, 18, 21), seen(12, 10, 13, more=True), seen(12, 10, 13, irritant="noise")],
    ids=["another time", "the other way", "another irritant"],
)
def test_what_differs_is_another_question(company: Database, other: Sighting) -> None:
    look(company, 15, seen(12, 10, 13))
    assert len(look(company, 22, other).new) == 1
    assert len(told(company)) == 2


def test_an_indicator_is_nothing_a_fix_could_be_registered_for(company: Database) -> None:
    assert look(company, 15, seen(12, 10, 13, irritant="nps")) == changes.Recorded(0, ())
    assert told(company) == []


@pytest.mark.parametrize(("started", "state"), [(12, "registered"), (14, "registered"), (15, "open")])
def test_a_fix_put_on_record_for_about_then_answers_the_question(
    company: Database, started: int, state: str
) -> None:
    look(company, 15, seen(12, 10, 13))
    fix(company, "more-desks", started)
    look(company, 16)
    assert [row[-1] for row in told(company)] == [state]


def test_the_fix_that_began_nearest_is_the_one(company: Database) -> None:
    look(company, 15, seen(12, 10, 13))
    fix(company, "early", 10)
    fix(company, "near", 12)
    look(company, 16)
    with company.reading() as session:
        assert [row["fix"] for row in report.changes(session)] == ["near"]


def test_a_fix_answers_from_the_month_it_was_put_on_record(company: Database) -> None:
    look(company, 15, seen(12, 10, 13))
    fix(company, "more-desks", 12, registered=18)
    look(company, 16, seen(12, 10, 13))
    assert [row[-1] for row in told(company)] == ["open"]
    look(company, 18)
    assert [row[-1] for row in told(company)] == ["registered"]


def test_what_was_no_fix_is_not_asked_about_again(company: Database) -> None:
    look(company, 15, seen(12, 10, 13))
    answered(company, ChangeState.NOT_OURS, "The strike.")
    assert look(company, 16, seen(12, 11, 13)).new == ()
    fix(company, "more-desks", 12)
    look(company, 17)
    assert [row[-1] for row in told(company)] == ["not_ours"]


def test_no_fix_of_ours_takes_a_word_on_what_it_was(company: Database) -> None:
    look(company, 15, seen(12, 10, 13))
    with pytest.raises(NoteMissing):
        answered(company, ChangeState.NOT_OURS, " ")
    answered(company, ChangeState.NOT_OURS, "The strike.")
    answered(company, ChangeState.OURS, "No, the new desks.")
    with pytest.raises(CannotAnswer):
        answered(company, ChangeState.OPEN)
    with pytest.raises(CannotAnswer):
        answered(company, ChangeState.REGISTERED)
    with company.reading() as session:
        events = session.scalars(select(ChangeEvent).order_by(ChangeEvent.id)).all()
        assert [(event.state, event.by, event.comment) for event in events] == [
            (ChangeState.OPEN, None, ""),
            (ChangeState.NOT_OURS, "ana@example.org", "The strike."),
            (ChangeState.OURS, "ana@example.org", "No, the new desks."),
        ]


@given(months, months, months, months)
def test_the_gap_counts_the_months_between_two_stretches(a: int, b: int, c: int, d: int) -> None:
    mine, other = sorted((a, b)), sorted((c, d))
    between = set(range(31)) - set(range(mine[0], mine[1] + 1)) - set(range(other[0], other[1] + 1))
    inside = {m for m in between if min(mine[1], other[1]) < m < max(mine[0], other[0])}
    sighting = seen(mine[0], mine[0], mine[1])
    assert sighting.gap(month(other[0]), month(other[1])) == len(inside)
    turned = replace(sighting, earliest=month(other[0]), latest=month(other[1]))
    assert turned.gap(month(mine[0]), month(mine[1])) == len(inside)
