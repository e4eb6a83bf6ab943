"""What a planned fix could be judged by, and when: from released figures or head counts.

Pages read no exact sums. The answers to expect are told by the rounded numbers of figures that may be shown;
where there are none, by how many people belong to the teams.
"""

import enum
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from statistics import median

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, selectinload

from pulse.correlation.design import WANTED
from pulse.ledger.disclosure import Extent
from pulse.ledger.figures import figures, newest
from pulse.ledger.readers import EVERYTHING
from pulse.months import between, month_of, shifted
from pulse.organisation import service
from pulse.organisation.chain import neighbours, within
from pulse.organisation.fixes import Draft
from pulse.organisation.models import Asked, Break, Fix, Place, RollOut, Side, Team
from pulse.organisation.scope import Action, Dates, Scope, scope
from pulse.people.models import Membership, Person
from pulse.verdicts.planning import RECENT, WORTH_SEEING, Plan
from pulse.verdicts.rules import FIRST_CALM_VERDICT, FIRST_VERDICT

REACH = 2  # hops from a fix's teams at which its burden is looked for
TAKE_PART = 0.62  # share of people who answer a month's pulse (method.md, section 8)
APART = 2  # months between the starts of two fixes that cannot be told apart
NEAR = 6  # months between the starts of two fixes that are hard to tell apart
LATER = 6  # months by which a start may be put off so that more can be compared
SOON = 6  # months after the start within which what is worth seeing should show
BROKEN = 3  # months that have to lie between a break and a start (method.md, section 4.12)


class Basis(enum.Enum):
    """What the number of answers to expect comes from."""

    FIGURES = "figures"
    HEADS = "heads"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Seen:
    """Months after the start until a burden of so many points shows; None = not within two years."""

    points: float
    here: int | None
    beside: int | None


@dataclass(frozen=True)
class Expected:
    """The answers a plan rests on; plan None = nothing is known to plan from."""

    basis: Basis
    plan: Plan | None = None

    def seen(self, points: float) -> Seen:
        """When a burden of so many points would show in the fix's teams, and in one beside them."""
        if self.plan is None:
            return Seen(points, None, None)
        here, beside = self.plan.months(points), self.plan.months(points, elsewhere=True)
        return Seen(points, _judged(here), _judged(beside))

    def put_off(self, points: float) -> tuple[int, int] | None:
        """By how many months to start later so that it shows SOON, and after how many it then does."""
        if self.plan is None:
            return None
        for later in range(1, LATER + 1):
            plan = Plan("", self.plan.started, self.plan.answers, self.plan.teams, self.plan.before + later)
            months = plan.months(points)
            if months is not None and months <= SOON:
                return later, months
        return None


def _judged(months: int | None) -> int | None:
    """Months until a verdict can say so: none is given before its time, however clear it is."""
    return None if months is None else max(months, FIRST_VERDICT)


@dataclass(frozen=True)
class Other:
    """Another fix that this one may be mistaken for; months -- between their starts."""

    fix: Fix
    months: int
    same_irritant: bool


@dataclass(frozen=True)
class Compared:
    """Places outside a fix that are asked about its irritant, and whether it starts in steps."""

    teams: int
    touchpoints: int
    in_steps: bool

    @property
    def nothing(self) -> bool:
        """Whether it starts at once everywhere where its irritant is asked about."""
        return not (self.teams or self.touchpoints or self.in_steps)


@dataclass(frozen=True)
class Outlook:
    """What can be said of a fix before it begins.

    touchpoints, teams -- where it acts, spelled out; near -- teams 1 and 2 hops from it
    earliest, settled -- months at whose end it may first be flagged, and first be found to have worked
    late -- it began in an earlier month than it is put on record
    few -- teams of fewer people than are shown; unasked -- teams whose own list lacks the irritant
    unmet -- touchpoints at which the irritant is not met; broken -- months from which its series start anew
    """

    touchpoints: tuple[Place, ...]
    teams: tuple[Place, ...]
    near: tuple[tuple[Place, ...], tuple[Place, ...]]
    expected: Expected
    seen: tuple[Seen, ...]
    earliest: date
    settled: date
    late: bool
    compared: Compared
    few: tuple[Place, ...]
    unasked: tuple[Place, ...]
    unmet: tuple[Place, ...]
    mistaken: tuple[Other, ...]
    broken: tuple[date, ...]


def outlook(session: Session, draft: Draft, today: date, *, k: int, fix: Fix | None = None) -> Outlook:
    """What can be said of a draft on a day; k -- the smallest group shown; fix -- where it is on record."""
    here = _scope(session, draft, fix)
    places = {place.id: place for place in session.scalars(select(Place))}
    hops = within(here.teams, neighbours(service.links(session)), reach=REACH)

    def named(ids: Iterable[int]) -> tuple[Place, ...]:
        return tuple(sorted((places[key] for key in ids), key=lambda place: place.code))

    late = month_of(draft.started) < month_of(today)
    fresh = month_of(today) if late else month_of(draft.started)
    expected = _expected(session, draft, here.teams.keys(), today)
    return Outlook(
        touchpoints=named(here.touchpoints),
        teams=named(here.teams),
        near=(
            named(team for team, far in hops.items() if far == 1),
            named(team for team, far in hops.items() if far == 2),
        ),
        expected=expected,
        seen=tuple(expected.seen(points) for points in _worth_seeing(draft)),
        earliest=shifted(fresh, FIRST_VERDICT - 1),
        settled=shifted(fresh, FIRST_CALM_VERDICT - 1),
        late=late,
        compared=_compared(session, draft, here),
        few=named(_few(session, here.teams.keys(), today, k)),
        unasked=named(_unasked(session, draft, here.teams.keys())),
        unmet=named(here.touchpoints.keys() - service.served(session).where(draft.irritant_id)),
        mistaken=_mistaken(session, draft, here, fix),
        broken=_broken(session, draft, here),
    )


