"""The jobs: what is due is done at its moment, once, and however often they are killed in between."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, func, insert, select
from sqlalchemy.engine import Engine, make_url

from pulse.db import Base, Database, main, night
from pulse.ledger import store
from pulse.ledger.models import Contribution, MeasuredCell
from pulse.organisation.models import Measure, Place, Side
from pulse.outbox.models import Message
from surveys import jobs, wiring
from surveys.ballots.models import UrnBase
from surveys.ballots.urn import cast, urn, urn_tally
from surveys.responses import erasure
from surveys.responses.models import Response
from surveys.waves import mails, service
from surveys.waves.models import Issued, Wave, WaveState
from tests.surveys.conftest import CLOSED, MONTH, OPEN, OPENS, PARIS, Railway, responded

DECEMBER_4 = datetime(2026, 12, 3, 23, tzinfo=UTC)  # midnight in Paris
SECOND = timedelta(seconds=1)
Work = Callable[[datetime], str]
KEYS = {"unit_key", "wave_fingerprint"}


def test_a_job_that_imports_while_it_runs_says_what(app):
    for job in app.extensions["pulse.jobs"]:
        tree = ast.parse(textwrap.dedent(inspect.getsource(job.work)))
        found = {
            f"{node.module}.{node.names[0].name}"
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
        }
        assert found == ({job.needs} if job.needs else set()), job.name


def answered(unit: str, *ballots: dict[str, int], month: date = MONTH) -> None:
    """Ballots of a unit, as the answering page casts them."""
    for scores in ballots:
        with urn.writing() as box:
            cast(box, month, unit, scores, "Cold." if scores.get("heating") else "")


def took_part(railway: Railway, people: int) -> None:
    """So many people have used up their right to answer the open wave."""
    with main.writing() as session:
        wave = session.scalars(select(Wave).where(Wave.state == WaveState.OPEN)).one()
        rows = [
            {"wave_id": wave.id, "person_id": person.id, "request": bytes(32)}
            for person in railway.people[:people]
        ]
        session.execute(insert(Issued), rows)


def contributions(side: Side) -> dict[tuple[str, str], tuple[str, int, int, int]]:
    """What the ledger holds of a side, by irritant and place: source, answers, total and squares."""
    rows = (
        select(Measure.code, Place.code, Contribution)
        .join(Measure, Measure.id == Contribution.measure_id)
        .join(Place, Place.id == Contribution.place_id)
        .where(Contribution.side == side)
    )
    with main.reading() as session:
        return {
            (measure, place): (row.source.value, row.n, row.total, row.squares)
            for measure, place, row in session.execute(rows)
        }


def states() -> dict[date, str]:
    with main.reading() as session:
        begun = select(Wave).where(Wave.state != WaveState.PLANNED)
        return {wave.month: wave.state.value for wave in session.scalars(begun)}


def closed(side: Side) -> list[date]:
    with main.reading() as session:
        return list(store.closed_months(session, side))


# One after the other


def test_a_wave_is_opened_invited_to_closed_and_counted_by_the_clock(database, railway):
    assert jobs.open_wave(OPENS - SECOND) == "no wave to open"
    assert jobs.invite_to_wave(OPENS - SECOND) == "no open wave"
    assert jobs.open_wave(OPENS) == "opened the wave of 2026-11"
    assert jobs.invite_to_wave(OPENS) == "30 invitations queued"
    assert jobs.close_waves(CLOSED - timedelta(hours=1)) == "no wave to count"
    answered("north", {"heating": 750, "queue": 500}, *[{"heating": 250}] * 4)
    answered("south", {"queue": 1000})
    assert jobs.close_waves(CLOSED) == "counted 2026-11: 7 scores"
    assert contributions(Side.EMPLOYEE) == {
        ("heating", "north"): ("tally", 5, 1750, 812_500),
        ("queue", "north"): ("tally", 1, 500, 250_000),
        ("queue", "south"): ("tally", 1, 1000, 1_000_000),
    }
    assert (states(), closed(Side.EMPLOYEE)) == ({MONTH: "tallied"}, [MONTH])
    with main.reading() as session:  # measured are the cells of five and more
        assert [cell.n for cell in session.scalars(select(MeasuredCell))] == [5]


def test_nothing_of_an_open_wave_reaches_the_ledger(database, railway):
    jobs.open_wave(OPENS)
    answered("north", *[{"queue": 750}] * 9)
    for job in (jobs.close_waves, jobs.count_responses, jobs.close_customer_months):
        job(CLOSED - timedelta(hours=1))
    assert contributions(Side.EMPLOYEE) == {}


def test_a_wave_that_nobody_answered_leaves_its_month_to_a_company_folder(database, railway):
    jobs.open_wave(OPENS)
    assert jobs.close_waves(CLOSED) == "counted 2026-11: 0 scores"
    assert (states(), closed(Side.EMPLOYEE)) == ({MONTH: "tallied"}, [])


def test_customers_answers_are_counted_while_their_month_is_open_and_then_closed(database, railway):
    for score in (0, 250, 250, 1000, 1000):
        responded(database, railway, MONTH, delay=score)
    assert jobs.count_responses(OPEN) == "1 open months counted"
    expected = {("delay", "station"): ("responses", 5, 2500, 2_125_000)}
    assert contributions(Side.CUSTOMER) == expected
    assert jobs.close_customer_months(DECEMBER_4 - SECOND) == "no month to close"
    assert jobs.close_customer_months(DECEMBER_4) == "closed 2026-11"
    assert jobs.close_customer_months(DECEMBER_4) == "no month to close"
    assert (contributions(Side.CUSTOMER), closed(Side.CUSTOMER)) == (expected, [MONTH])


# The calendar


@pytest.mark.parametrize(
    ("month", "opens", "closes", "customers_close"),
    [
        ("2026-10", "2026-10-06T08:00", "2026-10-31T23:00", "2026-11-03T23:00"),  # clocks are set back
        ("2026-12", "2026-12-01T09:00", "2026-12-31T23:00", "2027-01-03T23:00"),  # the year ends
        ("2027-01", "2027-01-05T09:00", "2027-01-31T23:00", "2027-02-03T23:00"),
        ("2027-03", "2027-03-02T09:00", "2027-03-31T22:00", "2027-04-03T22:00"),  # clocks are set forward
        ("2028-02", "2028-02-01T09:00", "2028-02-29T23:00", "2028-03-03T23:00"),  # a leap year
    ],
)
def test_months_open_and_close_by_the_organisations_clock(
    sqlite, small_railway, month, opens, closes, customers_close
):
    opening, closing, last = (
        datetime.fromisoformat(moment).replace(tzinfo=UTC) for moment in (opens, closes, customers_close)
    )
    day = date.fromisoformat(f"{month}-01")
    assert jobs.open_wave(opening - SECOND) == "no wave to open"
    assert jobs.open_wave(opening) == f"opened the wave of {month}"
    answered("north", {"queue": 500}, month=day)
    responded(sqlite, small_railway, day, delay=500)
    counted = closing + service.CASTING + service.ON_THEIR_WAY
    assert jobs.close_waves(counted - SECOND) == "no wave to count"
    assert jobs.close_waves(counted) == f"counted {month}: 1 scores"
    assert jobs.close_customer_months(last - SECOND) == "no month to close"
    assert jobs.close_customer_months(last) == f"closed {month}"


def test_a_clock_that_was_away_for_two_months_ends_with_all_of_them_counted(sqlite, small_railway):
    jobs.open_wave(OPENS)
    answered("north", {"queue": 500})
    for month in (date(2026, 10, 1), MONTH, date(2026, 12, 1)):
        responded(sqlite, small_railway, month, delay=500)
    january = datetime(2027, 1, 20, 12, tzinfo=UTC)
    assert jobs.close_waves(january) == "counted 2026-11: 1 scores"
    assert jobs.close_customer_months(january) == "closed 2026-10, 2026-11, 2026-12"
    assert jobs.open_wave(january) == "opened the wave of 2027-01"


# Killed


class Killed(BaseException):
    """Stands for the machine's end: nothing in the project catches it."""


