"""What each ballot unit may be asked about in a month, by the organisation and what customers raise."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from functools import cache

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from pulse.correlation.design import NEVER, Past, Unit
from pulse.ledger.figures import figures
from pulse.ledger.readers import EVERYTHING
from pulse.months import between, last_day, shifted
from pulse.organisation import service as organisation
from pulse.organisation.chain import within
from pulse.organisation.models import Asked, Irritant, Measure, Side, Team
from pulse.organisation.scope import ASKED_WITHIN, Served
from surveys.waves.lists import live
from surveys.waves.models import Wave, WaveQuestion, WaveState
from surveys.waves.watched import near_teams, nearest

EXPECTED = 0.62  # share of people who answer a month's pulse (method.md, section 8)
FIRST = Past(NEVER.last, NEVER.times - 1)  # whose turn is before that of anything else never asked
MONTHS = 12  # how far back is looked: what customers raised, and when a unit was asked about what


def units_asked(
    session: Session,
    month: date,
    units: Mapping[int, Collection[int]],
    people: Mapping[int, int],
    day: date | None = None,
) -> list[Unit]:
    """The units of a month as the allocation takes them, in the order of their codes.

    units -- unit's id to the ids of its teams that have people; people -- of each team
    day -- on which the wave opens, None = the last of the month: what is retired by then, or comes in later,
        is not asked

    A team with a list of its own is asked what stands on it that month, even where that is nothing; the
    others about irritants met at touchpoints within two hops of them. What customers brought up within the
    year comes before what they have raised for longest, which it could not compete with. A unit of which
    every team has a list of its own is bound to them.
    """
    served = organisation.served(session)
    live_on = _asked_on(session, day or last_day(month))
    listed, touchpoints = _own_lists(session, month, live_on), _touchpoints_near(session, served)
    new = _brought_up(session, month) & live_on
    met, raised = _met(session, served, live_on), _raised(session, month)
    near = near_teams(session, month, day)
    codes = _codes(session, Team)

    @cache
    def around(at: frozenset[int]) -> tuple[frozenset[str], dict[str, float]]:
        return _around(at, met, raised)

    found = []
    for unit, teams in units.items():
        free = [team for team in teams if team not in listed]
        own = {irritant for team in teams for irritant in listed.get(team, ())}
        met_here, raised_here = around(frozenset().union(*(touchpoints.get(team, ()) for team in free)))
        kept = own | {fix.irritant for fix in nearest(free, near)} | (new & met_here)
        asked = live(codes[unit], month.year, met_here, raised_here, kept)
        answers = EXPECTED * sum(people.get(team, 0) for team in teams)
        found.append(Unit(codes[unit], answers, asked, nearest(teams, near), bound=not free))
    return sorted(found, key=lambda unit: unit.code)


def past(session: Session, month: date) -> dict[str, dict[str, Past]]:
    """When each unit was asked about which irritant in the year before a month, and how often, by codes.

    What customers brought up meanwhile comes before all else that was never asked: from the next wave on.
    """
    units, measures = _codes(session, Team), _codes(session, Measure)
    found: dict[str, dict[str, Past]] = defaultdict(dict)
    earlier = select(Wave).where(
        Wave.month >= shifted(month, -MONTHS), Wave.month < month, Wave.state != WaveState.PLANNED
    )
    for wave in session.scalars(earlier.order_by(Wave.month)):
        asked = select(WaveQuestion.unit_id, WaveQuestion.measure_id).where(WaveQuestion.wave_id == wave.id)
        ago = -between(wave.month, month)
        for unit, measure in session.execute(asked):
            of_unit = found[units[unit]]
            of_unit[measures[measure]] = Past(ago, of_unit.get(measures[measure], NEVER).times + 1)
    for irritant in _brought_up(session, month):
        for code in units.values():
            found[code].setdefault(irritant, FIRST)
    return found


def _codes(session: Session, of: type[Team] | type[Measure]) -> dict[int, str]:
    return dict(session.execute(select(of.id, of.code)).all())


def _brought_up(session: Session, month: date) -> frozenset[str]:
    """The irritants that customers brought up themselves in the year before a month."""
    lately = Irritant.added.is_not(None), Irritant.added >= shifted(month, -MONTHS)
    return frozenset(session.scalars(select(Irritant.code).where(*lately)))


def _asked_on(session: Session, day: date) -> frozenset[str]:
    """The irritants that have come in by a day and are not retired."""
    return frozenset(session.scalars(select(Irritant.code).where(organisation.is_asked(day))))


def _own_lists(session: Session, month: date, live_on: Collection[str]) -> dict[int, set[str]]:
    """The irritants on the list of each team that has one, as far as they are asked about."""
    found: dict[int, set[str]] = {team: set() for team in session.scalars(select(Asked.team_id).distinct())}
    rows = (
        select(Asked.team_id, Irritant.code)
        .join(Irritant, Irritant.id == Asked.irritant_id)
        .where(
            or_(Asked.since.is_(None), Asked.since <= month), or_(Asked.until.is_(None), Asked.until >= month)
        )
    )
    for team, code in session.execute(rows):
        if code in live_on:
            found[team].add(code)
    return found


def _touchpoints_near(session: Session, served: Served[int, int]) -> dict[int, set[int]]:
    """The touchpoints within two hops of each team: served by it, or by a team so near on the value chain."""
    beside = organisation.neighbours(organisation.links(session))
    found: dict[int, set[int]] = defaultdict(set)
    for touchpoint, teams in served.teams.items():
        for team in within(teams, beside, reach=ASKED_WITHIN):
            found[team].add(touchpoint)
    return found


def _met(session: Session, served: Served[int, int], live_on: Collection[str]) -> dict[int | None, set[str]]:
    """The irritants met at each touchpoint; under None those that are met everywhere."""
    codes: dict[int, str] = dict(session.execute(select(Irritant.id, Irritant.code)).all())
    found: dict[int | None, set[str]] = defaultdict(set)
    for irritant, touchpoints in served.met.items():
        if codes[irritant] not in live_on:
            continue
        for touchpoint in touchpoints or (None,):
            found[touchpoint].add(codes[irritant])
    return found


def _raised(session: Session, month: date) -> dict[int, dict[str, float]]:
    """How much customers raised each irritant at each touchpoint in a year, as far as it is shown."""
    codes: dict[int, str] = dict(session.execute(select(Irritant.id, Irritant.code)).all())
    found: dict[int, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for figure in figures(session, EVERYTHING, Side.CUSTOMER, first=shifted(month, -MONTHS)):
        if figure.measure_id in codes:
            found[figure.place_id][codes[figure.measure_id]] += figure.n * figure.score
    return found


def _around(
    touchpoints: Collection[int],
    met: Mapping[int | None, set[str]],
    raised: Mapping[int, Mapping[str, float]],
) -> tuple[frozenset[str], dict[str, float]]:
    """What is met at some touchpoints, and how much customers raise each of it there."""
    if not touchpoints:
        return frozenset(), {}
    irritants = set().union(met.get(None, ()), *(met.get(touchpoint, ()) for touchpoint in touchpoints))
    sums: dict[str, float] = defaultdict(float)
    for touchpoint in touchpoints:
        for irritant, weight in raised.get(touchpoint, {}).items():
            sums[irritant] += weight
    return frozenset(irritants), sums
