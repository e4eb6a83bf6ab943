"""A file of people while it waits to be taken over: put down row by row, told in numbers.

Rows wait in a table of their own. So a file of any size needs little memory, what it would change can be
looked at before anything is changed, and taking it over touches only the people it changes.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, delete, exists, func, insert, or_, select
from sqlalchemy.orm import Session

from pulse.people import roster
from pulse.people.models import AnswersBy, Membership, PeopleFile, PeopleFileRow, Person
from pulse.people.roster import Change, Listed
from pulse.people.standings import Standing, standings

AT_ONCE = 1000  # rows decided about together
KEPT = timedelta(days=1)  # how long a file waits to be taken over
SHOWN = 10  # people named in a preview, of each change
QUIET = {Change.STAYED.value, Change.PASSED_BY.value}


class NoSuchFile(Exception):
    """There is no such file, or it waited for too long."""


@dataclass(frozen=True)
class Row:
    """A row of a file, read and checked; None = not said. leads -- the ids of the teams somebody heads."""

    line: int
    email: str
    team_id: int
    name: str | None = None
    language: str | None = None
    answers_by: AnswersBy | None = None
    since: date | None = None
    left: date | None = None
    leads: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Summary:
    """What a file comes to: how many rows of each change, and out of how many people there are now."""

    counts: Mapping[str, int]
    people: int
    leaving: int
    examples: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)  # (address, name)

    @property
    def doubtful(self) -> bool:
        """Whether so many leave that it takes their number to go on."""
        return roster.too_many(self.leaving, self.people)

    @property
    def changes(self) -> bool:
        """Whether it changes anything at all."""
        return any(number for change, number in self.counts.items() if change not in QUIET)


def begin(
    session: Session, name: str, *, starts: date, full: bool, by: int | None, now: datetime
) -> PeopleFile:
    """A new file, without any row yet; by -- the id of whoever brings it, None = the command line."""
    found = PeopleFile(name=name, read_at=now, read_by=by, starts=starts, full=full, counts={}, kept_at=None)
    session.add(found)
    session.flush()
    return found


def stage(
    session: Session, file: PeopleFile, rows: Sequence[Row], *, settled: date | None = None
) -> Counter[str]:
    """Put rows of a file down, each with what it comes to; how many there are of each change.

    settled -- the day up to which nobody changes team or way to answer any more (roster.placed)
    """
    before = standings(session, [row.email for row in rows])
    decided = [(row, _decided(row, before[row.email], file.starts, settled)) for row in rows]
    session.execute(
        insert(PeopleFileRow),
        [
            {
                **{name: getattr(row, name) for name in Row.__dataclass_fields__},
                "leads": list(row.leads) if row.leads is not None else None,
                "file_id": file.id,
                "change": change.value,
            }
            for row, change in decided
        ],
    )
    return Counter(change.value for _, change in decided)


def _decided(row: Row, before: Standing, starts: date, settled: date | None) -> Change:
    place = roster.placed(
        Listed(row.team_id, row.since, row.left),
        before.spells,
        starts=starts,
        known=before.person_id is not None,
        left_on=before.left_on,
        settled=settled,
    )
    if place.change is not Change.STAYED:
        return place.change
    differs = (
        row.name not in (None, before.name)
        or (settled is None and row.answers_by not in (None, before.answers_by))
        or (row.leads is not None and frozenset(row.leads) != before.leads)
    )
    return Change.UPDATED if differs else Change.STAYED


def repeated(session: Session, file_id: int, most: int) -> list[tuple[str, int, int]]:
    """Addresses that stand on more than one line: (address, later line, first line), at most so many."""
    first = (
        select(PeopleFileRow.email, func.min(PeopleFileRow.line).label("line"))
        .where(PeopleFileRow.file_id == file_id)
        .group_by(PeopleFileRow.email)
        .having(func.count() > 1)
        .subquery()
    )
    rows = (
        select(PeopleFileRow.email, PeopleFileRow.line, first.c.line)
        .join(first, first.c.email == PeopleFileRow.email)
        .where(PeopleFileRow.file_id == file_id, PeopleFileRow.line > first.c.line)
        .order_by(PeopleFileRow.line)
        .limit(most)
    )
    return [(email, line, earlier) for email, line, earlier in session.execute(rows)]


def read_whole(session: Session, file: PeopleFile, counts: Counter[str]) -> None:
    """Write down what a file comes to once all its rows are there."""
    unnamed = select(func.count()).select_from(absent(file).subquery())
    file.counts = {**counts, "absent": (session.scalar(unnamed) or 0) if file.full else 0}


def absent(file: PeopleFile) -> Select[int]:
    """Ids of people of a team whom a full file does not name. Accounts that never belonged to one stay."""
    belongs = exists().where(Membership.person_id == Person.id, _not_over(file.starts))
    named = exists().where(PeopleFileRow.file_id == file.id, PeopleFileRow.email == Person.email)
    return select(Person.id).where(Person.left_on.is_(None), belongs, ~named)


def _not_over(day: date) -> ColumnElement[bool]:
    return or_(Membership.until.is_(None), Membership.until >= day)


def waiting(session: Session, file_id: int) -> PeopleFile:
    """A file by its number; raises NoSuchFile."""
    found = session.get(PeopleFile, file_id)
    if found is None:
        raise NoSuchFile(file_id)
    return found


def summary(session: Session, file: PeopleFile) -> Summary:
    """What a file comes to, with the first people of each change."""
    leaving = file.counts.get("left", 0) + file.counts.get("absent", 0)
    examples: dict[str, list[tuple[str, str]]] = {}
    for change in Change:
        if change.value not in QUIET and file.counts.get(change.value):
            rows = (
                select(PeopleFileRow.email, PeopleFileRow.name)
                .where(PeopleFileRow.file_id == file.id, PeopleFileRow.change == change.value)
                .order_by(PeopleFileRow.line)
                .limit(SHOWN)
            )
            examples[change.value] = [(email, name or "") for email, name in session.execute(rows)]
    if file.counts.get("absent"):
        gone = absent(file).with_only_columns(Person.email, Person.name)
        named = session.execute(gone.order_by(Person.email).limit(SHOWN))
        examples["absent"] = [(email, name) for email, name in named]
    return Summary(file.counts, _people(session, file.starts), leaving, examples)


def _people(session: Session, day: date) -> int:
    """How many people belong to a team on a day or later."""
    belongs = exists().where(Membership.person_id == Person.id, _not_over(day))
    return session.scalar(select(func.count()).where(Person.left_on.is_(None), belongs)) or 0


def drop(session: Session, file_id: int) -> None:
    """Forget a file that is not to be taken over."""
    empty(session, file_id)
    session.execute(delete(PeopleFile).where(PeopleFile.id == file_id, PeopleFile.kept_at.is_(None)))


def forget_old(session: Session, now: datetime) -> None:
    """Forget the files that waited for too long: they are lists of people."""
    old = session.scalars(
        select(PeopleFile.id).where(PeopleFile.kept_at.is_(None), PeopleFile.read_at <= now - KEPT)
    )
    for file_id in old.all():
        drop(session, file_id)


def empty(session: Session, file_id: int) -> None:
    """Forget the rows of a file."""
    session.execute(delete(PeopleFileRow).where(PeopleFileRow.file_id == file_id))
