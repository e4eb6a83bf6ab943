"""A folder that waits: read as `flask load` reads it, told, and kept when somebody says so."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import IntegrityError, ProgrammingError

from pulse import db
from pulse.people import service as people
from surveys.imports.known import known
from surveys.imports.load import Reading, keep, read
from surveys.imports.refusals import Refused, Report
from surveys.starting import service, steps


class Overtaken(Exception):
    """The organisation was changed while the folder was read."""


class NotOnScreen(Exception):
    """The pages' role may not write sums of answers (docs/postgresql.md): the command line may."""


@dataclass(frozen=True)
class Told:
    """What a folder holds and what came, or would come, of it; sound -- whether nothing was refused."""

    report: Report
    sound: bool

    @property
    def changes(self) -> bool:
        """Whether taking it over changes anything."""
        report = self.report
        return self.sound and bool(report.changes or report.added or report.replaced)

    @property
    def wants_replace(self) -> bool:
        """Whether anything was refused only because it was loaded, or frozen, before."""
        return any("--replace" in refusal.reason for refusal in self.report.refused)


def look(path: Path, *, replace: bool) -> Told:
    """What taking a folder over would come to; nothing is kept. Raises Overtaken or NotOnScreen."""
    return _told(path, replace=replace, by=None, dry_run=True)


def take_over(path: Path, *, replace: bool, by: int | None) -> Told:
    """Keep what is in a folder, if nothing of it is refused. Raises Overtaken or NotOnScreen.

    by -- id of whoever says so
    """
    return _told(path, replace=replace, by=by, dry_run=False)


def _told(path: Path, *, replace: bool, by: int | None, dry_run: bool) -> Told:
    with db.night.reading() as session:
        before = known(session)
    try:
        reading = read(path, before, replace=replace, answers_needed=False)
        with (db.night.reading if dry_run else db.night.writing)() as session:
            if known(session) != before:
                raise Overtaken
            report = keep(session, reading, replace=replace)
            if not dry_run and report.changes:
                service.take_back(session, steps.LOOKED)
            if not dry_run:
                people.note(session, "company folder loaded", path.name, _summary(reading, report), by=by)
    except Refused as refused:
        return Told(refused.report, sound=False)
    except IntegrityError as error:
        raise Overtaken from error
    except ProgrammingError as error:  # the role is refused what it asks for
        raise NotOnScreen from error
    return Told(report, sound=True)


def _summary(reading: Reading, report: Report) -> str:
    rows = ", ".join(f"{file} {count}" for file, count in reading.rows.items())
    return (
        f"{report.changes} entries, {len(report.added)} months added, {len(report.replaced)} replaced: {rows}"
    )
