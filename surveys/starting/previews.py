"""Both surveys as they will look, made from what is loaded; nothing of them is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from pulse.i18n import gettext as _
from pulse.months import month_of
from pulse.organisation.models import Irritant, Side, Team, Touchpoint
from pulse.organisation.trees import open_tree
from surveys.questions.enps import ENPS
from surveys.questions.landing import LANDING
from surveys.responses import customer
from surveys.responses import page as pages
from surveys.responses.answers import Question
from surveys.responses.customer import Survey
from surveys.responses.employee import Questionnaire
from surveys.responses.models import Door
from surveys.responses.permission import Permission, Spent
from surveys.starting.first_wave import questions_of
from surveys.waves import questions
from surveys.waves.calendar import closing
from surveys.waves.service import CASTING, attached
from surveys.waves.units import FEWEST, ballot_units


@dataclass(frozen=True)
class Choice:
    """A page that can be looked at: of a touchpoint, or of a group of teams."""

    code: str
    name: str


def touchpoints(session: Session, language: str) -> list[Choice]:
    """The touchpoints whose page customers will see, by name."""
    found = [Choice(one.code, one.name(language)) for one in session.scalars(select(Touchpoint))]
    return sorted(found, key=lambda one: one.name.casefold())


def customers(session: Session, code: str, now: datetime, *, language: str, zone: ZoneInfo) -> Survey | None:
    """What customers of a touchpoint will be asked; None where there is no such touchpoint."""
    known = select(Touchpoint).where(Touchpoint.code == code)
    touchpoint = (
        session.scalar(known) if code.isprintable() else None
    )  # no code holds what PostgreSQL refuses
    if touchpoint is None:
        return None
    allowed = Permission(touchpoint.id, now.astimezone(zone).date(), Door.INVITED, _spend)
    page = customer.laid_out(session, allowed, pages.fresh(now), now, seed=code, zone=zone)
    return customer.survey(session, allowed, page, language=language)


def _spend(session: Session, now: datetime) -> Spent:
    return Spent()  # a preview gives no right to answer, so there is none to use up


def groups(session: Session, now: datetime, *, language: str, zone: ZoneInfo) -> list[Choice]:
    """The groups of teams that get a page, by name."""
    today = now.astimezone(zone).date()
    tree, people = open_tree(session, month_of(today)), attached(session, today, by_code=True)
    units = ballot_units(tree, attached(session, today))
    numbers = {units[team] for team in tree if people.get(team)} if people else _leaves(tree)
    teams = [team for team in session.scalars(select(Team)) if team.id in numbers]
    return sorted(
        (Choice(one.code, one.name(language)) for one in teams), key=lambda one: one.name.casefold()
    )


def _leaves(tree: Mapping[int, int | None]) -> set[int]:
    """The teams that have no other below them."""
    return set(tree) - set(tree.values())


def employees(
    session: Session, code: str, now: datetime, *, language: str, zone: ZoneInfo, k: int
) -> Questionnaire | None:
    """What a group of teams would be asked this month, if anything; None where there is no such group."""
    today = now.astimezone(zone).date()
    month = month_of(today)
    irritants = _asked(session, month, today).get(code) if code.isprintable() else None
    if irritants is None:
        return None
    team = session.scalars(select(Team).where(Team.code == code)).one()
    return Questionnaire(
        month,
        team.name(language),
        code,
        tuple(_questions(session, irritants, month, language)),
        k,
        (closing(month, zone) + CASTING).astimezone(zone).date(),
    )


def _asked(session: Session, month: date, today: date) -> Mapping[str, Sequence[str]]:
    """What each group would be asked; as if each team were large enough where nobody belongs to any."""
    people = attached(session, today, by_code=True)
    if people:
        return questions_of(session, month, attached(session, today), people)
    tree = open_tree(session, month)
    everywhere = dict.fromkeys(_leaves(tree), FEWEST)
    return questions_of(session, month, everywhere, everywhere)


def _questions(session: Session, codes: Sequence[str], month: date, language: str) -> list[Question]:
    known = {one.code: one for one in session.scalars(select(Irritant).where(Irritant.code.in_(codes)))}
    asked = [Question(code, known[code].question(Side.EMPLOYEE, language), LANDING) for code in codes]
    if codes and month.month in questions.QUARTERS:
        words = _("How likely are you to recommend working here to a friend or relative?")
        asked.append(Question(questions.INDICATOR, words, ENPS))
    return asked
