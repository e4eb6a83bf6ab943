"""A file of interactions: every good row is decided on, a thousand in one transaction; the rest is told."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path

from config import Settings
from pulse.db import Database
from pulse.i18n import gettext as _
from surveys.imports.company import Row
from surveys.imports.layouts import Layout
from surveys.imports.records import Progress, Sheet, Unreadable
from surveys.imports.refusals import Refusals, Wrong
from surveys.imports.values import EARLIEST, LATEST
from surveys.invitations.interactions import MOST, Refused, Seen, Taken, take
from surveys.invitations.models import Outcome

REQUIRED = ("interaction", "touchpoint", "happened_at")
OPTIONAL = ("customer", "email", "phone", "language", "name")
TIME = r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?"
MOMENT = re.compile(rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}([T ]{TIME})?\Z")


@dataclass
class Done:
    """What a file of interactions came to.

    outcomes -- of those that came for the first time; known -- how many had come before
    """

    name: str
    rows: int = 0
    ignored: tuple[str, ...] = ()
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    known: int = 0
    refusals: Refusals = field(default_factory=Refusals)


def load(
    database: Database, path: Path, now: datetime, *, known: Settings, progress: Progress | None = None
) -> Done:
    """Take the interactions of a CSV file, in bounded memory; run again, it changes nothing.

    Raises NoSecretKey.
    """
    done = Done(path.name)
    try:
        sheet = Sheet(path, Layout(path.name, REQUIRED, OPTIONAL), done.refusals, progress)
    except Unreadable as unreadable:
        done.refusals.add(path.name, unreadable.line, "", str(unreadable))
        return done
    done.ignored = sheet.ignored
    rows = _rows(sheet, done.refusals)
    while some := list(islice(rows, MOST)):
        with database.writing() as session:
            became = take(session, [seen for _line, seen in some], now, known=known)
        for (line, _seen), each in zip(some, became, strict=True):
            _count(done, line, each)
    done.rows = sheet.rows
    return done


def _count(done: Done, line: int, became: Taken | Refused) -> None:
    if isinstance(became, Refused):
        column = "interaction" if became.field == "code" else became.field
        done.refusals.value(done.name, line, column, became.value, Wrong(became.reason))
    elif became.new:
        done.outcomes[became.outcome] += 1
    else:
        done.known += 1


def _rows(sheet: Sheet, refusals: Refusals) -> Iterator[tuple[int, Seen]]:
    """Each record that can be read, with the line it stands on; of a file that breaks off, those before."""
    try:
        for fields in sheet:
            row = Row(sheet, fields, refusals, {})
            code, place = row.needed("interaction", str, ""), row.needed("touchpoint", str, "")
            happened_at = row.needed("happened_at", moment, datetime.min)
            if not row.lost:
                rest = {column: row.raw(column) or None for column in OPTIONAL}
                yield row.line, Seen(code, place, happened_at, **rest)
    except Unreadable as unreadable:
        refusals.add(sheet.file, unreadable.line, "", str(unreadable))


def moment(text: str) -> datetime:
    """A day with or without a time of day, by the organisation's clock where no offset is written."""
    try:
        found = datetime.fromisoformat(text) if MOMENT.match(text) else None
    except ValueError:
        found = None
    if found is None or not EARLIEST <= found.year < LATEST:
        raise Wrong(_("is no time; write YYYY-MM-DD HH:MM, such as 2026-11-21 14:30"))
    return found
