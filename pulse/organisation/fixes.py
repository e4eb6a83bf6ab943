"""Fixes as people put them on record: registered, edited until launch, frozen then; every change is kept."""

import enum
import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from pulse.organisation import service
from pulse.organisation.freezing import Stage, has_begun, is_frozen, put_on_record, stage
from pulse.organisation.models import Fix, FixDeed, FixEvent, Irritant, Place, PlaceKind, RollOut
from pulse.organisation.scope import Dates

Changed = dict[str, list[object]]  # what of a fix: what it was and what it is, as JSON writes them


class Frozen(Exception):
    """A fix that has started keeps its scope and its expectation."""


class Overtaken(Exception):
    """Somebody else changed this fix since it was read."""


class Withdrawn(Exception):
    """A fix that was taken back before its start changes no more."""


class ReasonMissing(Exception):
    """Stopping or taking back takes a reason in words."""


class DateRefused(Exception):
    """A date that cannot be: at which place, and why."""

    def __init__(self, place_id: int | None, why: "Why") -> None:
        super().__init__(why.name)
        self.place_id = place_id
        self.why = why


class Why(enum.Enum):
    """Why a date cannot be."""

    BEGUN = "begun"  # the fix acts there already: its start no longer changes
    PAST = "past"  # a start that is still to come cannot be put into the past
    BEFORE_FIX = "before_fix"  # no place starts before the fix
    BEFORE_START = "before_start"  # nothing stops before it starts
    STOPPED = "stopped"  # it stopped already: that day no longer changes


@dataclass(frozen=True)
class Draft:
    """What is written down about a fix before launch; places by id, none of a kind = the default.

    expected_customer, expected_staff -- hundredths of a point; below 0 is better
    """

    name_en: str
    name_fr: str
    irritant_id: int
    touchpoints: frozenset[int]
    teams: frozenset[int]
    started: date
    owner: str | None
    requested_by: str
    hypothesis: str
    staff_task: str
    expected_customer: int | None
    expected_staff: int | None


@dataclass(frozen=True)
class Act:
    """Who does something to a fix, when, and what the day is by the organisation's clock."""

    by: str
    now: datetime
    today: date


def draft_of(fix: Fix) -> Draft:
    """What is on record of a fix."""
    return Draft(
        **{field.name: getattr(fix, field.name) for field in fields(Draft) if field.name not in PLACES},
        touchpoints=_of(PlaceKind.TOUCHPOINT, fix.places),
        teams=_of(PlaceKind.TEAM, fix.places),
    )


PLACES = {"touchpoints", "teams"}


def register(session: Session, draft: Draft, act: Act) -> Fix:
    """Put a fix on record; its code is made of its English name.

    What is sent twice is put on record once: the same fix of the same person is returned again.
    """
    if (before := _same(session, draft, act)) is not None:
        return before
    for code in service.free_codes(session, Fix.code, draft.name_en, otherwise="fix"):
        fix = Fix(code=code, **_columns(draft), frozen_on=draft.started, places=_places(session, draft))
        fix.registered, fix.stopped = put_on_record(draft.started, act.today), None
        try:
            with session.begin_nested():
                session.add(fix)
                session.flush()
        except IntegrityError:  # another fix of that name was registered at the same moment
            continue
        told = {what: [None, now] for what, now in _told(session, fix).items() if now not in (None, "", [])}
        _log(session, fix, act, FixDeed.REGISTERED, told)
        return fix
    raise AssertionError("codes never end")


def _same(session: Session, draft: Draft, act: Act) -> Fix | None:
    """The fix that the same person has just put on record in the same words."""
    twins = select(Fix).where(
        Fix.name_en == draft.name_en, Fix.started == draft.started, Fix.irritant_id == draft.irritant_id
    )
    for fix in session.scalars(twins.order_by(Fix.id)):
        by = select(FixEvent.by).where(FixEvent.fix_id == fix.id, FixEvent.deed == FixDeed.REGISTERED)
        if not fix.withdrawn and session.scalar(by) == act.by and draft_of(fix) == draft:
            return fix
    return None


