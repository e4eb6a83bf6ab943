"""The night concludes every month once, keeps what it said, and says the same everywhere."""

import csv
import io
import json
import shutil
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime
from multiprocessing import get_context
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

import demo
from pulse.db import Database, main
from pulse.ledger import store
from pulse.ledger.models import Source
from pulse.months import last_day
from pulse.organisation.models import Fix, Side
from pulse.outbox.models import Message
from pulse.verdicts import nightly, report
from pulse.verdicts.company import NothingClosed
from pulse.verdicts.models import CounterfactualMonth, Flag, Look, Verdict
from pulse.webhooks import service as webhooks
from pulse.webhooks.events import WANTED
from pulse.webhooks.models import Delivery
from surveys.imports.load import load
from tests.conftest import SECRET

LAST = date(2026, 5, 1)
MONTHS = 30
NOW = datetime(2026, 6, 4, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A made-up company of 24 months, with the truth beside it."""
    target = tmp_path_factory.mktemp("company")
    demo.write(demo.company(people=900, months=MONTHS, seed=11, last_month=LAST), target)
    return target


@pytest.fixture(scope="module")
def truth(folder) -> dict[str, dict[str, str]]:
    with (folder / "truth.csv").open(newline="", encoding="utf-8") as file:
        return {row["fix"]: row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def files(folder, sqlite_templates, tmp_path_factory) -> dict[str, Path]:
    """The company as a database file: loaded, and loaded and replayed."""
    target = tmp_path_factory.mktemp("files")
    paths = {name: target / f"{name}.sqlite" for name in ("loaded", "replayed")}
    base = Database()
    for name, path in paths.items():
        shutil.copy(paths["loaded"] if name == "replayed" else sqlite_templates / "main.sqlite", path)
        base.connect(f"sqlite:///{path}", keeps_log=False)
        if name == "loaded":
            loaded(base, folder)
        else:
            assert len(replay(base)) == MONTHS
        base.close()
    return paths


@pytest.fixture
def company(files, sqlite_addresses) -> Iterator[Database]:
    """The company loaded, nothing concluded yet."""
    yield from _opened(files["loaded"], sqlite_addresses)


@pytest.fixture
def concluded(files, sqlite_addresses) -> Iterator[Database]:
    """The company with every month concluded."""
    yield from _opened(files["replayed"], sqlite_addresses)


def _opened(file: Path, addresses) -> Iterator[Database]:
    shutil.copy(file, addresses.main.removeprefix("sqlite:///"))
    main.connect(addresses.main)
    yield main
    main.close()


def loaded(database: Database, folder: Path) -> Database:
    with database.writing() as session:
        load(session, folder)
    return database


def history(database: Database, **options) -> str:
    with database.reading() as session:
        rows = report.verdicts(session, **({"as_of": None, "history": True, "revisions": False} | options))
        return report.as_csv(rows, report.COLUMNS)


RESTS_ON = (
    "customer_answers",
    "customer_places",
    "customer_compared",
    "staff_answers",
    "staff_places",
    "staff_compared",
    "months_before",
    "months_since",
)


def rests_on(database: Database) -> list[tuple[object, ...]]:
    """Fix, day and what each verdict rests on, in order."""
    with database.reading() as session:
        columns = (getattr(Verdict, name) for name in RESTS_ON)
        rows = select(Fix.code, Verdict.as_of, Verdict.revision, *columns).join(Verdict.fix)
        return sorted((tuple(row) for row in session.execute(rows)), key=lambda row: row[:3])


def replay(database: Database, **options):
    return nightly.correlate(database, replay=True, now=NOW, **options)


def test_planted_fixes_that_stay_with_their_teams_are_named_rightly(concluded, truth):
    said = {row["fix"]: row for row in csv.DictReader(io.StringIO(history(concluded, history=False)))}
    for fix, planted in truth.items():
        if planted["class"] in ("resolved", "disp_same"):
            assert (fix, said[fix]["verdict"]) == (fix, planted["verdict"])
        if planted["class"] == "disp_same":
            assert said[fix]["landing_team"] == planted["landing_teams"]
            assert said[fix]["landing_irritant"] == planted["landing_irritant"]


def test_no_harmless_fix_is_ever_flagged_as_displaced(concluded, truth):
    accused = {
        row["fix"] for row in csv.DictReader(io.StringIO(history(concluded))) if row["verdict"] == "displaced"
    }
    assert {truth[fix]["verdict"] for fix in accused} == {"displaced"}


def test_sqlite_and_postgresql_say_the_same_to_the_byte(sqlite_addresses, postgresql_addresses, folder):
    said = []
    for addresses in (sqlite_addresses, postgresql_addresses):
        main.connect(addresses.main)
        replay(loaded(main, folder))
        said.append((history(main), rests_on(main)))
        main.close()
    assert said[0] == said[1]
    assert said[0][0].count("\n") > 100


def test_any_number_of_workers_says_the_same_to_the_byte(company, files, tmp_path):
    nightly.correlate(company, now=NOW)
    alone, basis = history(company), rests_on(company)
    shutil.copy(files["loaded"], tmp_path / "shared.sqlite")
    company.connect(f"sqlite:///{tmp_path / 'shared.sqlite'}")
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        nightly.correlate(company, executor=pool, now=NOW)
    assert (history(company), rests_on(company)) == (alone, basis)
    assert alone.count("\n") > 10


def test_what_a_verdict_rests_on_is_told_with_its_effects_and_roughly(concluded):
    with concluded.reading() as session:
        verdicts = session.scalars(select(Verdict)).all()
    told = [verdict for verdict in verdicts if verdict.customer_effect is not None]
    assert 0 < len(told) < len(verdicts)
    for verdict in verdicts:
        for side in ("customer", "staff"):
            counts = [getattr(verdict, f"{side}_{part}") for part in ("answers", "places", "compared")]
            assert (counts[0] is None) == (getattr(verdict, f"{side}_effect") is None)
            assert counts[0] is None or (counts[0] >= 20 and counts[0] % 10 == 0 and counts[1] > 0)
            assert counts[0] is None or counts[0] == nightly.about(counts[0])
    assert {(v.months_before or 0) + (v.months_since or 0) for v in verdicts} <= set(range(1, MONTHS + 1))


@pytest.mark.parametrize(
    ("answers", "told"), [(20, 20), (24, 20), (25, 30), (99, 100), (104, 100), (105, 110), (12_345, 12_000)]
)
def test_answers_are_told_by_two_digits_and_never_closer_than_to_ten(answers, told):
    assert nightly.about(answers) == told


def test_a_verdict_that_rests_on_other_answers_but_says_the_same_is_no_revision(concluded):
    with concluded.writing() as session:
        session.execute(update(Verdict).values(customer_answers=20))
        session.execute(delete(Look).where(Look.as_of == last_day(LAST)))
    said = history(concluded, revisions=True)
    assert [(done.verdicts, done.revised) for done in replay(concluded)] == [(0, 0)]
    assert history(concluded, revisions=True) == said


def test_a_replay_concludes_every_month_and_a_second_one_none(concluded):
    before = history(concluded, revisions=True)
    assert before.splitlines()[-1].startswith(last_day(LAST).isoformat())
    assert replay(concluded) == []
    assert history(concluded, revisions=True) == before


def test_without_replay_only_the_last_closed_month_is_concluded_and_other_programs_are_told(company):
    with company.writing() as session:
        webhooks.make(session, "chat", "https://example.org/", WANTED, inwards=(), key=SECRET, now=NOW)
    done = nightly.correlate(company, now=NOW)
    assert [concluded.month for concluded in done] == [LAST]
    with company.reading() as session:
        told = Counter(session.scalars(select(Delivery.event)))
        assert {
            json.loads(body)["data"]["verdict"]["as_of"] for body in session.scalars(select(Delivery.body))
        } == {last_day(LAST).isoformat()}
    assert told == Counter({"verdict.changed": done[0].verdicts, "flag.raised": len(done[0].flags)})


def test_as_of_a_day_looks_at_the_months_closed_by_then(company):
    done = nightly.correlate(company, as_of=date(2026, 3, 30), now=NOW)
    assert [concluded.month for concluded in done] == [date(2026, 2, 1)]


def test_months_missed_are_caught_up(company):
    nightly.correlate(company, as_of=date(2026, 2, 28), now=NOW)
    done = nightly.correlate(company, now=NOW)
    assert [concluded.month for concluded in done] == [date(2026, m, 1) for m in (3, 4, 5)]


def test_a_changed_past_adds_revisions_and_keeps_what_was_said(concluded):
    original = history(concluded)
    with concluded.writing() as session:
        sums = store.contributed(session, Side.EMPLOYEE, LAST, Source.LOADED)
        worse = [s._replace(total=1000 * s.n, squares=1_000_000 * s.n) for s in sums]
        store.replace(session, Side.EMPLOYEE, LAST, Source.LOADED, worse)
        store.close(session, Side.EMPLOYEE, LAST, k=5, now=NOW)
    done = replay(concluded)
    assert [concluded.month for concluded in done] == [LAST]
    assert done[0].revised > 0
    assert history(concluded) == original
    revised = [
        row
        for row in csv.DictReader(io.StringIO(history(concluded, revisions=True)))
        if row["revision"] == "1"
    ]
    assert len(revised) == done[0].revised


def test_a_flag_is_raised_once_and_borne_from_then_on(concluded):
    with concluded.reading() as session:
        raised = {flag.fix.code: flag.raised_on for flag in session.scalars(select(Flag))}
    assert raised
    first: dict[str, str] = {}
    for row in csv.DictReader(io.StringIO(history(concluded))):
        if row["verdict"] in ("displaced", "backfired"):
            first.setdefault(row["fix"], row["as_of"])
        assert (row["flag"] == "1") == (row["fix"] in first)
        assert row["first_flagged"] == first.get(row["fix"], "")
    assert {fix: day.isoformat() for fix, day in raised.items()} == first


def test_a_replayed_past_is_no_news_but_the_newest_month_is(concluded):
    with concluded.reading() as session:
        told = session.scalars(select(Message.key)).all()
        raised_last = session.scalars(select(Flag).where(Flag.raised_on == last_day(LAST))).all()
        assert len(told) == len(raised_last)


def test_the_expected_course_is_kept_for_the_newest_look(concluded):
    with concluded.reading() as session:
        months = session.scalars(select(CounterfactualMonth.month).distinct()).all()
        rows = session.scalars(select(CounterfactualMonth)).all()
    assert max(months) == LAST
    assert all(row.low <= row.expected <= row.high for row in rows)


def test_nothing_closed_is_said_and_nothing_written(sqlite):
    with pytest.raises(NothingClosed):
        nightly.correlate(sqlite, now=NOW)
