"""Every figure that may be shown, as a table: what is chosen, one page of it, and all of it for a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import Session

from pulse.dashboards.files import About
from pulse.dashboards.filters import folded
from pulse.exports import Book, Column, Sheet, Value
from pulse.i18n import Lazy, language, lazy, month
from pulse.i18n import gettext as _
from pulse.ledger import figures as door
from pulse.ledger.disclosure import Extent
from pulse.ledger.figures import Figure
from pulse.ledger.models import ClosedMonth
from pulse.ledger.readers import EVERYTHING
from pulse.months import parsed, written
from pulse.organisation.models import Measure, Place, Side

PAGE = 100  # figures
SIDES: dict[Side, Lazy] = {Side.CUSTOMER: lazy("Customers"), Side.EMPLOYEE: lazy("Staff")}
EXTENTS: dict[Extent, Lazy] = {
    Extent.OWN: lazy("the place itself"),
    Extent.WHOLE: lazy("as a whole"),
}


@dataclass(frozen=True)
class Choice:
    """Which figures; None or "" = all. place -- words of its name or code."""

    side: Side | None = None
    first: date | None = None
    last: date | None = None
    irritant: str = ""
    place: str = ""
    extent: Extent | None = None
    page: int = 1

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Choice":
        """The choice an address makes; what it cannot mean counts as not said."""
        page = query.get("page", "")[:6]
        return cls(
            side={side.value: side for side in Side}.get(query.get("side", "")),
            first=_month(query.get("from", "")),
            last=_month(query.get("to", "")),
            irritant=query.get("irritant", ""),
            place=query.get("place", "").strip()[:200],
            extent={extent.value: extent for extent in Extent}.get(query.get("extent", "")),
            page=max(1, int(page)) if page.isdecimal() else 1,
        )

    @property
    def query(self) -> dict[str, str]:
        """The same as an address says it, without what is as usual."""
        said = {
            "side": self.side.value if self.side else "",
            "from": written(self.first) if self.first else "",
            "to": written(self.last) if self.last else "",
            "irritant": self.irritant,
            "place": self.place,
            "extent": self.extent.value if self.extent else "",
            "page": str(self.page) if self.page > 1 else "",
        }
        return {name: value for name, value in said.items() if value}

    def to(self, page: int) -> dict[str, str]:
        """The address of another page of the same choice."""
        return replace(self, page=page).query

    @property
    def narrowed(self) -> bool:
        """Whether anything at all is chosen."""
        return bool(self.to(1))

    @property
    def words(self) -> list[str]:
        """The choice, to be read beside the figures."""
        said = [
            (self.side, lambda: str(SIDES[self.side])),  # type: ignore[index]
            (self.first, lambda: _("from %(month)s", month=month(self.first))),  # type: ignore[arg-type]
            (self.last, lambda: _("to %(month)s", month=month(self.last))),  # type: ignore[arg-type]
            (self.irritant, lambda: _("Irritant: %(label)s", label=self.irritant)),
            (self.place, lambda: _("Place: %(words)s", words=self.place)),
            (self.extent, lambda: str(EXTENTS[self.extent])),  # type: ignore[index]
        ]
        return [tell() for value, tell in said if value]


def _month(text: str) -> date | None:
    try:
        return parsed(text)
    except ValueError:
        return None


@dataclass(frozen=True)
class Names:
    """Codes and names, in the language being spoken, of what figures are keyed by."""

    measures: Mapping[int, tuple[str, str]]
    places: Mapping[int, tuple[str, str]]

    @cached_property
    def irritants(self) -> list[tuple[str, str]]:
        """All measures by code and label, by label."""
        return sorted(self.measures.values(), key=lambda pair: folded(pair[1]))


def names(session: Session) -> Names:
    """What everything is called, in two queries."""
    at = 1 if language() == "fr" else 0
    measures = session.execute(select(Measure.id, Measure.code, Measure.label_en, Measure.label_fr))
    places = session.execute(select(Place.id, Place.code, Place.name_en, Place.name_fr))
    return Names(
        {key: (code, both[at]) for key, code, *both in measures},
        {key: (code, both[at]) for key, code, *both in places},
    )


def months(session: Session) -> Sequence[date]:
    """The closed months, the newest first."""
    return session.scalars(select(ClosedMonth.month).distinct().order_by(ClosedMonth.month.desc())).all()


@dataclass(frozen=True)
class Shown:
    """A figure with the side it is of."""

    side: Side
    figure: Figure


def number(session: Session, choice: Choice, called: Names) -> dict[Side, int]:
    """How many figures of each side a choice takes."""
    terms = _terms(choice, called)
    return {side: door.number(session, EVERYTHING, side, **terms) for side in _sides(choice)}


def page(session: Session, choice: Choice, called: Names, numbers: Mapping[Side, int]) -> list[Shown]:
    """One page of the figures chosen: customers first, the newest month on top; numbers -- see number()."""
    terms, skip, room = _terms(choice, called), (choice.page - 1) * PAGE, PAGE
    found: list[Shown] = []
    for side, count in numbers.items():
        if room > 0 and skip < count:
            some = door.leafed(session, EVERYTHING, side, skip=skip, limit=room, **terms)
            found += [Shown(side, figure) for figure in some]
            room -= len(some)
        skip = max(0, skip - count)
    return found


def book(session: Session, choice: Choice, called: Names, about: About) -> Book:
    """All figures chosen in one table, customers' first; all are held in memory while the file is made."""
    terms = _terms(choice, called)
    rows = [
        _row(side, figure, called)
        for side in _sides(choice)
        for figure in door.figures(session, EVERYTHING, side, **terms)
    ]
    return Book("figures", about, [Sheet("figures", _("Figures"), columns(), rows)])


def columns() -> list[Column]:
    """The columns of a table of figures, wherever one is handed out."""
    return [
        Column("side", _("Side (code)")),
        Column("month", _("Month")),
        Column("place", _("Place (code)")),
        Column("place_name", _("Place")),
        Column("extent", _("Extent (code)")),
        Column("irritant", _("Irritant (code)")),
        Column("irritant_label", _("Irritant")),
        Column("score", _("Score")),
        Column("low", _("Score from")),
        Column("high", _("Score to")),
        Column("n", _("Answers (about)")),
        Column("fresh", _("From answers of this month")),
    ]


def _row(side: Side, figure: Figure, called: Names) -> list[Value]:
    return [
        side.value,
        figure.month,
        *called.places[figure.place_id],
        figure.extent.value,
        *called.measures[figure.measure_id],
        figure.points,
        figure.low,
        figure.high,
        figure.n,
        figure.fresh,
    ]


def _sides(choice: Choice) -> tuple[Side, ...]:
    return (choice.side,) if choice.side else tuple(SIDES)


def _terms(choice: Choice, called: Names) -> door.Choice:
    terms: door.Choice = {"extent": choice.extent, "first": choice.first, "last": choice.last}
    if choice.irritant:
        terms["measures"] = [
            key for key, (code, _label) in called.measures.items() if code == choice.irritant
        ]
    if choice.place:
        words = folded(choice.place).split()
        terms["places"] = [
            key
            for key, pair in called.places.items()
            if all(word in folded(" ".join(pair)) for word in words)
        ]
    return terms
