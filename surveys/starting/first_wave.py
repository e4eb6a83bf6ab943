"""The first wave before it opens: whom it would ask, what about, and what cannot be measured yet."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pulse.i18n import gettext as _
from pulse.i18n import ngettext
from pulse.ledger.models import ClosedMonth
from pulse.months import month_of, shifted
from pulse.organisation import service as organisation
from pulse.organisation.models import Fix, Irritant, Side, Team
from pulse.organisation.trees import open_tree
from surveys.responses.answers import seconds
from surveys.starting.findings import Finding, found
from surveys.waves import questions
from surveys.waves.calendar import closing, opening
from surveys.waves.models import Wave, WaveState
from surveys.waves.planning import AHEAD, FEWEST_DAYS
from surveys.waves.service import attached
from surveys.waves.units import ballot_units

OFFERED = 3  # months among which the first is chosen


@dataclass(frozen=True)
class Month:
    """A month in which the first wave may be.

    opens -- first day, or today where its hour is over; closes -- last day
    at_once -- it would open as soon as somebody says so
    """

    month: date
    opens: date
    closes: date
    at_once: bool
    planned: bool


@dataclass(frozen=True)
class Foreseen:
    """What a wave would ask.

    people -- who are asked in all; groups -- in which they answer
    each -- questions on a page at most; different -- questions in all
    """

    people: int
    groups: int
    each: int
    different: int
    findings: tuple[Finding, ...]

    @property
    def seconds(self) -> int:
        """How long answering would take."""
        return seconds(self.each)


def months(session: Session, now: datetime, *, zone: ZoneInfo) -> list[Month]:
    """The months the first wave may be in, as they are planned or would be; earliest first."""
    today = now.astimezone(zone).date()
    planned: dict[date, Wave] = {
        wave.month: wave
        for wave in session.scalars(select(Wave).where(Wave.state == WaveState.PLANNED, Wave.closes_at > now))
    }
    loaded = set(session.scalars(select(ClosedMonth.month).where(ClosedMonth.side == Side.EMPLOYEE)))
    offered = []
    for ahead in range(AHEAD + 1):
        month = shifted(month_of(today), ahead)
        wave = planned.get(month)
        opens_at, closes_at = (
            (wave.opens_at, wave.closes_at) if wave else (opening(month, zone), closing(month, zone))
        )
        opens = max(opens_at.astimezone(zone).date(), today)
        closes = (closes_at - timedelta(seconds=1)).astimezone(zone).date()
        if month not in loaded and (closes - opens).days + 1 >= FEWEST_DAYS:
            offered.append(Month(month, opens, closes, opens_at <= now, wave is not None))
    return offered[:OFFERED]


def from_when(month: date, now: datetime, *, zone: ZoneInfo) -> datetime:
    """From when on waves may open for the first one to be that of a month."""
    return max(now, datetime.combine(month, time(0), zone))


def foreseen(session: Session, month: date, today: date, *, language: str) -> Foreseen:
    """What the wave of a month would ask if it opened as things stand today."""
    drawing, people = attached(session, today), attached(session, today, by_code=True)
    asked = questions_of(session, month, drawing, people)
    names = {code for codes in asked.values() for code in codes}
    last = month.month in questions.QUARTERS
    return Foreseen(
        sum(people.values()),
        len(asked),
        max((len(codes) for codes in asked.values()), default=0) + last,
        len(names) + last,
        tuple(_findings(session, month, names, asked, language)),
    )


def questions_of(
    session: Session, month: date, drawing: Mapping[int, int], people: Mapping[int, int]
) -> dict[str, tuple[str, ...]]:
    """The irritants each group would be asked about, by the group's code.

    drawing -- people of each team who draw ballots; people -- with those who answer by a printed code
    """
    teams: dict[int, list[int]] = defaultdict(list)
    for team, unit in ballot_units(open_tree(session, month), drawing).items():
        if people.get(team):
            teams[unit].append(team)
    most = questions.MOST - (month.month in questions.QUARTERS)
    units = questions.units_asked(session, month, teams, people)
    return questions.chosen(units, month, questions.past(session, month), most=most)


def _findings(
    session: Session,
    month: date,
    asked: set[str],
    by_group: Mapping[str, Sequence[str]],
    language: str,
) -> Iterator[Finding]:
    """What the first wave cannot tell, and from when on it may."""
    rows = select(Irritant).where(organisation.is_asked(month)).order_by(Irritant.code)
    irritants = session.scalars(rows).all()
    if waiting := [one.label(language) for one in irritants if one.code not in asked]:
        yield _later(waiting)
    names: dict[str, Team] = {team.code: team for team in session.scalars(select(Team))}
    if silent := [names[code].name(language) for code, codes in by_group.items() if not codes]:
        yield _without_questions(silent)
    before: dict[Side, date] = dict(
        session.execute(
            select(ClosedMonth.side, func.min(ClosedMonth.month)).group_by(ClosedMonth.side)
        ).all()
    )
    fixes = session.scalars(select(Fix).order_by(Fix.code)).all()
    for side in Side:
        first = before.get(side, month)
        if blind := [fix.name(language) for fix in fixes if month_of(fix.started) <= first]:
            yield _no_before(side, blind)
    if not fixes:
        yield _no_fix()


def _later(names: Sequence[str]) -> Finding:
    title = ngettext(
        "%(n)s irritant is not asked about in the first wave",
        "%(n)s irritants are not asked about in the first wave",
        len(names),
    )
    return found(
        title, _("A page holds five questions at most; the others take their turn in later months."), names
    )


def _without_questions(names: Sequence[str]) -> Finding:
    title = ngettext("%(n)s group has no question", "%(n)s groups have no question", len(names))
    advice = _("Their teams are too far from every touchpoint; step 2 says what to do. They are not invited.")
    return found(title, advice, names)


def _no_before(side: Side, names: Sequence[str]) -> Finding:
    n = len(names)
    if side is Side.CUSTOMER:
        title = ngettext(
            "Of %(n)s fix, no customer was asked before it began",
            "Of %(n)s fixes, no customer was asked before they began",
            n,
        )
    else:
        title = ngettext(
            "Of %(n)s fix, no employee was asked before it began",
            "Of %(n)s fixes, no employee was asked before they began",
            n,
        )
    advice = _(
        "Without a before there is no verdict. Load earlier months of answers if you have any; fixes that"
        " begin after some waves are judged."
    )
    return found(title, advice, names)


def _no_fix() -> Finding:
    return Finding(
        _("No fix is on record yet"),
        _(
            "That is fine: the first months are the “before” that later fixes are held against. Put a fix on"
            " record before it begins."
        ),
    )


def chosen(text: str | None, offered: Sequence[Month]) -> Month | None:
    """The offered month that somebody chose; None where it is none of them."""
    return next((one for one in offered if f"{one.month:%Y-%m}" == text), None)
