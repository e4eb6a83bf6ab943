"""Which running fixes a team is near to: its answers about them decide how soon they are judged."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pulse.correlation.design import Watched
from pulse.months import between, last_day, month_of
from pulse.organisation import service as organisation
from pulse.organisation.chain import within
from pulse.organisation.models import Irritant
from pulse.organisation.service import FixScope
from pulse.verdicts.models import Verdict
from pulse.verdicts.rules import Outcome

AHEAD, AFTER = 6, 12  # months of asking: so long before a planned start, and so long after the last one
REACH = 2  # hops from a fix's teams at which its burden is looked for


def near_teams(session: Session, month: date, day: date | None = None) -> dict[int, list[Watched]]:
    """The running fixes near each team (by id): in its scope, or one or two hops away on the value chain.

    day -- on which the wave opens, None = the last of the month: fixes of irritants that nobody is asked
        about on that day want no answers
    """
    beside = organisation.neighbours(organisation.links(session))
    settled = _settled(session)
    live = select(Irritant.id, Irritant.code).where(organisation.is_asked(day or last_day(month)))
    codes: dict[int, str] = dict(session.execute(live).all())
    found: dict[int, list[Watched]] = defaultdict(list)
    for fix in organisation.scopes(session):
        if fix.withdrawn or fix.irritant_id not in codes or not is_watched(fix, month):
            continue
        for team, hops in within((team for team, _ in fix.teams), beside, reach=REACH).items():
            found[team].append(Watched(codes[fix.irritant_id], hops, settled.get(fix.fix_id, 0.0)))
    return found


def is_watched(fix: FixScope, month: date) -> bool:
    """Whether a fix wants answers in a month: from half a year before its start until a year after.

    Where places start at different times, the first and the last of them count; a fix that was stopped wants
    none any more.
    """
    starts = [started for _, started in (*fix.teams, *fix.touchpoints)] or [fix.started]
    stopped = fix.stopped is not None and month_of(fix.stopped) < month
    return not stopped and between(month, min(starts)) <= AHEAD and between(max(starts), month) <= AFTER


def nearest(teams: Collection[int], near: Mapping[int, Collection[Watched]]) -> tuple[Watched, ...]:
    """The fixes near any of a unit's teams, each with its smallest distance, in the order of irritants."""
    closest: dict[str, Watched] = {}
    for team in teams:
        for fix in near.get(team, ()):
            known = closest.get(fix.irritant)
            if known is None or (fix.hops, fix.settled) < (known.hops, known.settled):
                closest[fix.irritant] = fix
    return tuple(closest[irritant] for irritant in sorted(closest))


def _settled(session: Session) -> dict[int, float]:
    """How sure the latest verdict on each fix is, 0 where it is not yet known either way."""
    latest = (
        select(Verdict.fix_id, func.max(Verdict.as_of).label("as_of")).group_by(Verdict.fix_id).subquery()
    )
    rows = (
        select(Verdict.fix_id, Verdict.outcome, Verdict.probability)
        .join(latest, (latest.c.fix_id == Verdict.fix_id) & (latest.c.as_of == Verdict.as_of))
        .order_by(Verdict.fix_id, Verdict.revision)
    )
    return {
        fix: 0.0 if outcome is Outcome.UNDETERMINED or p is None else max(p, 1 - p)
        for fix, outcome, p in session.execute(rows)
    }
