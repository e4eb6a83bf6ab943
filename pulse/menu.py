"""The menu: sections side by side, and below them the pages of the section on view."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from pulse.i18n import Lazy
from pulse.i18n import lazy as _


class Section(enum.Enum):
    """A part of the menu; in the order in which they stand."""

    RESULTS = _("Results")
    TEAMS = _("Teams")
    CUSTOMERS = _("Customers")
    EMPLOYEES = _("Employees")
    INSTALLATION = _("Installation")


@dataclass(frozen=True)
class MenuItem:
    """A line of the menu; shown to those whom the page's door lets in."""

    endpoint: str
    label: Lazy
    section: Section


@dataclass(frozen=True)
class Line:
    """A link of the menu; current -- what aria-current says of it, nothing = not on view."""

    label: Lazy
    endpoint: str
    current: str = ""


@dataclass(frozen=True)
class Menu:
    """The sections somebody may enter, and the pages of the one on view; none where it has but one."""

    sections: Sequence[Line]
    pages: Sequence[Line]


def menu(items: Sequence[MenuItem], here: str) -> Menu:
    """The menu of somebody who may enter these pages and looks at an endpoint.

    A section with one page goes by that page's name. A page that is not in the menu belongs where the pages
    of its room are.
    """
    on_view = _section_of(items, here)
    sections = []
    for section in Section:
        pages = [_line(item, here) for item in items if item.section is section]
        if len(pages) == 1:
            current = pages[0].current or ("true" if section is on_view else "")
            sections.append(Line(pages[0].label, pages[0].endpoint, current))
        elif pages:
            current = "true" if section is on_view else ""
            sections.append(Line(section.value, pages[0].endpoint, current))
    pages = [_line(item, here) for item in items if item.section is on_view]
    return Menu(sections, pages if len(pages) > 1 else [])


def _section_of(items: Sequence[MenuItem], here: str) -> Section | None:
    room = here.rpartition(".")[0]
    exact = [item.section for item in items if item.endpoint == here]
    near = [item for item in items if item.endpoint.rpartition(".")[0] == room]
    near.sort(key=lambda item: -_alike(item.endpoint, here))  # an irritant's page goes with irritants
    return next(iter([*exact, *(item.section for item in near)]), None)


def _alike(one: str, other: str) -> int:
    """How many letters two names begin with in common."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _line(item: MenuItem, here: str) -> Line:
    return Line(item.label, item.endpoint, "page" if item.endpoint == here else "")
