"""What the analysts' pages show: verdicts, released cells and the organisation, never a measured cell."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from pulse.dashboards.series import Series, joined
from pulse.ledger.disclosure import Extent
from pulse.ledger.figures import Figure, figures
from pulse.ledger.models import ClosedMonth
from pulse.ledger.readers import EVERYTHING
from pulse.months import last_day
from pulse.organisation import service as organisation
from pulse.organisation.models import Fix, Measure, Place, PlaceKind, Side
from pulse.verdicts import sentences
from pulse.verdicts.models import CounterfactualMonth, Flag, FlagEvent, FlagState, Look, Verdict
from pulse.verdicts.names import Names, names_in
from pulse.verdicts.rules import Outcome, Reason

URGENCY = (
    Outcome.DISPLACED,
    Outcome.BACKFIRED,
    Outcome.UNDETERMINED,
    Outcome.INEFFECTIVE,
    Outcome.RESOLVED,
)


@dataclass(frozen=True)
class Standing:
    """How far the night has come: the last look, the last closed month, and whether a look is owed."""

    looked: date | None
    closed: date | None

    @property
    def late(self) -> bool:
        """Whether a month is closed that no look has been taken at yet."""
        return self.closed is not None and (self.looked is None or self.looked < self.closed)


@dataclass(frozen=True)
class Line:
    """One fix as a list shows it, with its newest verdict (None before its first look) and open flag."""

    fix: Fix
    verdict: Verdict | None
    flag: Flag | None

    @property
    def outcome(self) -> Outcome | None:
        """The verdict's word."""
        return self.verdict.outcome if self.verdict else None


@dataclass(frozen=True)
class ScopePlace:
    """A touchpoint or team of a fix and the day the fix started there."""

    place: Place
    started: date


@dataclass(frozen=True)
class Evidence:
    """Everything the page of a fix shows."""

    fix: Fix
    verdict: Verdict | None
    names: Names
    history: Sequence[Verdict]
    flags: Sequence[Flag]
    touchpoints: Sequence[ScopePlace]
    teams: Sequence[ScopePlace]
    customers: Series
    staff: Series
    landing: Series | None  # where the burden landed, if not on the fix's own teams and irritant
    steps: Sequence[Verdict]  # the first look of each stretch with the same word, oldest first


def standing(session: Session) -> Standing:
    """How far the night has come."""
    looked = session.scalar(select(func.max(Look.as_of)))
    newest = session.scalars(select(func.max(ClosedMonth.month)).group_by(ClosedMonth.side)).all()
    return Standing(looked, last_day(min(newest)) if newest else None)


def lines(session: Session) -> list[Line]:
    """Every fix, those to look at first on top: with an open flag, then by verdict, then by harm, by code."""
    flags = {
        flag.fix_id: flag for flag in session.scalars(select(Flag).where(Flag.state != FlagState.CLOSED))
    }
    newest = _newest()
    rows = session.execute(
        select(Fix, Verdict)
        .outerjoin(newest, newest.c.fix_id == Fix.id)
        .outerjoin(Verdict, Verdict.id == newest.c.id)
        .options(joinedload(Fix.irritant))
    )
    found = [Line(fix, verdict, flags.get(fix.id)) for fix, verdict in rows]
    return sorted(found, key=_urgency)


def _newest():  # type: ignore[no-untyped-def]  # a subquery: (fix_id, id) of each fix's newest verdict
    ranked = select(
        Verdict.fix_id,
        Verdict.id,
        func.row_number()
        .over(partition_by=Verdict.fix_id, order_by=(Verdict.as_of.desc(), Verdict.revision.desc()))
        .label("place"),
    ).subquery()
    return select(ranked.c.fix_id, ranked.c.id).where(ranked.c.place == 1).subquery()


def _urgency(line: Line) -> tuple[bool, int, bool, float, str]:
    verdict = line.verdict
    if verdict is None:
        return True, len(URGENCY), False, 0.0, line.fix.code
    span = sentences.customers(verdict) if verdict.outcome is Outcome.BACKFIRED else sentences.burden(verdict)
    harm = span.value if span else 0.0
    place = URGENCY.index(verdict.outcome)
    return line.flag is None, place, verdict.reason is not Reason.WATCH, -harm, line.fix.code


@dataclass(frozen=True)
class NamedPlace:
    """A touchpoint or team as filters know it: "team:CODE" or "touchpoint:CODE", and its two names."""

    key: str
    name_en: str
    name_fr: str

    def name(self, language: str) -> str:
        """Its name in a language."""
        return self.name_fr if language == "fr" else self.name_en


def named_places(session: Session) -> dict[int, NamedPlace]:
    """All touchpoints and teams by id."""
    rows = session.execute(select(Place.id, Place.kind, Place.code, Place.name_en, Place.name_fr))
    return {key: NamedPlace(f"{kind.value}:{code}", *names) for key, kind, code, *names in rows}


