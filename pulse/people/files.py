"""A file of people: put down row by row, told in numbers, and taken over whole or not at all.

Rows wait in a table of their own. So a file of any size needs little memory, what it would change can be
looked at before anything is changed, and taking it over touches only the people it changes.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, delete, exists, func, insert, or_, select, update
from sqlalchemy.orm import Session

from config import settings
from pulse.organisation.models import Team
from pulse.people import leavers, roster, service
from pulse.people.models import AnswersBy, Grant, Membership, PeopleFile, PeopleFileRow, Person, PersonGrant
from pulse.people.roster import Change, Listed, Place, Spell

AT_ONCE = 1000  # rows decided about together
KEPT = timedelta(days=1)  # how long a file waits to be taken over
SHOWN = 10  # people named in a preview, of each change
QUIET = {Change.STAYED.value, Change.PASSED_BY.value}


class NoSuchFile(Exception):
    """There is no such file, or it waited for too long."""


class Overtaken(Exception):
    """People were changed since the file was read, by this file or another one: read it again."""


class TooManyLeavers(Exception):
    """The file would take so many people out that it is rather a wrong one; it needs their exact number."""

    def __init__(self, leavers: int, people: int) -> None:
        super().__init__(leavers, people)
        self.leavers, self.people = leavers, people


class NoAdminLeft(Exception):
    """The file would leave nobody who may look after accounts."""


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
class Standing:
    """How somebody stands before a row; person_id None = unknown so far."""

    person_id: int | None = None
    name: str = ""
    answers_by: AnswersBy = AnswersBy.BALLOT
    left_on: date | None = None
    spells: tuple[Spell, ...] = ()
    leads: frozenset[int] = frozenset()


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


def standings(session: Session, emails: Sequence[str]) -> dict[str, Standing]:
    """How the people of these addresses stand now, unknown ones included."""
    people = session.execute(
        select(Person.id, Person.email, Person.name, Person.answers_by, Person.left_on).where(
            Person.email.in_(emails)
        )
    ).all()
    ids = [person.id for person in people]
    spells: dict[int, list[Spell]] = defaultdict(list)
    belongs = select(Membership.person_id, Membership.team_id, Membership.since, Membership.until)
    for person_id, team_id, since, until in session.execute(
        belongs.where(Membership.person_id.in_(ids)).order_by(Membership.person_id, Membership.since)
    ):
        spells[person_id].append(Spell(team_id, since, until))
    leads: dict[int, set[int]] = defaultdict(set)
    heads = select(PersonGrant.person_id, PersonGrant.team_id).where(
        PersonGrant.grant == Grant.MANAGER, PersonGrant.person_id.in_(ids), PersonGrant.team_id.is_not(None)
    )
    for person_id, headed in session.execute(heads):
        leads[person_id].add(headed or 0)
    known = {
        person.email: Standing(
            person.id,
            person.name,
            person.answers_by,
            person.left_on,
            tuple(spells[person.id]),
            frozenset(leads[person.id]),
        )
        for person in people
    }
    return {email: known.get(email, Standing()) for email in emails}


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
    absent = select(func.count()).select_from(_absent(file).subquery())
    file.counts = {**counts, "absent": (session.scalar(absent) or 0) if file.full else 0}


def _absent(file: PeopleFile) -> Select[int]:
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
        gone = _absent(file).with_only_columns(Person.email, Person.name)
        named = session.execute(gone.order_by(Person.email).limit(SHOWN))
        examples["absent"] = [(email, name) for email, name in named]
    return Summary(file.counts, _people(session, file.starts), leaving, examples)


def _people(session: Session, day: date) -> int:
    """How many people belong to a team on a day or later."""
    belongs = exists().where(Membership.person_id == Person.id, _not_over(day))
    return session.scalar(select(func.count()).where(Person.left_on.is_(None), belongs)) or 0


def keep(
    session: Session,
    file_id: int,
    *,
    leavers_confirmed: int | None,
    by: int | None,
    now: datetime,
    settled: date | None = None,
) -> Summary:
    """Take a file over; what it came to.

    leavers_confirmed -- how many people leave, said by whoever takes it over; needed for many
    settled -- the day up to which nobody changes team or way to answer any more (roster.placed)

    Raises NoSuchFile, Overtaken, TooManyLeavers or NoAdminLeft; the caller rolls back.
    """
    file = waiting(session, file_id)
    mine = update(PeopleFile).where(PeopleFile.id == file_id, PeopleFile.kept_at.is_(None))
    if session.execute(mine.values(kept_at=now).returning(PeopleFile.id)).first() is None:
        raise Overtaken
    if session.scalar(select(exists().where(PeopleFile.kept_at > file.read_at, PeopleFile.id != file_id))):
        raise Overtaken
    told = summary(session, file)
    if told.doubtful and leavers_confirmed != told.leaving:
        raise TooManyLeavers(told.leaving, told.people)
    administered = _administered(session)
    taking = _Taking(session, file, by, settled)
    for rows in _batches(session, file_id):
        taking.over(rows)
    if file.full and leavers.leave(session, _absent(file), file.starts) != file.counts["absent"]:
        raise Overtaken
    leavers.end_due(session, service.today(), now, by=by)
    if administered and not _administered(session):
        raise NoAdminLeft
    service.note(session, "people file", file.name, _in_words(file), by=by)
    _empty(session, file_id)
    return told


def _in_words(file: PeopleFile) -> str:
    numbers = ", ".join(f"{change} {number}" for change, number in sorted(file.counts.items()) if number)
    return f"from {file.starts}{', full' if file.full else ''}: {numbers or 'nothing'}"


def _administered(session: Session) -> bool:
    """Whether anybody may look after accounts."""
    admins = (
        select(Person.id)
        .join(PersonGrant, PersonGrant.person_id == Person.id)
        .where(PersonGrant.grant == Grant.ADMIN, Person.disabled_at.is_(None))
        .where(or_(Person.left_on.is_(None), Person.left_on >= service.today()))
    )
    return session.scalar(select(admins.exists())) or False


def _batches(session: Session, file_id: int) -> Iterator[Sequence[PeopleFileRow]]:
    """The rows that change something, a thousand at a time, in the order of the file."""
    last = 0
    while True:
        rows = session.scalars(
            select(PeopleFileRow)
            .where(PeopleFileRow.file_id == file_id, PeopleFileRow.line > last)
            .where(PeopleFileRow.change.not_in(QUIET))
            .order_by(PeopleFileRow.line)
            .limit(AT_ONCE)
        ).all()
        if not rows:
            return
        yield rows
        last = rows[-1].line
        for row in rows:
            session.expunge(row)


class _Taking:
    """Taking rows over: people, where they belong, and the teams they head."""

    def __init__(self, session: Session, file: PeopleFile, by: int | None, settled: date | None) -> None:
        self.session, self.file, self.by, self.settled = session, file, by, settled
        self.codes: dict[int, str] = dict(session.execute(select(Team.id, Team.code)).all())

    def over(self, rows: Sequence[PeopleFileRow]) -> None:
        emails = [row.email for row in rows]
        before = standings(self.session, emails)
        self._add([row for row in rows if before[row.email].person_id is None])
        ids = self._ids(emails)
        self._change(rows, before)
        places = {
            ids[row.email]: (before[row.email].spells, self._place(row, before[row.email])) for row in rows
        }
        write_spells(self.session, {person: (old, place.spells) for person, (old, place) in places.items()})
        self._return_or_leave(
            {ids[email]: (known.left_on, places[ids[email]][1]) for email, known in before.items()}
        )
        for row in rows:
            if row.leads is not None:
                self._head(ids[row.email], row, before[row.email].leads)

    def _place(self, row: PeopleFileRow, before: Standing) -> Place:
        return roster.placed(
            Listed(row.team_id, row.since, row.left),
            before.spells,
            starts=self.file.starts,
            known=before.person_id is not None,
            left_on=before.left_on,
            settled=self.settled,
        )

    def _add(self, rows: Iterable[PeopleFileRow]) -> None:
        first = settings().languages[0]
        people = [
            {
                "email": row.email,
                "name": row.name or row.email.partition("@")[0],
                "language": row.language or first,
                "answers_by": row.answers_by or AnswersBy.BALLOT,
            }
            for row in rows
        ]
        if people:
            self.session.execute(insert(Person), people)

    def _ids(self, emails: Sequence[str]) -> dict[str, int]:
        rows = select(Person.email, Person.id).where(Person.email.in_(emails))
        return dict(self.session.execute(rows).all())

    def _change(self, rows: Iterable[PeopleFileRow], before: Mapping[str, Standing]) -> None:
        """Names and ways of answering of people known before; their language is theirs to choose.

        While a wave is not counted yet, ways of answering stay: whoever was handed a code draws no ballot.
        """
        changed = [
            {
                "id": known.person_id,
                "name": row.name or known.name,
                "answers_by": (row.answers_by if self.settled is None else None) or known.answers_by,
            }
            for row in rows
            if (known := before[row.email]).person_id is not None
        ]
        if changed:
            self.session.execute(update(Person), changed)

    def _return_or_leave(self, places: Mapping[int, tuple[date | None, Place]]) -> None:
        """Last days that differ from those before; who comes back may sign in again."""
        dated = [
            {"id": person, "left_on": place.left_on}
            for person, (before, place) in places.items()
            if place.left_on != before and place.change is not Change.RETURNED
        ]
        back = [
            {"id": person, "left_on": None, "disabled_at": None}
            for person, (_, place) in places.items()
            if place.change is Change.RETURNED
        ]
        for values in (dated, back):
            if values:
                self.session.execute(update(Person), values)

    def _head(self, person_id: int, row: PeopleFileRow, before: frozenset[int]) -> None:
        wanted = frozenset(row.leads or ())
        for team in sorted(wanted - before):
            self.session.add(PersonGrant(person_id=person_id, grant=Grant.MANAGER, team_id=team))
            self._note("grant given", row.email, team)
        for team in sorted(before - wanted):
            self.session.execute(
                delete(PersonGrant).where(
                    PersonGrant.person_id == person_id,
                    PersonGrant.grant == Grant.MANAGER,
                    PersonGrant.team_id == team,
                )
            )
            self._note("grant taken", row.email, team)

    def _note(self, action: str, email: str, team: int) -> None:
        service.note(self.session, action, email, f"manager {self.codes[team]}", by=self.by)


def write_spells(
    session: Session, changed: Mapping[int, tuple[tuple[Spell, ...], tuple[Spell, ...]]]
) -> None:
    """Make the memberships of people (by id) what their spells are after, given what they were before."""
    gone, new = [], []
    for person_id, (before, after) in changed.items():
        kept = set(before) & set(after)
        gone += [(person_id, spell.since) for spell in before if spell not in kept]
        new += [
            {"person_id": person_id, "team_id": spell.team, "since": spell.since, "until": spell.until}
            for spell in after
            if spell not in kept
        ]
    for person_id, since in gone:
        session.execute(
            delete(Membership).where(Membership.person_id == person_id, Membership.since == since)
        )
    if new:
        session.execute(insert(Membership), new)


def drop(session: Session, file_id: int) -> None:
    """Forget a file that is not to be taken over."""
    _empty(session, file_id)
    session.execute(delete(PeopleFile).where(PeopleFile.id == file_id, PeopleFile.kept_at.is_(None)))


def forget_old(session: Session, now: datetime) -> None:
    """Forget the files that waited for too long: they are lists of people."""
    old = session.scalars(
        select(PeopleFile.id).where(PeopleFile.kept_at.is_(None), PeopleFile.read_at <= now - KEPT)
    )
    for file_id in old.all():
        drop(session, file_id)


def _empty(session: Session, file_id: int) -> None:
    session.execute(delete(PeopleFileRow).where(PeopleFileRow.file_id == file_id))
