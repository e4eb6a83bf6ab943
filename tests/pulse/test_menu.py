"""The menu: sections somebody may enter, and the pages of the one on view."""

from pulse.i18n import lazy
from pulse.menu import MenuItem, Section, menu


def item(endpoint: str, section: Section) -> MenuItem:
    return MenuItem(endpoint, lazy(endpoint), section)


FIXES, FLAGS = (
    item("pulse.dashboards.fixes", Section.RESULTS),
    item("pulse.dashboards.flags", Section.RESULTS),
)
CASES, MINE = (
    item("surveys.cases.cases", Section.CUSTOMERS),
    item("surveys.responses.pulse", Section.EMPLOYEES),
)


def links(lines) -> list[tuple[str, str]]:
    return [(line.endpoint, line.current) for line in lines]


def test_a_section_leads_to_its_first_page_and_shows_the_others_below():
    found = menu([CASES, FIXES, FLAGS], "pulse.dashboards.flags")

    assert links(found.sections) == [("pulse.dashboards.fixes", "true"), ("surveys.cases.cases", "")]
    assert links(found.pages) == [("pulse.dashboards.fixes", ""), ("pulse.dashboards.flags", "page")]


def test_a_section_with_one_page_goes_by_its_name_and_has_nothing_below():
    found = menu([MINE, CASES], "surveys.responses.pulse")

    assert [str(line.label) for line in found.sections] == ["surveys.cases.cases", "surveys.responses.pulse"]
    assert links(found.sections)[1] == ("surveys.responses.pulse", "page")
    assert found.pages == []


def test_a_page_beside_the_menu_belongs_where_its_room_is():
    found = menu([FIXES, FLAGS, CASES], "pulse.dashboards.fix")

    assert links(found.sections)[0] == ("pulse.dashboards.fixes", "true")
    assert {line.current for line in found.pages} == {""}


def test_nobody_sees_sections_without_a_page():
    assert menu([], "pulse.people.me").sections == []
    assert len(menu([FIXES], "pulse.people.me").sections) == 1
