"""What the heat maps, the burden ledger and the page of a team hand out as files: the figures they show."""

from collections.abc import Iterable

from pulse.dashboards.burden import Account, Entry, Ledger
from pulse.dashboards.files import About
from pulse.dashboards.heat import Cell, Choice, Column, HeatMap, Map, Row
from pulse.dashboards.team import TeamPage
from pulse.exports import Book, Sheet, Value
from pulse.exports import Column as Heading
from pulse.i18n import gettext as _
from pulse.i18n import language, listed, month
from pulse.ledger.figures import Figure
from pulse.verdicts.names import Names
from pulse.verdicts.sentences import Span


def chosen(choice: Choice) -> list[str]:
    """A choice of the heat map in words."""
    said = [
        (choice.month, lambda: month(choice.month)),  # type: ignore[arg-type]
        (choice.unit, lambda: _("Unit: %(code)s", code=choice.unit)),
        (choice.irritant, lambda: _("Irritant: %(code)s", code=choice.irritant)),
        (choice.touchpoint, lambda: _("Touchpoint: %(code)s", code=choice.touchpoint)),
        (choice.search, lambda: _("Search: %(words)s", words=choice.search)),
    ]
    return [words() for asked, words in said if asked]


def heat_map(which: Map, found: HeatMap, about: About) -> Book:
    """The figures of a map, one row each; what is not shown has no row."""
    place = "team" if which is Map.TEAMS else "touchpoint"
    title = _("Team") if which is Map.TEAMS else _("Touchpoint")
    columns = [
        Heading(place, _("Code")),
        Heading("name", title),
        Heading("extent", _("Own people or whole unit (code)")),
        Heading("measure", _("Asked about (code)")),
        Heading("label", _("Asked about")),
        *_figure_headings(),
        Heading("change", _("Change by more than chance")),
        Heading("since", _("Since")),
    ]
    rows = [_heat_row(*cell) for cell in found.cells]
    return Book(f"heat-{which.value}", about, [Sheet("cells", _("Heat map"), columns, rows)])


def _figure_headings() -> list[Heading]:
    return [
        Heading("month", _("Month")),
        Heading("n", _("Answers")),
        Heading("score", _("Score, 0 to 10")),
        Heading("step", _("Rounded to")),
        Heading("fresh", _("Made of this month's answers")),
        Heading("net", _("Net score")),
    ]


def _heat_row(row: Row, column: Column, cell: Cell) -> list[Value]:
    moved = cell.move
    return [
        row.place.code,
        row.place.name(language()),
        cell.figure.extent.value,
        column.measure.code,
        column.measure.label(language()),
        *_figure(cell.figure, net=round(cell.value) if column.scale.net else None),
        round(moved.by, 2) if moved else None,
        moved.since if moved else None,
    ]


def _figure(figure: Figure, *, net: int | None) -> list[Value]:
    return [figure.month, figure.n, figure.points, figure.step / 100, figure.fresh, net]


def burden_ledger(found: Ledger, about: About) -> Book:
    """The entries of the ledger and the sums of its teams."""
    return Book("burden", about, _burden_sheets(found.accounts, found.names))


def team(found: TeamPage, about: About) -> Book:
    """What a team's page shows: its figures beside the organisation's, its burden ledger and its fixes."""
    columns = [
        Heading("group", _("Group (code)")),
        Heading("name", _("Group")),
        Heading("extent", _("Own people or whole unit (code)")),
        Heading("measure", _("Asked about (code)")),
        Heading("label", _("Asked about")),
        *_figure_headings(),
    ]
    figures: list[list[Value]] = []
    for item in found.items:
        sides = [(found.group or found.team, item.own)]
        if found.group is not found.company:
            sides.append((found.company, item.company))
        figures += [
            [
                group.code,
                group.name(language()),
                figure.extent.value,
                item.measure.code,
                item.measure.label(language()),
                *_figure(figure, net=round(item.scale.value(figure.points)) if item.scale.net else None),
            ]
            for group, months in sides
            for figure in months
            if figure is not None
        ]
    accounts = [found.account] if found.account else []
    sheets = [Sheet("figures", _("Figures"), columns, figures), *_burden_sheets(accounts, found.names)]
    return Book(f"team-{found.team.code}", about, [*sheets, _fixes(found)])


def _fixes(found: TeamPage) -> Sheet:
    columns = [
        Heading("fix", _("Code")),
        Heading("name", _("Fix")),
        Heading("irritant", _("Irritant (code)")),
        Heading("started", _("Started")),
        Heading("staff_task", _("What staff have to do")),
        Heading("expected_customer", _("Expected for customers (points)")),
        Heading("expected_staff", _("Expected for the team (points)")),
    ]
    rows: list[list[Value]] = [
        [
            coming.fix.code,
            coming.fix.name(language()),
            coming.fix.irritant.code,
            coming.started,
            coming.fix.staff_task or None,
            _points(coming.fix.expected_customer),
            _points(coming.fix.expected_staff),
        ]
        for coming in found.fixes
    ]
    return Sheet("fixes", _("Fixes that concern the team"), columns, rows)


def _points(hundredths: int | None) -> float | None:
    return None if hundredths is None else hundredths / 100


def _burden_sheets(accounts: Iterable[Account], names: Names) -> list[Sheet]:
    some = list(accounts)
    team = [Heading("team", _("Code")), Heading("name", _("Team"))]
    entries = [
        *team,
        Heading("fix", _("Fix (code)")),
        Heading("fix_name", _("Fix")),
        Heading("irritant", _("Irritant (code)")),
        Heading("irritant_label", _("Irritant")),
        Heading("verdict", _("Verdict (code)")),
        Heading("since", _("Since")),
        Heading("landed", _("The burden landed here")),
        Heading("counts", _("In the sum")),
        *_span_headings("effect"),
    ]
    sums = [*team, *_span_headings("sum"), Heading("budget", _("Budget")), Heading("load", _("State (code)"))]
    return [
        Sheet(
            "entries",
            _("Burden ledger"),
            entries,
            [_entry(one, entry, names) for one in some for entry in one.entries],
        ),
        Sheet("sums", _("Sums"), sums, [_sum(one) for one in some]),
    ]


def _span_headings(code: str) -> list[Heading]:
    return [
        Heading(code, _("points")),
        Heading(f"{code}_low", _("from")),
        Heading(f"{code}_high", _("to")),
    ]


def _entry(account: Account, entry: Entry, names: Names) -> list[Value]:
    return [
        account.team.code,
        account.team.name(language()),
        entry.fix.code,
        entry.fix.name(language()),
        entry.irritants,
        listed(names.irritants(entry.irritants)),
        entry.verdict.outcome.value if entry.verdict else None,
        entry.since,
        entry.landed,
        entry.counts,
        *_span(entry.effect),
    ]


def _sum(account: Account) -> list[Value]:
    return [
        account.team.code,
        account.team.name(language()),
        *_span(account.total),
        account.budget,
        account.load.value,
    ]


def _span(effect: Span | None) -> list[Value]:
    return [effect.value, effect.low, effect.high] if effect else [None, None, None]
