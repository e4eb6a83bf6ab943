"""The burden ledger: what the fixes of the last twelve months have put on each team, or taken off it.

Made of the newest verdict of each fix alone, which is published for everybody who may see the page: no cell
has a say in the order or the sum, and nothing is estimated here.
"""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import Enum

from sqlalchemy import select
from sqlalchemy.orm import Session

from pulse.correlation.ceiling import CEILING
from pulse.dashboards import queries
from pulse.dashboards.drawing import Axis
from pulse.dashboards.queries import Line
from pulse.dashboards.tree import Node, Tree, headed, tree
from pulse.ledger import figures as door
from pulse.ledger.figures import Figure
from pulse.ledger.readers import Reader
from pulse.months import month_of, shifted
from pulse.organisation import service as organisation
from pulse.organisation.models import Fix, Irritant, Side
from pulse.organisation.service import FixScope
from pulse.verdicts import sentences
from pulse.verdicts.models import Verdict
from pulse.verdicts.names import Names
from pulse.verdicts.sentences import Span

MONTHS = 12  # that the budget is for
PERIODS = (12, 24)
PAGE = 12  # teams
WIDTH = 260  # of the drawings, which share one axis


@dataclass(frozen=True)
class Entry:
    """What one fix did to one team, as far as its newest verdict publishes it.

    irritants -- codes joined by "|"
    effect -- points, above 0 = burden; None = no figure yet, or none to be published
    landed -- the verdict says that the burden landed here; else it is the mean over the fix's own teams
    since -- the day the fix started in this team, or at all where the team is none of its own
    stopped -- the fix has ended: what it did is no longer counted
    """

    fix: Fix
    verdict: Verdict | None
    irritants: str
    effect: Span | None
    landed: bool
    since: date
    stopped: bool

    @property
    def counts(self) -> bool:
        """Whether it is part of the sum."""
        return self.effect is not None and not self.stopped


class Load(Enum):
    """How a team's sum stands to the budget."""

    WITHIN = "within"
    PERHAPS = "perhaps"  # within it, but the interval reaches beyond
    OVER = "over"


@dataclass(frozen=True)
class Account:
    """A team's part of the ledger. high -- irritants answered so high that a further rise could not show."""

    team: Node
    entries: Sequence[Entry]
    budget: float
    high: Sequence[Irritant] = field(default=())

    @property
    def total(self) -> Span | None:
        """All effects that count, added up; None where there is none."""
        return added(entry.effect for entry in self.entries if entry.effect is not None and entry.counts)

    @property
    def load(self) -> Load:
        """How the sum stands to the budget."""
        total = self.total
        if total is None or total.high <= self.budget:
            return Load.WITHIN
        return Load.OVER if total.value > self.budget else Load.PERHAPS


@dataclass(frozen=True)
class Ledger:
    """The accounts of a page.

    looked -- the last look; None = there was none yet
    accounts -- the heaviest sums first
    number, over -- accounts of the choice in all, and how many of them are over the budget
    way -- the unit chosen and those above it that the reader may see
    """

    looked: date | None
    accounts: Sequence[Account]
    number: int
    over: int
    names: Names
    way: Sequence[Node]
    budget: float


def added(spans: Iterable[Span]) -> Span | None:
    """The sum of effects with its interval, as if their errors had nothing to do with one another.

    Half-widths of independent errors add up by their squares; fixes measured on the same answers err
    together to some degree, so the interval may be too narrow, which the pages say.
    """
    some = list(spans)
    if not some:
        return None
    value = sum(span.value for span in some)
    down = math.hypot(*(span.value - span.low for span in some))
    up = math.hypot(*(span.high - span.value for span in some))
    return Span(round(value, 1), round(value - down, 1), round(value + up, 1))


