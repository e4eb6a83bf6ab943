"""Everything the page of a fix shows: its verdicts, what may be shown of both sides, and its design.

Reads verdicts, released cells and the organisation, never a measured cell: every sum here is one that a
reader could make from what is shown.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from pulse.correlation.design import months_to_go
from pulse.dashboards.landing_path import Around, Near, Path, around, path
from pulse.dashboards.series import Series, joined
from pulse.ledger.disclosure import Extent, line
from pulse.ledger.figures import Figure, figures
from pulse.ledger.readers import EVERYTHING
from pulse.months import between, month_of, shifted
from pulse.organisation import service as organisation
from pulse.organisation.chain import neighbours
from pulse.organisation.models import (
    Asked,
    Break,
    Fix,
    Measure,
    Place,
    RollOut,
    Side,
    Team,
)
from pulse.organisation.service import FixScope
from pulse.registering import words
from pulse.registering.words import Line
from pulse.verdicts.models import CounterfactualMonth, Flag, FlagEvent, Verdict
from pulse.verdicts.names import Names, names_in
from pulse.verdicts.rules import WORTH_SEEING, Outcome, Reason
from pulse.verdicts.sentences import Sooner

WATCHED = 24  # months from the start in which a verdict is reached anew (the engine's MONITORED)
NEAR_IN_TIME = 2  # months between two starts within which the method cannot tell two fixes apart
NAMED = 3  # teams that a sentence names


@dataclass(frozen=True)
class ScopePlace:
    """A touchpoint or team of a fix, and the days the fix started and (None: did not) stop there."""

    place: Place
    started: date
    stopped: date | None = None


@dataclass(frozen=True)
class Unit:
    """The unit around a fix's teams as a whole, shown where the teams alone are too few to be."""

    team: Team
    series: Series


@dataclass(frozen=True)
class Look:
    """What was concluded at the end of a month: its newest verdict, and how often that was revised."""

    verdict: Verdict
    revisions: int


@dataclass(frozen=True)
class Evidence:
    """Everything the page of a fix shows."""

    fix: Fix
    verdict: Verdict | None
    names: Names
    history: Sequence[Verdict]  # newest look first, and of a look the newest revision
    flags: Sequence[Flag]
    touchpoints: Sequence[ScopePlace]
    teams: Sequence[ScopePlace]
    customers: Series
    staff: Series
    landing: Series | None  # where the burden landed, if not on the fix's own teams and irritant
    steps: Sequence[Verdict]  # the first look of each stretch with the same word, oldest first
    unit: Unit | None  # where the staff's series has nothing to show
    path: Path | None  # from customers to where it landed; None where no place is named
    around: Around  # how many teams are how near
    rivals: Sequence[Fix]  # on the same irritant, at the same places, begun at about the same time
    breaks: Sequence[Break]  # changes in the way of asking that concern these series
    decisions: Sequence[FlagEvent]  # what was decided about its flags, oldest first
    log: Sequence[Line]  # what was done to the fix on record, newest first
    sooner: Sooner | None  # in how many months it would be known if everybody in its teams were asked
    unasked: Sequence[Team]  # near teams that are not asked about the irritant

    @property
    def watched_until(self) -> date:
        """The last month at whose end a verdict is reached anew."""
        return shifted(month_of(self.fix.started), WATCHED - 1)

    @property
    def looks(self) -> list[Look]:
        """Every look, oldest first."""
        newest_first = groupby(self.history, key=lambda verdict: verdict.as_of)
        each = [list(same) for _, same in newest_first]
        return [Look(same[0], len(same) - 1) for same in reversed(each)]


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
    verdict = history[0] if history else None
    scopes = organisation.scopes(session)
    scope = next(found for found in scopes if found.fix_id == fix.id)
    touchpoints, teams = _scope(session, fix, scope)
    linked = organisation.links(session)
    own = [found.place.id for found in teams]
    near = around(own, neighbours(linked))
    known = _teams(session, near, verdict)
    expected = _expected(session, fix)
    staff, landing = _staff(session, fix, verdict, own, _landed(verdict, known), expected[Side.EMPLOYEE])
    return Evidence(
        fix=fix,
        verdict=verdict,
        names=names_in(session, history),
        history=history,
        flags=_flags(session, fix),
        touchpoints=touchpoints,
        teams=teams,
        customers=joined(
            means(session, Side.CUSTOMER, fix.irritant_id, [found.place.id for found in touchpoints]),
            expected[Side.CUSTOMER],
        ),
        staff=staff,
        landing=landing,
        steps=_steps(history),
        unit=_unit(session, fix, own) if staff.empty else None,
        path=path(own, _landed(verdict, known), neighbours(linked), known),
        around=near.counted,
        rivals=_rivals(session, fix, scope, [other for other in scopes if not other.withdrawn]),
        breaks=_breaks(session, fix, [*touchpoints, *teams]),
        decisions=_decisions(session, fix),
        log=words.log(session, fix),
        sooner=_sooner(verdict, [known[team] for team in own]),
        unasked=_unasked(session, fix, verdict, near, known),
    )


