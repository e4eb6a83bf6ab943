"""A reporting line over the told company: who heads what, and what may be shown of it."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from pulse.ledger.disclosure import Extent
from pulse.ledger.models import ParticipationBand, ReleasedCell
from pulse.ledger.rounding import Participation
from pulse.months import month_of, shifted
from pulse.organisation.models import Fix, Irritant, Place, Side, Team
from pulse.people import service
from pulse.people.models import Grant
from tests.pulse.dashboards.told import LAST, PASSWORD, tell

MANAGER, OF_FEW, NEIGHBOUR = "max@example.org", "mia@example.org", "noa@example.org"
ADMIN, COUNCIL = "ada@example.org", "cor@example.org"
LATEST = month_of(LAST)


def tell_line(session: Session) -> None:
    """The told company under one head, a team of few people in it, and those who head teams."""
    tell(session)
    teams = {team.code: team for team in session.scalars(select(Team))}
    rail = Team(code="rail", name_en="The whole railway", name_fr="Tout le chemin de fer")
    session.add(rail)
    session.flush()
    few = Team(code="few", name_en="Lost property", name_fr="Objets trouvés", parent_id=rail.id)
    session.add(few)
    for team in teams.values():
        team.parent_id = rail.id
    session.flush()
    for number, irritant in enumerate(session.scalars(select(Irritant).order_by(Irritant.code)).all()):
        for back in range(12):
            if (back + number) % 4:
                show(session, rail, irritant, back, n=1200, score=330 + 10 * number, extent=Extent.WHOLE)
    for email, grant, team in (
        (MANAGER, Grant.MANAGER, teams["counter"]),
        (OF_FEW, Grant.MANAGER, few),
        (NEIGHBOUR, Grant.MANAGER, teams["billing"]),
        (ADMIN, Grant.ADMIN, None),
        (COUNCIL, Grant.COUNCIL, None),
    ):
        person = service.add(
            session, email, name=email.partition("@")[0].title(), language="en", password=PASSWORD
        )
        service.grant(session, person, grant, team=team)
        service.note(session, "grant given", email, grant.value)
        if team is not None:
            service.join(session, person, team, since=service.today() - timedelta(days=400))
    session.add(ParticipationBand(place_id=teams["counter"].id, month=LATEST, band=Participation.TO_75))
    started = service.today() - timedelta(days=20)
    fix = session.scalars(select(Fix).where(Fix.code == "later")).one()
    fix.started, fix.expected_customer, fix.expected_staff = started, -150, 50


def show(
    session: Session, place: Place, irritant: Irritant, back: int, *, n: int, score: int, extent: Extent
) -> None:
    """A figure of a place, so many months before the last."""
    session.add(
        ReleasedCell(
            measure_id=irritant.id,
            side=Side.EMPLOYEE,
            place_id=place.id,
            extent=extent,
            month=shifted(LATEST, -back),
            n=n,
            score=score,
            step=10 if n >= 20 else 50,
            fresh=True,
        )
    )
