"""Which irritants a team may be asked about in a month: its list, or what is met near it by default."""

from collections import defaultdict
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from pulse.organisation import chain, scope
from pulse.organisation.models import Asked, Irritant, IrritantTouchpoint, Serving, Supply, Touchpoint


def asked_codes(session: Session, month: date) -> dict[int, set[str]]:
    """Codes of the irritants each team (by id) may be asked about in a month.

    A team with a list of its own is asked what stands on it that month, even where that is nothing; the
    others are asked about irritants met at touchpoints within two hops of them.
    """
    found = _by_default(session)
    listed = set(session.scalars(select(Asked.team_id).distinct()))
    found |= {team: set() for team in listed}
    rows = (
        select(Asked.team_id, Irritant.code)
        .join(Irritant, Irritant.id == Asked.irritant_id)
        .where(
            or_(Asked.since.is_(None), Asked.since <= month), or_(Asked.until.is_(None), Asked.until >= month)
        )
    )
    for team, code in session.execute(rows):
        found[team].add(code)
    return found


def _by_default(session: Session) -> dict[int, set[str]]:
    served = served_places(session)
    links = [(supplier, customer) for supplier, customer in session.execute(_LINKS)]
    return {team: set(codes) for team, codes in scope.asked(served, chain.neighbours(links)).items()}


def served_places(session: Session) -> scope.Served[int, str]:
    """Which teams serve each touchpoint (by ids), and where each irritant (by code) is met."""
    teams: dict[int, set[int]] = {touchpoint: set() for touchpoint in session.scalars(select(Touchpoint.id))}
    for touchpoint, team in session.execute(select(Serving.touchpoint_id, Serving.team_id)):
        teams[touchpoint].add(team)
    met: dict[str, set[int]] = defaultdict(set)
    for code, touchpoint in session.execute(_MET):
        met[code] |= {touchpoint} if touchpoint is not None else set()
    return scope.Served(teams=teams, met=met)


_LINKS = select(Supply.supplier_id, Supply.customer_id)
_MET = select(Irritant.code, IrritantTouchpoint.touchpoint_id).outerjoin(
    IrritantTouchpoint, IrritantTouchpoint.irritant_id == Irritant.id
)
