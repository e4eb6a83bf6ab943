"""The wave of a month: opened by the clock with its tree and questions frozen, closed a day after its end."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, insert, or_, select, update
from sqlalchemy.orm import Session

from pulse.ledger.models import ClosedMonth
from pulse.months import month_of, shifted
from pulse.organisation.models import Fix, Irritant, Side
from pulse.organisation.trees import open_tree
from pulse.people.models import AnswersBy, Membership, Person
from surveys.waves import questions
from surveys.waves.models import Wave, WaveQuestion, WaveState, WaveTeam
from surveys.waves.planning import plan_ahead
from surveys.waves.units import ballot_units

CASTING = timedelta(days=1)  # ballots drawn in time may still be cast so long after nobody draws any more
ON_THEIR_WAY = timedelta(minutes=15)  # between closing and counting: the urn may still be writing a ballot


def open_due(session: Session, now: datetime, *, zone: ZoneInfo, k: int) -> Wave | None:
    """Plan waves ahead, and open this month's when its time has come; None where there is nothing to open.

    zone -- the organisation's time zone
    k -- smallest group whose scores will be shown; frozen now and told to those who answer

    Everything is frozen: the tree, the units, k, and the questions with their words. A wave that a clock
    opens on a later day than planned has opened on that day. A month that was closed already (its answers
    came in a company folder) gets no wave, nor does an organisation in which nobody belongs to a team.
    """
    plan_ahead(session, now, zone=zone, k=k)
    day = now.astimezone(zone).date()
    if session.scalar(select(Wave.id).where(*_due(month_of(day), now))) is None:
        return None
    closed = ClosedMonth.side == Side.EMPLOYEE, ClosedMonth.month == month_of(day)
    if session.scalar(select(ClosedMonth.month).where(*closed)) is not None:
        return None
    drawing = attached(session, day)
    everybody = attached(session, day, by_code=True)
    if not everybody:
        return None
    wave = _claimed(session, month_of(day), now, k)
    if wave is None:
        return None
    if wave.opens_at.astimezone(zone).date() < day:
        wave.opens_at = now
    parents = open_tree(session, wave.month)
    units = ballot_units(parents, drawing)
    _freeze(session, wave, parents, units, drawing)
    _ask(session, wave, units, everybody, day)
    return wave


def _due(month: date, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """The condition that a month's wave is to be opened now."""
    return Wave.month == month, Wave.state == WaveState.PLANNED, Wave.opens_at <= now, Wave.closes_at > now


def _claimed(session: Session, month: date, now: datetime, k: int) -> Wave | None:
    """The wave of a month if it is due and nobody else opened it: one statement, one winner."""
    opened = {"state": WaveState.OPEN, "threshold": k}
    mine = update(Wave).where(*_due(month, now)).values(**opened).returning(Wave)
    return session.scalar(mine)


def _freeze(
    session: Session,
    wave: Wave,
    parents: Mapping[int, int | None],
    units: Mapping[int, int],
    drawing: Mapping[int, int],
) -> None:
    tree = [
        {
            "wave_id": wave.id,
            "team_id": team,
            "unit_id": units[team],
            "parent_id": parent,
            "people": drawing.get(team, 0),
        }
        for team, parent in parents.items()
    ]
    if tree:
        session.execute(insert(WaveTeam), tree)


def _ask(
    session: Session, wave: Wave, units: Mapping[int, int], people: Mapping[int, int], day: date
) -> None:
    teams: dict[int, list[int]] = defaultdict(list)
    for team, unit in units.items():
        if people.get(team):
            teams[unit].append(team)
    asked = questions.rows(session, wave.month, teams, people, day)
    if asked:
        session.execute(insert(WaveQuestion), [row | {"wave_id": wave.id} for row in asked])


def attached(session: Session, day: date, *, by_code: bool = False) -> dict[int, int]:
    """How many people who can draw a ballot belong to each team itself on a day.

    by_code -- count those who answer by a printed code as well, who draw none

    Each counts once, for the team joined last.
    """
    joined = (
        select(Membership.person_id, func.max(Membership.since).label("since"))
        .where(current(day))
        .group_by(Membership.person_id)
        .subquery()
    )
    rows = (
        select(Membership.team_id, func.count())
        .join(joined, (joined.c.person_id == Membership.person_id) & (joined.c.since == Membership.since))
        .join(Person, Person.id == Membership.person_id)
        .where(Person.disabled_at.is_(None))
        .group_by(Membership.team_id)
    )
    if not by_code:
        rows = rows.where(Person.answers_by == AnswersBy.BALLOT)
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
        .where(or_(Fix.stopped.is_(None), Fix.stopped >= Fix.started))  # none that was withdrawn
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


def being_cast(session: Session) -> list[Wave]:
    """The waves whose ballots may still be arriving: one, but for the days after a wave."""
    return list(session.scalars(select(Wave).where(Wave.state == WaveState.OPEN).order_by(Wave.month)))


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
