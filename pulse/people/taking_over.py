"""Taking a file of people over, whole or not at all: only the people it changes are touched."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import delete, exists, insert, or_, select, update
from sqlalchemy.orm import Session

from config import settings
from pulse.organisation.models import Team
from pulse.people import leavers, roster, service
from pulse.people.files import AT_ONCE, QUIET, Summary, absent, empty, summary, waiting
from pulse.people.models import AnswersBy, Grant, PeopleFile, PeopleFileRow, Person, PersonGrant
from pulse.people.roster import Change, Listed, Place
from pulse.people.standings import Standing, standings, write_spells


class Overtaken(Exception):
    """People were changed since the file was read, by this file or another one: read it again."""


class TooManyLeavers(Exception):
    """The file would take so many people out that it is rather a wrong one; it needs their exact number."""

    def __init__(self, leavers: int, people: int) -> None:
        super().__init__(leavers, people)
        self.leavers, self.people = leavers, people


class NoAdminLeft(Exception):
    """The file would leave nobody who may look after accounts."""


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
    if file.full and leavers.leave(session, absent(file), file.starts) != file.counts["absent"]:
        raise Overtaken
    leavers.end_due(session, service.today(), now, by=by)
    if administered and not _administered(session):
        raise NoAdminLeft
    service.note(session, "people file", file.name, _in_words(file), by=by)
    empty(session, file_id)
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
