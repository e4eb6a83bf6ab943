"""People, what they may do, where they belong, and what was done by whom."""

import enum
from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pulse.db import Base


class Grant(enum.Enum):
    """What a person may do beyond answering: everyone is an employee."""

    MANAGER = "manager"  # reads the own line
    OWNER = "owner"  # owns fixes
    ANALYST = "analyst"  # HR and customer experience
    COUNCIL = "council"  # works council: reads what HR reads
    ADMIN = "admin"


class AnswersBy(enum.Enum):
    """How a person answers a pulse: a blind ballot drawn after signing in, or a printed code."""

    BALLOT = "ballot"
    CODE = "code"


class Person(Base):
    """Somebody who may sign in. Nothing here or anywhere leads from a person to an answer.

    disabled_at -- since when they may not sign in: closed by an admin, or because they left
    left_on -- their last day, where they left or are about to
    visits -- raised by one to end every visit, on all browsers
    weekly_news -- whether they want the weekly mail of fixes and flags, where they may read them
    """

    __tablename__ = "person"
    __table_args__ = (Index(None, "left_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    language: Mapped[str]
    password_hash: Mapped[str | None]
    disabled_at: Mapped[datetime | None]
    answers_by: Mapped[AnswersBy] = mapped_column(default=AnswersBy.BALLOT, server_default="ballot")
    left_on: Mapped[date | None]
    visits: Mapped[int] = mapped_column(default=0, server_default="0")
    weekly_news: Mapped[bool] = mapped_column(default=True, server_default=true())
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


class SignInLink(Base):
    """A link by mail to sign in with, once. Of its token only a digest is here; None = nobody's.

    onward -- the path on this site to go to afterwards
    """

    __tablename__ = "sign_in_link"
    __table_args__ = (Index(None, "expires_at"),)

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    onward: Mapped[str]
    expires_at: Mapped[datetime]


class SignInAttempt(Base):
    """Somebody tried to sign in as, or asked for a link to, an address (a digest of it); kept for minutes."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (Index(None, "subject", "at"), Index(None, "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str]
    at: Mapped[datetime]


class Identity(Base):
    """Who a person is to a sign-in service of the organisation's: its name, and what it calls them."""

    __tablename__ = "identity"
    __table_args__ = (Index(None, "person_id"),)

    issuer: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    linked_on: Mapped[date]


class SecondFactor(Base):
    """What a person shows beside a password: codes of an app that shares a secret with us.

    sealed -- the secret, encrypted under the installation's key
    confirmed_on -- since when it is asked for; None = no code of it was entered yet
    last_step -- the newest step of 30 seconds whose code was taken: each is taken once
    """

    __tablename__ = "second_factor"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    sealed: Mapped[str]
    confirmed_on: Mapped[date | None]
    last_step: Mapped[int] = mapped_column(default=0, server_default="0")


class RecoveryCode(Base):
    """A code that stands in once for the second factor; a digest of it is here, until it is used."""

    __tablename__ = "recovery_code"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)


class EndedVisit(Base):
    """A visit that was signed out before it ran out, so that a copy of its cookie opens nothing.

    digest -- of the visit's own number, which leads to nobody; no time and no person stands here
    forget_on -- the day from which the visit would have run out by itself
    """

    __tablename__ = "ended_visit"
    __table_args__ = (Index(None, "forget_on"),)

    digest: Mapped[str] = mapped_column(primary_key=True)
    forget_on: Mapped[date]


class PeopleFile(Base):
    """A file of people that was read and checked, and what it would change.

    starts -- the day from which it holds
    full -- whether it names everybody, so that whoever it does not name has left
    counts -- how many rows there are of each change
    """

    __tablename__ = "people_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    read_at: Mapped[datetime]
    read_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # None = the command line
    starts: Mapped[date]
    full: Mapped[bool]
    counts: Mapped[dict[str, int]] = mapped_column(JSON)
    kept_at: Mapped[datetime | None]


class PeopleFileRow(Base):
    """A row of a file of people until it is taken over or a day has passed; values not given are None."""

    __tablename__ = "people_file_row"
    __table_args__ = (Index(None, "file_id", "email"), Index(None, "file_id", "change"))

    file_id: Mapped[int] = mapped_column(ForeignKey("people_file.id"), primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
    name: Mapped[str | None]
    language: Mapped[str | None]
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    answers_by: Mapped[AnswersBy | None]
    since: Mapped[date | None]
    left: Mapped[date | None]
    leads: Mapped[list[int] | None] = mapped_column(JSON(none_as_null=True))  # team ids
    change: Mapped[str]


class Scope(enum.Enum):
    """What a key of the API may be used for."""

    INTERACTIONS = "interactions"  # say which contacts there were with customers
    BOUNCES = "bounces"  # say which mails came back
    LINKS = "links"  # sign links to the customers' survey, without asking Pulse
    RESULTS = "results"  # read fixes, flags and released figures
    FIXES = "fixes"  # call a fix a success


class ApiKey(Base):
    """The right of another program to speak to Pulse; of its secret only a digest is here.

    public -- the part of the key that may be seen, by which the others know it
    scopes -- values of Scope
    expires_on -- the last day it works; None = until it is revoked
    last_used_on -- the day, and no more: when a program ran is nothing to keep
    """

    __tablename__ = "api_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    secret_digest: Mapped[str]
    scopes: Mapped[list[str]] = mapped_column(JSON)
    made_at: Mapped[datetime]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # None = the command line
    expires_on: Mapped[date | None]
    last_used_on: Mapped[date | None]
    revoked_at: Mapped[datetime | None]


class AuditEntry(Base):
    """Who did what to which thing; only ever added to. Answering is not recorded here.

    number -- its place in the chain; None = written by a release before the chain, until the next night
    digest -- covers this entry and, by the digest before it, all entries before (see audit.py)
    seal -- stands for the subject in the digest; salt -- what the seal was made with, None once the name in
            the subject was forgotten
    """

    __tablename__ = "audit_entry"
    __table_args__ = (Index(None, "number", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    person_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id")
    )  # None = the system or the command line
    action: Mapped[str]
    subject: Mapped[str]
    detail: Mapped[str]
    number: Mapped[int | None]
    digest: Mapped[str | None]
    seal: Mapped[str | None]
    salt: Mapped[str | None]


class AuditHead(Base):
    """The one row that says where the chain of the audit ends; whoever adds to it holds it."""

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]
    digest: Mapped[str]