@contextmanager
def dying(at: int) -> Iterator[None]:
    """The machine stops where the at-th transaction begins or is about to be committed.

    These are all the moments there are: one that dies within a transaction leaves what one leaves that dies
    at its beginning. Vacuuming, which is in none, lies between two of them.
    """
    left = iter(range(at, -1, -1))

    def moment(connection: object) -> None:
        if next(left) == 0:
            raise Killed

    engines = [place.engine for place in (main, urn, urn_tally, night)]
    for engine in engines:
        for name in ("begin", "commit"):
            event.listen(engine, name, moment)
    try:
        yield
    finally:
        for engine in engines:
            for name in ("begin", "commit"):
                event.remove(engine, name, moment)


def killed(work: Work, now: datetime, at: int) -> bool:
    """Run a job on a machine that stops; whether it did before the job was through."""
    try:
        with dying(at):
            work(now)
    except Killed:
        return True
    return False


def everything() -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables of both databases, but for keys: no two are the same."""
    found: dict[str, list[tuple[object, ...]]] = {}
    for place, base in ((main, Base), (urn, UrnBase)):
        with place.reading() as session:
            for table in base.metadata.sorted_tables:
                if table.name in KEYS:
                    rows = session.scalar(select(func.count()).select_from(table))
                    found[table.name] = [(rows,)]
                    continue
                found[table.name] = sorted((tuple(row) for row in session.execute(select(table))), key=repr)
    return found


def files() -> list[Path]:
    return [Path(make_url(str(place.engine.url)).database or "") for place in (main, urn)]


@contextmanager
def again_from_here() -> Iterator[Callable[[], None]]:
    """Gives a function that puts both databases back to how they are now (SQLite)."""
    engines: list[Engine] = [place.engine for place in (main, urn, urn_tally, night)]

    def still() -> None:
        with main.engine.connect() as connection:
            connection.exec_driver_sql("ROLLBACK")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.exec_driver_sql("BEGIN")
        for engine in engines:
            engine.dispose()

    still()
    kept = [file.read_bytes() for file in files()]

    def back() -> None:
        still()
        for file, content in zip(files(), kept, strict=True):
            file.write_bytes(content)

    yield back


def a_wave(railway: Railway, database: Database) -> None:
    jobs.open_wave(OPENS)
    took_part(railway, 6)
    answered("north", {"heating": 750, "queue": 500, "toilets": 250}, *[{"heating": 250}] * 5)


def customers(railway: Railway, database: Database) -> None:
    for score in (0, 250, 250, 1000, 1000):
        responded(database, railway, MONTH, delay=score, wifi=score)
    responded(database, railway, date(2026, 12, 1), delay=500)


def nothing(railway: Railway, database: Database) -> None:
    pass


def opened(railway: Railway, database: Database) -> None:
    jobs.open_wave(OPENS)


def erased(railway: Railway, database: Database) -> None:
    for score in (0, 250, 250, 1000, 1000, 1000):
        responded(database, railway, MONTH, delay=score)
    jobs.close_customer_months(DECEMBER_4)
    with database.writing() as session:
        one = session.scalars(select(Response).order_by(Response.id).limit(1)).one()
        erasure.erase(session, one, DECEMBER_4, also=())


CASES = {
    "open": (nothing, jobs.open_wave, OPENS, 1),
    "invite": (opened, jobs.invite_to_wave, OPENS, 4),
    "close and count": (a_wave, jobs.close_waves, CLOSED, 4),
    "count customers": (customers, jobs.count_responses, DECEMBER_4, 2),
    "close customers": (customers, jobs.close_customer_months, DECEMBER_4, 2),
    "count again": (erased, jobs.count_months_again, DECEMBER_4, 2),
}


@pytest.mark.parametrize("case", CASES)
def test_a_job_killed_anywhere_and_run_again_leaves_what_it_leaves_unkilled(
    sqlite, small_railway, case, monkeypatch
):
    monkeypatch.setattr(mails, "AT_ONCE", 12)
    prepare, work, now, fewest = CASES[case]
    prepare(small_railway, sqlite)
    with again_from_here() as back:
        work(now)
        expected = everything()
        at = 0
        back()
        while killed(work, now, at):
            work(now)
            assert everything() == expected, f"killed at moment {at}"
            back()
            at += 1
    assert at > fewest  # so it was killed at its beginning, at its end, and between


@pytest.mark.parametrize("case", CASES)
def test_a_job_killed_again_and_again_a_little_later_gets_there_in_the_end(
    database, railway, case, monkeypatch
):
    monkeypatch.setattr(mails, "AT_ONCE", 12)
    prepare, work, now, _ = CASES[case]
    prepare(railway, database)
    at = 0
    while killed(work, now, at):
        at += 1
    done = everything()
    assert done["message"] == [] or len(done["message"]) == 30
    if case.startswith("close"):
        assert len(done["closed_month"]) == 1
        assert [row[4] for row in done["measured_cell"]] == ([6] if work is jobs.close_waves else [5, 5])
    work(now)
    assert everything() == done


# Side by side


def test_a_fix_registered_while_a_wave_is_open_changes_no_question(database, railway):
    jobs.open_wave(OPENS)
    before = everything()["wave_question"]
    with main.writing() as session:
        railway.session = session
        railway.fix("wifi", started=date(2026, 11, 10))
    jobs.open_wave(OPEN)
    assert everything()["wave_question"] == before


def test_an_answer_sent_while_customers_are_being_counted_is_in_the_next_count(database, railway):
    responded(database, railway, MONTH, delay=500)
    jobs.count_responses(OPEN)
    responded(database, railway, MONTH, delay=0)
    jobs.count_responses(OPEN + timedelta(hours=1))
    assert contributions(Side.CUSTOMER)["delay", "station"] == ("responses", 2, 500, 250_000)


def test_every_job_says_in_one_line_that_there_is_nothing_to_do(sqlite):
    said = {job.name: job.work(datetime(2026, 11, 3, 10, tzinfo=PARIS)) for job in wiring.JOBS}
    assert said == {
        "open the wave": "no wave to open",
        "invite to the wave": "no open wave",
        "remind of the wave": "no open wave",
        "forget mails of waves": "0 mails of waves deleted",
        "close and count waves": "no wave to count",
        "make keys": "0 keys made",
        "destroy keys": "0 keys destroyed",
        "write the urn anew": "nothing to write anew",
        "purge": "purged nothing",
        "forget customers": "0 interactions deleted, 0 parted from their customer, 0 contacts forgotten",
        "count responses": "0 open months counted",
        "close customer months": "no month to close",
        "count months again": "no month to count again",
        "forget messages": "0 messages to customers deleted",
        "open cases": "0 cases opened",
        "forget cases": "0 customers of cases and the words of 0 answers forgotten",
        "tell customers": "nobody to tell",
        "group words": "en: 0 proposals open from 0 answers; fr: 0 proposals open from 0 answers",
        "forget arrivals": "old salts and counts forgotten",
        "forget folders": "0 folders forgotten",
        "forget alerts": "0 warnings and 0 runs forgotten",
    }


def test_the_sending_job_sends_what_the_invitation_queued(sqlite, small_railway, caplog):
    jobs.open_wave(OPENS)
    jobs.invite_to_wave(OPENS)
    with caplog.at_level("INFO", logger="surveys.delivery"):
        assert jobs.send_messages(OPENS) == "30 logged"
    assert "message to north0@example.org: 5 questions about your work, less than a minute" in caplog.text
    with sqlite.reading() as session:
        assert {message.state.value for message in session.scalars(select(Message))} == {"logged"}
