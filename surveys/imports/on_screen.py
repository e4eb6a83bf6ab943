"""What people wrote on screen holds against a company folder.

A folder tells what an organisation's own systems know, and is loaded again and again. Whatever was written on
screen since stays: an empty cell does not undo it, and a cell that says otherwise is refused until somebody
decides (--replace), or writes in the folder what stands on screen.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from pulse.i18n import gettext as _
from pulse.i18n import listed
from pulse.organisation.freezing import FROZEN, is_frozen
from pulse.organisation.models import Fix, FixDeed, FixEvent, Irritant, Place, PlaceKind, RollOut
from pulse.registering import rewording
from surveys.imports.company import Company, FixRow, IrritantRow, RolloutRow
from surveys.imports.layouts import FIXES, IRRITANTS, ROLLOUTS
from surveys.imports.refusals import Refusal, Refusals, quoted

DATES = "rollouts"  # stands for rollouts.csv among the columns of fixes.csv
NAMES = {
    "name": "name_en",
    "label": "label_en",
    "customer_question": "customer_question_en",
    "employee_question": "employee_question_en",
}  # columns whose English goes by another name in a row
WRITTEN = {"name_en": "name", "name_fr": "name_fr"} | {
    column: column
    for column in (
        *("irritant", "started", "stopped", "touchpoints", "teams", "owner"),
        *("expected_customer", "expected_staff", "registered"),
    )
}  # what a fix's event calls it: its column in fixes.csv

Rollouts = frozenset[tuple[str, object, object]]  # place, start, stop


@dataclass(frozen=True)
class Screen:
    """What was written on screen, as a folder would write it: rows by code, and which columns of each."""

    fixes: Mapping[str, FixRow] = field(default_factory=dict)
    rollouts: Mapping[str, Rollouts] = field(default_factory=dict)
    irritants: Mapping[str, IrritantRow] = field(default_factory=dict)
    columns: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)  # by file and code


def screen(session: Session) -> Screen:
    """What was written on screen up to now."""
    columns: dict[tuple[str, str], frozenset[str]] = {}
    codes = dict(session.execute(select(Fix.id, Fix.code)).all())
    for event in session.scalars(select(FixEvent)):
        key = FIXES.file, codes[event.fix_id]
        columns[key] = columns.get(key, frozenset()) | _columns(event)
    for code, words in rewording.on_screen(session).items():
        columns[IRRITANTS.file, code] = words
    touched = {code for file, code in columns if file == FIXES.file}
    fixes = select(Fix).where(Fix.code.in_(touched))
    rows = session.scalars(fixes.options(selectinload(Fix.places), selectinload(Fix.irritant))).all()
    return Screen(
        {row.code: _fix(row) for row in rows},
        {row.code: _rollouts(session, row) for row in rows},
        {row.code: _irritant(row) for row in _irritants(session, columns)},
        columns,
    )


def hold(company: Company, before: Screen, refusals: Refusals, today: date) -> None:
    """Put what was written on screen where a folder says nothing, and refuse what says otherwise.

    What is frozen by a day is refused as such, wherever it was written (references.check).
    """
    for code, fix in company.fixes.items():
        known = before.fixes.get(code)
        if known is not None:
            columns = _told_in(company.given[FIXES.file], before.columns[FIXES.file, code])
            company.fixes[code] = replace(fix, **_kept(fix, known, columns))
            frozen = FROZEN if is_frozen(known.started, today) else ()
            refusals.many(_differ(FIXES.file, "fix", fix, known, columns.difference(frozen)))
    for code, irritant in company.irritants.items():
        said = before.irritants.get(code)
        if said is not None:
            columns = _told_in(company.given[IRRITANTS.file], before.columns[IRRITANTS.file, code])
            company.irritants[code] = replace(irritant, **_kept(irritant, said, columns))
            refusals.many(_differ(IRRITANTS.file, "irritant", irritant, said, columns))
    refusals.many(_dates(company, before))


def _told_in(given: Collection[str], columns: Collection[str]) -> frozenset[str]:
    """The columns that a file tells; one language of a name stands for the other where that is missing."""
    return frozenset(
        column
        for column in columns
        if column in given or {column.removesuffix("_fr"), f"{column}_fr"}.intersection(given)
    )


def _columns(event: FixEvent) -> frozenset[str]:
    """The columns an event wrote; putting on record writes them all."""
    if event.deed is FixDeed.REGISTERED:
        return frozenset({*WRITTEN.values(), DATES})
    placed = {DATES for name in event.changed if ":" in name}
    return frozenset({WRITTEN[name] for name in event.changed if name in WRITTEN} | placed)


def _fix(row: Fix) -> FixRow:
    named = {kind: tuple(p.code for p in row.places if p.kind is kind) for kind in PlaceKind}
    return FixRow(
        line=0,
        code=row.code,
        name_en=row.name_en,
        name_fr=row.name_fr,
        irritant=row.irritant.code,
        started=row.started,
        stopped=row.stopped,
        touchpoints=named[PlaceKind.TOUCHPOINT],
        teams=named[PlaceKind.TEAM],
        owner=row.owner,
        expected_customer=row.expected_customer,
        expected_staff=row.expected_staff,
        registered=row.registered,
    )


def _rollouts(session: Session, fix: Fix) -> Rollouts:
    rows = select(Place.code, RollOut.started, RollOut.stopped).join(Place, Place.id == RollOut.place_id)
    found = session.execute(rows.where(RollOut.fix_id == fix.id))
    return frozenset((code, started, stopped) for code, started, stopped in found)


def _irritants(session: Session, columns: Collection[tuple[str, str]]) -> Collection[Irritant]:
    codes = {code for file, code in columns if file == IRRITANTS.file}
    rows = select(Irritant).where(Irritant.code.in_(codes)).options(selectinload(Irritant.touchpoints))
    return session.scalars(rows).all()


def _irritant(row: Irritant) -> IrritantRow:
    return IrritantRow(
        line=0,
        code=row.code,
        label_en=row.label_en,
        label_fr=row.label_fr,
        customer_question_en=row.customer_question_en,
        customer_question_fr=row.customer_question_fr,
        employee_question_en=row.employee_question_en,
        employee_question_fr=row.employee_question_fr,
        touchpoints=tuple(place.code for place in row.touchpoints),
    )


def _kept(row: object, known: object, columns: Collection[str]) -> dict[str, Any]:
    """What a row leaves open and was written on screen, by attribute."""
    attributes = [NAMES.get(column, column) for column in columns]
    return {name: getattr(known, name) for name in attributes if _silent(row, name)}


def _silent(row: object, name: str) -> bool:
    """Whether a row says nothing in a column: an empty name is read as the code, empty French as English."""
    value = getattr(row, name)
    return value in (None, "", ()) or value == _stands_in(row, name)


def _stands_in(row: object, name: str) -> object:
    """What a name or a question is read as where its cell is empty (company.Row.names)."""
    subject, _dot, language = name.rpartition("_")
    if language == "fr" and getattr(row, f"{subject}_en") != getattr(row, name):
        return getattr(row, "label_fr", None) if subject.endswith("question") else None
    if language == "fr":
        return getattr(row, name)
    if subject.endswith("question"):
        return getattr(row, "label_en", None)
    return getattr(row, "code", None) if subject in ("name", "label") else None


def _differ(
    file: str, what: str, row: FixRow | IrritantRow, known: object, columns: Collection[str]
) -> Iterator[Refusal]:
    changed = [
        column
        for column in sorted(columns)
        if not _silent(row, NAMES.get(column, column)) and _changes(row, known, NAMES.get(column, column))
    ]
    if changed:
        reason = _(
            "%(what)s %(code)s was written on screen, but this file changes its %(columns)s; write what"
            " stands on screen, leave the cell empty, or load with --replace",
            what=what,
            code=quoted(row.code),
            columns=listed(changed),
        )
        yield Refusal(file, row.line, row.code, reason)


def _changes(row: object, known: object, name: str) -> bool:
    written, before = getattr(row, name), getattr(known, name)
    if isinstance(written, tuple):
        return set(written) != set(before)
    return bool(written != before)


def _dates(company: Company, before: Screen) -> Iterator[Refusal]:
    """Dates of places written on screen stay; rows of rollouts.csv that say otherwise are refused."""
    held = {code for code in before.rollouts if DATES in before.columns[FIXES.file, code]}
    for code in sorted(held):
        mine = [row for row in company.rollouts if row.fix == code]
        if mine and _told(mine) != before.rollouts[code]:
            reason = _(
                "the dates of the places of fix %(code)s were written on screen, but this file changes them;"
                " write what stands on screen, take its rows out, or load with --replace",
                code=quoted(code),
            )
            yield Refusal(ROLLOUTS.file, mine[0].line, code, reason)
    company.rollouts[:] = [row for row in company.rollouts if row.fix not in held]
    company.dated_on_screen |= held


def _told(rows: Collection[RolloutRow]) -> Rollouts:
    return frozenset((row.place, row.started, row.stopped) for row in rows)