@dataclass(frozen=True)
class Choice:
    """What an address asks for: the code of a unit, "" = all; only teams over the budget; words; a page.

    months -- fixes started within so many are looked at, and the budget is one for so many
    """

    unit: str = ""
    months: int = MONTHS
    search: str = ""
    over: bool = False
    page: int = 1

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Choice":
        """The choice an address makes; what it cannot mean counts as not said."""
        page, months = query.get("page", "")[:6], query.get("months", "")
        return cls(
            unit=query.get("unit", ""),
            months=int(months) if months in map(str, PERIODS) else MONTHS,
            search=query.get("search", "").strip()[:200],
            over=query.get("over", "") == "1",
            page=max(1, int(page)) if page.isdecimal() else 1,
        )

    @property
    def query(self) -> dict[str, str]:
        """The same as an address says it, without what is as usual."""
        said = {
            "unit": self.unit,
            "months": str(self.months) if self.months != MONTHS else "",
            "search": self.search,
            "over": "1" if self.over else "",
            "page": str(self.page) if self.page > 1 else "",
        }
        return {name: value for name, value in said.items() if value}

    def to(self, **changed: object) -> dict[str, str]:
        """The address of another choice that differs in this, from its first page on."""
        return replace(self, **{"page": 1, **changed}).query  # type: ignore[arg-type]


def ledger(
    session: Session,
    reader: Reader,
    person_id: int,
    chosen: Choice,
    language: str,
    *,
    budget: float,
    whole: bool = False,
) -> Ledger:
    """The ledger a choice makes, for a reader; raises NotTheirs where the unit is none of theirs.

    budget -- points a team may take on in twelve months
    whole -- all accounts instead of one page of them
    """
    looked = queries.standing(session).looked
    standing = tree(session, month_of(looked or date.today()), language)
    if not reader.reads_all:
        standing = standing.within(headed(session, person_id))
    unit = standing.coded(chosen.unit) if chosen.unit else None
    shown = _shown(standing, unit, chosen)
    entries = _entries(session, standing, looked, chosen.months) if looked else {}
    budget *= chosen.months / MONTHS
    accounts = sorted(
        (Account(node, entries[node.id], budget) for node in shown if node.id in entries), key=_weight
    )
    over = [account for account in accounts if account.load is Load.OVER]
    chosen_ones = over if chosen.over else accounts
    start = 0 if whole else (chosen.page - 1) * PAGE
    page = chosen_ones if whole else chosen_ones[start : start + PAGE]
    return Ledger(
        looked=looked,
        accounts=_saturated(session, reader, page, looked),
        number=len(accounts),
        over=len(over),
        names=_names(session, page),
        way=standing.way(unit.id) if unit else (),
        budget=budget,
    )


def account(
    session: Session, reader: Reader, team_id: int, language: str, *, budget: float
) -> tuple[Account | None, Names]:
    """One team's account and the names it needs; None where no fix of the last twelve months touches it."""
    looked = queries.standing(session).looked
    if looked is None:
        return None, Names()
    standing = tree(session, month_of(looked), language)
    entries = _entries(session, standing, looked, MONTHS).get(team_id, [])
    found = [Account(standing.nodes[team_id], entries, budget)] if entries else []
    return next(iter(_saturated(session, reader, found, looked)), None), _names(session, found)


def axis(accounts: Iterable[Account], budget: float) -> Axis:
    """One axis for every effect and sum of a page, wide enough for the budget."""
    some = list(accounts)
    spans = [entry.effect for found in some for entry in found.entries] + [found.total for found in some]
    low = min((span.low for span in spans if span), default=0.0)
    high = max([budget, *(span.high for span in spans if span)])
    return Axis(float(min(-1, math.floor(low))), float(math.ceil(high + 0.25)), 6, WIDTH - 6)


def _shown(standing: Tree, unit: Node | None, chosen: Choice) -> list[Node]:
    walked = [node for node, _ in standing.walk([unit] if unit else standing.tops)]
    if not chosen.search:
        return walked
    named = {node.id for node in standing.named(chosen.search)}
    return [node for node in walked if node.id in named]


