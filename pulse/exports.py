"""Tables for spreadsheets: whatever somebody wrote stays text and never becomes a formula."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

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
