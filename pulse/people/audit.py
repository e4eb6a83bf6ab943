"""The audit: who did what, as a chain in which nothing can be changed, taken out or put in unnoticed.

Each entry has a number and a digest, SHA-256 of a JSON list: the digest before it (64 zeros before the
first), its number, when (UTC, microseconds), the person's id, the deed, the seal of its subject and the
details. Whoever changes an old entry would have to change all digests after it, and the newest of them is
mailed every working day to people who can compare it.

A subject may be the address of somebody who is to be forgotten later. So the digest covers not the subject
but its seal, SHA-256 of a random salt and the subject: forgetting takes the salt away, puts a marker in the
subject's place, and is itself an entry, which names the entries it touched.
"""

import hashlib
import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Result, event, func, insert, select, update
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction

from pulse.people.models import AuditEntry, AuditHead, Person

PAGE = 50  # entries
FIRST = "0" * 64  # stands where the digest before the first entry would
FORGOTTEN = "forgotten person "  # with spaces: nobody can bring such an address
NAME_FORGOTTEN = "name forgotten"
NOTED = "audit entries to be chained"
AT_ONCE = 5000


@dataclass(frozen=True)
class Deed:
    """One line of the audit, and the address of whoever did it (None = the system or the command line)."""

    entry: AuditEntry
    by: str | None


@dataclass(frozen=True)
class Head:
    """Where the chain ends: how many entries it has, and the digest of the newest."""

    number: int
    digest: str


@dataclass(frozen=True)
class Fault:
    """Where the chain first does not hold, and why, in English words of one line."""

    number: int
    why: str


@dataclass(frozen=True)
class Verification:
    """What came of looking at the chain.

    head -- where it says that it ends
    checked -- how many entries were looked at, the newest first
    waiting -- entries not in the chain yet: those of an older release still running, until the next night
    fault -- the first thing found that does not hold; None = it holds
    """

    head: Head
    checked: int
    waiting: int
    fault: Fault | None


def note(
    session: Session,
    action: str,
    subject: str,
    detail: str = "",
    *,
    by: int | None = None,
    day_alone: bool = False,
) -> None:
    """Write down who did what; it is put into the chain when the transaction is over, or when it is read.

    day_alone -- keep the day and no time: of what happens as somebody signs in, which no time is kept of

    Chaining last keeps the head of the chain held for a moment only, and never before anything else is
    held: two people at work would wait for each other.
    """
    if not session.in_transaction():
        session.begin()  # so that taking it back takes this back too
    now = datetime.now(UTC)
    at = now.replace(hour=0, minute=0, second=0, microsecond=0) if day_alone else now
    noted = {"at": at, "person_id": by, "action": action, "subject": subject, "detail": detail}
    session.info.setdefault(NOTED, []).append(noted)


def seal(salt: str, subject: str) -> str:
    """What stands for a subject in the digest of its entry."""
    return hashlib.sha256(f"{salt}\n{subject}".encode()).hexdigest()


def digest(before: str, number: int, at: datetime, person_id: int | None, *said: str) -> str:
    """The digest of an entry; before -- that of the entry before it; said -- deed, seal and details."""
    moment = at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
    written = json.dumps(
        [before, number, moment, person_id, *said], ensure_ascii=False, separators=(",", ":")
    )
    return hashlib.sha256(written.encode()).hexdigest()


def chained(head: Head, rows: Iterable[dict[str, Any]]) -> tuple[Head, list[dict[str, Any]]]:
    """Entries with their places in the chain after a head, and where the chain ends then."""
    number, last, found = head.number, head.digest, []
    for row in rows:
        number, salt = number + 1, secrets.token_hex(16)
        sealed = seal(salt, row["subject"])
        last = digest(last, number, row["at"], row["person_id"], row["action"], sealed, row["detail"])
        found.append({**row, "number": number, "digest": last, "seal": sealed, "salt": salt})
    return Head(number, last), found


def write_down(session: Session) -> None:
    """Put what was noted in this session into the chain."""
    noted = session.info.pop(NOTED, [])
    if noted:
        end, rows = chained(_held(session), noted)
        session.execute(insert(AuditEntry), rows)
        _move(session, end)


def adopt(session: Session) -> int:
    """Put entries into the chain that an older release has written without; how many. The night's work."""
    waiting = select(AuditEntry).where(AuditEntry.number.is_(None)).order_by(AuditEntry.id)
    if session.scalar(waiting.limit(1)) is None:
        return 0
    start, entries = _held(session), session.scalars(waiting).all()
    columns = ("at", "person_id", "action", "subject", "detail")
    end, rows = chained(start, [{name: getattr(entry, name) for name in columns} for entry in entries])
    for entry, row in zip(entries, rows, strict=True):
        for name in ("number", "digest", "seal", "salt"):
            setattr(entry, name, row[name])
    _move(session, end)
    session.flush()
    return len(rows)


def head(session: Session) -> Head:
    """Where the chain ends."""
    number, last = session.execute(select(AuditHead.number, AuditHead.digest)).one()
    return Head(number, last)