def _weight(found: Account) -> tuple[bool, float, str]:
    total = found.total
    return total is None, -(total.value if total else 0.0), found.team.code


def _entries(session: Session, standing: Tree, looked: date, months: int) -> dict[int, list[Entry]]:
    """Team id to what was put on it or taken off it, the newest first."""
    scopes = {scope.fix_id: scope for scope in organisation.scopes(session)}
    ids = {node.code: node.id for node in standing.nodes.values()}
    since = shifted(month_of(looked), 1 - months)
    found: dict[int, list[Entry]] = defaultdict(list)
    for line in queries.lines(session):
        for team, entry in _of_fix(line, scopes[line.fix.id], ids):
            if team in standing and since <= entry.since <= looked:
                found[team].append(entry)
    for entries in found.values():
        entries.sort(key=lambda entry: (-entry.since.toordinal(), entry.fix.code, entry.landed))
    return dict(found)


def _of_fix(line: Line, scope: FixScope, ids: Mapping[str, int]) -> Iterable[tuple[int, Entry]]:
    """What a fix did to its own teams and to those where its burden landed, each burden once."""
    fix, verdict = line.fix, line.verdict
    landing = verdict.landing_irritant or "" if verdict else ""
    landed = [ids[code] for code in (verdict.landing_team or "").split("|") if code in ids] if verdict else []
    started = dict(scope.teams)
    for team in landed:
        burden = sentences.landing(verdict) if verdict else None
        yield team, _entry(fix, verdict, landing, burden, True, started.get(team, fix.started))
    told = set(landed) if fix.irritant.code in landing.split("|") else set()
    for team, day in scope.teams:
        if team not in told:
            own = sentences.staff(verdict) if verdict else None
            yield team, _entry(fix, verdict, fix.irritant.code, own, False, day)


def _entry(
    fix: Fix, verdict: Verdict | None, irritants: str, effect: Span | None, landed: bool, since: date
) -> Entry:
    looked = verdict.as_of if verdict else None
    stopped = fix.stopped is not None and looked is not None and fix.stopped <= looked
    return Entry(fix, verdict, irritants, effect, landed, since, stopped)


def _saturated(
    session: Session, reader: Reader, accounts: Sequence[Account], looked: date | None
) -> list[Account]:
    """The accounts with the irritants that are answered so high already that a rise could not show."""
    if not accounts or looked is None:
        return list(accounts)
    high: dict[int, set[int]] = defaultdict(set)
    for figure in _latest(session, reader, [found.team.id for found in accounts], month_of(looked)):
        if figure.points > CEILING:
            high[figure.place_id].add(figure.measure_id)
    wanted = {measure for measures in high.values() for measure in measures}
    irritants = session.scalars(select(Irritant).where(Irritant.id.in_(wanted)).order_by(Irritant.code)).all()
    return [
        replace(found, high=[one for one in irritants if one.id in high[found.team.id]]) for found in accounts
    ]


def _latest(session: Session, reader: Reader, teams: Collection[int], last: date) -> list[Figure]:
    """The newest figure of the last three months of each team, extent and measure."""
    newest: dict[tuple[object, ...], Figure] = {}
    for figure in door.figures(
        session, reader, Side.EMPLOYEE, places=teams, first=shifted(last, -2), last=last
    ):
        newest[figure.place_id, figure.extent, figure.measure_id] = figure
    return list(newest.values())


def _names(session: Session, accounts: Iterable[Account]) -> Names:
    """What the irritants of these accounts are called."""
    entries = [entry for found in accounts for entry in found.entries]
    codes = {code for entry in entries for code in entry.irritants.split("|")}
    rows = session.scalars(select(Irritant).where(Irritant.code.in_(codes)))
    return Names(of_irritants={one.code: (one.label_en, one.label_fr) for one in rows})