def version(session: Session, fix: Fix) -> str:
    """A fingerprint of all that people may change of a fix: whoever edits says which one they have read."""
    rows = session.execute(select(RollOut).where(RollOut.fix_id == fix.id).order_by(RollOut.place_id))
    dates = [(row.place_id, str(row.started), str(row.stopped)) for (row,) in rows]
    told = json.dumps([_told(session, fix), dates], sort_keys=True, default=str)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def edit(session: Session, fix: Fix, draft: Draft, act: Act, *, seen: str) -> None:
    """Change what is written down about a fix that has not started.

    Roll-outs of places that are no longer in its scope go, and so do those before its new start.
    Raises Frozen from the day of its start on, DateRefused where it would start after it stops, Withdrawn,
    and Overtaken.
    """
    _mine(session, fix, seen)
    if launched(fix, act.today):
        raise Frozen
    if fix.stopped is not None and fix.stopped < draft.started:
        raise DateRefused(None, Why.BEFORE_START)
    before, dates = _told(session, fix), _dates(session, fix)
    for column, value in _columns(draft).items():
        setattr(fix, column, value)
    fix.places = _places(session, draft)
    fix.frozen_on, fix.registered = draft.started, put_on_record(draft.started, act.today)
    session.flush()
    scope = service.acting(session, fix)
    stay = {
        place: rolled
        for place, rolled in dates.items()
        if place in {*scope.teams, *scope.touchpoints} and rolled.started >= fix.started
    }
    _set_dates(session, fix, stay)
    changed = _difference(before, _told(session, fix)) | _moved(session, dates, stay)
    if changed:
        _log(session, fix, act, FixDeed.EDITED, changed)


def hand_over(session: Session, fix: Fix, owner: str, act: Act, *, seen: str) -> None:
    """Give a fix another owner; raises Withdrawn and Overtaken."""
    _mine(session, fix, seen)
    if fix.owner != owner:
        _log(session, fix, act, FixDeed.EDITED, {"owner": [fix.owner, owner]})
        fix.owner = owner
        session.flush()


def roll_out(
    session: Session, fix: Fix, wanted: Mapping[int, Dates], act: Act, *, reason: str, seen: str
) -> None:
    """Say when a fix starts and stops at each place; a place left out starts and stops with the fix.

    wanted -- by place id, of the fix's scope; what lies outside is passed over
    reason -- why places stop; it may be empty where none does

    Raises DateRefused, ReasonMissing, Withdrawn and Overtaken.
    """
    _mine(session, fix, seen)
    scope = service.acting(session, fix)
    own, before = Dates(fix.started), _dates(session, fix)
    after = {
        place: dates
        for place, dates in wanted.items()
        if place in {*scope.teams, *scope.touchpoints} and dates != own
    }
    for place in sorted(after.keys() | before.keys()):
        _check_place(place, before.get(place, own), after.get(place, own), fix, act.today)
    stops = any(after.get(place, own).stopped != before.get(place, own).stopped for place in after | before)
    if stops and not reason.strip():
        raise ReasonMissing
    changed = _moved(session, before, after)
    if not changed:
        return
    _set_dates(session, fix, after)
    if stops:
        changed["reason"] = [None, reason.strip()]
    _log(session, fix, act, FixDeed.ROLLED_OUT, changed)


def _check_place(place: int, before: Dates, after: Dates, fix: Fix, today: date) -> None:
    if after.started != before.started:
        if has_begun(before, today):
            raise DateRefused(place, Why.BEGUN)
        if after.started < fix.started:
            raise DateRefused(place, Why.BEFORE_FIX)
        if after.started < today:
            raise DateRefused(place, Why.PAST)
    if after.stopped != before.stopped:
        if before.stopped is not None and before.stopped < today:
            raise DateRefused(place, Why.STOPPED)
        if after.stopped is not None and after.stopped < after.started:
            raise DateRefused(place, Why.BEFORE_START)


def stop(session: Session, fix: Fix, day: date | None, act: Act, *, reason: str, seen: str) -> None:
    """Stop a fix everywhere on a day, move that day, or let it go on (None) while the day has not passed.

    Raises ReasonMissing, DateRefused, Withdrawn and Overtaken.
    """
    _mine(session, fix, seen)
    if day == fix.stopped:
        return
    if fix.stopped is not None and fix.stopped < act.today:
        raise DateRefused(None, Why.STOPPED)
    if day is not None and day < fix.started:
        raise DateRefused(None, Why.BEFORE_START)
    if not reason.strip():
        raise ReasonMissing
    changed: Changed = {"stopped": [_plain(fix.stopped), _plain(day)], "reason": [None, reason.strip()]}
    fix.stopped = day
    _log(session, fix, act, FixDeed.STOPPED, changed)


