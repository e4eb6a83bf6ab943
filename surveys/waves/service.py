"""The wave of a month: opened by the clock with its tree and questions frozen, closed a day after its end."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, insert, or_, select, update
from sqlalchemy.orm import Session

from pulse.ledger.models import ClosedMonth
from pulse.months import between, month_of, shifted
from pulse.organisation.models import Fix, Irritant, Side, Team
from pulse.people.models import Membership, Person
from surveys.questions.landing import LANDING
from surveys.waves.allocation import questions
from surveys.waves.asked import asked_codes
from surveys.waves.calendar import closing, opening
from surveys.waves.models import Wave, WaveQuestion, WaveState, WaveTeam
from surveys.waves.units import ballot_units

CASTING = timedelta(days=1)  # ballots drawn in time may still be cast so long after nobody draws any more
ON_THEIR_WAY = timedelta(minutes=15)  # between closing and counting: the urn may still be writing a ballot
FIRST_TURN = date(2000, 1, 1)  # turns are counted from here, so that a month has the same turn for ever


def open_due(session: Session, now: datetime, *, zone: ZoneInfo, k: int) -> Wave | None:
    """Open this month's wave when its time has come; None where there is nothing to open.

    zone -- the organisation's time zone
    k -- smallest group whose scores will be shown; frozen now and told to those who answer

    A month that was closed already (its answers came in a company folder) gets no wave, nor does an
    organisation in which nobody belongs to a team. Raises IntegrityError where another clock was faster.
    """
    month = month_of(now.astimezone(zone).date())
    wave = session.scalar(select(Wave).where(Wave.month == month)) or Wave(
        month=month,
        opens_at=opening(month, zone),
        closes_at=closing(month, zone),
        state=WaveState.PLANNED,
        threshold=k,
    )
    people = attached(session, now.astimezone(zone).date())
    if wave.state is not WaveState.PLANNED or not wave.opens_at <= now < wave.closes_at or not people:
        return None
    if session.get(ClosedMonth, (Side.EMPLOYEE, month)) is not None:
        return None
    wave.state, wave.threshold = WaveState.OPEN, k
    session.add(wave)
    session.flush()
    _freeze(session, wave, people)
    return wave


def _freeze(session: Session, wave: Wave, people: Mapping[int, int]) -> None:
    parents = open_tree(session, wave.month)
    units = ballot_units(parents, people)
    tree = [
        {
            "wave_id": wave.id,
            "team_id": team,
            "unit_id": units[team],
            "parent_id": parent,
            "people": people.get(team, 0),
        }
        for team, parent in parents.items()
    ]
    if tree:
        session.execute(insert(WaveTeam), tree)
    asked = list(_questions(session, wave, units, people))
    if asked:
        session.execute(insert(WaveQuestion), asked)


def _questions(
    session: Session, wave: Wave, units: Mapping[int, int], people: Mapping[int, int]
) -> list[dict[str, object]]:
    """The rows of wave_question: the same irritants, in the same order, for everybody of a unit."""
    asked, running = asked_codes(session, wave.month), running_codes(session, wave.month)
    by_unit: dict[int, set[str]] = defaultdict(set)
    for team, unit in units.items():
        if people.get(team):
            by_unit[unit] |= asked.get(team, set())
    known = {irritant.code: irritant for irritant in session.scalars(select(Irritant))}
    turn = between(FIRST_TURN, wave.month)
    rows: list[dict[str, object]] = []
    for start, unit in enumerate(sorted(by_unit)):
        chosen = questions(by_unit[unit], running, turn=turn + start)
        where = {"wave_id": wave.id, "unit_id": unit}
        rows += [where | {"position": i} | _frozen(known[code]) for i, code in enumerate(chosen)]
    return rows


def _frozen(irritant: Irritant) -> dict[str, object]:
    return {
        "measure_id": irritant.id,
        "kind": LANDING.name,
        "words_en": irritant.employee_question_en,
        "words_fr": irritant.employee_question_fr,
    }


def open_tree(session: Session, month: date) -> dict[int, int | None]:
    """The teams open in a month to the nearest open team each reports to, in the order of their codes."""
    rows = session.execute(
        select(Team.id, Team.parent_id, Team.opened, Team.closed).order_by(Team.code)
    ).all()
    above = {row.id: row.parent_id for row in rows}
    there = {
        row.id
        for row in rows
        if (row.opened is None or row.opened <= month) and (row.closed is None or row.closed > month)
    }

    def nearest(team: int | None) -> int | None:
        while team is not None and team not in there:
            team = above[team]
        return team

    return {row.id: nearest(row.parent_id) for row in rows if row.id in there}


def attached(session: Session, day: date) -> dict[int, int]:
    """How many people belong to each team itself on a day."""
    rows = (
        select(Membership.team_id, func.count(Membership.person_id.distinct()))
        .join(Person, Person.id == Membership.person_id)
        .where(current(day), Person.disabled_at.is_(None))
        .group_by(Membership.team_id)
    )
    return dict(session.execute(rows).all())


def current(day: date) -> ColumnElement[bool]:
    """The condition that a membership holds on a day."""
    return (Membership.since <= day) & or_(Membership.until.is_(None), Membership.until >= day)


def running_codes(session: Session, month: date) -> set[str]:
    """Codes of the irritants that a fix acts on in a month."""
    rows = (
        select(Irritant.code)
        .join(Fix, Fix.irritant_id == Irritant.id)
        .where(Fix.started < shifted(month, 1), or_(Fix.stopped.is_(None), Fix.stopped >= month))
    )
    return set(session.scalars(rows))


def taking_answers(session: Session, now: datetime) -> Wave | None:
    """The wave that lets people draw a ballot now: none once it is over, even if the clock is away."""
    return session.scalar(
        select(Wave).where(Wave.state == WaveState.OPEN, Wave.opens_at <= now, Wave.closes_at > now)
    )


def taking_ballots(session: Session, month: date, now: datetime) -> Wave | None:
    """The wave of a month while its ballots may be cast: until a day after the last could be drawn."""
    return session.scalar(
        select(Wave).where(
            Wave.month == month,
            Wave.state == WaveState.OPEN,
            Wave.opens_at <= now,
            Wave.closes_at > now - CASTING,
        )
    )


def close_due(session: Session, now: datetime) -> list[date]:
    """Take no more ballots for the waves whose time of casting is over; their months."""
    over = (
        update(Wave)
        .where(Wave.state == WaveState.OPEN, Wave.closes_at <= now - CASTING)
        .values(state=WaveState.CLOSED)
        .returning(Wave.month)
    )
    return sorted(session.scalars(over))


def to_be_tallied(session: Session, now: datetime) -> list[date]:
    """Months of the closed waves that may be counted by now and are not yet, earliest first."""
    closed = Wave.state == WaveState.CLOSED
    arrived = Wave.closes_at <= now - CASTING - ON_THEIR_WAY
    return list(session.scalars(select(Wave.month).where(closed, arrived).order_by(Wave.month)))
