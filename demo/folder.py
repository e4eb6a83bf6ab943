"""The made-up company as a company folder: the CSV files that `flask load` reads, and truth.csv."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

from demo.answers import Counted, customer_answers, staff_answers
from demo.company import Company
from demo.irritants import IRRITANTS
from demo.plan import Fix
from demo.truth import Rows

SCORES = ("0", "2.5", "5", "7.5", "10")
TRUTH = (
    *("fix", "verdict", "class", "started", "customer_effect", "staff_effect"),
    *("landing_teams", "landing_irritant"),
)


def write(company: Company, folder: Path, *, progress: Callable[[str], None] | None = None) -> None:
    """Write the company folder and truth.csv; `progress` hears a line per step and per year of answers."""
    say = progress or (lambda line: None)
    folder.mkdir(parents=True, exist_ok=True)
    points = len(company.structure.touchpoints)
    say(f"{len(company.teams)} teams, {points} touchpoints, {len(company.fixes)} fixes")
    for name, header, lines in _files(company):
        _table(folder / name, header, lines)
    _answers(folder / "customer_answers.csv", "touchpoint", company, company.customers, customer_answers, say)
    _answers(folder / "employee_answers.csv", "team", company, company.staff, staff_answers, say)


Table = tuple[str, Sequence[str], Iterable[Sequence[object]]]


def _files(company: Company) -> Iterator[Table]:
    team = ("team", "name", "name_fr", "parent", "headcount", "opened", "closed", "split_from")
    yield "teams.csv", team, _teams(company)
    yield "value_chain.csv", ("supplier", "customer"), _links(company)
    yield "touchpoints.csv", ("touchpoint", "name", "name_fr", "team"), _touchpoints(company)
    wordings = ("label", "customer_question", "employee_question")
    columns = [name for wording in wordings for name in (wording, f"{wording}_fr")]
    yield "irritants.csv", ("irritant", *columns, "touchpoints"), _irritants(company)
    yield "asked.csv", ("team", "irritant", "from", "to"), _asked(company)
    scope = ("irritant", "started", "touchpoints", "teams", "owner", "expected_customer", "expected_staff")
    yield "fixes.csv", ("fix", "name", "name_fr", *scope), _fixes(company)
    yield "rollouts.csv", ("fix", "place", "started"), _rollouts(company)
    yield "breaks.csv", ("side", "month", "place", "measure", "note"), _breaks(company)
    yield "truth.csv", TRUTH, _truth(company)


def _table(path: Path, header: Sequence[str], lines: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(lines)


def _teams(company: Company) -> Iterator[Sequence[object]]:
    for team in company.structure.teams:
        months = [_month(company, month) for month in (team.opened, team.closed)]
        size = team.headcount if team.role else ""
        yield team.code, team.name, team.name_fr, team.parent, size, *months, team.split_from


def _links(company: Company) -> Iterator[Sequence[object]]:
    """The value chain; teams that came of a split supply and are supplied as their parent was."""
    children: dict[str, list[str]] = {}
    for team in company.teams:
        if team.split_from:
            children.setdefault(team.split_from, []).append(team.code)
    for supplier, customer in company.structure.links:
        for one in (supplier, *children.get(supplier, ())):
            for other in (customer, *children.get(customer, ())):
                yield one, other


def _touchpoints(company: Company) -> Iterator[Sequence[object]]:
    for point in company.structure.touchpoints:
        for team in point.teams:
            yield point.code, point.name, point.name_fr, team


def _irritants(company: Company) -> Iterator[Sequence[object]]:
    points = company.structure.touchpoints
    for one in IRRITANTS:
        met = [point.code for point in points if point.kind in one.touchpoints]
        if not met:
            continue
        everywhere = "" if len(met) == len(points) else "|".join(met)
        customer, employee = (one.customer, one.customer_fr), (one.employee, one.employee_fr)
        yield one.code, one.label, one.label_fr, *customer, *employee, everywhere


def _asked(company: Company) -> Iterator[Sequence[object]]:
    for team in company.teams:
        last = None if team.closed is None else team.closed - 1
        for irritant in company.lists[team.code]:
            yield team.code, irritant, _month(company, team.opened), _month(company, last)


def _fixes(company: Company) -> Iterator[Sequence[object]]:
    for fix in company.fixes:
        scope = "|".join(fix.touchpoints), "|".join(fix.teams)
        started = first_monday(company.day(fix.started))
        names = (fix.code, fix.name, fix.name_fr)
        yield *names, fix.irritant, started, *scope, fix.owner, fix.expected_customer, fix.expected_staff


def _rollouts(company: Company) -> Iterator[Sequence[object]]:
    for fix in company.fixes:
        for place, month in fix.starts:
            if month != fix.started:
                yield fix.code, place, first_monday(company.day(month))


def _breaks(company: Company) -> Iterator[Sequence[object]]:
    for one in company.breaks:
        yield one.side, _month(company, one.month), one.place, one.irritant, one.note


def _truth(company: Company) -> Iterator[Sequence[object]]:
    for fix in company.fixes:
        effects = [f"{effect:.2f}" for effect in effects_of(company, fix)]
        started = first_monday(company.day(fix.started))
        landing = "|".join(fix.landing_teams), fix.landing_irritant
        yield fix.code, fix.verdict, fix.kind, started, *effects, *landing


def effects_of(company: Company, fix: Fix) -> tuple[float, float]:
    """(customers, own teams) on the fix's irritant: realised points at full roll-out, 0.0 for none."""
    customers = company.customers.effect(sorted(fix.customer_rows), fix.full)
    own = fix.kind in ("disp_same", "resolved")
    return customers, company.staff.effect(sorted(fix.staff_rows), fix.full) if own else 0.0


def first_monday(month: date) -> date:
    """Projects start on the first Monday of a month."""
    return month + timedelta(days=-month.weekday() % 7)


def _month(company: Company, month: int | None) -> str:
    return "" if month is None else f"{company.day(month):%Y-%m}"


def _answers(
    path: Path,
    place: str,
    company: Company,
    rows: Rows,
    drawn: Callable[[Company], Iterator[Counted]],
    say: Callable[[str], None],
) -> None:
    """One line per month, row and label ticked; equal scores are counted together to keep files small."""
    names = [f"{rows.places[p]},{rows.irritants[k]}" for p, k in zip(rows.place, rows.irritant, strict=True)]
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(f"month,{place},irritant,score,count\n")
        for counted in drawn(company):
            file.writelines(_lines(_month(company, counted.month), names, counted))
            if counted.month % 12 == 11 or counted.month == company.months - 1:
                say(f"{path.name}: {counted.month + 1} of {company.months} months")


def _lines(month: str, names: list[str], counted: Counted) -> Iterator[str]:
    for row, counts in zip(counted.rows.tolist(), counted.counts.tolist(), strict=True):
        for score, count in zip(SCORES, counts, strict=True):
            if count:
                yield f"{month},{names[row]},{score},{count}\n"