def withdraw(session: Session, fix: Fix, act: Act, *, reason: str, seen: str) -> None:
    """Take a fix back before it starts: it stays on record as stopped before its start, and never ran.

    Raises Frozen once it has started, ReasonMissing, Withdrawn and Overtaken.
    """
    _mine(session, fix, seen)
    if launched(fix, act.today):
        raise Frozen
    if not reason.strip():
        raise ReasonMissing
    changed: Changed = {
        "stopped": [_plain(fix.stopped), _plain(act.today)],
        "reason": [None, reason.strip()],
    }
    fix.stopped = act.today
    _log(session, fix, act, FixDeed.STOPPED, changed)


def launched(fix: Fix, today: date) -> bool:
    """Whether a fix keeps its scope and expectation: from the day it starts."""
    return is_frozen(fix.frozen_on or fix.started, today)


def stage_of(fix: Fix, today: date) -> Stage:
    """How far a fix has come on a day."""
    return stage(fix.started, fix.stopped, today)


def events(session: Session, fix: Fix) -> Collection[FixEvent]:
    """All that was done to a fix, the newest first."""
    rows = select(FixEvent).where(FixEvent.fix_id == fix.id).order_by(FixEvent.id.desc())
    return session.scalars(rows).all()


def _mine(session: Session, fix: Fix, seen: str) -> None:
    """Lock a fix for this change; raises Withdrawn, and Overtaken where it is not as it was read."""
    session.refresh(fix, with_for_update=True)
    if fix.withdrawn:
        raise Withdrawn
    if version(session, fix) != seen:
        raise Overtaken


def _columns(draft: Draft) -> dict[str, object]:
    return {field.name: getattr(draft, field.name) for field in fields(Draft) if field.name not in PLACES}


def _places(session: Session, draft: Draft) -> list[Place]:
    chosen = select(Place).where(Place.id.in_(draft.touchpoints | draft.teams)).order_by(Place.code)
    return list(session.scalars(chosen))


def _of(kind: PlaceKind, places: Collection[Place]) -> frozenset[int]:
    return frozenset(place.id for place in places if place.kind is kind)


def _told(session: Session, fix: Fix) -> dict[str, object]:
    """Everything on record of a fix but its roll-outs, as JSON writes it."""
    told: dict[str, object] = {
        name: _plain(getattr(fix, name))
        for name in (*(f.name for f in fields(Draft)), "stopped", "registered")
        if name not in PLACES and name != "irritant_id"
    }
    told["irritant"] = session.get_one(Irritant, fix.irritant_id).code
    for name, kind in (("touchpoints", PlaceKind.TOUCHPOINT), ("teams", PlaceKind.TEAM)):
        told[name] = sorted(place.code for place in fix.places if place.kind is kind)
    return told


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _difference(before: Mapping[str, object], after: Mapping[str, object]) -> Changed:
    return {name: [before[name], after[name]] for name in after if before[name] != after[name]}


def _dates(session: Session, fix: Fix) -> dict[int, Dates]:
    rows = session.scalars(select(RollOut).where(RollOut.fix_id == fix.id))
    return {row.place_id: Dates(row.started, row.stopped) for row in rows}


def _set_dates(session: Session, fix: Fix, wanted: Mapping[int, Dates]) -> None:
    session.execute(delete(RollOut).where(RollOut.fix_id == fix.id))
    session.add_all(
        RollOut(fix_id=fix.id, place_id=place, started=dates.started, stopped=dates.stopped)
        for place, dates in sorted(wanted.items())
    )
    session.flush()


def _moved(session: Session, before: Mapping[int, Dates], after: Mapping[int, Dates]) -> Changed:
    """What changes of the dates of places; "started:team:crew" and the like, None = with the fix."""
    places = {
        place.id: place for place in session.scalars(select(Place).where(Place.id.in_({*before, *after})))
    }
    found: Changed = {}
    for key in sorted(places, key=lambda key: (places[key].kind.value, places[key].code)):
        old, new = before.get(key), after.get(key)
        for column in ("started", "stopped"):
            values = [_plain(getattr(dates, column)) if dates else None for dates in (old, new)]
            if values[0] != values[1]:
                found[f"{column}:{places[key].kind.value}:{places[key].code}"] = list(values)
    return found


def _log(session: Session, fix: Fix, act: Act, deed: FixDeed, changed: Changed) -> None:
    session.add(FixEvent(fix_id=fix.id, at=act.now, by=act.by, deed=deed, changed=changed))
    session.flush()
