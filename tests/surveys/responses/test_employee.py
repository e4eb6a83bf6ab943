"""The right to answer is used up once, and no wave closes while an answer is on its way to the urn."""

import threading
from datetime import date, timedelta

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError

from pulse.db import Database
from surveys.responses import employee
from surveys.waves.models import Issued
from surveys.waves.service import close_due, open_due
from tests.surveys.conftest import CLOSED, MONTH, OPEN, OPENS, OVER, PARIS


@pytest.fixture
def somebody(database, railway) -> int:
    """The id of somebody in the south; the November wave is open."""
    with database.writing() as session:
        open_due(session, OPENS, zone=PARIS, k=5)
    return next(person.id for person in railway.people if person.email.startswith("south"))


def test_what_travels_with_a_ballot_is_the_month_and_the_unit(database, somebody):
    with database.writing() as session:
        admitted = employee.admit(session, somebody, OPEN, zone=PARIS)
    assert admitted == employee.Admission(MONTH, "south")


def test_of_many_windows_at_once_one_may_answer(database, somebody):
    won: list[employee.Admission] = []
    together = threading.Barrier(5, timeout=20)

    def race() -> None:
        together.wait()
        try:
            with database.writing() as session:
                admitted = employee.admit(session, somebody, OPEN, zone=PARIS)
            won.append(admitted)
        except employee.AlreadyAnswered:
            pass

    racers = [threading.Thread(target=race) for _ in range(5)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert len(won) == 1
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Issued)) == 1


@pytest.fixture
def impatient(database, addresses):
    """The same database, by connections that fail where they would have to wait for a lock."""
    found, lite = Database(), addresses.main.startswith("sqlite")
    found.connect(addresses.main + ("" if lite else "?options=-c%20lock_timeout%3D1"))
    if lite:
        event.listen(found.engine, "connect", lambda made, _: made.execute("PRAGMA busy_timeout = 0"))
    yield found
    found.close()


def test_a_wave_does_not_close_while_an_answer_is_on_its_way_to_the_urn(database, somebody, impatient):
    with database.writing() as answering:
        employee.admit(answering, somebody, OVER - timedelta(hours=2), zone=PARIS)
        with pytest.raises(OperationalError, match="lock"), impatient.writing() as session:
            close_due(session, CLOSED)
    with impatient.writing() as session:
        assert close_due(session, CLOSED) == [MONTH]


def test_nobody_is_let_in_once_the_wave_is_closed_or_over(database, somebody):
    for close in (False, True):
        if close:
            with database.writing() as session:
                close_due(session, CLOSED)
        with database.writing() as session, pytest.raises(employee.WaveClosed) as closed:
            employee.admit(session, somebody, OVER, zone=PARIS)
        assert closed.value.opens == date(2026, 12, 1)
