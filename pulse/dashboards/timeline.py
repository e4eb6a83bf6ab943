"""What stands on the time axis of a fix: start, roll-outs, stop, changes in asking, what was done. Pure."""

import enum
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from pulse.dashboards.evidence import Evidence, ScopePlace
from pulse.i18n import day, language, listed, month, ngettext
from pulse.i18n import gettext as _
from pulse.months import month_of, shifted
from pulse.organisation.models import Side
from pulse.verdicts.flag_words import DECISIONS

NAMED = 3  # places that a line names; more are counted


class Kind(enum.Enum):
    """What a mark is about; the value is its class in the style sheet."""

    START = "start"
    ROLL_OUT = "roll-out"
    STOP = "stop"
    BREAK = "break"
    FLAG = "flag-mark"
    DECISION = "decision"
    CORRECTIVE = "corrective"
    RECHECK = "recheck"


@dataclass(frozen=True)
class Mark:
    """A month that something belongs to, known by a number in the picture and told in a line beside it.

    side -- the one side it concerns, None = both
    """

    number: int
    kind: Kind
    month: date
    text: str
    side: Side | None = None


def marks(found: Evidence) -> list[Mark]:
    """All marks in the order of time, numbered from 1."""
    told = sorted(
        [
            *_starts(found),
            *_stops(found),
            *_breaks(found),
            *_flags(found),
            *_decisions(found),
            *_correctives(found),
        ],
        key=lambda mark: (mark.month, list(Kind).index(mark.kind), mark.text),
    )
    return [Mark(number, mark.kind, mark.month, mark.text, mark.side) for number, mark in enumerate(told, 1)]


def _starts(found: Evidence) -> Iterable[Mark]:
    """The start, and each later month in which further places followed."""
    places = [*found.touchpoints, *found.teams]
    begun: dict[date, list[ScopePlace]] = defaultdict(list)
    for place in places:
        begun[month_of(place.started)].append(place)
    start = month_of(found.fix.started)
    first = begun.pop(start, [])
    if not begun:
        text = _("The fix starts on %(day)s.", day=day(found.fix.started))
    else:
        text = (
            _("The fix starts on %(day)s: %(places)s.", day=day(found.fix.started), places=_named(first))
            if first
            else _("The fix starts on %(day)s.", day=day(found.fix.started))
        )
    yield Mark(0, Kind.START, start, text)
    for later, some in begun.items():
        text = _("From %(month)s also: %(places)s.", month=month(later), places=_named(some))
        yield Mark(0, Kind.ROLL_OUT, later, text)


def _stops(found: Evidence) -> Iterable[Mark]:
    """The stop, and the places that stopped on another day."""
    fix = found.fix
    if fix.stopped is not None:
        text = _("The fix is stopped on %(day)s.", day=day(fix.stopped))
        yield Mark(0, Kind.STOP, shifted(month_of(fix.stopped), 1), text)
    ended: dict[date, list[ScopePlace]] = defaultdict(list)
    for place in (*found.touchpoints, *found.teams):
        if place.stopped is not None and place.stopped != fix.stopped:
            ended[place.stopped].append(place)
    for last, some in ended.items():
        text = _("Stopped on %(day)s: %(places)s.", day=day(last), places=_named(some))
        yield Mark(0, Kind.STOP, shifted(month_of(last), 1), text)


def _breaks(found: Evidence) -> Iterable[Mark]:
    for one in found.breaks:
        if one.side is Side.CUSTOMER:
            text = _("The way customers are asked changes in %(month)s.", month=month(one.month))
        else:
            text = _("The way staff are asked changes in %(month)s.", month=month(one.month))
        yield Mark(0, Kind.BREAK, one.month, f"{text} {one.note}".strip(), one.side)


def _flags(found: Evidence) -> Iterable[Mark]:
    for flag in found.flags:
        text = _("Flagged at the end of %(month)s.", month=month(flag.raised_on))
        yield Mark(0, Kind.FLAG, month_of(flag.raised_on), text)


def _decisions(found: Evidence) -> Iterable[Mark]:
    """What was decided about its flags, and when somebody is to look again whether it helped."""
    for event in found.decisions:
        if event.decision is not None:
            at, decision = event.at.date(), DECISIONS[event.decision]
            text = _("Decided on %(day)s: %(decision)s.", day=day(at), decision=decision)
            yield Mark(0, Kind.DECISION, month_of(at), text)
    for flag in found.flags:
        if flag.recheck_on is not None:
            text = _("To be checked again on %(day)s.", day=day(flag.recheck_on))
            yield Mark(0, Kind.RECHECK, month_of(flag.recheck_on), text)


def _correctives(found: Evidence) -> Iterable[Mark]:
    """Fixes that are to put it right."""
    for fix in {flag.corrective.id: flag.corrective for flag in found.flags if flag.corrective}.values():
        text = _(
            "“%(fix)s”, meant to put it right, starts on %(day)s.",
            fix=fix.name(language()),
            day=day(fix.started),
        )
        yield Mark(0, Kind.CORRECTIVE, month_of(fix.started), text)


def _named(places: Sequence[ScopePlace]) -> str:
    """Places by name where they are few."""
    if len(places) <= NAMED:
        return listed([found.place.name(language()) for found in places])
    return ngettext("%(n)s place", "%(n)s places", len(places))
