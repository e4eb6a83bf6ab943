"""The organisation as the database knows it, in the shape the pure modules take."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from itertools import chain, count

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, selectinload

from pulse.months import month_of, shifted
from pulse.organisation.chain import Link, neighbours
from pulse.organisation.models import (
    Asked,
    Break,
    Fix,
    FixDeed,
    FixEvent,
    FixPlace,
    Irritant,
    IrritantTouchpoint,
    Measure,
    Place,
    PlaceKind,
    RollOut,
    Serving,
    Side,
    Supply,
    Touchpoint,
)
from pulse.organisation.scope import Action, Dates, Scope, Served, asked, scope

INDICATORS = {"effort", "csat", "nps", "enps"}  # their codes: an irritant's must leave them free


@dataclass(frozen=True)
class FixScope:
    """A fix with its scope spelled out; teams and touchpoints are (place id, day it started there), by id.

    registered -- when it was put on record, where its start was found from the answers
    """

    fix_id: int
    fix: str
    irritant_id: int
    started: date
    stopped: date | None
    teams: tuple[tuple[int, date], ...]
    touchpoints: tuple[tuple[int, date], ...]
    registered: date | None = None

    @property
    def withdrawn(self) -> bool:
        """Whether it was taken back before it began."""
        return self.stopped is not None and self.stopped < self.started


@dataclass(frozen=True)
class Pair:
    """An irritant's name and both its questions, each in both languages."""

    label_en: str
    label_fr: str
    customer_question_en: str
    customer_question_fr: str
    employee_question_en: str
    employee_question_fr: str


def add_irritant(session: Session, pair: Pair, touchpoints: Collection[int], day: date) -> Irritant:
    """A new irritant met at some touchpoints (by id), asked about from a day on.

    Customers of these touchpoints see it at once, employees near them from the next wave that opens: an open
    one has its questions frozen. Teams with a list of their own have it added to their list where they are
    so near that they would be asked about it without one.
    """
    code = next(free_codes(session, Measure.code, pair.label_en, otherwise="irritant", kept=INDICATORS))
    irritant = Irritant(code=code, **asdict(pair), added=day, touchpoints=[])
    session.add(irritant)
    session.flush()
    meet(session, irritant, touchpoints, day)
    return irritant


def meet(session: Session, irritant: Irritant, touchpoints: Collection[int], day: date) -> None:
    """Have an irritant asked about at further touchpoints (by id) from a day on, if it is not everywhere."""
    known = {touchpoint.id for touchpoint in irritant.touchpoints}
    if irritant.added is None and not known:
        return
    _hold_scopes(session, irritant, day)
    further = select(Touchpoint).where(Touchpoint.id.in_(set(touchpoints) - known)).order_by(Touchpoint.code)
    irritant.touchpoints.extend(session.scalars(further))
    session.flush()
    _list_near(session, irritant, day)


def _list_near(session: Session, irritant: Irritant, day: date) -> None:
    """Add an irritant to teams' own lists where they are so near that they would be asked without one."""
    listed = set(session.scalars(select(Asked.team_id).distinct()))
    there = set(session.scalars(select(Asked.team_id).where(Asked.irritant_id == irritant.id)))
    near = {team for team, irritants in asked_by_default(session).items() if irritant.id in irritants}
    for team in sorted(listed & near - there):
        session.add(Asked(team_id=team, irritant_id=irritant.id, since=month_of(day), until=None))
    session.flush()


def meet_only(session: Session, irritant: Irritant, touchpoints: Collection[int], day: date) -> None:
    """Have an irritant asked about at these touchpoints (by id) alone from a day on; none = everywhere."""
    wanted = set(touchpoints)
    if wanted == {touchpoint.id for touchpoint in irritant.touchpoints}:
        return
    _hold_scopes(session, irritant, day)
    chosen = select(Touchpoint).where(Touchpoint.id.in_(wanted)).order_by(Touchpoint.code)
    irritant.touchpoints = list(session.scalars(chosen))
    session.flush()
    _list_near(session, irritant, day)


