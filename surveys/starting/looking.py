"""The organisation as it was loaded, to be looked at: teams, irritants side by side, and what is missing."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from pulse.i18n import gettext as _
from pulse.i18n import ngettext
from pulse.months import month_of
from pulse.organisation import service as organisation
from pulse.organisation.chain import cut_off, hops
from pulse.organisation.models import Asked, Fix, Irritant, Side, Team, Touchpoint
from pulse.organisation.trees import open_tree
from surveys.starting.findings import Finding, found

SHOWN = 40  # teams of a ring, and irritants, that are named one by one


@dataclass(frozen=True)
class TeamLine:
    """A team, and the touchpoints at which it serves customers."""

    code: str
    name: str
    touchpoints: tuple[str, ...]


@dataclass(frozen=True)
class Ring:
    """The teams so many hops from customers; None = no way leads there. more -- how many are not named."""

    hops: int | None
    teams: tuple[TeamLine, ...]
    more: int

    @property
    def number(self) -> int:
        """How many teams there are."""
        return len(self.teams) + self.more


@dataclass(frozen=True)
class IrritantLine:
    """An irritant with both its questions; touchpoints -- where it is met, none = everywhere."""

    label: str
    customer: str
    employee: str
    touchpoints: tuple[str, ...]


@dataclass(frozen=True)
class Picture:
    """The organisation. more_irritants -- how many are not shown; units -- teams that only hold others."""

    rings: tuple[Ring, ...]
    irritants: tuple[IrritantLine, ...]
    more_irritants: int
    touchpoints: int
    fixes: int
    units: int
    findings: tuple[Finding, ...]


def picture(session: Session, today: date, *, language: str, languages: Sequence[str]) -> Picture:
    """The organisation in a language, with what is missing.

    languages -- those that are offered: words have to be there in each
    """
    known = _Known(session, today, language)
    shown = known.irritants[:SHOWN]
    return Picture(
        tuple(known.rings()),
        tuple(known.line(irritant) for irritant in shown),
        len(known.irritants) - len(shown),
        len(known.touchpoints),
        len(session.scalars(select(Fix.id)).all()),
        known.units,
        tuple(known.findings(session, languages)),
    )


class _Known:
    """What the picture is made of."""

    def __init__(self, session: Session, today: date, language: str) -> None:
        self.language = language
        parents = open_tree(session, month_of(today))
        teams = {team.id: team for team in session.scalars(select(Team)) if team.id in parents}
        above = set(parents.values())
        # A team that has others below it and nobody of its own answers through them.
        self.teams = {
            number: teams[number] for number in parents if number not in above or teams[number].headcount
        }
        self.units = len(parents) - len(self.teams)
        self.links = organisation.links(session)
        self.touchpoints = {one.id: one for one in session.scalars(select(Touchpoint))}
        self.served = organisation.served(session)
        rows = select(Irritant).options(selectinload(Irritant.touchpoints)).order_by(Irritant.code)
        asked = rows.where(organisation.is_asked(today))
        self.irritants: Sequence[Irritant] = session.scalars(asked).all()

    def rings(self) -> Iterator[Ring]:
        """Teams by hops, the nearest to customers first, those cut off last."""
        serving: dict[int, list[str]] = defaultdict(list)
        for touchpoint, teams in self.served.teams.items():
            for team in teams:
                serving[team].append(self.touchpoints[touchpoint].name(self.language))
        far = hops(self.links)
        by_hops: dict[int | None, list[TeamLine]] = defaultdict(list)
        for number, there in self.teams.items():
            line = TeamLine(there.code, there.name(self.language), tuple(sorted(serving.get(number, ()))))
            by_hops[far.get(number)].append(line)
        for distance in sorted(by_hops, key=lambda one: (one is None, one or 0)):
            lines = sorted(by_hops[distance], key=lambda line: line.name.casefold())
            yield Ring(distance, tuple(lines[:SHOWN]), max(len(lines) - SHOWN, 0))

    def line(self, irritant: Irritant) -> IrritantLine:
        """An irritant as it is shown."""
        return IrritantLine(
            irritant.label(self.language),
            irritant.question(Side.CUSTOMER, self.language),
            irritant.question(Side.EMPLOYEE, self.language),
            tuple(sorted(touchpoint.name(self.language) for touchpoint in irritant.touchpoints)),
        )

    def findings(self, session: Session, languages: Sequence[str]) -> Iterator[Finding]:
        """What is missing, and what to do about it."""
        names = {number: team.name(self.language) for number, team in self.teams.items()}
        if cut := [names[team] for team in cut_off(list(self.teams), self.links)]:
            yield _cut_off(cut)
        asked = self._asked(session)
        if silent := [names[team] for team in self.teams if team not in asked]:
            yield _asked_nothing(silent)
        if idle := [
            one.name(self.language) for number, one in self.touchpoints.items() if self._idle(number)
        ]:
            yield _without_irritants(idle)
        labels = {irritant: irritant.label(self.language) for irritant in self.irritants}
        if len(languages) > 1 and (same := [labels[one] for one in self.irritants if _untranslated(one)]):
            yield _only_one_language(same)
        if bare := [labels[one] for one in self.irritants if _without_question(one)]:
            yield _no_question(bare)
        if alike := [labels[one] for one in self.irritants if _alike(one)]:
            yield _same_question(alike)
        if everywhere := [labels[one] for one in self.irritants if not one.touchpoints]:
            yield _met_everywhere(everywhere)

    def _asked(self, session: Session) -> set[int]:
        """The teams that are asked about anything: by the value chain, or by a list of their own."""
        near = {team for team, irritants in organisation.asked_by_default(session).items() if irritants}
        return near | set(session.scalars(select(Asked.team_id)))

    def _idle(self, touchpoint: int) -> bool:
        met = self.served.met
        return not any(not places or touchpoint in places for places in met.values())


def _cut_off(names: Sequence[str]) -> Finding:
    title = ngettext(
        "%(n)s team has no way to customers on the value chain",
        "%(n)s teams have no way to customers on the value chain",
        len(names),
    )
    advice = _(
        "A burden that lands there is found, but nobody can say how far it travelled. In value_chain.csv,"
        " write for whom they work: another team, or CUSTOMERS."
    )
    return found(title, advice, names)


def _asked_nothing(names: Sequence[str]) -> Finding:
    title = ngettext("%(n)s team is asked about nothing", "%(n)s teams are asked about nothing", len(names))
    advice = _(
        "They are more than two steps from every touchpoint. Link them in value_chain.csv, or write in"
        " asked.csv what they are to be asked about; else a burden that lands on them is not seen."
    )
    return found(title, advice, names)


def _without_irritants(names: Sequence[str]) -> Finding:
    title = ngettext(
        "Customers are asked about nothing at %(n)s touchpoint",
        "Customers are asked about nothing at %(n)s touchpoints",
        len(names),
    )
    return found(
        title, _("In irritants.csv, write the touchpoint beside what annoys customers there."), names
    )


def _untranslated(irritant: Irritant) -> bool:
    return any(
        getattr(irritant, f"{words}_en") == getattr(irritant, f"{words}_fr")
        for words in ("customer_question", "employee_question")
    )


def _only_one_language(names: Sequence[str]) -> Finding:
    title = ngettext(
        "%(n)s irritant has the same words in French and in English",
        "%(n)s irritants have the same words in French and in English",
        len(names),
    )
    advice = _(
        "Whoever reads the other language gets a question they cannot read. Fill in the columns that end in"
        " _fr, or offer one language alone (PULSE_LANGUAGES)."
    )
    return found(title, advice, names)


def _without_question(irritant: Irritant) -> bool:
    return any(
        getattr(irritant, f"{side.value}_question_{code}") == getattr(irritant, f"label_{code}")
        for side in Side
        for code in ("en", "fr")
    )


def _no_question(names: Sequence[str]) -> Finding:
    title = ngettext(
        "%(n)s irritant has a name where a question should be",
        "%(n)s irritants have a name where a question should be",
        len(names),
    )
    advice = _(
        "Write both questions: how much it bothered the customer, and how much of it landed on the employee"
        " this month."
    )
    return found(title, advice, names)


def _alike(irritant: Irritant) -> bool:
    return not _without_question(irritant) and any(
        irritant.question(Side.CUSTOMER, code) == irritant.question(Side.EMPLOYEE, code)
        for code in ("en", "fr")
    )


def _same_question(names: Sequence[str]) -> Finding:
    title = ngettext(
        "%(n)s irritant asks customers and employees the same question",
        "%(n)s irritants ask customers and employees the same question",
        len(names),
    )
    advice = _(
        "Employees are to be asked what of it landed on them, not whether they were bothered as customers."
    )
    return found(title, advice, names)


def _met_everywhere(names: Sequence[str]) -> Finding:
    title = ngettext(
        "%(n)s irritant is asked about at every touchpoint",
        "%(n)s irritants are asked about at every touchpoint",
        len(names),
    )
    advice = _(
        "Where that is not so, name the touchpoints in irritants.csv: shorter lists are answered better."
    )
    return found(title, advice, names)
