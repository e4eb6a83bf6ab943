"""Fixes, flags and figures as the API tells them: what the pages show, through the same doors."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from pulse.dashboards import flag_list, lists, queries
from pulse.dashboards.filters import PAGE, Filters, Show
from pulse.dashboards.flag_list import Choice, Line, State
from pulse.i18n import SOURCE, speaking
from pulse.ledger import figures
from pulse.ledger.figures import Figure
from pulse.ledger.readers import EVERYTHING
from pulse.months import month_of, parsed, written
from pulse.organisation.models import Fix, Measure, Place, PlaceKind, Side
from pulse.people import service
from pulse.verdicts import sentences
from pulse.verdicts.models import Verdict
from pulse.verdicts.names import Names, names_in
from pulse.verdicts.rules import Outcome
from pulse.verdicts.sentences import Span
from surveys.api.results import (
    AskedCells,
    AskedFixes,
    AskedFlags,
    Cell,
    Cells,
    Concluded,
    Effect,
    Fixes,
    FixTold,
    FixWhole,
    Flags,
    FlagTold,
    Landing,
    OpenFlag,
)

ON_A_PAGE = 1000  # figures
KINDS = {Side.CUSTOMER: PlaceKind.TOUCHPOINT, Side.EMPLOYEE: PlaceKind.TEAM}


def fixes(session: Session, asked: AskedFixes) -> Fixes:
    """A page of the fixes that the list on screen would show."""
    chosen = Filters(
        show=Show(asked.show),
        search=asked.search,
        months=asked.months,
        touchpoint=asked.touchpoint,
        team=asked.team,
        owner=asked.owner,
        page=asked.page,
    )
    looked = queries.standing(session).looked
    every, places = queries.lines(session), queries.places_of_fixes(session)
    lines = [line for line in lists.taken(every, places, chosen, looked) if chosen.shows(line.outcome)]
    here = lines[(chosen.page - 1) * PAGE : chosen.page * PAGE]
    names = names_in(session, [line.verdict for line in here if line.verdict])
    told = [FixTold(**_fix(line, names)) for line in here]
    return Fixes(fixes=told, page=chosen.page, pages=-(-len(lines) // PAGE), number=len(lines))


def fix(session: Session, code: str) -> FixWhole | None:
    """One fix with the verdict of each month; None where there is none of this code."""
    line = next((line for line in queries.lines(session) if line.fix.code == code), None)
    if line is None:
        return None
    rows = session.scalars(
        select(Verdict).where(Verdict.fix_id == line.fix.id).order_by(Verdict.as_of, Verdict.revision)
    )
    history = {verdict.as_of: verdict for verdict in rows}
    names = names_in(session, history.values())
    places = queries.places_of_fixes(session)[line.fix.id]
    return FixWhole(
        **_fix(line, names),
        touchpoints=_codes(places, PlaceKind.TOUCHPOINT),
        teams=_codes(places, PlaceKind.TEAM),
        history=[_concluded(verdict, names) for verdict in history.values()],
    )


def _codes(places: frozenset[str], kind: PlaceKind) -> list[str]:
    mark = f"{kind.value}:"
    return sorted(place.removeprefix(mark) for place in places if place.startswith(mark))


def _fix(line: queries.Line, names: Names) -> dict[str, object]:
    found, flag = line.fix, line.flag
    return {
        "code": found.code,
        "name_en": found.name_en,
        "name_fr": found.name_fr,
        "irritant": found.irritant.code,
        "started": found.started,
        "stopped": found.stopped,
        "owner": found.owner,
        "success_on": found.success_on,
        "verdict": _concluded(line.verdict, names) if line.verdict else None,
        "flag": OpenFlag(id=flag.id, state=flag.state) if flag else None,
    }


def flags(session: Session, asked: AskedFlags) -> Flags:
    """A page of the flags that the inbox would show to somebody who reads all."""
    chosen = Choice(
        state=State(asked.state or ""),
        owner=asked.owner,
        months=asked.months,
        verdict=Outcome(asked.verdict) if asked.verdict else None,
        touchpoint=asked.touchpoint,
        team=asked.team,
        page=asked.page,
    )
    found = flag_list.inbox(
        session, chosen, reader="", reads_all=True, today=service.today(), language=SOURCE
    )
    told = [_flag(line, found.names) for line in found.lines]
    return Flags(flags=told, page=chosen.page, pages=found.pages, number=found.number)


def _flag(line: Line, names: Names) -> FlagTold:
    flag = line.flag
    return FlagTold(
        id=flag.id,
        fix=flag.fix.code,
        raised_for=flag.outcome,
        raised_on=flag.raised_on,
        state=flag.state,
        owner=flag.owner,
        decision=flag.decision,
        corrective=flag.corrective.code if flag.corrective else None,
        recheck_on=flag.recheck_on,
        overdue=line.overdue,
        verdict=_concluded(flag.verdict, names),
    )


def _concluded(verdict: Verdict, names: Names) -> Concluded:
    teams = [code for code in (verdict.landing_team or "").split("|") if code]
    landing = Landing(
        teams=teams,
        irritant=verdict.landing_irritant,
        hops=verdict.landing_hops,
        effect=_effect(sentences.landing(verdict)),
    )
    return Concluded(
        as_of=verdict.as_of,
        outcome=verdict.outcome,
        reason=verdict.reason,
        probability=verdict.probability,
        customers=_effect(sentences.customers(verdict)),
        staff=_effect(sentences.staff(verdict)),
        landing=landing if teams else None,
        sentence_en=_sentence(verdict, names, "en"),
        sentence_fr=_sentence(verdict, names, "fr"),
    )


def _sentence(verdict: Verdict, names: Names, language: str) -> str:
    with speaking(language):
        return sentences.headline(verdict, names)


def _effect(span: Span | None) -> Effect | None:
    return None if span is None else Effect(effect=span.value, low=span.low, high=span.high)


def cells(session: Session, asked: AskedCells) -> Cells:
    """A page of released figures, month by month from the newest on."""
    side = Side(asked.side)
    measures = dict(session.execute(_named(Measure, asked.irritant)).all())
    places = dict(session.execute(_named(Place, asked.place).where(Place.kind == KINDS[side])).all())
    told: list[Cell] = []
    for month, skipped in _months(session, side, asked):
        found = figures.figures(
            session,
            EVERYTHING,
            side,
            measures=measures.keys() if asked.irritant else None,
            places=places.keys() if asked.place else None,
            first=month,
            last=month,
        )
        room = ON_A_PAGE - len(told)
        told += [_cell(figure, side, measures, places) for figure in found[skipped : skipped + room]]
        if len(found) > skipped + room:
            return Cells(cells=told, next=f"{written(month)}.{skipped + room}")
    return Cells(cells=told)


def _named(of: type[Measure] | type[Place], code: str):  # type: ignore[no-untyped-def]  # (id, code) by code
    rows = select(of.id, of.code)
    return rows.where(of.code == code) if code else rows


def _months(session: Session, side: Side, asked: AskedCells) -> Iterator[tuple[date, int]]:
    """The months to tell of, the newest first, each with how many of its figures were told before."""
    if asked.cursor is not None:
        begun, _, skipped = asked.cursor.partition(".")
        month: date | None = parsed(begun)
        yield parsed(begun), int(skipped)
    else:
        month = parsed(asked.month) if asked.month else figures.newest(session, side)
        if month is not None:
            yield month, 0
    while month is not None and asked.month is None:
        month = figures.newest(session, side, before=month)
        if month is not None:
            yield month, 0


def _cell(figure: Figure, side: Side, measures: dict[int, str], places: dict[int, str]) -> Cell:
    return Cell(
        side=side.value,
        month=written(month_of(figure.month)),
        place=places[figure.place_id],
        extent=figure.extent,
        irritant=measures[figure.measure_id],
        n=figure.n,
        score=figure.points,
        low=figure.low,
        high=figure.high,
        fresh=figure.fresh,
    )


def of_code(session: Session, code: str) -> Fix | None:
    """The fix of a code."""
    return session.scalar(select(Fix).where(Fix.code == code)) if "\0" not in code else None