def _hold_scopes(session: Session, irritant: Irritant, day: date) -> None:
    """Name the touchpoints of launched fixes that act wherever an irritant is met, before that changes.

    A scope is frozen at launch; one that was left to the default would follow the irritant.
    """
    launched = select(Fix).where(
        Fix.irritant_id == irritant.id, func.coalesce(Fix.frozen_on, Fix.started) <= day
    )
    met = sorted(served(session).where(irritant.id))
    for fix in session.scalars(launched.options(selectinload(Fix.places))):
        if fix.withdrawn or _of(PlaceKind.TOUCHPOINT, fix.places):
            continue
        points = session.scalars(select(Touchpoint).where(Touchpoint.id.in_(met)).order_by(Touchpoint.code))
        named: list[Place] = list(points)
        fix.places = [*fix.places, *named]
        spelled_out: dict[str, list[object]] = {"touchpoints": [[], [place.code for place in named]]}
        now = datetime.now(UTC)
        session.add(FixEvent(fix_id=fix.id, at=now, by=None, deed=FixDeed.EDITED, changed=spelled_out))
    session.flush()


def is_asked(day: date) -> ColumnElement[bool]:
    """The condition that an irritant is asked about on a day: it has come in, and is not retired."""
    begun = or_(Irritant.added.is_(None), Irritant.added <= day)
    return begun & or_(Irritant.retired.is_(None), Irritant.retired > day)


def never_asked(irritant: Irritant, today: date) -> bool:
    """Whether nobody can have been asked about an irritant yet, so that its words may change freely."""
    return irritant.added is not None and irritant.added > today


def reworded(irritant: Irritant, pair: Pair) -> list[Side]:
    """The sides whose question differs from the one on record, in either language."""
    return [
        side
        for side in Side
        if any(
            getattr(irritant, column) != getattr(pair, column)
            for column in (f"{side.value}_question_en", f"{side.value}_question_fr")
        )
    ]


def reword(session: Session, irritant: Irritant, pair: Pair, today: date, *, note: str) -> list[Break]:
    """Give an irritant other words; the breaks this makes, where it was asked about before.

    A question in other words is another question: the series of a side whose words change starts anew with
    next month, and no verdict compares across that. Labels tell apart and ask nothing, so they may change.
    """
    month = shifted(month_of(today), 1)
    sides = [] if never_asked(irritant, today) else reworded(irritant, pair)
    for column, words in asdict(pair).items():
        setattr(irritant, column, words)
    marked = select(Break.side).where(
        Break.month == month, Break.measure_id == irritant.id, Break.place_id.is_(None)
    )
    known = set(session.scalars(marked))
    breaks = [
        Break(side=side, month=month, place_id=None, measure_id=irritant.id, note=note)
        for side in sides
        if side not in known
    ]
    session.add_all(breaks)
    session.flush()
    return breaks


def retire(session: Session, irritant: Irritant, day: date) -> None:
    """Ask nobody about an irritant from a day on: customers at once, employees from the next wave."""
    irritant.retired = day
    session.flush()


def reopen(session: Session, irritant: Irritant) -> None:
    """Ask about a retired irritant again, where it was asked about before."""
    irritant.retired = None
    session.flush()


def free_codes(
    session: Session,
    column: InstrumentedAttribute[str],
    name: str,
    *,
    otherwise: str,
    kept: Collection[str] = (),
) -> Iterator[str]:
    """Codes made of a name that nothing of a kind has yet, the plainest first; they never end.

    otherwise -- what to make it of where the name holds no letter; kept -- codes to leave free
    """
    bare = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    base = "-".join(re.findall("[a-z0-9]+", bare))[:40].strip("-") or otherwise
    taken = set(session.scalars(select(column).where(column.startswith(base, autoescape=True)))) | set(kept)
    codes = chain([base], (f"{base}-{n}" for n in count(2)))
    return (code for code in codes if code not in taken)


