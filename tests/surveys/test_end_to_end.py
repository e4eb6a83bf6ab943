"""An answer's whole way, by real requests: both sides answer, the month closes, and the night uses it."""

import random
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

import numpy as np
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from pulse.correlation.panel import Panel
from pulse.db import Database, main, night
from pulse.ledger import store
from pulse.ledger.models import Contribution, MeasuredCell, Source
from pulse.months import between, last_day, shifted
from pulse.organisation.models import Irritant, Place, Side
from pulse.people import service as people
from pulse.people.models import Grant
from pulse.scheduler import run_due
from pulse.verdicts import company
from pulse.verdicts.models import Verdict
from pulse.verdicts.nightly import correlate
from surveys.ballots.urn import urn, urn_tally
from tests.conftest import Addresses, made
from tests.surveys.conftest import MONTH, PARIS, built
from tests.surveys.responses.conftest import answered, filled, hidden

FIRST = date(2024, 11, 1)  # of the months known from before; the last one is October 2026
PASSWORD = "correct horse battery staple"
STAFF = [f"north{number}@example.org" for number in range(6)]
ANALYST = "south0@example.org"
LANDED = (
    "4",
    "4",
    "3",
    "3",
    "3",
    "none",
)  # what the six say about the queue: enormously, a lot, not concerned
BOTHERED = ("4", "4", "3", "4", "4", "4")


def local(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=PARIS)


@pytest.fixture
def time() -> Iterator[time_machine.Traveller]:
    """It is October 2026, until the test moves on."""
    with time_machine.travel(local(2026, 10, 20, 12), tick=False) as traveller:
        yield traveller


@pytest.fixture
def app(addresses: Addresses, time: time_machine.Traveller) -> Iterator[Flask]:
    """The application on each engine, over the railway and two years of its past."""
    app = made(addresses)
    with main.writing() as session:
        built(session)
        for email in (*STAFF, ANALYST):
            person = people.add(session, email, password=PASSWORD)
        people.grant(session, person, Grant.ANALYST)
    known_from_before(main)
    yield app
    for database in (main, night, urn, urn_tally):
        database.close()


def known_from_before(database: Database) -> None:
    """Two years of sums on both sides, as a company folder brings them: the fix of June helped customers."""
    chance = random.Random(1)

    def cell(measure: int, place: int, n: int, points: float) -> store.Sum:
        scores = [250 * min(4, max(0, round(chance.gauss(points, 2.5) / 2.5))) for _ in range(n)]
        return store.Sum(measure, place, n, sum(scores), sum(score * score for score in scores))

    with database.writing() as session:
        irritants = {row.code: row.id for row in session.scalars(select(Irritant)) if row.code != "hold"}
        places = {row.code: row.id for row in session.scalars(select(Place))}
        for month in (shifted(FIRST, by) for by in range(between(FIRST, MONTH))):
            better = 3.0 if month >= date(2026, 6, 1) else 0.0
            sides = {
                Side.CUSTOMER: [
                    cell(measure, places["station"], 40, 6.0 - better * (code == "queue"))
                    for code, measure in irritants.items()
                ],
                Side.EMPLOYEE: [
                    cell(measure, places[team], 12, 3.0)
                    for team in ("north", "south")
                    for measure in irritants.values()
                ],
            }
            for side, sums in sides.items():
                store.replace(session, side, month, Source.LOADED, sums)
                store.close(session, side, month, k=5, now=local(2026, 10, 20, 12))


@pytest.fixture
def clock(app: Flask, time: time_machine.Traveller) -> Callable[[datetime], dict[str, str]]:
    """Moves the time on, and lets the clock look at every job; what those that ran reported."""

    def look(moment: datetime) -> dict[str, str]:
        time.move_to(moment)
        jobs = app.extensions["pulse.jobs"]
        reports = {job.name: run_due(main, job, datetime.now(PARIS)) for job in jobs}
        return {name: report for name, report in reports.items() if report is not None}

    return look


def signed_in(app: Flask, email: str) -> FlaskClient:
    """The browser of somebody who came in by the door."""
    browser = app.test_client()
    entered = {"email": email, "password": PASSWORD}
    assert browser.post("/sign-in", data=hidden(browser.get("/sign-in").text) | entered).status_code == 303
    return browser


def employee_answers(app: Flask, email: str, landed: str) -> None:
    """Signs in, opens the pulse, answers and is thanked."""
    browser = signed_in(app, email)
    told = answered(app, browser, "0", **{"q-queue": landed, "comment": "Said."})
    assert "Your answers have arrived" in told


def customer_answers(app: Flask, time: time_machine.Traveller, number: int, bothered: str) -> str:
    """Gets a link from the command line, opens it, answers and is thanked; no cookie is set on the way.

    Where the answer can be erased.
    """
    invited = app.test_cli_runner().invoke(args=["invite", "station", "--interaction", f"call-{number}"])
    link = invited.output.strip().removeprefix("http://127.0.0.1:8000")
    browser: FlaskClient = app.test_client()
    page = browser.get(f"{link}?lang=en").text
    time.shift(timedelta(seconds=20))
    reply = browser.post(f"{link}?lang=en", data=filled(page, queue=bothered))
    assert reply.status_code == 303
    assert "Your answers have arrived." in browser.get(reply.location).text
    assert not browser._cookies
    return reply.location.replace("/r/thanks/", "/erase/").partition("?")[0]


