"""Loading a company folder: read and checked whole, then kept whole or not at all."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from config import settings
from pulse.i18n import gettext as _
from pulse.i18n import ngettext
from pulse.ledger import store
from pulse.ledger.models import Source
from pulse.months import written
from pulse.organisation.models import Side
from pulse.people import service as people
from surveys.imports import company as companies
from surveys.imports import layouts, on_screen, references, sums, values
from surveys.imports.company import Company
from surveys.imports.keeping import Keeper
from surveys.imports.known import Known, known
from surveys.imports.layouts import Layout
from surveys.imports.records import Progress, Sheet, Unreadable
from surveys.imports.refusals import Loaded, Refusals, Refused, Report
from surveys.imports.sums import Sums
from surveys.waves.models import Wave, WaveState


@dataclass
class Reading:
    """What was read of a folder, and what of it was refused."""

    company: Company = field(default_factory=Company)
    sums: dict[Side, Sums] = field(default_factory=lambda: {side: Sums() for side in Side})
    refusals: Refusals = field(default_factory=Refusals)
    rows: dict[str, int] = field(default_factory=dict)
    ignored_columns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    ignored_files: tuple[str, ...] = ()

    def report(self, **kept: object) -> Report:
        """The report so far, with what came of keeping it."""
        first, count = tuple(self.refusals.first), self.refusals.count
        return Report(
            self.rows,
            self.ignored_columns,
            self.ignored_files,
            first,
            count,
            **kept,  # type: ignore[arg-type]
        )


def load(
    session: Session,
    folder: Path,
    *,
    replace: bool = False,
    progress: Progress | None = None,
    k: int | None = None,
) -> Report:
    """Load a company folder; the caller commits. Loading the same folder twice changes nothing.

    replace -- months loaded before may be replaced, and what was frozen at a fix's launch or written on
        screen changed
    progress -- hears a file's name and how many more bytes of it were read
    k -- the smallest group whose figures may be shown; None = the setting
    Raises Refused, carrying the report, where anything at all is refused: the caller then rolls back.
    """
    reading = read(folder, known(session), replace=replace, progress=progress)
    return keep(session, reading, replace=replace, k=k)


def read(
    folder: Path,
    before: Known,
    *,
    replace: bool = False,
    answers_needed: bool = True,
    progress: Progress | None = None,
) -> Reading:
    """Read a folder and hold it against what the database knows; needs no database while it reads.

    answers_needed -- whether it must hold answers: not where Pulse itself is about to ask for the first ones

    Raises Refused, carrying the report, where anything is refused.
    """
    reading = Reading(ignored_files=_unknown_files(folder))
    _check_files(folder, reading, answers_needed=answers_needed)

    def structure(sheet: Sheet) -> None:
        companies.read(sheet, reading.company, reading.refusals)

    for layout in layouts.STRUCTURE:
        _read_file(folder, layout, reading, progress, structure)
    today = people.today()
    if not replace:
        on_screen.hold(reading.company, before.screen, reading.refusals, today)
    references.check(reading.company, before, reading.refusals, replace=replace, today=today)
    try:
        _read_scores(folder, before, reading, progress)
    except MemoryError:
        raise _too_large(reading) from None
    if reading.refusals.count:
        raise Refused(reading.report())
    return reading


def keep(session: Session, reading: Reading, *, replace: bool = False, k: int | None = None) -> Report:
    """Write what was read, close the months that are new; raises Refused where a month differs."""
    smallest = settings().min_respondents if k is None else k
    keeper = Keeper(session, reading.company)
    keeper.keep()
    try:
        months = _keep_sums(session, keeper, reading, replace=replace, k=smallest)
    except MemoryError:
        raise _too_large(reading) from None
    if reading.refusals.count:
        raise Refused(reading.report())
    return reading.report(
        changes=keeper.changes, **{outcome: tuple(found) for outcome, found in months.items()}
    )


def _keep_sums(
    session: Session, keeper: Keeper, reading: Reading, *, replace: bool, k: int
) -> dict[str, list[Loaded]]:
    """Keep every month of both sides; what came of each."""
    months: dict[str, list[Loaded]] = {"added": [], "unchanged": [], "replaced": []}
    for side, found in reading.sums.items():
        places, irritants = keeper.places(side), keeper.irritants()
        for month, cells in found.months():
            wanted = sorted(
                store.Sum(irritants[c.irritant], places[c.place], c.n, c.total, c.squares) for c in cells
            )
            outcome = _keep_month(session, side, month, wanted, reading, replace=replace, k=k)
            months[outcome].append(Loaded(month, side))
    return months


def _keep_month(
    session: Session,
    side: Side,
    month: date,
    wanted: list[store.Sum],
    reading: Reading,
    *,
    replace: bool,
    k: int,
) -> str:
    before = store.contributed(session, side, month, Source.LOADED)
    if before == wanted:
        return "unchanged"
    if side is Side.EMPLOYEE and _asked_in_a_wave(session, month):
        reason = _(
            "%(month)s %(side)s: a wave of this month has been opened; answers of a company folder would make"
            " up for those too few to be shown; leave the month out",
            month=written(month),
            side=side.value,
        )
        reading.refusals.add(_told_in(reading.sums[side]), None, written(month), reason)
        return "unchanged"
    if before and not replace:
        reason = ngettext(
            "%(month)s %(side)s: %(n)s cell differs from what was loaded; load with --replace to replace that"
            " month",
            "%(month)s %(side)s: %(n)s cells differ from what was loaded; load with --replace to replace that"
            " month",
            _different(before, wanted),
            month=written(month),
            side=side.value,
        )
        reading.refusals.add(_told_in(reading.sums[side]), None, written(month), reason)
        return "unchanged"
    store.replace(session, side, month, Source.LOADED, wanted)
    store.close(session, side, month, k=k, now=datetime.now(UTC))
    return "replaced" if before else "added"


def _asked_in_a_wave(session: Session, month: date) -> bool:
    """Whether a month's answers come, or came, out of the urn."""
    opened = select(Wave.id).where(Wave.month == month, Wave.state != WaveState.PLANNED)
    return session.scalar(opened) is not None


