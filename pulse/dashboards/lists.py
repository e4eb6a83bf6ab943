"""A list of fixes as the overview and the fixes page show it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from pulse.dashboards import drawing
from pulse.dashboards.drawing import Picture
from pulse.dashboards.figures import Point
from pulse.dashboards.filters import OUTCOMES, TABS, Filters, Show, Subject
from pulse.dashboards.labels import Label, spread
from pulse.dashboards.queries import Line, NamedPlace
from pulse.i18n import Lazy, language, ngettext, number
from pulse.i18n import gettext as _
from pulse.organisation.models import PlaceKind
from pulse.verdicts import sentences
from pulse.verdicts.names import names_in
from pulse.verdicts.rules import Outcome
from pulse.verdicts.sentences import Span

Tab = tuple[Show, Lazy, int]
WIDTH = 190  # of the small drawing of both effects


def taken(
    lines: Sequence[Line], places: Mapping[int, frozenset[str]], chosen: Filters, today: date | None
) -> list[Line]:
    """The fixes a choice takes, whatever its tab; places -- the scope of each fix by its id."""
    if not chosen.narrowed:
        return list(lines)
    day = today or date.today()
    return [line for line in lines if chosen.takes(_subject(line, places[line.fix.id]), day)]


@dataclass(frozen=True)
class Choices:
    """What fixes can be narrowed down by: only what leads to one, as code and name, by name."""

    touchpoints: Sequence[tuple[str, str]]
    teams: Sequence[tuple[str, str]]
    owners: Sequence[str]


def choices(
    lines: Sequence[Line], places: Mapping[int, frozenset[str]], named: Iterable[NamedPlace]
) -> Choices:
    """The places where fixes act or landed, and who owns them."""
    known = {place for line in lines for place in _subject(line, places[line.fix.id]).places}
    found = sorted((place.name(language()), place.key) for place in named if place.key in known)

    def of(kind: PlaceKind) -> list[tuple[str, str]]:
        mark = f"{kind.value}:"
        return [(key.removeprefix(mark), name) for name, key in found if key.startswith(mark)]

    owners = sorted({line.fix.owner for line in lines if line.fix.owner})
    return Choices(of(PlaceKind.TOUCHPOINT), of(PlaceKind.TEAM), owners)


def _subject(line: Line, places: frozenset[str]) -> Subject:
    fix, verdict = line.fix, line.verdict
    landed = (verdict.landing_team or "").split("|") if verdict else []
    words = (
        fix.code,
        fix.name_en,
        fix.name_fr,
        fix.irritant.code,
        fix.irritant.label_en,
        fix.irritant.label_fr,
        fix.owner or "",
    )
    return Subject(
        outcome=line.outcome,
        started=fix.started,
        owner=fix.owner or "",
        text=" ".join(words),
        places=places | {f"team:{code}" for code in landed if code},
    )


def tabs(lines: Sequence[Line]) -> list[Tab]:
    """The tabs with how many fixes each holds."""
    counts = Counter(line.outcome for line in lines)
    numbers = {show: sum(counts[outcome] for outcome in OUTCOMES[show]) for show in Show}
    return [(show, TABS[show], len(lines) if show is Show.ALL else numbers[show]) for show in Show]


def headline(lines: Sequence[Line]) -> str:
    """What matters most about these fixes, in one sentence."""
    counts = Counter(line.outcome for line in lines)
    moved, harmful, total = counts[Outcome.DISPLACED], counts[Outcome.BACKFIRED], number(len(lines), 0)
    if moved:
        return ngettext(
            "%(n)s fix out of %(total)s moved its problem onto staff",
            "%(n)s fixes out of %(total)s moved their problem onto staff",
            moved,
            total=total,
        )
    if harmful:
        return ngettext(
            "%(n)s fix out of %(total)s made it worse for customers",
            "%(n)s fixes out of %(total)s made it worse for customers",
            harmful,
            total=total,
        )
    return ngettext(
        "The fix on view is not known to have moved its problem onto staff",
        "None of %(n)s fixes is known to have moved its problem onto staff",
        len(lines),
    )


def relieved(lines: Sequence[Line]) -> str:
    """How many fixes removed their problem."""
    solved = sum(line.outcome is Outcome.RESOLVED for line in lines)
    if not solved:
        return _("No fix is known yet to have removed its problem for customers and staff alike.")
    return ngettext(
        "%(n)s fix removed its problem for customers and staff alike.",
        "%(n)s fixes removed their problem for customers and staff alike.",
        solved,
    )


def points(lines: Sequence[Line], *, numbered: int) -> list[Point]:
    """The fixes whose effects are known on both sides, the first ones numbered as in the table."""
    found = []
    for place, line in enumerate(lines, 1):
        relief, burden = _effects(line)
        if line.verdict and relief and burden:
            name, code = line.fix.name(language()), line.fix.code
            found.append(
                Point(
                    place if place <= numbered else None,
                    name,
                    code,
                    line.verdict.outcome,
                    relief.turned(),
                    burden,
                )
            )
    return found


def labels(points: Sequence[Point], drawn: Picture) -> list[Label]:
    """Where the number of each numbered point stands in the picture, so that near ones can be told apart."""
    where = [(drawn.x.at(point.relief.value), drawn.y.at(point.burden.value)) for point in points]
    texts = [str(point.number) for point in points if point.number]
    return spread(where, texts, width=drawn.width, height=drawn.height)


def _effects(line: Line) -> tuple[Span | None, Span | None]:
    if line.verdict is None:
        return None, None
    return sentences.customers(line.verdict), sentences.burden(line.verdict)


def shown(session: Session, lines: Sequence[Line]) -> dict[str, Any]:
    """What the table's template needs beside the lines: a common axis, names and words."""
    spans = [span for line in lines for span in _effects(line)]
    return {
        "axis": drawing.around_zero(spans, width=WIDTH),
        "mark": drawing.mark,
        "names": names_in(session, [line.verdict for line in lines if line.verdict]),
        "say": sentences,
    }
