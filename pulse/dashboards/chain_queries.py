"""What the page of the value chain is made of: teams, links, and where verdicts say burdens landed."""

from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from pulse.dashboards.chain import Burden, Chain, Member
from pulse.i18n import language
from pulse.organisation import service as organisation
from pulse.organisation.models import Fix, Team
from pulse.verdicts import sentences
from pulse.verdicts.names import names_in
from pulse.verdicts.newest import newest


def chain(session: Session, today: date) -> Chain:
    """The value chain as it stands on a day, and what fixes put on its teams.

    On it are the teams that are open and have a link, or nobody below them: units only group teams.
    """
    found = session.execute(
        select(Team.id, Team.code, Team.name_en, Team.name_fr, Team.parent_id)
        .where(or_(Team.closed.is_(None), Team.closed > today))
        .where(or_(Team.opened.is_(None), Team.opened <= today))
        .order_by(Team.code)
    ).all()
    codes = {team: code for team, code, *_ in found}
    links = sorted(
        (
            (codes[supplier], codes[customer] if customer is not None else None)
            for supplier, customer in organisation.links(session)
            if supplier in codes and (customer is None or customer in codes)
        ),
        key=lambda link: (link[0], link[1] or ""),
    )
    linked = {team for link in links for team in link}
    above = {parent for *_, parent in found}
    teams = {
        code: Member(code, english, french)
        for team, code, english, french, _ in found
        if code in linked or team not in above
    }
    return Chain(teams, tuple(links), tuple(_burdens(session)))


def _burdens(session: Session) -> list[Burden]:
    """What the newest verdicts say landed somewhere, the heaviest first, those without a figure last."""
    verdicts = {fix: verdict for fix, verdict in newest(session).items() if verdict.landing_team}
    names = names_in(session, verdicts.values())
    codes = {team: code for team, code in session.execute(select(Team.id, Team.code))}
    own = {scope.fix_id: scope.teams for scope in organisation.scopes(session) if scope.fix_id in verdicts}
    burdens = [
        Burden(
            fix.code,
            fix.name(language()),
            tuple(sorted(codes[team] for team, _ in own[fix.id])),
            tuple((verdicts[fix.id].landing_team or "").split("|")),
            sentences.landing(verdicts[fix.id]),
            sentences.where(verdicts[fix.id], names) or "",
        )
        for fix in session.scalars(select(Fix).where(Fix.id.in_(verdicts)))
    ]
    return sorted(
        burdens,
        key=lambda burden: (burden.size is None, -(burden.size.value if burden.size else 0), burden.fix),
    )


def unit(session: Session, code: str) -> tuple[Team, list[Team]] | None:
    """A team that is no part of the chain itself, with the teams right below it; None = no such team."""
    above = aliased(Team)
    found = session.scalar(select(Team).where(Team.code == code))
    if found is None:
        return None
    below = select(Team).join(above, above.id == Team.parent_id).where(above.id == found.id)
    return found, list(session.scalars(below.where(Team.closed.is_(None)).order_by(Team.code)))


def has_fix(session: Session, code: str) -> bool:
    """Whether there is a fix of this code."""
    return session.scalar(select(Fix.id).where(Fix.code == code)) is not None