def _too_large(reading: Reading) -> Refused:
    """The refusal of more sums than fit into memory, which are let go first: saying so takes some as well."""
    largest = max(reading.sums.values(), key=lambda found: len(found.packed))
    for found in reading.sums.values():
        found.packed.clear()
    reason = _("holds more sums than this machine has memory for; load fewer months at a time")
    reading.refusals.add(_told_in(largest), None, "", reason)
    return Refused(reading.report())


def _told_in(found: Sums) -> str:
    return _(" and ").join(found.files)


def _different(before: list[store.Sum], wanted: list[store.Sum]) -> int:
    """How many cells are not the same, there or not."""
    return len({cell[:2] for cell in set(before) ^ set(wanted)})


def _read_scores(folder: Path, before: Known, reading: Reading, progress: Progress | None) -> None:
    words = references.vocabulary(reading.company, before)
    refusals = reading.refusals

    def customers(sheet: Sheet) -> None:
        sums.add_answers(
            sheet, reading.sums[Side.CUSTOMER], "touchpoint", words.touchpoints, words.irritants, refusals
        )

    def employees(sheet: Sheet) -> None:
        sums.add_answers(sheet, reading.sums[Side.EMPLOYEE], "team", words.teams, words.irritants, refusals)

    def cells(sheet: Sheet) -> None:
        sums.add_cells(sheet, reading.sums, words, refusals)

    for layout, take in zip(layouts.SCORES, (customers, employees, cells), strict=True):
        _read_file(folder, layout, reading, progress, take)
    for found in reading.sums.values():
        for month, irritant in sums.too_many(found):
            reason = _(
                "%(month)s %(irritant)s: more than %(n)s answers cannot be counted",
                month=written(month),
                irritant=irritant,
                n=values.MOST_ANSWERS,
            )
            reading.refusals.add(_told_in(found), None, irritant, reason)


def _check_files(folder: Path, reading: Reading, *, answers_needed: bool) -> None:
    """Refuse what must be there and is not."""
    for layout in layouts.STRUCTURE:
        if layout.needed and not os.path.lexists(folder / layout.file):
            reading.refusals.add(layout.file, None, "", _("is missing; a company folder must hold it"))
            reading.company.incomplete.add(layout.file)
    if answers_needed and not any(os.path.lexists(folder / layout.file) for layout in layouts.SCORES):
        first, *others = (layout.file for layout in layouts.SCORES)
        reason = _(
            "is missing, and so are %(others)s; a company folder must hold one of them",
            others=_(" and ").join(others),
        )
        reading.refusals.add(first, None, "", reason)


def _unknown_files(folder: Path) -> tuple[str, ...]:
    known_files = {layout.file for layout in (*layouts.STRUCTURE, *layouts.SCORES)} | {layouts.TRUTH}
    return tuple(sorted(path.name for path in folder.glob("*.csv") if path.name not in known_files))


def _read_file(
    folder: Path, layout: Layout, reading: Reading, progress: Progress | None, take: Callable[[Sheet], None]
) -> None:
    """Let a file be taken in where it is there; whatever keeps it from being read to its end is refused."""
    path = folder / layout.file
    if not os.path.lexists(path):
        return
    sheet = None
    try:
        if not path.is_file():
            raise Unreadable(None, _("is no file; put a CSV file in its place"))
        sheet = Sheet(path, layout, reading.refusals, progress)
        take(sheet)
        if layout.filled and sheet.rows == 0:
            raise Unreadable(None, _("has a header but no row; write the rows below it"))
    except Unreadable as error:
        reading.refusals.add(layout.file, error.line, "", str(error))
        reading.company.incomplete.add(layout.file)
    if sheet is not None:
        reading.rows[layout.file] = sheet.rows
        if sheet.ignored:
            reading.ignored_columns[layout.file] = sheet.ignored
