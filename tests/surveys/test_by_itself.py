"""Months go by, and nobody touches anything: waves open, are answered, close, are counted, concluded, shown.

The clock is run at accelerated time from October to January, across the end of summer time and of the year.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

import demo
import pulse.wiring
import surveys.wiring
from pulse.db import main, night, reading, writing
from pulse.ledger import store
from pulse.ledger.models import Contribution, ReleasedCell, Source
from pulse.organisation.models import Measure, Serving, Side, Team, Touchpoint
from pulse.outbox.models import Message
from pulse.people import login
from pulse.people import service as people
from pulse.people.models import Grant, Person
from pulse.scheduler import Run, RunState, run_due
from pulse.verdicts.models import Look
from surveys.ballots.urn import urn, urn_tally
from surveys.imports.load import load
from surveys.invitations import service as invitations
from surveys.waves.models import Wave, WaveQuestion, WaveState, WaveTeam
from tests.conftest import Addresses, made
from tests.surveys.ballots.voter import cast, voter
from tests.surveys.conftest import PARIS
from tests.surveys.responses.conftest import filled, listed

JOBS = (*surveys.wiring.JOBS, *pulse.wiring.JOBS)
TEAMS, PEOPLE = 4, 11  # teams of people who answer, and people of each
MONTHS = [date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)]
AWAY = [(date(2026, 11, 30), date(2026, 12, 2)), (date(2027, 1, 1), date(2027, 1, 2))]  # no clock runs


@pytest.fixture
def app(sqlite_addresses: Addresses) -> Iterator[Flask]:
    """The application on each engine."""
    yield made(sqlite_addresses)  # on PostgreSQL a month goes by in test_end_to_end and test_web_role
    for database in (main, night, urn, urn_tally):
        database.close()


@pytest.fixture
def company(app: Flask, tmp_path: Path) -> list[str]:
    """A made-up railway with a year behind it; the codes of the teams whose people Pulse knows."""
    demo.write(demo.company(people=150, months=8, seed=7, last_month=date(2026, 9, 1)), tmp_path)
    with writing() as session:
        load(session, tmp_path)
        serving = select(Team).join(Serving, Serving.team_id == Team.id).distinct().order_by(Team.code)
        teams = session.scalars(serving).all()[:TEAMS]
        for team in teams:
            for number in range(PEOPLE):
                person = people.add(session, f"{team.code}{number}@example.org", language="en")
                people.join(session, person, team, since=date(2026, 9, 1))
        ana = people.add(session, "ana@example.org", language="en")
        people.grant(session, ana, Grant.ANALYST)
        return [team.code for team in teams]


def moments(first: date, last: date) -> Iterator[datetime]:
    """Half past ten, by the wall clock, of the days on which something happens, and of one between."""
    day = first
    while day <= last:
        if (day.day in (1, 2, 3, 4, 6, 12) or day.day >= 29) and not any(
            gone <= day <= back for gone, back in AWAY
        ):
            yield datetime.combine(day, time(10, 30), PARIS)
        day += timedelta(days=1)


def tick(now: datetime) -> dict[str, str]:
    """Two clocks look at the same moment: what was reported, once for each job."""
    first = {job.name: run_due(main, job, now) for job in JOBS}
    second = {job.name: run_due(main, job, now) for job in JOBS}
    assert set(second.values()) == {None}, "what one clock has run, the other does not run again"
    return {name: report for name, report in first.items() if report is not None}


def employees_answer(app: Flask, teams: list[str], now: datetime) -> None:
    """Ten of the eleven people of each team draw a ballot and cast it."""
    with reading() as session:
        rows = (
            select(Team.code, Measure.code)
            .select_from(WaveQuestion)
            .join(Wave, Wave.id == WaveQuestion.wave_id)
            .join(Team, Team.id == WaveQuestion.unit_id)
            .join(Measure, Measure.id == WaveQuestion.measure_id)
            .where(Wave.state == WaveState.OPEN, Wave.closes_at > now)
        )
        asked: dict[str, list[str]] = {}
        for unit, measure in session.execute(rows):
            asked.setdefault(unit, []).append(measure)
    for team in teams:
        for number in range(PEOPLE - 1):
            ballot = voter(app, f"{team}{number}@example.org", now).draw()
            answers = {code: str((number + place) % 5) for place, code in enumerate(asked[ballot["unit"]])}
            reply = cast(app, ballot | {"answers": answers, "comment": ""})
            assert reply.get_json() == {"status": "counted"}


def customers_answer(app: Flask, now: datetime) -> None:
    """A few customers of each touchpoint say what bothered them, by their links."""
    with writing() as session:
        links = [
            invitations.invite(
                session, code, interaction=f"{code}{number}{now:%Y%m}", happened_on=now.date(), now=now
            )
            for code in session.scalars(select(Touchpoint.code).order_by(Touchpoint.code).limit(3))
            for number in range(6)
        ]
    for link in links:
        page = app.test_client().get(f"/r/{link}").text
        bothered = dict.fromkeys(listed(page), "2")
        with time_machine.travel(now + timedelta(seconds=20), tick=False):
            reply = app.test_client().post(f"/r/{link}", data=filled(page, **bothered))
        assert reply.status_code == 303


def page(app: Flask, address: str) -> str:
    """A page as the analyst sees it."""
    client = app.test_client()
    with reading() as session:
        ana = session.query(Person).filter_by(email="ana@example.org").one()
        who = login.key_of(ana)
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = who, True
    reply = client.get(address)
    assert reply.status_code == 200
    return reply.text


def gone_by(app: Flask, teams: list[str], last: date, told: Callable[[str], None]) -> None:
    """The clock runs from the end of September on, and people answer on the 12th of each month."""
    answered = set()
    for now in moments(date(2026, 9, 29), last):
        with time_machine.travel(now, tick=False):
            for report in tick(now).values():
                told(report)
            if now.day >= 12 and now.month not in answered and now.month >= 10:
                answered.add(now.month)
                employees_answer(app, teams, now.astimezone(UTC))
                customers_answer(app, now.astimezone(UTC))


def test_waves_come_and_go_with_nobody_touching_anything(app, company):
    reports: list[str] = []
    gone_by(app, company, date(2027, 1, 6), reports.append)

    with reading() as session:
        failed = session.execute(select(Run.job, Run.report).where(Run.state != RunState.DONE)).all()
        waves = session.scalars(select(Wave).order_by(Wave.month)).all()
        units = session.scalar(select(func.count(WaveTeam.unit_id.distinct())).where(WaveTeam.people > 0))
    assert failed == []
    assert units == TEAMS
    tallied = {wave.month: wave for wave in waves if wave.state is WaveState.TALLIED}
    assert list(tallied) == MONTHS
    # Opened as planned, but for December: its Tuesday was the first of the two days on which no clock ran.
    assert [wave.opens_at.astimezone(PARIS).isoformat() for wave in tallied.values()] == [
        "2026-10-06T10:00:00+02:00",
        "2026-11-03T10:00:00+01:00",
        "2026-12-03T10:30:00+01:00",
    ]
    assert [wave.closes_at.astimezone(PARIS).isoformat() for wave in tallied.values()] == [
        "2026-11-01T00:00:00+01:00",
        "2026-12-01T00:00:00+01:00",
        "2027-01-01T00:00:00+01:00",
    ]
    states = {wave.month: wave.state for wave in waves if wave.month not in tallied}
    assert states[date(2027, 1, 1)] is WaveState.OPEN
    assert [month for month, state in states.items() if state is WaveState.PLANNED] == [
        date(2027, 2, 1),
        date(2027, 3, 1),
        date(2027, 4, 1),
    ]
    assert [report for report in reports if report.startswith("opened")] == [
        f"opened the wave of {month}" for month in ("2026-10", "2026-11", "2026-12", "2027-01")
    ]
    _everybody_was_told_once_and_reminded_twice()
    _figures_are_counted_released_and_concluded_from()

    shown = page(app, "/dashboard?lang=en")
    assert "December 2026" in shown
    assert "counted" in page(app, "/waves?lang=en")
    with reading() as session:
        fix = session.scalars(select(Look.as_of).order_by(Look.as_of.desc())).first()
    assert fix == date(2026, 12, 31)


def _everybody_was_told_once_and_reminded_twice() -> None:
    with reading() as session:
        keys = session.scalars(select(Message.key).where(Message.key.like("wave:%"))).all()
    # October's were deleted a month after its end.
    december = [key for key in keys if key.startswith("wave:2026-12")]
    invited = [key for key in december if ":reminder:" not in key]
    assert len(invited) == TEAMS * PEOPLE
    for turn in (1, 2):
        assert len([key for key in december if f":reminder:{turn}:" in key]) == TEAMS  # who drew no ballot
    assert not [key for key in keys if key.startswith("wave:2026-10")]


def _figures_are_counted_released_and_concluded_from() -> None:
    with reading() as session:
        for side in Side:
            assert list(store.closed_months(session, side))[-3:] == MONTHS
        tallied = select(Contribution.month, func.sum(Contribution.n)).where(
            Contribution.source == Source.TALLY
        )
        counted = dict(session.execute(tallied.group_by(Contribution.month)).all())
        # October's five questions are four irritants and the recommendation, which offers no "4.5".
        assert counted == dict.fromkeys(MONTHS, TEAMS * (PEOPLE - 1) * 5)
        released = select(ReleasedCell.month).where(
            ReleasedCell.side == Side.EMPLOYEE, ReleasedCell.month.in_(MONTHS)
        )
        assert set(session.scalars(released)) == set(MONTHS)
        looks = set(session.scalars(select(Look.as_of)))
    assert {date(2026, 10, 31), date(2026, 11, 30), date(2026, 12, 31)} <= looks
