"""People, what they may do, where they belong, and what was done by whom."""

import enum
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pulse.db import Base


class Grant(enum.Enum):
    """What a person may do beyond answering: everyone is an employee."""

    MANAGER = "manager"  # reads the own line
    OWNER = "owner"  # owns fixes
    ANALYST = "analyst"  # HR and customer experience
    COUNCIL = "council"  # works council: reads what HR reads
    ADMIN = "admin"


class Person(Base):
    """Somebody who may sign in. Nothing here or anywhere leads from a person to an answer."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    language: Mapped[str]
    password_hash: Mapped[str | None]
    disabled_at: Mapped[datetime | None]
    grants: Mapped[list["PersonGrant"]] = relationship(lazy="selectin", cascade="all, delete-orphan")


class PersonGrant(Base):
    """A grant of a person; a manager's names the team at the head of the line."""

    __tablename__ = "person_grant"
    __table_args__ = (UniqueConstraint("person_id", "grant", "team_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    grant: Mapped[Grant]
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))


class Membership(Base):
    """A person belongs to a team from one day to another (both included; None = open)."""

    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("person_id", "since"), Index(None, "team_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    since: Mapped[date]
    until: Mapped[date | None]


class AuditEntry(Base):
    """Who did what to which thing; only ever added to. Answering is not recorded here."""

    __tablename__ = "audit_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    person_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id")
    )  # None = the system or the command line
    action: Mapped[str]
    subject: Mapped[str]
    detail: Mapped[str]
