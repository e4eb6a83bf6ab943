"""What the pages that put fixes and irritants on record show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from pulse.i18n import language
from pulse.organisation import fixes, service
from pulse.organisation.freezing import Stage, has_begun
from pulse.organisation.models import Break, Fix, Irritant, Place, PlaceKind, RollOut, Side
from pulse.organisation.scope import Dates
from pulse.verdicts.models import Flag


@dataclass(frozen=True)
class Row:
    """A fix with how far it has come."""

    fix: Fix
    stage: Stage


@dataclass(frozen=True)
class At:
    """A place of a fix with its dates.

    begun -- the fix acts there, so its start no longer changes; ended -- it stopped, nor does its end
    """

    place: Place
    dates: Dates
    begun: bool
    ended: bool


@dataclass(frozen=True)
class About:
    """An irritant with the fixes on it, whether it is asked about, and where its series start anew."""

    irritant: Irritant
    fixes: tuple[Fix, ...]
    asked: bool
    breaks: tuple[Break, ...]


def fix(session: Session, code: str) -> Fix | None:
    """A fix by its code."""
    rows = select(Fix).where(Fix.code == code).options(joinedload(Fix.irritant), selectinload(Fix.places))
    return session.scalar(rows)


def on_record(session: Session, today: date, *, owner: str | None = None) -> Mapping[Stage, Sequence[Row]]:
    """All fixes by how far they have come, the next to start first; owner -- only those of an e-mail."""
    found: dict[Stage, list[Row]] = {stage: [] for stage in Stage}
    rows = select(Fix).options(joinedload(Fix.irritant)).order_by(Fix.started.desc(), Fix.code)
    for row in session.scalars(rows):
        if owner is None or (row.owner or "").casefold() == owner.casefold():
            stage = fixes.stage_of(row, today)
            found[stage].append(Row(row, stage))
    found[Stage.PLANNED].reverse()
    return found


def irritants(session: Session, *, also: str = "") -> Sequence[Irritant]:
    """The irritants a fix may act on: those that are not retired, and the one of a code in any case."""
    rows = session.scalars(select(Irritant).order_by(Irritant.code))
    return sorted((row for row in rows if row.retired is None or row.code == also), key=_name)


def _name(irritant: Irritant) -> str:
    return irritant.label(language()).casefold()


def codes(session: Session) -> dict[str, int]:
    """The ids of all irritants by code."""
    return {code: key for code, key in session.execute(select(Irritant.code, Irritant.id))}


def places(session: Session, kind: PlaceKind | None = None) -> Sequence[Place]:
    """All places, or those of a kind, by name."""
    rows = session.scalars(select(Place).order_by(Place.code))
    chosen = [row for row in rows if kind is None or row.kind is kind]
    return sorted(chosen, key=lambda place: place.name(language()).casefold())


def dates(session: Session, found: Fix, today: date) -> list[At]:
    """When a fix starts and stops at each of its places: touchpoints first, then teams, by name."""
    scope = service.acting(session, found)
    rows = session.scalars(select(RollOut).where(RollOut.fix_id == found.id))
    own = {row.place_id: Dates(row.started, row.stopped) for row in rows}
    named = {place.id: place for place in places(session)}
    return [
        _at(named[key], own.get(key, Dates(found.started)), today)
        for ids in (scope.touchpoints, scope.teams)
        for key in named
        if key in ids
    ]


def _at(place: Place, own: Dates, today: date) -> At:
    return At(place, own, has_begun(own, today), own.stopped is not None and own.stopped < today)


def flag(session: Session, flag_id: str | None) -> Flag | None:
    """The flag a fix is to answer, if there is one of that id."""
    if not (flag_id or "").isdecimal() or int(flag_id or 0) > 2147483647:
        return None
    return session.get(Flag, int(flag_id or 0))


def about_irritants(session: Session, today: date) -> list[About]:
    """All irritants with what is done about them, by name."""
    acting: dict[int, list[Fix]] = {}
    for row in session.scalars(select(Fix).order_by(Fix.started.desc(), Fix.code)):
        if not row.withdrawn:
            acting.setdefault(row.irritant_id, []).append(row)
    breaks: dict[int | None, list[Break]] = {}
    for mark in session.scalars(select(Break).order_by(Break.month)):
        breaks.setdefault(mark.measure_id, []).append(mark)
    rows = select(Irritant).options(selectinload(Irritant.touchpoints)).order_by(Irritant.code)
    found = [
        About(
            row,
            tuple(acting.get(row.id, ())),
            (row.added is None or row.added <= today) and (row.retired is None or row.retired > today),
            tuple(breaks.get(row.id, ())),
        )
        for row in session.scalars(rows)
    ]
    return sorted(found, key=lambda one: _name(one.irritant))


def about(session: Session, code: str, today: date) -> About | None:
    """One irritant with what is done about it."""
    return next((one for one in about_irritants(session, today) if one.irritant.code == code), None)


def narrowed(found: Sequence[About], search: str, show: str) -> list[About]:
    """Those whose name, code or question holds all words searched for; show -- "asked", "retired" or all."""
    words = search.casefold().split()
    return [
        one
        for one in found
        if all(word in _all_words(one.irritant) for word in words)
        and (show not in ("asked", "retired") or (show == "retired") == (one.irritant.retired is not None))
    ]


def _all_words(irritant: Irritant) -> str:
    questions = [irritant.question(side, code) for side in Side for code in ("en", "fr")]
    return " ".join([irritant.code, irritant.label_en, irritant.label_fr, *questions]).casefold()


def labels(session: Session, *, but: Irritant | None = None) -> list[str]:
    """The names of all irritants in both languages; but -- of the others."""
    rows = session.execute(select(Irritant.id, Irritant.label_en, Irritant.label_fr))
    return [label for key, *both in rows if but is None or key != but.id for label in both]


def running(found: About, today: date) -> list[Fix]:
    """The fixes on an irritant that are planned or still run."""
    return [row for row in found.fixes if fixes.stage_of(row, today) in (Stage.PLANNED, Stage.RUNNING)]