def links(session: Session) -> list[Link[int]]:
    """The value chain as (supplier, customer) team ids; customer None = the final customer."""
    rows = select(Supply.supplier_id, Supply.customer_id)
    return [(supplier, customer) for supplier, customer in session.execute(rows)]


def served(session: Session) -> Served[int, int]:
    """Which team ids serve each touchpoint id, and where each irritant id is met."""
    teams = _grouped(
        session.scalars(select(Touchpoint.id)),
        session.execute(select(Serving.touchpoint_id, Serving.team_id)),
    )
    met = _grouped(
        session.scalars(select(Irritant.id)),
        session.execute(select(IrritantTouchpoint.irritant_id, IrritantTouchpoint.touchpoint_id)),
    )
    return Served(teams, met)


def asked_by_default(session: Session) -> dict[int, frozenset[int]]:
    """The irritant ids each team id is asked about where no list says otherwise."""
    return asked(served(session), neighbours(links(session)))


def acting(session: Session, fix: Fix) -> Scope[int]:
    """Where a fix acts (place ids), with the dates that hold at each place."""
    rows = session.scalars(select(RollOut).where(RollOut.fix_id == fix.id))
    rollouts = {row.place_id: Dates(row.started, row.stopped) for row in rows}
    named = [(place.id, place.kind) for place in fix.places]
    return scope(_action(fix, named, rollouts), served(session))


def scopes(session: Session) -> list[FixScope]:
    """Every registered fix with its scope, oldest record first."""
    around = served(session)
    rollouts: dict[int, dict[int, Dates]] = {}
    for rollout in session.scalars(select(RollOut)):
        rollouts.setdefault(rollout.fix_id, {})[rollout.place_id] = Dates(rollout.started, rollout.stopped)
    # By columns: thousands of places as objects take several times as long.
    named: dict[int, list[tuple[int, PlaceKind]]] = {}
    for fix_id, place, kind in session.execute(select(FixPlace.fix_id, Place.id, Place.kind).join(Place)):
        named.setdefault(fix_id, []).append((place, kind))
    fixes = session.scalars(select(Fix).order_by(Fix.id))
    return [_spelled_out(fix, named.get(fix.id, ()), rollouts.get(fix.id, {}), around) for fix in fixes]


def _spelled_out(
    fix: Fix, named: Iterable[tuple[int, PlaceKind]], rollouts: dict[int, Dates], around: Served[int, int]
) -> FixScope:
    places = scope(_action(fix, named, rollouts), around)
    teams, touchpoints = (
        tuple(sorted((place, dates.started) for place, dates in found.items()))
        for found in (places.teams, places.touchpoints)
    )
    return FixScope(
        fix.id, fix.code, fix.irritant_id, fix.started, fix.stopped, teams, touchpoints, fix.registered
    )


def _action(
    fix: Fix, named: Iterable[tuple[int, PlaceKind]], rollouts: Mapping[int, Dates]
) -> Action[int, int]:
    kinds = dict(named)
    return Action(
        code=fix.code,
        irritant=fix.irritant_id,
        dates=Dates(fix.started, fix.stopped),
        touchpoints=frozenset(place for place, kind in kinds.items() if kind is PlaceKind.TOUCHPOINT),
        teams=frozenset(place for place, kind in kinds.items() if kind is PlaceKind.TEAM),
        rollouts=rollouts,
    )


def _of(kind: PlaceKind, places: Iterable[Place]) -> frozenset[int]:
    return frozenset(place.id for place in places if place.kind is kind)


def _grouped(keys: Iterable[int], pairs: Iterable[tuple[int, int]]) -> dict[int, set[int]]:
    """What belongs to each key, nothing included."""
    found: dict[int, set[int]] = {key: set() for key in keys}
    for key, member in pairs:
        found[key].add(member)
    return found
