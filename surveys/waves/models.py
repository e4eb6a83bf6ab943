"""The monthly employee pulse: one wave a month, its questions, and who has drawn the right to answer."""

import enum
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from pulse.db import Base


class WaveState(enum.Enum):
    """planned -> open -> closed -> tallied (counted into the ledger).

    While it is open, ballots are drawn until closes_at and cast a day longer; then it is closed.
    """

    PLANNED = "planned"
    OPEN = "open"
    CLOSED = "closed"
    TALLIED = "tallied"


class Wave(Base):
    """One month's pulse."""

    __tablename__ = "wave"
    __table_args__ = (CheckConstraint("opens_at < closes_at", name="opens_before_it_closes"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    month: Mapped[date] = mapped_column(unique=True)
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    state: Mapped[WaveState]
    threshold: Mapped[int]  # k, frozen at opening and shown to those who answer


class WaveTeam(Base):
    """The tree of a wave, frozen at opening: which ballot unit a team's answers count for."""

    __tablename__ = "wave_team"

    wave_id: Mapped[int] = mapped_column(ForeignKey("wave.id"), primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    people: Mapped[int]  # of the team itself, able to draw a ballot when the wave opened


class WaveQuestion(Base):
    """Everybody in a ballot unit gets the same questions in a wave, in this order and in these words.

    kind -- name of the question's kind (surveys.questions.kinds.KINDS)
    words_en, words_fr -- as they stood when the wave opened: later edits change no open wave
    """

    __tablename__ = "wave_question"
    __table_args__ = (UniqueConstraint("wave_id", "unit_id", "position"),)

    wave_id: Mapped[int] = mapped_column(ForeignKey("wave.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("team.id"), primary_key=True)
    measure_id: Mapped[int] = mapped_column(ForeignKey("measure.id"), primary_key=True)
    position: Mapped[int]
    kind: Mapped[str]
    words_en: Mapped[str]
    words_fr: Mapped[str]

    def words(self, language: str) -> str:
        """Its wording in a language."""
        return self.words_fr if language == "fr" else self.words_en


class NoReminder(Base):
    """Somebody who wants no reminders; the invitation still comes."""

    __tablename__ = "no_reminder"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)


class Issued(Base):
    """A person has drawn this wave's ballot: not when, nor whether it was cast, so no order is kept either.

    request -- SHA-256 of the blinded message that was signed: the same one again gets its answer again,
               another one gets none. It tells nothing of the ballot (docs/ballots.md).
    """

    __tablename__ = "issued"
    __table_args__ = {"sqlite_with_rowid": False}

    wave_id: Mapped[int] = mapped_column(ForeignKey("wave.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    request: Mapped[bytes] = mapped_column(LargeBinary(32))