def _held(session: Session) -> Head:
    """Where the chain ends, and nobody else may add to it until this transaction is over."""
    number, last = session.execute(select(AuditHead.number, AuditHead.digest).with_for_update()).one()
    return Head(number, last)


def _move(session: Session, end: Head) -> None:
    session.execute(update(AuditHead).values(number=end.number, digest=end.digest))


def forget(session: Session, subject: str, nobody: str) -> None:
    """Take somebody's address out of the entries about them, and write down which entries these are.

    nobody -- what stands there instead, with FORGOTTEN at its beginning
    """
    about = AuditEntry.subject == subject
    numbers = session.scalars(
        select(AuditEntry.number).where(about, AuditEntry.number.is_not(None)).order_by(AuditEntry.number)
    ).all()
    session.execute(update(AuditEntry).where(about).values(subject=nobody, salt=None))
    if numbers:
        note(session, NAME_FORGOTTEN, nobody, " ".join(map(str, numbers)))


def verify(session: Session, *, newest: int | None = None, known: Head | None = None) -> Verification:
    """Whether the chain holds.

    newest -- look at so many of the newest entries only
    known -- what somebody was told earlier of an entry: it must still have that digest
    """
    write_down(session)
    end = head(session)
    after = max(end.number - newest, 0) if newest is not None else 0
    checked, fault = _walked(session, end, after)
    if known is not None and fault is None and _digest_of(session, known.number) != known.digest:
        fault = Fault(known.number, "this entry has not the digest that was given")
    waiting = select(func.count()).select_from(AuditEntry).where(AuditEntry.number.is_(None))
    return Verification(end, checked, session.scalar(waiting) or 0, fault)


def _digest_of(session: Session, number: int) -> str | None:
    """The digest that an entry bears; None where there is no such entry."""
    if number == 0:
        return FIRST
    return session.scalar(select(AuditEntry.digest).where(AuditEntry.number == number))


def _walked(session: Session, end: Head, after: int) -> tuple[int, Fault | None]:
    """How many entries after one hold, and the first fault."""
    last = _digest_of(session, after)
    number, names = after, _Names()
    with _entries(session, after) as entries:
        for entry in entries:
            fault = _fault(entry, number + 1, last or "") or names.fault(entry)
            if fault is not None:
                return number - after, fault
            number, last = number + 1, entry.digest
    if (number, last) != (end.number, end.digest):
        return number - after, Fault(number, "the chain does not end where its head says")
    return number - after, names.unproven()


def _entries(session: Session, after: int) -> Result[Any]:
    table = AuditEntry.__table__.c
    rows = select(*table).where(table.number > after).order_by(table.number)
    return session.execute(rows.execution_options(yield_per=AT_ONCE))


def _fault(entry: Any, number: int, last: str) -> Fault | None:
    if entry.number != number:
        return Fault(number, "this entry is missing")
    said = (entry.action, entry.seal or "", entry.detail)
    if entry.digest != digest(last, number, entry.at, entry.person_id, *said):
        return Fault(number, "this entry, or the digest before it, was changed")
    return None


class _Names:
    """The subjects of entries, held against their seals; those forgotten, against the entries that say so."""

    def __init__(self) -> None:
        self._claimed: dict[int, str] = {}

    def fault(self, entry: Any) -> Fault | None:
        """What is wrong with the subject of an entry."""
        if entry.salt is None:
            if not entry.subject.startswith(FORGOTTEN):
                return Fault(entry.number, "what this entry is about was changed")
            self._claimed[entry.number] = entry.subject
        elif entry.seal != seal(entry.salt, entry.subject):
            return Fault(entry.number, "what this entry is about was changed")
        elif entry.action == NAME_FORGOTTEN:
            for number in map(int, filter(str.isdecimal, entry.detail.split())):
                if self._claimed.get(number) == entry.subject:
                    del self._claimed[number]
        return None

    def unproven(self) -> Fault | None:
        """The first entry whose name is gone although no later entry says that it was forgotten."""
        return Fault(min(self._claimed), "the name in this entry was taken out") if self._claimed else None


def page(session: Session, number: int) -> tuple[Sequence[Deed], int]:
    """A page of what was done, the newest first, and how many pages there are."""
    entries = session.scalar(select(func.count()).select_from(AuditEntry)) or 0
    rows = (
        select(AuditEntry, Person.email)
        .outerjoin(Person, Person.id == AuditEntry.person_id)
        .order_by(AuditEntry.number.desc().nulls_first(), AuditEntry.id.desc())
        .offset((number - 1) * PAGE)
        .limit(PAGE)
    )
    return [Deed(entry, email) for entry, email in session.execute(rows)], -(-entries // PAGE)


@event.listens_for(Session, "before_commit")
def _at_the_end(session: Session) -> None:
    if not session.in_nested_transaction():
        write_down(session)


@event.listens_for(Session, "do_orm_execute")
def _before_it_is_read(state: ORMExecuteState) -> None:
    if NOTED in state.session.info and AuditEntry.__mapper__ in state.all_mappers:
        write_down(state.session)


@event.listens_for(Session, "after_soft_rollback")
def _never_mind(session: Session, over: SessionTransaction) -> None:
    if not over.nested:
        session.info.pop(NOTED, None)
