"""The made-up company can be tried out on any day, the last evening of a year included."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
import time_machine
from sqlalchemy import select

from config import settings
from pulse.db import reading
from pulse.heard.models import Heard
from pulse.organisation.models import Side, Team
from pulse.people import service as people
from surveys import demonstration, jobs, telling
from surveys.ballots import issuing
from surveys.waves.models import Wave, WaveState
from tests.conftest import SECRET
from tests.pulse.dashboards.told import ANALYST, NOW
from tests.pulse.dashboards.told import tell as tell_company
from tests.surveys.conftest import PARIS

EVENING = datetime(2026, 12, 31, 22, 30, tzinfo=UTC)  # half past eleven in Paris


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("PULSE_SECRET_KEY", SECRET)
    settings.cache_clear()
    yield
    settings.cache_clear()


def place(now: datetime) -> issuing.Place:
    """Where the made-up employee may answer."""
    with reading() as session:
        employee = people.person(session, demonstration.ACCOUNTS[0].email)
        assert employee is not None
        return issuing.place(session, employee.id, now, zone=PARIS)


def test_there_is_something_to_answer_at_once_and_again_after_midnight(sqlite, capsys):
    with time_machine.travel(EVENING, tick=False) as clock:
        demonstration.show(60, 6, 3, out=None, if_empty=True)
        assert place(EVENING).wave.month == date(2026, 12, 1)
        clock.move_to(datetime(2026, 12, 31, 23, 10, tzinfo=UTC))
        midnight = datetime.now(UTC)
        assert jobs.open_wave(midnight) == "opened the wave of 2027-01"
        assert place(midnight).wave.month == date(2027, 1, 1)
        demonstration.show(60, 6, 3, out=None, if_empty=True)
    with reading() as session:
        planned = select(Wave.month).where(Wave.state == WaveState.PLANNED).order_by(Wave.month)
        assert session.scalars(planned).all() == [date(2027, month, 1) for month in (2, 3, 4)]
        assert session.scalars(select(Team)).first() is not None
    assert "employee" in capsys.readouterr().out


def test_what_was_done_is_told_to_both_sides_and_no_team_is_named_to_customers(sqlite):
    with sqlite.writing() as session:
        tell_company(session)
        by = people.person(session, ANALYST)
        assert by is not None
        telling.tell(session, now=NOW, by=by.id)
        told = {(one.fix.code, one.side) for one in session.scalars(select(Heard)) if one.published_at == NOW}

    assert {code for code, _ in told} == {"live-displays", "refund-48h"}
    assert ("live-displays", Side.CUSTOMER) in told