def _scope(session: Session, fix: Fix, scope: FixScope) -> tuple[list[ScopePlace], list[ScopePlace]]:
    """The touchpoints and the teams of a fix, each with its dates, by code."""
    started = dict((*scope.touchpoints, *scope.teams))
    stops = dict(
        session.execute(select(RollOut.place_id, RollOut.stopped).where(RollOut.fix_id == fix.id)).all()
    )
    places = session.scalars(select(Place).where(Place.id.in_(started)).order_by(Place.code)).all()
    found = [ScopePlace(place, started[place.id], stops.get(place.id) or fix.stopped) for place in places]
    touchpoints = {place for place, _ in scope.touchpoints}
    return (
        [one for one in found if one.place.id in touchpoints],
        [one for one in found if one.place.id not in touchpoints],
    )


Months = dict[date, tuple[float, float, float]]


def _expected(session: Session, fix: Fix) -> dict[Side, Months]:
    """What each month would have been without the fix, with its 95 % range, by side."""
    found: dict[Side, Months] = {side: {} for side in Side}
    for row in session.scalars(select(CounterfactualMonth).where(CounterfactualMonth.fix_id == fix.id)):
        found[row.side][row.month] = (row.expected, row.low, row.high)
    return found


def means(session: Session, side: Side, measure: int, places: Sequence[int]) -> dict[date, tuple[float, int]]:
    """Month -> mean of the places' released cells by their answers, in points, and those answers."""
    chosen = figures(session, EVERYTHING, side, measures=[measure], places=places, extent=Extent.OWN)
    return _pooled(chosen)


def _pooled(chosen: Iterable[Figure]) -> dict[date, tuple[float, int]]:
    found: dict[date, list[Figure]] = defaultdict(list)
    for figure in chosen:
        if figure.fresh:  # a band that stands for want of a new figure is no point of a series
            found[figure.month].append(figure)
    answers = {month: sum(figure.n for figure in some) for month, some in found.items()}
    return {
        month: (sum(figure.n * figure.points for figure in some) / answers[month], answers[month])
        for month, some in found.items()
    }


def _landed(verdict: Verdict | None, known: Mapping[int, Team]) -> list[int]:
    """The teams a verdict says it landed on."""
    codes = set((verdict.landing_team or "").split("|")) if verdict else set()
    return [team.id for team in known.values() if team.code in codes]


def _staff(
    session: Session,
    fix: Fix,
    verdict: Verdict | None,
    own: Sequence[int],
    landed: Sequence[int],
    expected: Months,
) -> tuple[Series, Series | None]:
    """The fix's own teams on its irritant, and where the burden landed, if that is anywhere else."""
    irritant = _irritant(session, fix, verdict)
    stayed = verdict is not None and verdict.landing_hops == 0 and irritant == fix.irritant_id
    if irritant is None or stayed or not landed:
        return joined(means(session, Side.EMPLOYEE, fix.irritant_id, own), expected), None
    both = figures(
        session,
        EVERYTHING,
        Side.EMPLOYEE,
        measures={fix.irritant_id, irritant},
        places={*own, *landed},
        extent=Extent.OWN,
    )
    mine, theirs = (
        _pooled(one for one in both if one.measure_id == measure and one.place_id in places)
        for measure, places in ((fix.irritant_id, set(own)), (irritant, set(landed)))
    )
    return joined(mine, expected), joined(theirs, {})


def _irritant(session: Session, fix: Fix, verdict: Verdict | None) -> int | None:
    """The irritant a burden landed as."""
    if verdict is None or verdict.landing_irritant in (None, fix.irritant.code):
        return fix.irritant_id
    return session.scalar(select(Measure.id).where(Measure.code == verdict.landing_irritant))


def _teams(session: Session, near: Near, verdict: Verdict | None) -> dict[int, Team]:
    """The teams near a fix and those a verdict names, by id."""
    codes = (verdict.landing_team or "").split("|") if verdict else []
    chosen = or_(Team.id.in_(near.all), Team.code.in_(codes))
    return {team.id: team for team in session.scalars(select(Team).where(chosen).order_by(Team.code))}


