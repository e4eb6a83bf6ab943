"""Tables for spreadsheets and programs: whatever somebody wrote stays text and never becomes a formula."""

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import xlsxwriter

BLANK = "\\s\ufeff\u200b\u2060"  # what a spreadsheet may skip before it looks at the first character
# Also after a quote, a line's end or another country's separator: opened with that one, a cell begins there.
FORMULA = re.compile(f'(^|[;\\t\\r\\n"])(?=[{BLANK}]*[=+@\\-＝＋＠－])|^(?=[\\t\\r])')
MARK = "'"  # spreadsheets take what follows it as text


def cell(text: str) -> str:
    """A text as it may stand in a CSV file: an apostrophe goes before whatever would start a formula.

    Source: OWASP, "CSV Injection": =, +, -, @, tab, carriage return and the wide forms of the first four.
    """
    return FORMULA.sub(lambda found: found[0] + MARK, text)


def table(header: Sequence[str], rows: Iterable[Sequence[str | int | float | None]]) -> str:
    """A CSV file for people: with the mark by which Excel knows UTF-8, and every text defused."""
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out)
    writer.writerow([cell(name) for name in header])
    writer.writerows([cell(value) if isinstance(value, str) else value for value in row] for row in rows)
    return out.getvalue()


Value = str | int | float | bool | date | None
LONG = 20_000  # rows of a workbook from which on it is not held in memory
WIDE = 18  # characters of a column whose texts nobody has measured
SHEET_NAME = 31  # characters that Excel takes, and none of these:
NOT_IN_SHEET_NAME = re.compile(r"[\[\]:*?/\\']")


@dataclass(frozen=True)
class Column:
    """A column by the name that programs know it by, the same in every language, and by its title."""

    code: str
    title: str


@dataclass(frozen=True)
class Sheet:
    """A table: rows as long as there are columns; None = nothing there, or not enough answers to show."""

    code: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Value]]


@dataclass(frozen=True)
class Book:
    """What a page shows, as tables of the same figures; the first one is what a CSV file holds.

    name -- of the file, without its ending
    about -- where it comes from: label and what it is, for the sheet that says so
    """

    name: str
    about: Sequence[tuple[str, str]]
    sheets: Sequence[Sheet]

    def sheet(self, code: str) -> Sheet:
        """The sheet of this code; the first one where there is none."""
        return next((sheet for sheet in self.sheets if sheet.code == code), self.sheets[0])


def as_csv(sheet: Sheet) -> str:
    """A sheet as CSV: columns by their codes, months and days as ISO writes them, decimals with a point."""
    rows = [[_plain(value) for value in row] for row in sheet.rows]
    return table([column.code for column in sheet.columns], rows)


def as_json(book: Book) -> str:
    """All sheets as JSON: {"about": {...}, "sheets": {code: [{column: value}]}}."""
    told = {
        "about": dict(book.about),
        "sheets": {sheet.code: [_object(sheet, row) for row in sheet.rows] for sheet in book.sheets},
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")) + "\n"


def as_xlsx(book: Book, *, about: str) -> bytes:
    """All sheets as an Excel workbook, the last one saying where they come from; text is never a formula.

    about -- title of that last sheet
    """
    out = io.BytesIO()
    long = sum(len(sheet.rows) for sheet in book.sheets) > LONG
    kept = {"constant_memory": True} if long else {"in_memory": True}  # row by row through a temporary file
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, {**kept, **options}) as workbook:
        bold, day = workbook.add_format({"bold": True}), workbook.add_format({"num_format": "yyyy-mm-dd"})
        taken: set[str] = set()
        for sheet in book.sheets:
            page = workbook.add_worksheet(_named(sheet.title, taken))
            if long:
                page.set_column(0, len(sheet.columns) - 1, WIDE)
            page.write_row(0, 0, [column.title for column in sheet.columns], bold)
            page.freeze_panes(1, 1)
            if sheet.rows:
                page.autofilter(0, 0, len(sheet.rows), len(sheet.columns) - 1)
            for at, row in enumerate(sheet.rows, 1):
                for across, value in enumerate(row):
                    _write(page, at, across, value, day)
            if not long:
                page.autofit()
        last = workbook.add_worksheet(_named(about, taken))
        for at, (label, value) in enumerate(book.about):
            last.write_string(at, 0, label, bold)
            last.write_string(at, 1, value)
        last.set_column(0, 0, WIDE)
        last.set_column(1, 1, 5 * WIDE)
    return out.getvalue()


def _write(page: xlsxwriter.worksheet.Worksheet, at: int, across: int, value: Value, day: object) -> None:
    if isinstance(value, bool):
        page.write_boolean(at, across, value)
    elif isinstance(value, date):
        page.write_datetime(at, across, value, day)
    elif isinstance(value, int | float):
        page.write_number(at, across, value)
    elif value is not None:
        page.write_string(at, across, value)


def _named(title: str, taken: set[str]) -> str:
    """A title as Excel takes it for a sheet: short, without its signs, and not twice."""
    base = NOT_IN_SHEET_NAME.sub(" ", title).strip()[:SHEET_NAME] or "-"
    name, times = base, 1
    while name.casefold() in taken:
        times += 1
        name = f"{base[: SHEET_NAME - len(str(times)) - 1]} {times}"
    taken.add(name.casefold())
    return name


def _object(sheet: Sheet, row: Sequence[Value]) -> Mapping[str, object]:
    columns = [column.code for column in sheet.columns]
    return {code: _plain(value) for code, value in zip(columns, row, strict=True)}


def _plain(value: Value) -> str | int | float | bool | None:
    return value.isoformat() if isinstance(value, date) else value
