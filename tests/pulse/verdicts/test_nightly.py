"""The night concludes every month once, keeps what it said, and says the same everywhere."""

import csv
import io
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from surveys.imports.load import load

import demo
from pulse.db import Database, main
from pulse.ledger import store
from pulse.ledger.models import Source
from pulse.months import last_day
from pulse.organisation.models import Side
from pulse.outbox.models import Message
from pulse.verdicts import nightly, report
from pulse.verdicts.company import NothingClosed
from pulse.verdicts.models import CounterfactualMonth, Flag, Look, Verdict

LAST = date(2026, 5, 1)
NOW = datetime(2026, 6, 4, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A made-up company of 24 months, with the truth beside it."""
    target = tmp_path_factory.mktemp("company")
    demo.write(demo.company(people=900, months=30, seed=11, last_month=LAST), target)
    return target


@pytest.fixture(scope="module")
def truth(folder) -> dict[str, dict[str, str]]:
    with (folder / "truth.csv").open(newline="", encoding="utf-8") as file:
        return {row["fix"]: row for row in csv.DictReader(file)}


def loaded(database: Database, folder: Path) -> Database:
    with database.writing() as session:
        load(session, folder)
    return database


def history(database: Database, **options) -> str:
    with database.reading() as session:
        rows = report.verdicts(session, **({"as_of": None, "history": True, "revisions": False} | options))
        return report.as_csv(rows, report.COLUMNS)


def replay(database: Database, **options):
    return nightly.correlate(database, replay=True, now=NOW, **options)


def test_planted_fixes_that_stay_with_their_teams_are_named_rightly(sqlite, folder, truth):
    replay(loaded(sqlite, folder))
    said = {row["fix"]: row for row in csv.DictReader(io.StringIO(history(sqlite, history=False)))}
    for fix, planted in truth.items():
        if planted["class"] in ("resolved", "disp_same"):
            assert (fix, said[fix]["verdict"]) == (fix, planted["verdict"])
        if planted["class"] == "disp_same":
            assert said[fix]["landing_team"] == planted["landing_teams"]
            assert said[fix]["landing_irritant"] == planted["landing_irritant"]


def test_no_harmless_fix_is_ever_flagged_as_displaced(sqlite, folder, truth):
    replay(loaded(sqlite, folder))
    accused = {
        row["fix"] for row in csv.DictReader(io.StringIO(history(sqlite))) if row["verdict"] == "displaced"
    }
    assert {truth[fix]["verdict"] for fix in accused} == {"displaced"}


def test_sqlite_and_postgresql_say_the_same_to_the_byte(sqlite_addresses, postgresql_addresses, folder):
    said = []
    for addresses in (sqlite_addresses, postgresql_addresses):
        main.connect(addresses.main)
        replay(loaded(main, folder))
        said.append(history(main))
        main.close()
    assert said[0] == said[1]
    assert said[0].count("\n") > 100


def test_any_number_of_workers_says_the_same_to_the_byte(sqlite, folder):
    loaded(sqlite, folder)
    with ProcessPoolExecutor(2) as pool:
        nightly.correlate(sqlite, executor=pool, now=NOW)
    shared = history(sqlite)
    with sqlite.writing() as session:
        for table in (Flag, Verdict, Look):
            for row in session.scalars(select(table)):
                session.delete(row)
    nightly.correlate(sqlite, now=NOW)
    assert history(sqlite) == shared


def test_a_replay_concludes_every_month_and_a_second_one_none(sqlite, folder):
    done = replay(loaded(sqlite, folder))
    assert [concluded.month for concluded in done][-1] == LAST
    assert len(done) == 30
    before = history(sqlite, revisions=True)
    assert replay(sqlite) == []
    assert history(sqlite, revisions=True) == before


def test_without_replay_only_the_last_closed_month_is_concluded(sqlite, folder):
    done = nightly.correlate(loaded(sqlite, folder), now=NOW)
    assert [concluded.month for concluded in done] == [LAST]


def test_as_of_a_day_looks_at_the_months_closed_by_then(sqlite, folder):
    loaded(sqlite, folder)
    done = nightly.correlate(sqlite, as_of=date(2026, 3, 30), now=NOW)
    assert [concluded.month for concluded in done] == [date(2026, 2, 1)]


def test_months_missed_are_caught_up(sqlite, folder):
    loaded(sqlite, folder)
    nightly.correlate(sqlite, as_of=date(2026, 2, 28), now=NOW)
    done = nightly.correlate(sqlite, now=NOW)
    assert [concluded.month for concluded in done] == [date(2026, m, 1) for m in (3, 4, 5)]


def test_a_changed_past_adds_revisions_and_keeps_what_was_said(sqlite, folder):
    replay(loaded(sqlite, folder))
    original = history(sqlite)
    with sqlite.writing() as session:
        sums = store.contributed(session, Side.EMPLOYEE, LAST, Source.LOADED)
        worse = [s._replace(total=1000 * s.n, squares=1_000_000 * s.n) for s in sums]
        store.replace(session, Side.EMPLOYEE, LAST, Source.LOADED, worse)
        store.close(session, Side.EMPLOYEE, LAST, k=5, now=NOW)
    done = replay(sqlite)
    assert [concluded.month for concluded in done] == [LAST]
    assert done[0].revised > 0
    assert history(sqlite) == original
    revised = [
        row for row in csv.DictReader(io.StringIO(history(sqlite, revisions=True))) if row["revision"] == "1"
    ]
    assert len(revised) == done[0].revised


def test_a_flag_is_raised_once_and_borne_from_then_on(sqlite, folder):
    replay(loaded(sqlite, folder))
    with sqlite.reading() as session:
        raised = {flag.fix.code: flag.raised_on for flag in session.scalars(select(Flag))}
    assert raised
    first: dict[str, str] = {}
    for row in csv.DictReader(io.StringIO(history(sqlite))):
        if row["verdict"] in ("displaced", "backfired"):
            first.setdefault(row["fix"], row["as_of"])
        assert (row["flag"] == "1") == (row["fix"] in first)
        assert row["first_flagged"] == first.get(row["fix"], "")
    assert {fix: day.isoformat() for fix, day in raised.items()} == first


def test_a_replayed_past_is_no_news_but_the_newest_month_is(sqlite, folder):
    replay(loaded(sqlite, folder))
    with sqlite.reading() as session:
        told = session.scalars(select(Message.key)).all()
        raised_last = session.scalars(select(Flag).where(Flag.raised_on == last_day(LAST))).all()
        assert len(told) == len(raised_last)


def test_the_expected_course_is_kept_for_the_newest_look(sqlite, folder):
    replay(loaded(sqlite, folder))
    with sqlite.reading() as session:
        months = session.scalars(select(CounterfactualMonth.month).distinct()).all()
        rows = session.scalars(select(CounterfactualMonth)).all()
    assert max(months) == LAST
    assert all(row.low <= row.expected <= row.high for row in rows)


def test_nothing_closed_is_said_and_nothing_written(sqlite):
    with pytest.raises(NothingClosed):
        nightly.correlate(sqlite, now=NOW)
