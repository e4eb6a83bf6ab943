"""An employee's answer: what they are asked this month, and the right to answer once."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.orm import Session

from pulse.months import month_of, shifted
from pulse.organisation.models import Measure, Team
from pulse.people.models import Membership
from surveys.questions.kinds import KINDS
from surveys.responses.answers import Question
from surveys.waves.calendar import opening
from surveys.waves.models import Issued, Wave, WaveQuestion, WaveState, WaveTeam
from surveys.waves.service import current, taking_answers


class NoWave(Exception):
    """No wave takes answers now; the next one opens on this day."""

    def __init__(self, opens: date) -> None:
        super().__init__(opens)
        self.opens = opens


class WaveClosed(NoWave):
    """The wave ended while the page was open; nothing was taken."""


class PageOfAnotherWave(Exception):
    """The page was opened in an earlier wave than the one that is open now; nothing was taken."""


class NotAsked(Exception):
    """This person belongs to no team of the wave, or to one that is asked nothing this month."""


class AlreadyAnswered(Exception):
    """This person has answered this wave."""


@dataclass(frozen=True)
class Questionnaire:
    """An employee's page: the month, the unit the answers count for, the questions, and k."""

    month: date
    unit: str
    questions: tuple[Question, ...]
    threshold: int


@dataclass(frozen=True)
class Admission:
    """What may travel with a ballot: the month and the code of the unit. Nothing of the person."""

    month: date
    unit: str


def questionnaire(
    session: Session, person_id: int, now: datetime, *, language: str, zone: ZoneInfo
) -> Questionnaire:
    """What a person is asked now; raises NoWave, NotAsked or AlreadyAnswered."""
    wave = taking_answers(session, now)
    if wave is None:
        raise NoWave(next_opening(session, now, zone))
    if session.get(Issued, (wave.id, person_id)) is not None:
        raise AlreadyAnswered
    unit = _unit(session, wave, person_id, now.astimezone(zone).date())
    questions = _questions(session, wave, unit, language)
    if not questions:
        raise NotAsked
    return Questionnaire(wave.month, unit.name(language), questions, wave.threshold)


def _unit(session: Session, wave: Wave, person_id: int, day: date) -> Team:
    rows = (
        select(Team)
        .join(WaveTeam, WaveTeam.unit_id == Team.id)
        .join(Membership, Membership.team_id == WaveTeam.team_id)
        .where(WaveTeam.wave_id == wave.id, Membership.person_id == person_id, current(day))
        .order_by(Membership.since.desc())
        .limit(1)
    )
    unit = session.scalar(rows)
    if unit is None:
        raise NotAsked
    return unit


def _questions(session: Session, wave: Wave, unit: Team, language: str) -> tuple[Question, ...]:
    rows = (
        select(Measure.code, WaveQuestion)
        .join(Measure, Measure.id == WaveQuestion.measure_id)
        .where(WaveQuestion.wave_id == wave.id, WaveQuestion.unit_id == unit.id)
        .order_by(WaveQuestion.position)
    )
    return tuple(
        Question(code, asked.words(language), KINDS[asked.kind])
        for code, asked in session.execute(rows).tuples()
    )


def admit(session: Session, person_id: int, now: datetime, *, zone: ZoneInfo) -> Admission:
    """Use up a person's right to answer the open wave; raises WaveClosed, NotAsked or AlreadyAnswered.

    The wave's row is held until the end of the transaction: the wave cannot be closed, and so not counted,
    between this and the ballot's arrival in the urn.
    """
    wave = session.scalar(
        select(Wave)
        .where(Wave.state == WaveState.OPEN, Wave.opens_at <= now, Wave.closes_at > now)
        .with_for_update(read=True)
    )
    if wave is None:
        raise WaveClosed(next_opening(session, now, zone))
    unit = _unit(session, wave, person_id, now.astimezone(zone).date())
    insert = insert_postgresql if session.get_bind().dialect.name == "postgresql" else insert_sqlite
    mine = (
        insert(Issued)
        .values(wave_id=wave.id, person_id=person_id, request=secrets.token_bytes(32))
        .on_conflict_do_nothing()
        .returning(Issued.wave_id)
    )
    if session.execute(mine).first() is None:
        raise AlreadyAnswered
    return Admission(wave.month, unit.code)


def next_opening(session: Session, now: datetime, zone: ZoneInfo) -> date:
    """The day on which the next wave opens: this month's where it is still to come, else the next month's."""
    month = month_of(now.astimezone(zone).date())
    over = session.scalar(select(exists().where(Wave.month == month, Wave.state != WaveState.PLANNED)))
    opens = opening(month, zone)
    if over or opens <= now:
        opens = opening(shifted(month, 1), zone)
    return opens.astimezone(zone).date()
