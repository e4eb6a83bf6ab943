"""A file of people (the HR file): read by the rules of company folders, and put down to be looked at."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config import settings
from pulse.db import Database
from pulse.i18n import gettext as _
from pulse.months import month_of, written
from pulse.organisation.models import Team
from pulse.people import files, taking_over
from pulse.people.files import Row
from pulse.people.models import AnswersBy
from pulse.people.service import NotAnAddress, normal
from surveys.imports import values
from surveys.imports.company import Row as Fields
from surveys.imports.layouts import Layout
from surveys.imports.records import ColumnMissing, Progress, Sheet, Unreadable
from surveys.imports.refusals import MOST_SHOWN, Refusal, Refusals, Wrong, quoted
from surveys.waves.models import Wave, WaveState

REQUIRED = ("email", "team")
OPTIONAL = ("name", "language", "manager_of", "answers_by", "since", "left")
COLUMNS = (*REQUIRED, *OPTIONAL)
LONGEST_ADDRESS, LONGEST_NAME = 254, 200
SUGGESTED = 20  # unknown codes for which a near one is looked for: each look takes time
JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"  # of names in Persian, Hindi and others


@dataclass(frozen=True)
class Wanted:
    """How a file is to be read.

    starts -- the day from which it holds
    full -- whether it names everybody: whoever it does not name has left
    columns -- what the file calls a column of ours, where that is another name
    by -- the id of whoever brings it; None = the command line
    """

    starts: date
    full: bool = False
    columns: Mapping[str, str] | None = None
    by: int | None = None


@dataclass(frozen=True)
class Reading:
    """What reading a file came to: file_id -- the file that waits, None where anything was refused."""

    name: str
    rows: int
    ignored: tuple[str, ...]
    file_id: int | None
    refused: tuple[Refusal, ...] = ()
    refused_in_all: int = 0


class Teams:
    """The teams a file may name, by code; says what to write instead of a code there is not."""

    def __init__(self, session: Session) -> None:
        rows = session.execute(
            select(Team.id, Team.code, Team.name_en, Team.name_fr, Team.opened, Team.closed)
        ).all()
        self._by_code = {row.code: row for row in rows}
        self._advised: dict[str, str] = {}

    @cached_property
    def _by_name(self) -> dict[str, str]:
        return {
            name.casefold(): row.code for row in self._by_code.values() for name in (row.name_en, row.name_fr)
        }

    def team(self, text: str, day: date) -> int:
        """The id of the team of a code, open on a day; raises Wrong."""
        code = values.code(text)
        found = self._by_code.get(code)
        if found is None:
            raise Wrong(self._advice(code))
        month = month_of(day)
        if found.closed is not None and found.closed <= month:
            raise Wrong(_("is closed since %(month)s; write the team it became", month=written(found.closed)))
        if found.opened is not None and found.opened > month:
            raise Wrong(_("opens in %(month)s only; write the team until then", month=written(found.opened)))
        return int(found.id)

    def _advice(self, code: str) -> str:
        if code not in self._advised and len(self._advised) < SUGGESTED:
            self._advised[code] = self._looked_for(code)
        return self._advised.get(code) or _("is no team; write the code of one that was loaded")

    def _looked_for(self, code: str) -> str:
        if not self._by_code:
            return _("is no team: there is none yet; load the company's folder first")
        if code.casefold() in self._by_name:
            return _(
                "is a team's name; write its code, %(code)s", code=quoted(self._by_name[code.casefold()])
            )
        near = values.nearest(code, self._by_code)
        return _("is no team; write the code of one that was loaded") + near


def read(
    database: Database,
    path: Path,
    wanted: Wanted,
    *,
    name: str,
    now: datetime,
    progress: Progress | None = None,
) -> Reading:
    """Read a file of people and put it down, in transactions of a thousand rows each.

    name -- what the file is called in reports

    All or nothing: where anything is refused, nothing is left of it.
    """
    refusals = Refusals()
    with database.writing() as session:
        teams = Teams(session)
        file = files.begin(session, name, starts=wanted.starts, full=wanted.full, by=wanted.by, now=now)
        file_id = file.id
    try:
        sheet = _opened(path, name, wanted, refusals, progress)
        _put_down(database, file_id, _rows(sheet, refusals, teams, wanted), refusals)
        if not sheet.rows:
            raise Unreadable(None, _("holds no row; write one for each person below the header"))
    except Unreadable as unreadable:
        refusals.add(name, unreadable.line, "", str(unreadable))
        return _refused(database, file_id, Reading(name, 0, (), None), refusals)
    except BaseException:
        with database.writing() as session:
            files.drop(session, file_id)
        raise
    _refuse_repeated(database, file_id, name, refusals)
    read_so_far = Reading(name, sheet.rows, sheet.ignored, file_id)
    return _refused(database, file_id, read_so_far, refusals) if refusals.count else read_so_far


def settled(session: Session, zone: ZoneInfo) -> date | None:
    """The day the last wave was opened on that is not counted yet; None where there is no such wave."""
    opened = session.scalar(
        select(func.max(Wave.opens_at)).where(Wave.state.in_((WaveState.OPEN, WaveState.CLOSED)))
    )
    return opened.astimezone(zone).date() if opened is not None else None


def _opened(path: Path, name: str, wanted: Wanted, refusals: Refusals, progress: Progress | None) -> Sheet:
    """The file at its header, its columns under our names; raises Unreadable with what would be right."""
    theirs = {ours: " ".join((wanted.columns or {}).get(ours, ours).split()).casefold() for ours in COLUMNS}
    layout = Layout(name, tuple(theirs[ours] for ours in REQUIRED), tuple(theirs[ours] for ours in OPTIONAL))
    try:
        sheet = Sheet(path, layout, refusals, progress)
    except ColumnMissing as missing:
        raise Unreadable(missing.line, f"{missing}. {_advice()}") from missing
    sheet.columns = {ours: sheet.columns[name] for ours, name in theirs.items() if name in sheet.columns}
    return sheet


def _advice() -> str:
    return _(
        "Each row needs a person's email and the code of their team; say which of the file's columns hold"
        " them, or rename these columns"
    )


def _rows(sheet: Sheet, refusals: Refusals, teams: Teams, wanted: Wanted) -> Iterator[Row | None]:
    """Each record as a row, or None where something in it was refused."""
    for fields in sheet:
        before = refusals.count
        found = _row(Fields(sheet, fields, refusals, {}), sheet, teams, wanted)
        yield found if refusals.count == before else None


def _row(fields: Fields, sheet: Sheet, teams: Teams, wanted: Wanted) -> Row:
    since = fields.read("since", values.day, None)
    left = fields.read("left", values.day, None)
    fields.ordered("since", since, "left", left)
    day = max(since or wanted.starts, wanted.starts)
    if left is not None and left < wanted.starts:
        day = left  # the team of somebody who has left may be closed since
    email = fields.needed("email", address, "")
    team = fields.needed("team", lambda text: teams.team(text, day), 0)
    heads = fields.read("manager_of", lambda text: _heads(text, teams, wanted.starts), ())
    return Row(
        line=fields.line,
        email=email,
        team_id=team,
        name=fields.read("name", person_name, None),
        language=fields.read("language", language, None),
        answers_by=fields.read("answers_by", answers_by, None),
        since=since,
        left=left,
        leads=heads if "manager_of" in sheet.columns else None,
    )


def _heads(text: str, teams: Teams, day: date) -> tuple[int, ...]:
    return tuple(dict.fromkeys(teams.team(code, day) for code in values.codes(text)))


def _put_down(database: Database, file_id: int, rows: Iterator[Row | None], refusals: Refusals) -> None:
    """Put rows down, as long as none was refused: after that they are only looked through."""
    counts: Counter[str] = Counter()
    while some := list(islice(rows, files.AT_ONCE)):
        sound = [row for row in some if row is not None]
        if refusals.count or not sound:
            continue
        with database.writing() as session:
            file = files.waiting(session, file_id)
            counts += files.stage(session, file, sound, settled=settled(session, settings().zone))
    if not refusals.count:
        with database.writing() as session:
            files.read_whole(session, files.waiting(session, file_id), counts)


def _refuse_repeated(database: Database, file_id: int, name: str, refusals: Refusals) -> None:
    if refusals.count:
        return
    with database.reading() as session:
        for email, line, first in files.repeated(session, file_id, MOST_SHOWN):
            why = _("is here twice (first on line %(line)s); keep one row a person", line=first)
            refusals.value(name, line, "email", email, Wrong(why))


def _refused(database: Database, file_id: int, reading: Reading, refusals: Refusals) -> Reading:
    with database.writing() as session:
        files.drop(session, file_id)
    return Reading(reading.name, reading.rows, reading.ignored, None, tuple(refusals.first), refusals.count)


def keep(
    session: Session, file_id: int, *, leavers_confirmed: int | None, by: int | None, now: datetime
) -> files.Summary:
    """Take a file over that was read; raises what taking_over.keep does. An open wave keeps its people."""
    return taking_over.keep(
        session,
        file_id,
        leavers_confirmed=leavers_confirmed,
        by=by,
        now=now,
        settled=settled(session, settings().zone),
    )


def address(text: str) -> str:
    """An e-mail address to which mails can be sent."""
    try:
        found = normal(text)
    except NotAnAddress:
        raise Wrong(_("is no e-mail address; write one such as name@example.org")) from None
    if not found.isascii():
        raise Wrong(_("has letters that mail servers do not take; write it without accents"))
    if len(found) > LONGEST_ADDRESS:
        raise Wrong(_("is too long for an e-mail address"))
    return found


def person_name(text: str) -> str:
    """A person's name: on one line, of characters that can be read."""
    if len(text) > LONGEST_NAME:
        raise Wrong(_("is too long for a name; use at most %(n)s characters", n=LONGEST_NAME))
    if not all(c.isprintable() or c in JOINERS for c in text):
        raise Wrong(_("holds characters that cannot be read; write the name on one line"))
    return text


def language(text: str) -> str:
    """The language of pages and mails."""
    if text.casefold() not in ("fr", "en"):
        raise Wrong(_("is no language Pulse speaks; write fr or en"))
    return text.casefold()


def answers_by(text: str) -> AnswersBy:
    """How somebody answers."""
    try:
        return AnswersBy(text.casefold())
    except ValueError:
        raise Wrong(_("is no way to answer; write ballot or code")) from None
