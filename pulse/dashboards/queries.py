"""What the analysts' pages show: verdicts, released cells and the organisation, never a measured cell."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from pulse.dashboards.evidence import Evidence, ScopePlace, evidence, means
from pulse.ledger.models import ClosedMonth
from pulse.months import last_day
from pulse.organisation import service as organisation
from pulse.organisation.models import Fix, Place
from pulse.verdicts import sentences
from pulse.verdicts.models import Flag, FlagState, Look, Verdict
from pulse.verdicts.rules import Outcome, Reason

__all__ = ["Evidence", "ScopePlace", "evidence", "means"]  # everything about one fix is read from here too

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
