"""What an employee is asked this month, and what they are told about the answer."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from pulse.months import month_of, parsed, shifted, written
from pulse.organisation.models import Measure, Team
from surveys.ballots import issuing, keys
from surveys.questions.kinds import KINDS
from surveys.responses.answers import Question, seconds
from surveys.waves.calendar import opening
from surveys.waves.models import Wave, WaveQuestion, WaveState
from surveys.waves.service import CASTING, taking_answers, taking_ballots

KEPT = timedelta(days=40)  # longer than any wave: a cookie with a ballot is read only while its wave lasts


class NoWave(Exception):
    """No wave takes answers now; the next one opens on this day."""

    def __init__(self, opens: date) -> None:
        super().__init__(opens)
        self.opens = opens


class NotUsable(Exception):
    """A printed code is unknown, was used before, or is of a wave that is over: which, nobody says."""


@dataclass(frozen=True)
class Questionnaire:
    """The page of a ballot unit: the month, the unit the answers count for, the questions, and k.

    unit, code -- the unit's name in the reader's language, and its code
    results -- the day on which figures of this wave are shown
    """

    month: date
    unit: str
    code: str
    questions: tuple[Question, ...]
    threshold: int
    results: date

    @property
    def seconds(self) -> int:
        """How long answering will take."""
        return seconds(len(self.questions))


def questionnaire(
    session: Session, person_id: int, now: datetime, *, language: str, zone: ZoneInfo
) -> Questionnaire:
    """What a person is asked now; raises NoWave, issuing.Drawn, issuing.NotAsked or issuing.ByCode."""
    here = place(session, person_id, now, zone=zone)
    if issuing.has_drawn(session, here.wave, person_id):
        raise issuing.Drawn
    return _of_unit(session, here.wave, here.unit, language=language, zone=zone)


def place(session: Session, person_id: int, now: datetime, *, zone: ZoneInfo) -> issuing.Place:
    """The open wave, a person's unit in it and its key; raises NoWave, issuing.NotAsked or issuing.ByCode."""
    try:
        return issuing.place(session, person_id, now, zone=zone)
    except issuing.Closed:
        raise NoWave(next_opening(session, now, zone)) from None


def ballot(
    session: Session, person_id: int, now: datetime, *, zone: ZoneInfo, issue: str, cast: str
) -> dict[str, object]:
    """What the page hands to the script that draws and casts; issue and cast are the addresses for it."""
    here = place(session, person_id, now, zone=zone)
    root = keys.fingerprint(session, here.wave.month) or ""
    return issuing.page_data(here, root=root, issue=issue, cast=cast)


def of_ballot(
    session: Session, month: date, unit: str, now: datetime, *, language: str, zone: ZoneInfo
) -> Questionnaire:
    """What a unit (by code) is asked in a wave whose ballots are still taken; raises NotUsable."""
    wave = taking_ballots(session, month, now)
    team = session.scalar(select(Team).where(Team.code == unit))
    if wave is None or team is None:
        raise NotUsable
    return _of_unit(session, wave, team, language=language, zone=zone)


def open_month(session: Session, now: datetime, *, zone: ZoneInfo) -> date:
    """The month of the wave that can be answered now; raises NoWave."""
    wave = taking_answers(session, now)
    if wave is None:
        raise NoWave(next_opening(session, now, zone))
    return wave.month


def casting_months(session: Session, now: datetime) -> list[date]:
    """The months whose ballots are still taken: one, but for the day after a wave."""
    months = session.scalars(select(Wave.month).where(Wave.state == WaveState.OPEN).order_by(Wave.month))
    return [month for month in months if taking_ballots(session, month, now) is not None]


def _of_unit(session: Session, wave: Wave, unit: Team, *, language: str, zone: ZoneInfo) -> Questionnaire:
    asked = _questions(session, wave, unit, language)
    if not asked:
        raise issuing.NotAsked
    name = unit.name(language)
    return Questionnaire(wave.month, name, unit.code, asked, wave.threshold, results_on(wave, zone))


def results_on(wave: Wave, zone: ZoneInfo) -> date:
    """The day on which a wave's figures are there: the one on which its last ballots are counted."""
    return (wave.closes_at + CASTING).astimezone(zone).date()


def _questions(session: Session, wave: Wave, unit: Team, language: str) -> tuple[Question, ...]:
    rows = (
        select(Measure.code, WaveQuestion)
        .join(Measure, Measure.id == WaveQuestion.measure_id)
        .where(WaveQuestion.wave_id == wave.id, WaveQuestion.unit_id == unit.id)
        .order_by(WaveQuestion.position)
    )
    return tuple(
        Question(code, asked.words(language), KINDS[asked.kind]) for code, asked in session.execute(rows)
    )


def next_opening(session: Session, now: datetime, zone: ZoneInfo) -> date:
    """The day on which the next wave opens: as planned, else this month's or the next month's usual day."""
    planned = session.scalar(
        select(Wave.opens_at)
        .where(Wave.state == WaveState.PLANNED, Wave.opens_at > now)
        .order_by(Wave.opens_at)
        .limit(1)
    )
    if planned is not None:
        return planned.astimezone(zone).date()
    month = month_of(now.astimezone(zone).date())
    over = session.scalar(select(exists().where(Wave.month == month, Wave.state != WaveState.PLANNED)))
    opens = opening(month, zone)
    if over or opens <= now:
        opens = opening(shifted(month, 1), zone)
    return opens.astimezone(zone).date()


def holder(secret: str, person_id: int) -> str:
    """What a browser keeps a ballot under until it is cast: tells two people of one browser apart.

    It leads back to nobody without the secret key, and never leaves the browser.
    """
    return hmac.digest(secret.encode(), f"holder of a ballot {person_id}".encode(), hashlib.sha256).hex()[:24]


@dataclass(frozen=True)
class Held:
    """A ballot drawn by the confidential way, as the cookie of its browser keeps it until the wave ends."""

    holder: str
    wave: str
    unit: str
    nonce: str
    signature: str

    @classmethod
    def of(cls, ballot: issuing.Ballot, holder: str) -> "Held":
        """A ballot as it travels, with whose browser keeps it."""
        nonce, signature = issuing.encoded(ballot.nonce), issuing.encoded(ballot.signature)
        return cls(holder, ballot.wave, ballot.unit, nonce, signature)

    @property
    def month(self) -> date:
        """The month it answers about."""
        return parsed(self.wave)


def draw_confidentially(
    session: Session, person_id: int, now: datetime, *, secret: str, zone: ZoneInfo
) -> Held:
    """Draw the open wave's ballot on the server; raises NoWave or issuing.NoBallot."""
    month = written(open_month(session, now, zone=zone))
    drawn = issuing.issue_confidentially(session, person_id, month, now, zone=zone)
    return Held.of(drawn, holder(secret, person_id))
