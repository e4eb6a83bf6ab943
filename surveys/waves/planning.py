"""The calendar of waves: planned three months ahead, to be moved by an analyst until a wave opens."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from pulse.db import insert_into
from pulse.ledger.models import ClosedMonth
from pulse.months import last_day, month_of, shifted
from pulse.organisation.models import Side
from pulse.people import service as people
from pulse.people.models import Membership
from surveys.waves.calendar import OPENING, closing, ending, opening
from surveys.waves.models import Wave, WaveQuestion, WaveState, WaveTeam

AHEAD = 3  # months planned after this one
FEWEST_DAYS = 5  # a wave lasts: people are away for a day or two


class NoSuchWave(Exception):
    """There is no wave of this month."""


class AlreadyOpen(Exception):
    """The wave has opened: people have been told when it ends."""


class CannotBeMoved(Exception):
    """Days that a wave cannot have."""


class Past(CannotBeMoved):
    """The day of opening is over, or its hour is."""


class OutsideMonth(CannotBeMoved):
    """A wave lies within its month: that keeps two from being open at once, and answers in their month."""


class TooShort(CannotBeMoved):
    """It would be closed before everybody had a day to answer on."""


@dataclass(frozen=True)
class Line:
    """A wave in the calendar.

    opens, closes -- first and last day, by the organisation's clock
    invited -- people who could answer when it opened, rounded down to a band; None before
    questions -- on a person's page at most, and the number of different ones asked; None before
    """

    month: date
    state: WaveState
    opens: date
    opens_at: datetime
    closes: date
    invited: int | None
    questions: tuple[int, int] | None


def plan_ahead(
    session: Session, now: datetime, *, zone: ZoneInfo, k: int, since: date = date.min
) -> list[date]:
    """Plan this month's wave, if there is still time for it, and the next three; the months added.

    since -- no month before this one is planned

    A planned wave that never opened (no clock ran, or nobody belonged to a team) is taken out again.
    """
    session.execute(delete(Wave).where(Wave.state == WaveState.PLANNED, Wave.closes_at <= now))
    if session.scalar(select(Membership.id).limit(1)) is None:
        return []
    this = month_of(now.astimezone(zone).date())
    months = {month for ahead in range(AHEAD + 1) if (month := shifted(this, ahead)) >= since}
    months -= set(session.scalars(select(Wave.month).where(Wave.month.in_(months))))
    months -= set(session.scalars(select(ClosedMonth.month).where(ClosedMonth.side == Side.EMPLOYEE)))
    rows = [
        {
            "month": month,
            "opens_at": opening(month, zone),
            "closes_at": closing(month, zone),
            "state": WaveState.PLANNED,
            "threshold": k,
        }
        for month in sorted(months)
    ]
    return _inserted(session, rows)


def _inserted(session: Session, rows: Iterable[dict[str, object]]) -> list[date]:
    added = []
    for row in rows:  # a few: where another clock was faster, its row stands
        mine = insert_into(session, Wave).values(**row).on_conflict_do_nothing(index_elements=["month"])
        added += list(session.scalars(mine.returning(Wave.month)))
    return added


def take_out_before(session: Session, month: date) -> None:
    """Plan no wave before a month: those that were are taken out again, unless they have opened."""
    session.execute(delete(Wave).where(Wave.state == WaveState.PLANNED, Wave.month < month))


def move(
    session: Session,
    month: date,
    opens: date,
    closes: date,
    now: datetime,
    *,
    zone: ZoneInfo,
    by: int | None = None,
) -> None:
    """Give a wave that has not opened yet other days: from opens, 10:00, to the end of closes.

    by -- id of the person who moves it, for the audit

    Raises NoSuchWave, AlreadyOpen, or a CannotBeMoved: Past, OutsideMonth, TooShort.
    """
    opens_at = datetime.combine(opens, OPENING, zone).astimezone(UTC)
    if not month <= opens <= closes <= last_day(month):
        raise OutsideMonth
    if opens_at <= now:
        raise Past
    if (closes - opens).days + 1 < FEWEST_DAYS:
        raise TooShort
    moved = (
        update(Wave)
        .where(Wave.month == month, Wave.state == WaveState.PLANNED)
        .values(opens_at=opens_at, closes_at=ending(closes, zone))
        .returning(Wave.id)
    )
    if session.execute(moved).first() is None:
        there = session.scalar(select(Wave.id).where(Wave.month == month))
        raise NoSuchWave if there is None else AlreadyOpen
    people.note(session, "wave moved", f"{month:%Y-%m}", f"{opens} - {closes}", by=by)


def lines(session: Session, *, zone: ZoneInfo) -> list[Line]:
    """The calendar, latest month first."""
    invited: dict[int, int] = dict(
        session.execute(select(WaveTeam.wave_id, func.sum(WaveTeam.people)).group_by(WaveTeam.wave_id)).all()
    )
    asked = {
        wave: (most + 1, different)
        for wave, most, different in session.execute(
            select(
                WaveQuestion.wave_id,
                func.max(WaveQuestion.position),
                func.count(WaveQuestion.measure_id.distinct()),
            ).group_by(WaveQuestion.wave_id)
        )
    }
    waves = session.scalars(select(Wave).order_by(Wave.month.desc()))
    return [
        Line(
            wave.month,
            wave.state,
            wave.opens_at.astimezone(zone).date(),
            wave.opens_at.astimezone(zone),
            (wave.closes_at - timedelta(seconds=1)).astimezone(zone).date(),
            band(int(invited[wave.id])) if wave.id in invited else None,
            asked.get(wave.id),
        )
        for wave in waves
    ]


def line(session: Session, month: date, *, zone: ZoneInfo) -> Line:
    """One wave of the calendar; raises NoSuchWave."""
    for found in lines(session, zone=zone):
        if found.month == month:
            return found
    raise NoSuchWave(month)


def band(people: int) -> int:
    """A number of people rounded down to 1, 2 or 5 times a power of ten: nobody's coming or going shows."""
    size = 1
    while size * 10 <= people:
        size *= 10
    return max(step * size for step in (0, 1, 2, 5) if step * size <= people)