def places_of_fixes(
    session: Session, named: Mapping[int, NamedPlace] | None = None
) -> dict[int, frozenset[str]]:
    """The scope of each fix by id, as the keys of its places; named -- named_places(), where it is known."""
    named = named_places(session) if named is None else named
    return {
        scope.fix_id: frozenset(named[place].key for place, _ in (*scope.teams, *scope.touchpoints))
        for scope in organisation.scopes(session)
    }


def evidence(session: Session, code: str) -> Evidence | None:
    """Everything about one fix; None where there is no such fix."""
    fix = session.scalar(select(Fix).where(Fix.code == code).options(joinedload(Fix.irritant)))
    if fix is None:
        return None
    history = session.scalars(
        select(Verdict)
        .where(Verdict.fix_id == fix.id)
        .order_by(Verdict.as_of.desc(), Verdict.revision.desc())
    ).all()
    scope = next(found for found in organisation.scopes(session) if found.fix_id == fix.id)
    touchpoints, teams = (_scope(session, found) for found in (scope.touchpoints, scope.teams))
    verdict = history[0] if history else None
    return Evidence(
        fix=fix,
        verdict=verdict,
        names=names_in(session, history),
        history=history,
        flags=session.scalars(select(Flag).where(Flag.fix_id == fix.id).order_by(Flag.raised_on)).all(),
        touchpoints=touchpoints,
        teams=teams,
        customers=_both(session, fix, Side.CUSTOMER, [found.place.id for found in touchpoints]),
        staff=_both(session, fix, Side.EMPLOYEE, [found.place.id for found in teams]),
        landing=_landing(session, fix, verdict) if verdict and verdict.landing_team else None,
        steps=_steps(history),
    )


def _scope(session: Session, found: Iterable[tuple[int, date]]) -> list[ScopePlace]:
    started = dict(found)
    chosen = session.scalars(select(Place).where(Place.id.in_(started)).order_by(Place.code))
    return [ScopePlace(place, started[place.id]) for place in chosen]


def _both(session: Session, fix: Fix, side: Side, places: Sequence[int]) -> Series:
    """The scope's own months beside those expected without the fix."""
    rows = session.execute(
        select(
            CounterfactualMonth.month,
            CounterfactualMonth.expected,
            CounterfactualMonth.low,
            CounterfactualMonth.high,
        ).where(CounterfactualMonth.fix_id == fix.id, CounterfactualMonth.side == side)
    )
    expected = {month: (value, low, high) for month, value, low, high in rows}
    return joined(means(session, side, fix.irritant_id, places), expected)


def means(session: Session, side: Side, measure: int, places: Sequence[int]) -> dict[date, tuple[float, int]]:
    """Month -> mean of the places' released cells by their answers, in points, and those answers."""
    found: dict[date, list[Figure]] = defaultdict(list)
    for figure in figures(session, EVERYTHING, side, measures=[measure], places=places, extent=Extent.OWN):
        if figure.fresh:  # a band that stands for want of a new figure is no point of a series
            found[figure.month].append(figure)
    answers = {month: sum(figure.n for figure in some) for month, some in found.items()}
    return {
        month: (sum(figure.n * figure.points for figure in some) / answers[month], answers[month])
        for month, some in found.items()
    }


def _landing(session: Session, fix: Fix, verdict: Verdict) -> Series | None:
    irritant = session.scalar(select(Measure).where(Measure.code == verdict.landing_irritant))
    if irritant is None or (verdict.landing_hops == 0 and irritant.id == fix.irritant_id):
        return None
    codes = (verdict.landing_team or "").split("|")
    teams = session.scalars(select(Place.id).where(Place.kind == PlaceKind.TEAM, Place.code.in_(codes))).all()
    return joined(means(session, Side.EMPLOYEE, irritant.id, teams), {})


def _steps(history: Sequence[Verdict]) -> list[Verdict]:
    originals = [verdict for verdict in reversed(history) if verdict.revision == 0]
    return [next(same) for _, same in groupby(originals, key=lambda verdict: verdict.outcome)]


def flags(session: Session) -> tuple[list[Flag], Names]:
    """Every flag, those still open first and the newest on top, with the names its verdict needs."""
    found = session.scalars(
        select(Flag)
        .options(joinedload(Flag.fix).joinedload(Fix.irritant), joinedload(Flag.verdict))
        .order_by(Flag.raised_on.desc(), Flag.id)
    ).all()
    ordered = sorted(found, key=lambda flag: list(FlagState).index(flag.state))
    return ordered, names_in(session, [flag.verdict for flag in found])


def names(session: Session, flag: Flag) -> Names:
    """What the codes in a flag's verdict are called."""
    return names_in(session, [flag.verdict])


def flag(session: Session, flag_id: int) -> Flag | None:
    """One flag."""
    return session.get(Flag, flag_id)


def events(session: Session, flag: Flag) -> Sequence[FlagEvent]:
    """What happened to a flag, oldest first."""
    return session.scalars(
        select(FlagEvent).where(FlagEvent.flag_id == flag.id).order_by(FlagEvent.at, FlagEvent.id)
    ).all()