def _scope(session: Session, draft: Draft, fix: Fix | None) -> Scope[int]:
    rollouts: dict[int, Dates] = {}
    if fix is not None:
        rows = session.scalars(select(RollOut).where(RollOut.fix_id == fix.id))
        rollouts = {row.place_id: Dates(row.started, row.stopped) for row in rows}
    action = Action(
        "", draft.irritant_id, Dates(draft.started), draft.touchpoints, draft.teams, rollouts=rollouts
    )
    return scope(action, service.served(session))


def _worth_seeing(draft: Draft) -> list[float]:
    """The burdens to tell about: what was expected, where it is one, among those that are worth seeing."""
    expected = (draft.expected_staff or 0) / 100
    return sorted({*WORTH_SEEING, *([expected] if expected > 0 else [])})


def _expected(session: Session, draft: Draft, teams: Collection[int], today: date) -> Expected:
    start, now = month_of(draft.started), month_of(today)
    last = newest(session, Side.EMPLOYEE)
    sizes: dict[int, list[int]] = defaultdict(list)
    first = start
    if last is not None:
        since = shifted(last, 1 - RECENT)
        shown = figures(
            session,
            EVERYTHING,
            Side.EMPLOYEE,
            measures=[draft.irritant_id],
            places=teams,
            extent=Extent.OWN,
            last=last,
        )
        for figure in shown:
            if figure.fresh:
                first = min(first, figure.month)
                sizes[figure.place_id] += [figure.n] if figure.month >= since else []
    if any(sizes.values()):
        counted = [sum(some) / RECENT for some in sizes.values() if some]
        plan = Plan("", draft.started, median(counted), len(counted), max(between(first, start), 0))
        return Expected(Basis.FIGURES, plan)
    heads = [people for people in _people(session, teams, today).values() if people]
    if not heads:
        return Expected(Basis.NOTHING)
    answers = median(min(people * TAKE_PART, WANTED[0]) for people in heads)
    return Expected(Basis.HEADS, Plan("", draft.started, answers, len(heads), max(between(now, start), 0)))


def _people(session: Session, teams: Collection[int], today: date) -> dict[int, int]:
    """How many people each team has: those who belong to it, else the head count of its record."""
    belong = (Membership.since <= today) & or_(Membership.until.is_(None), Membership.until >= today)
    counted = (
        select(Membership.team_id, func.count())
        .join(Person, Person.id == Membership.person_id)
        .where(belong, Person.disabled_at.is_(None), Membership.team_id.in_(teams))
        .group_by(Membership.team_id)
    )
    told = select(Team.id, Team.headcount).where(Team.id.in_(teams))
    found = {team: people for team, people in session.execute(told) if people is not None}
    return {**found, **{team: people for team, people in session.execute(counted)}}


def _compared(session: Session, draft: Draft, here: Scope[int]) -> Compared:
    asking = {
        team
        for team, irritants in service.asked_by_default(session).items()
        if draft.irritant_id in irritants
    }
    met = service.served(session).where(draft.irritant_id)
    starts = [
        {month_of(dates.started) for dates in found.values()} for found in (here.teams, here.touchpoints)
    ]
    return Compared(
        len(asking - here.teams.keys()),
        len(met - here.touchpoints.keys()),
        in_steps=any(len(months) > 1 for months in starts),
    )


def _few(session: Session, teams: Collection[int], today: date, k: int) -> set[int]:
    return {team for team, people in _people(session, teams, today).items() if 0 < people < k}


def _unasked(session: Session, draft: Draft, teams: Collection[int]) -> set[int]:
    """Teams with a list of their own on which the irritant does not stand when the fix starts."""
    listed = set(session.scalars(select(Asked.team_id).where(Asked.team_id.in_(teams)).distinct()))
    month = month_of(draft.started)
    there = select(Asked.team_id).where(
        Asked.irritant_id == draft.irritant_id,
        or_(Asked.since.is_(None), Asked.since <= month),
        or_(Asked.until.is_(None), Asked.until >= month),
    )
    return listed - set(session.scalars(there))


def _mistaken(session: Session, draft: Draft, here: Scope[int], fix: Fix | None) -> tuple[Other, ...]:
    """Fixes that start within months of this one in some of its teams or touchpoints, the likest first."""
    mine = {*here.teams, *here.touchpoints}
    near: dict[int, tuple[int, bool]] = {}
    for found in service.scopes(session):
        if found.withdrawn or (fix is not None and found.fix_id == fix.id):
            continue
        same = found.irritant_id == draft.irritant_id
        shared = mine & {place for place, _ in (*found.teams, *found.touchpoints)}
        months = abs(between(month_of(draft.started), month_of(found.started)))
        if shared and months <= (NEAR if same else APART):
            near[found.fix_id] = months, same
    rows = session.scalars(select(Fix).where(Fix.id.in_(near)).options(selectinload(Fix.irritant)))
    others = [Other(row, *near[row.id]) for row in rows]
    return tuple(sorted(others, key=lambda other: (not other.same_irritant, other.months, other.fix.code)))


def _broken(session: Session, draft: Draft, here: Scope[int]) -> tuple[date, ...]:
    """Months from shortly before the start on from which a series of this irritant starts anew."""
    places = {*here.teams, *here.touchpoints}
    rows = select(Break.month, Break.place_id).where(
        Break.month > shifted(month_of(draft.started), -BROKEN),
        or_(Break.measure_id.is_(None), Break.measure_id == draft.irritant_id),
    )
    return tuple(
        sorted({month for month, place in session.execute(rows) if place is None or place in places})
    )