def about_the_queue(side: Side, table: type[Contribution | MeasuredCell]) -> list[tuple[str, int, int, int]]:
    """Place, answers, total and squares of November's rows about the queue, in hundredths of a point."""
    rows = (
        select(Place.code, table.n, table.total, table.squares)
        .join(Place, Place.id == table.place_id)
        .join(Irritant, Irritant.id == table.measure_id)
        .where(table.side == side, table.month == MONTH, Irritant.code == "queue")
    )
    with main.reading() as session:
        return [tuple(row) for row in session.execute(rows)]


def forget(side: Side, source: Source) -> None:
    """Take what a source counted for November out of the ledger again."""
    with main.writing() as session:
        store.replace(session, side, MONTH, source, [])
        store.close(session, side, MONTH, k=5, now=datetime.now(PARIS))


def cell(
    seen: company.Company, panel: Panel | None, places: company.Numbering, code: str
) -> tuple[int, float]:
    """Answers and mean, in points, of what the night sees about the queue in its last month at one place."""
    assert panel is not None
    place, measure = places.codes.index(code), seen.measures.codes.index("queue")
    [row] = np.flatnonzero((panel.place == place) & (panel.measure == measure))
    return int(panel.n[row, -1]), float(panel.mean[row, -1])


def verdicts() -> list[Verdict]:
    """What was said of the fix at the end of November, first revision first."""
    with main.reading() as session:
        rows = select(Verdict).where(Verdict.as_of == last_day(MONTH)).order_by(Verdict.revision)
        return list(session.scalars(rows))


def test_what_both_sides_answer_is_what_the_night_after_the_close_concludes_from(app, clock, time):
    assert clock(local(2026, 11, 3, 3))["correlate"] == "1 verdicts for 2026-10"

    # November: the wave opens, six people of the north and six customers of the station answer.
    assert clock(local(2026, 11, 3, 10))["open the wave"] == "opened the wave of 2026-11"
    clock(local(2026, 11, 9, 11))
    for email, landed in zip(STAFF, LANDED, strict=True):
        employee_answers(app, email, landed)
    links = [customer_answers(app, time, number, bothered) for number, bothered in enumerate(BOTHERED)]

    # While the month lasts, customers' answers are counted, and of employees' nothing leaves the urn.
    clock(local(2026, 11, 30, 23))
    assert about_the_queue(Side.CUSTOMER, Contribution) == [("station", 6, 5750, 5_562_500)]
    assert about_the_queue(Side.EMPLOYEE, Contribution) == []

    # It ends: ballots are taken for a day more and then counted, customers' month closes two days later, and
    # then comes the night.
    assert clock(local(2026, 12, 1, 0, 1))["close and count waves"] == "no wave to count"
    reports = clock(local(2026, 12, 2, 0, 16))
    assert reports["close and count waves"] == "counted 2026-11: 29 scores"
    assert about_the_queue(Side.EMPLOYEE, MeasuredCell) == [("north", 5, 4250, 3_687_500)]
    assert about_the_queue(Side.CUSTOMER, MeasuredCell) == []
    assert clock(local(2026, 12, 3, 3))["correlate"] == "every closed month has been concluded already"
    assert clock(local(2026, 12, 4, 0, 1))["close customer months"] == "closed 2026-11"
    assert about_the_queue(Side.CUSTOMER, MeasuredCell) == [("station", 6, 5750, 5_562_500)]
    assert clock(local(2026, 12, 4, 2, 1))["correlate"] == "1 verdicts for 2026-11"

    # What the night saw of November are these answers, in points.
    with night.reading() as session:
        seen = company.read(session)
    assert cell(seen, seen.staff, seen.teams, "north") == (5, 8.5)
    assert cell(seen, seen.customers, seen.touchpoints, "station") == (6, pytest.approx(57.5 / 6))
    [said] = verdicts()
    assert said.staff_effect is not None
    assert said.customer_effect is not None
    page = signed_in(app, ANALYST).get("/fixes/fix-queue?lang=en").text
    assert "November 2026" in page

    # And it is them that it concluded from. Two customers erase theirs: the month is counted again, what is
    # left is too few to be measured, and the next night says so in a revision; the first word stays.
    for link in links[:2]:
        assert app.test_client().post(link).status_code == 303
    reports = clock(local(2026, 12, 4, 13))
    assert reports["count months again"] == "counted again 2026-11"
    assert about_the_queue(Side.CUSTOMER, Contribution) == [("station", 4, 3750, 3_562_500)]
    assert about_the_queue(Side.CUSTOMER, MeasuredCell) == []
    assert clock(local(2026, 12, 5, 3))["correlate"] == "1 verdicts for 2026-11"
    first, revised = verdicts()
    assert (first.revision, revised.revision) == (0, 1)
    assert first.customer_effect == said.customer_effect
    assert revised.staff_effect == said.staff_effect
    assert (revised.customer_effect, revised.customer_low) != (said.customer_effect, said.customer_low)

    # Without the employees' answers, the same night says something else of them too.
    forget(Side.EMPLOYEE, Source.TALLY)
    correlate(night, now=local(2026, 12, 6, 3))
    assert verdicts()[-1].staff_effect < said.staff_effect