def _unit(session: Session, fix: Fix, own: Sequence[int]) -> Unit | None:
    """The smallest unit above the fix's first team that may be shown as a whole."""
    if not own:
        return None
    parents = dict(session.execute(select(Team.id, Team.parent_id)).all())
    chain = list(line(parents, own[0]))
    found = figures(
        session, EVERYTHING, Side.EMPLOYEE, measures=[fix.irritant_id], places=chain, extent=Extent.WHOLE
    )
    for unit in chain:
        series = joined(_pooled(figure for figure in found if figure.place_id == unit), {})
        team = None if series.empty else session.get(Team, unit)
        if team is not None:
            return Unit(team, series)
    return None


def _steps(history: Sequence[Verdict]) -> list[Verdict]:
    originals = [verdict for verdict in reversed(history) if verdict.revision == 0]
    return [next(same) for _, same in groupby(originals, key=lambda verdict: verdict.outcome)]


def _flags(session: Session, fix: Fix) -> Sequence[Flag]:
    chosen = select(Flag).where(Flag.fix_id == fix.id).order_by(Flag.raised_on, Flag.id)
    return session.scalars(chosen.options(joinedload(Flag.corrective))).all()


def _decisions(session: Session, fix: Fix) -> Sequence[FlagEvent]:
    chosen = select(FlagEvent).join(Flag, Flag.id == FlagEvent.flag_id)
    chosen = chosen.where(Flag.fix_id == fix.id, FlagEvent.decision.is_not(None))
    return session.scalars(chosen.order_by(FlagEvent.at, FlagEvent.id)).all()


def _rivals(session: Session, fix: Fix, mine: FixScope, scopes: Iterable[FixScope]) -> Sequence[Fix]:
    """Other fixes that moved the same rows within two months of this one's start there."""
    starts = dict((*mine.touchpoints, *mine.teams))
    same = [
        other.fix_id
        for other in scopes
        if other.irritant_id == mine.irritant_id and other.fix_id != mine.fix_id
        if any(
            place in starts and abs(between(starts[place], day)) <= NEAR_IN_TIME
            for place, day in (*other.touchpoints, *other.teams)
        )
    ]
    return session.scalars(select(Fix).where(Fix.id.in_(same)).order_by(Fix.code)).all() if same else []


def _breaks(session: Session, fix: Fix, places: Sequence[ScopePlace]) -> Sequence[Break]:
    """The changes in the way of asking that concern the fix's irritant at its places."""
    here = [found.place.id for found in places]
    return session.scalars(
        select(Break)
        .where(
            or_(Break.measure_id.is_(None), Break.measure_id == fix.irritant_id),
            or_(Break.place_id.is_(None), Break.place_id.in_(here)),
        )
        .order_by(Break.month, Break.id)
    ).all()


def _unasked(
    session: Session, fix: Fix, verdict: Verdict | None, near: Near, known: Mapping[int, Team]
) -> Sequence[Team]:
    """The near teams nobody asks about the irritant, where that is what keeps a verdict back; by code."""
    if verdict is None or verdict.reason is not Reason.NOT_SURVEYED:
        return []
    month = month_of(verdict.as_of)
    listed: dict[int, bool] = {}
    for row in session.scalars(select(Asked).where(Asked.team_id.in_(near.all))):
        now = (row.since is None or row.since <= month) and (row.until is None or month <= row.until)
        listed[row.team_id] = listed.get(row.team_id, False) or (now and row.irritant_id == fix.irritant_id)
    by_place = organisation.asked_by_default(session)
    default = {team for team, irritants in by_place.items() if fix.irritant_id in irritants}
    asked = {team for team, there in listed.items() if there} | (default - listed.keys())
    return [team for team in known.values() if team.id in near.all - asked and _open(team, verdict)]


def _open(team: Team, verdict: Verdict) -> bool:
    return team.closed is None or team.closed > verdict.as_of


def _sooner(verdict: Verdict | None, own: Sequence[Team]) -> Sooner | None:
    """When it would be known if everybody in the fix's teams were asked and answered.

    From head counts and from what the verdict says it rests on; None where either is not there, where the
    teams are too many to be named, or where everybody answers already.
    """
    sizes = [team.headcount for team in own if team.headcount]
    if (
        verdict is None
        or verdict.outcome is not Outcome.UNDETERMINED
        or not (verdict.staff_answers and verdict.staff_places and verdict.months_since)
        or len(sizes) != len(own)
        or not 0 < len(own) <= NAMED
    ):
        return None
    after = verdict.staff_answers / verdict.staff_places
    rate, everybody = after / verdict.months_since, sum(sizes) / len(sizes)
    months = months_to_go(
        WORTH_SEEING,
        teams=verdict.staff_places,
        before=rate * (verdict.months_before or 0),
        after=after,
        monthly=everybody,
    )
    names = Names(of_teams={team.code: (team.name_en, team.name_fr) for team in own})
    called = names.teams("|".join(team.code for team in own))
    return Sooner(months, called) if months is not None and everybody > rate else None
