"""What a company folder becomes in the database, and that loading it again changes nothing."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from pulse.db import Database
from pulse.ledger import store
from pulse.ledger.models import Contribution, MeasuredCell, Source
from pulse.months import parsed
from pulse.organisation.models import (
    Asked,
    Break,
    Fix,
    Irritant,
    Place,
    PlaceKind,
    RollOut,
    Serving,
    Side,
    Supply,
    Team,
    Touchpoint,
)
from pulse.organisation.service import scopes
from surveys.imports.load import load
from surveys.imports.refusals import Loaded, Refused, Report
from tests.surveys.imports.conftest import COMPANY, Spoil, added, changed, contents

CELLS = "side,month,place,irritant,n,total,squares\n"


def loaded(database: Database, folder: Path, *, replace: bool = False) -> Report:
    with database.writing() as session:
        return load(session, folder, replace=replace, k=5)


def test_teams_hang_on_each_other_and_have_names_in_both_languages(database: Database, company: Spoil):
    loaded(database, company())
    with database.reading() as session:
        teams = {team.code: team for team in session.scalars(select(Team))}
        assert teams.keys() == {"TOP", "SALES", "PHONE", "STOCK"}
        assert teams["SALES"].parent_id == teams["TOP"].id
        assert teams["PHONE"].split_from_id == teams["SALES"].id
        assert teams["STOCK"].merged_into_id == teams["SALES"].id
        assert (teams["STOCK"].opened, teams["STOCK"].closed) == (date(2020, 1, 1), date(2025, 6, 1))
        assert (teams["SALES"].name_en, teams["SALES"].name_fr) == ("Sales", "Vente")
        assert (teams["SALES"].headcount, teams["TOP"].headcount) == (12, None)


def test_wordings_that_are_missing_fall_back_to_the_label_and_the_label_to_the_code(
    database: Database, company: Spoil
):
    loaded(database, company())
    with database.reading() as session:
        wait, form = session.scalars(select(Irritant).order_by(Irritant.code.desc()))
        assert (wait.question(Side.CUSTOMER, "en"), wait.question(Side.CUSTOMER, "fr")) == (
            "Did you wait?",
            "Avez-vous attendu ?",
        )
        assert wait.question(Side.EMPLOYEE, "fr") == "Did waiting land on you?"
        assert (form.label_en, form.label_fr) == ("Long forms", "Long forms")
        assert form.question(Side.EMPLOYEE, "en") == "Long forms"
        assert {touchpoint.code for touchpoint in wait.touchpoints} == {"DESK", "CALL"}
        assert form.touchpoints == []
        desk = session.scalars(select(Touchpoint).where(Touchpoint.code == "DESK")).one()
        assert (desk.name_en, desk.name_fr) == ("Ticket desk", "Ticket desk")


def test_fixes_keep_what_was_written_down_before_launch(database: Database, company: Spoil):
    loaded(database, company())
    with database.reading() as session:
        short, queue = session.scalars(select(Fix).order_by(Fix.code.desc()))
        assert (queue.started, queue.stopped, queue.frozen_on) == (date(2025, 2, 10), None, date(2025, 2, 10))
        assert (queue.expected_customer, queue.expected_staff) == (-150, 0)
        assert queue.owner == "ana@example.org"
        assert [place.code for place in queue.places] == ["DESK"]
        assert (short.started, short.stopped) == (date(2025, 3, 1), date(2025, 9, 1))
        assert (short.name_en, short.expected_customer) == ("SHORT", None)
        assert {place.code for place in short.places} == {"SALES", "STOCK"}


def test_scopes_are_spelled_out_with_the_start_of_each_place(database: Database, company: Spoil):
    loaded(database, company())
    with database.reading() as session:
        code = dict(session.execute(select(Place.id, Place.code)).all())
        found = {scope.fix: scope for scope in scopes(session)}
        assert {(code[place], day) for place, day in found["QUEUE"].teams} == {("SALES", date(2025, 3, 1))}
        assert {(code[place], day) for place, day in found["QUEUE"].touchpoints} == {
            ("DESK", date(2025, 2, 10))
        }
        assert {code[place] for place, _ in found["SHORT"].touchpoints} == {"DESK", "CALL"}


def test_lists_are_kept_with_their_dates(database: Database, company: Spoil):
    loaded(database, company())
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Supply)) == 3
        assert session.scalar(select(func.count()).select_from(Serving)) == 3
        assert {(row.since, row.until) for row in session.scalars(select(Asked))} == {
            (date(2025, 1, 1), None),
            (None, date(2025, 2, 1)),
        }
        breaks = session.scalars(select(Break).order_by(Break.month)).all()
        assert [(row.side, row.note) for row in breaks] == [(Side.CUSTOMER, "New form"), (Side.EMPLOYEE, "")]
        assert breaks[0].place_id is not None
        assert breaks[1].place_id is None


def test_scores_are_summed_exactly_in_hundredths(database: Database, company: Spoil):
    loaded(database, company())
    with database.reading() as session:
        found = store.contributed(session, Side.CUSTOMER, parsed("2025-01"), Source.LOADED)
        assert [cell[2:] for cell in found] == [(4, 3 * 725, 3 * 725**2)]
        found = store.contributed(session, Side.EMPLOYEE, parsed("2025-01"), Source.LOADED)
        assert [cell[2:] for cell in found] == [(2, 750, 250**2 + 500**2)]


def test_loaded_months_are_closed_and_cells_of_enough_people_measured(database: Database, company: Spoil):
    report = loaded(database, company())
    assert set(report.added) == {
        Loaded(parsed(month), side) for month in ("2025-01", "2025-02") for side in Side
    }
    with database.reading() as session:
        assert list(store.closed_months(session, Side.CUSTOMER)) == [parsed("2025-01"), parsed("2025-02")]
        assert list(store.closed_months(session, Side.EMPLOYEE)) == [parsed("2025-01"), parsed("2025-02")]
        assert [cell.n for cell in session.scalars(select(MeasuredCell))] == [8]


def test_loading_the_same_folder_twice_changes_nothing(database: Database, company: Spoil):
    loaded(database, company())
    before = contents(database)

    report = loaded(database, company())

    assert (report.changes, report.added, report.replaced) == (0, (), ())
    assert len(report.unchanged) == 4
    assert contents(database) == before


def test_a_longer_history_adds_to_it_and_leaves_what_it_does_not_mention(database: Database, company: Spoil):
    loaded(database, company())
    longer = added("employee_answers", "2025-03,SALES,WAIT,5", "2025-03,PHONE,WAIT,5")

    report = loaded(database, company(**longer, customer_answers=None, fixes=None, rollouts=None, asked=None))

    assert report.added == (Loaded(parsed("2025-03"), Side.EMPLOYEE),)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Fix)) == 2
        assert session.scalar(select(func.count()).select_from(RollOut)) == 1
        assert session.scalar(select(func.count()).select_from(Asked)) == 2
        assert len(store.closed_months(session, Side.CUSTOMER)) == 2


def test_names_are_changed_by_code_and_lists_replaced_as_a_whole(database: Database, company: Spoil):
    loaded(database, company())
    folder = company(
        teams="team,name\nSALES,Counters\nNEW,\n",
        touchpoints="touchpoint,team\nCALL,NEW\n",
        value_chain="supplier,customer\nNEW,CUSTOMERS\n",
        asked="team,irritant,from,to\nSALES,WAIT,2025-01,2025-12\n",
        rollouts="fix,place,started\nQUEUE,DESK,2025-04\n",
        breaks="side,month\nemployee,2025-04\n",
    )

    report = loaded(database, folder)

    assert report.changes > 0
    with database.reading() as session:
        teams = {team.code: team for team in session.scalars(select(Team))}
        assert teams.keys() == {"TOP", "SALES", "PHONE", "STOCK", "NEW"}
        assert (teams["SALES"].name_en, teams["SALES"].name_fr) == ("Counters", "Counters")
        assert teams["SALES"].parent_id == teams["TOP"].id  # the file has no column for it
        assert teams["NEW"].name_fr == "NEW"
        serving = session.execute(
            select(Place.code, Serving.team_id).join(Place, Place.id == Serving.touchpoint_id)
        )
        assert set(serving.all()) == {("DESK", teams["SALES"].id), ("CALL", teams["NEW"].id)}
        assert [link.supplier_id for link in session.scalars(select(Supply))] == [teams["NEW"].id]
        assert [row.until for row in session.scalars(select(Asked))] == [date(2025, 12, 1)]
        rollout = session.scalars(select(RollOut)).one()
        assert rollout.started == date(2025, 4, 1)
        assert session.scalars(select(Break.month)).one() == date(2025, 4, 1)
        touchpoint = session.scalars(select(Touchpoint).where(Touchpoint.code == "CALL")).one()
        assert touchpoint.name_en == "Call centre"


def test_a_code_may_name_a_team_and_a_touchpoint_and_then_means_both(database: Database, company: Spoil):
    loaded(
        database,
        company(
            **added("touchpoints", "SALES,Counters,SALES"),
            **changed("fixes", "2025-02-10,,DESK,", "2025-02-10,,DESK|SALES,"),
        ),
    )
    with database.reading() as session:
        kinds = session.scalars(select(Place.kind).join(RollOut, RollOut.place_id == Place.id)).all()
        assert set(kinds) == {PlaceKind.TEAM, PlaceKind.TOUCHPOINT}


def test_cells_stand_in_for_the_answers_they_sum(database: Database, company: Spoil):
    loaded(database, company())
    before = contents(database)
    rows = "employee;2025-01;SALES;WAIT;2;7,5;31,25\nEmployee;2025-02;STOCK;FORM;1;10;100\n"

    report = loaded(database, company(employee_answers=None, cells=CELLS.replace(",", ";") + rows))

    assert len(report.unchanged) == 4
    assert contents(database) == before


def test_a_side_may_come_half_from_answers_and_half_from_cells(database: Database, company: Spoil):
    report = loaded(database, company(cells=CELLS + "employee,2025-03,SALES,WAIT,5,25,125\n"))
    assert sorted(month.month for month in report.added if month.side is Side.EMPLOYEE) == [
        parsed(month) for month in ("2025-01", "2025-02", "2025-03")
    ]


def test_one_side_alone_is_a_company_folder(database: Database, company: Spoil):
    report = loaded(database, company(employee_answers=None))
    assert {month.side for month in report.added} == {Side.CUSTOMER}


def test_days_are_counted_in_their_month(database: Database, company: Spoil):
    text = (
        "answered_on,touchpoint,irritant,score,count\n"
        "2025-01-31,DESK,WAIT,7.25,3\n2025-01-01,DESK,WAIT,0,1\n2025-02-28,CALL,FORM,10,8\n"
    )
    loaded(database, company())
    assert len(loaded(database, company(customer_answers=text)).unchanged) == 4


def test_the_month_counts_where_the_day_is_there_too(sqlite: Database, company: Spoil):
    text = "month,answered_on,touchpoint,irritant,score\n2025-03,2025-04-01,DESK,WAIT,5\n"
    report = loaded(sqlite, company(customer_answers=text, employee_answers=None))
    assert report.added == (Loaded(parsed("2025-03"), Side.CUSTOMER),)
    assert report.ignored_columns == {"customer_answers.csv": ("answered_on",)}


def test_replacing_a_month_replaces_it_whole(database: Database, company: Spoil):
    loaded(database, company())
    shorter = company(**changed("employee_answers", "2025-01,SALES,WAIT,5\n", ""))

    with pytest.raises(Refused) as refused:
        loaded(database, shorter)
    assert refused.value.report.refused_in_all == 1
    report = loaded(database, shorter, replace=True)

    assert report.replaced == (Loaded(parsed("2025-01"), Side.EMPLOYEE),)
    with database.reading() as session:
        found = store.contributed(session, Side.EMPLOYEE, parsed("2025-01"), Source.LOADED)
        assert [cell[2:] for cell in found] == [(1, 250, 62500)]


def test_what_other_sources_counted_is_left_alone(database: Database, company: Spoil):
    loaded(database, company())
    with database.writing() as session:
        cell = store.contributed(session, Side.CUSTOMER, parsed("2025-02"), Source.LOADED)[0]
        store.replace(session, Side.CUSTOMER, parsed("2025-01"), Source.RESPONSES, [cell])

    assert loaded(database, company()).added == ()

    with database.reading() as session:
        sources = session.scalars(
            select(Contribution.source).where(
                Contribution.side == Side.CUSTOMER, Contribution.month == parsed("2025-01")
            )
        )
        assert set(sources) == {Source.LOADED, Source.RESPONSES}


def test_unknown_columns_and_files_are_reported_and_ignored(sqlite: Database, company: Spoil):
    folder = company(
        employee_answers="Month, TEAM ,irritant,score,comment,\n2025-01,SALES,WAIT,2.5,fine,\n",
        rollout="fix,place\n",
        truth="fix\n",
    )
    report = loaded(sqlite, folder)
    assert report.ignored_columns == {"employee_answers.csv": ("comment", "(column 6 has no name)")}
    assert report.ignored_files == ("rollout.csv",)
    assert report.rows["employee_answers.csv"] == 1


def test_rows_of_nothing_are_passed_over(sqlite: Database, company: Spoil):
    text = "\n ,\n" + COMPANY["value_chain.csv"] + "\n,\n  , \n\n"
    assert loaded(sqlite, company(value_chain=text)).rows["value_chain.csv"] == 3


def test_accents_written_in_two_ways_are_one_code(sqlite: Database, company: Spoil):
    composed, decomposed = "R\u00c9S", "RE\u0301S"
    loaded(
        sqlite,
        company(
            **added("teams", f"{composed},,,,,,,,"),
            **added("employee_answers", f"2025-01,{decomposed},WAIT,5"),
        ),
    )


def test_progress_hears_of_every_byte(sqlite: Database, company: Spoil):
    heard: dict[str, int] = {}

    def hear(file: str, size: int) -> None:
        heard[file] = heard.get(file, 0) + size

    with sqlite.writing() as session:
        load(session, company(), progress=hear, k=5)

    assert heard == {name: len(text.encode()) for name, text in COMPANY.items()}
