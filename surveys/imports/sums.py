"""Answers and cells of a folder, summed by month, place and irritant while they stream past."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from itertools import groupby
from typing import NamedTuple

from pulse.i18n import gettext as _
from pulse.months import between, shifted, written
from pulse.organisation.models import Side
from surveys.imports import values
from surveys.imports.layouts import CUSTOMER_ANSWERS, EMPLOYEE_ANSWERS
from surveys.imports.records import Sheet
from surveys.imports.references import Codes, Vocabulary
from surveys.imports.refusals import Refusals, Wrong

EPOCH = date(values.EARLIEST, 1, 1)
PLACE, MONTH = 24, 48  # bits to shift by: an address is month, place and irritant in one integer
TOTAL, SQUARES = 64, 128  # and a sum is n, total and squares in one
LOW = (1 << PLACE) - 1
FIELD = (1 << TOTAL) - 1


class Cell(NamedTuple):
    """The answers of one place about one irritant in one month, in hundredths of a point."""

    place: str
    irritant: str
    n: int
    total: int
    squares: int


class Sums:
    """The sums of one side. Millions of cells fit: each is one integer under another (some 180 bytes)."""

    def __init__(self) -> None:
        self.files: list[str] = []  # that told any of it
        self.packed: dict[int, int] = {}
        self.places: dict[str, int] = {}
        self.irritants: dict[str, int] = {}

    def months(self) -> Iterator[tuple[date, list[Cell]]]:
        """Each month with its cells, earliest first."""
        places, irritants = list(self.places), list(self.irritants)
        for month, addresses in groupby(sorted(self.packed), key=lambda address: address >> MONTH):
            cells = [
                Cell(
                    places[address >> PLACE & LOW],
                    irritants[address & LOW],
                    *_unpacked(self.packed[address]),
                )
                for address in addresses
            ]
            yield shifted(EPOCH, month), cells


def _unpacked(packed: int) -> tuple[int, int, int]:
    return packed & FIELD, packed >> TOTAL & FIELD, packed >> SQUARES


def _packed(n: int, total: int, squares: int) -> int:
    return n | total << TOTAL | squares << SQUARES


class _Memo(dict[str, int]):
    """What each text of a column comes to: parsed once, then looked up. Raises Wrong like its parser."""

    def __init__(self, column: str, parse: Callable[[str], int]) -> None:
        super().__init__()
        self.column = column
        self._parse = parse

    def __missing__(self, raw: str) -> int:
        text = raw.strip()
        found = self._parse(text)
        if len(raw) <= values.LONGEST_CODE:
            self[raw] = found
        return found


def add_answers(
    sheet: Sheet, sums: Sums, column: str, places: Codes, irritants: Codes, refusals: Refusals
) -> None:
    """Add a file of answers to the sums of a side; raises Unreadable where it cannot be read to its end.

    column -- where the place is written; places, irritants -- the codes that may be named
    Memory grows with the cells, not with the rows.
    """
    memos = [
        _Memo("month", _month) if "month" in sheet.columns else _Memo("answered_on", _day),
        _Memo(column, _numbered(places, sums.places, PLACE, refusals)),
        _Memo("irritant", _numbered(irritants, sums.irritants, 0, refusals)),
        _Memo("score", _score),
        *([_Memo("count", _count)] if "count" in sheet.columns else []),
    ]
    month, place, irritant, score, *count = (sheet.columns[memo.column] for memo in memos)
    months, of_place, of_irritant, scores, *counts = memos
    packed = sums.packed
    sums.files.append(sheet.file)
    for fields in sheet:
        try:
            address = months[fields[month]] + of_place[fields[place]] + of_irritant[fields[irritant]]
            answers = scores[fields[score]]
            if counts:
                answers *= counts[0][fields[count[0]]]
        except Wrong:
            _refuse(sheet, fields, memos, refusals)
        else:
            packed[address] = packed.get(address, 0) + answers


def add_cells(sheet: Sheet, sums: dict[Side, Sums], known: Vocabulary, refusals: Refusals) -> None:
    """Add a file of cells to the sums of both sides; raises Unreadable where it cannot be read to its end.

    A month that a file of answers has already given, and a cell that is there twice, are refused.
    """
    answered = {side: {address >> MONTH for address in sums[side].packed} for side in Side}
    by_side = {side: _cell_memos(side, sums[side], known, refusals) for side in Side}
    for fields in sheet:
        raw = fields[sheet.columns["side"]].strip()
        try:
            side = values.side(_there(raw))
        except Wrong as wrong:
            refusals.value(sheet.file, sheet.line, "side", raw, wrong)
            continue
        memos = by_side[side]
        try:
            month, place, irritant, *figures = (memo[fields[sheet.columns[memo.column]]] for memo in memos)
        except Wrong:
            _refuse(sheet, fields, memos, refusals)
            continue
        address = month + place + irritant
        if month >> MONTH in answered[side]:
            answered[side].discard(month >> MONTH)  # said once a month; the whole load is refused anyway
            _refuse_month(sheet, side, shifted(EPOCH, month >> MONTH), refusals)
        elif address in sums[side].packed:
            refusals.add(sheet.file, sheet.line, "", _("is the same cell as an earlier row; keep one row"))
        else:
            _keep(sheet, fields, sums[side], address, figures, refusals)


def _keep(
    sheet: Sheet, fields: list[str], sums: Sums, address: int, figures: list[int], refusals: Refusals
) -> None:
    try:
        sums.packed[address] = _packed(figures[0], *possible(*figures))
        if sheet.file not in sums.files:
            sums.files.append(sheet.file)
    except Impossible as wrong:
        raw = fields[sheet.columns[wrong.column]].strip()
        refusals.value(sheet.file, sheet.line, wrong.column, raw, wrong)


class Impossible(Wrong):
    """No answers from 0 to 10 add up to these figures."""

    def __init__(self, column: str, why: str) -> None:
        super().__init__(why)
        self.column = column


def possible(n: int, total: int, squares: int) -> tuple[int, int]:
    """Total and squares (hundredths, ten-thousandths) of n scores from 0 to 10, freed of rounding noise.

    Raises Impossible where rounding cannot be the reason: a total above 10 n, squares above 10 totals,
    or squares below total * total / n (a variance is never negative).
    """
    if total > 1000 * n + 1:
        raise Impossible("total", _("is more than 10 times n; give the sum of scores from 0 to 10"))
    total = min(total, 1000 * n)
    if squares > 1000 * total + 501 + squares // 10**6:
        raise Impossible("squares", _("is more than 10 times total; give the sum of the squared scores"))
    noise = 2 * total + n + total * total // 10**6
    if n * squares + noise < total * total:
        raise Impossible(
            "squares", _("is less than total times total divided by n; give the sum of the squared scores")
        )
    return total, min(max(squares, -(-total * total // n)), 1000 * total)


def too_many(sums: Sums) -> Iterator[tuple[date, str]]:
    """The months and irritants with more answers than the database can count."""
    answers: Counter[tuple[int, int]] = Counter()
    for address, packed in sums.packed.items():
        answers[address >> MONTH, address & LOW] += packed & FIELD
    irritants = list(sums.irritants)
    for (month, irritant), n in answers.items():
        if n > values.MOST_ANSWERS:
            yield shifted(EPOCH, month), irritants[irritant]


def _cell_memos(side: Side, sums: Sums, known: Vocabulary, refusals: Refusals) -> list[_Memo]:
    places = known.teams if side is Side.EMPLOYEE else known.touchpoints
    return [
        _Memo("month", _month),
        _Memo("place", _numbered(places, sums.places, PLACE, refusals)),
        _Memo("irritant", _numbered(known.irritants, sums.irritants, 0, refusals)),
        _Memo("n", lambda text: values.count(_there(text))),
        _Memo("total", lambda text: values.total(_there(text))),
        _Memo("squares", lambda text: values.squares(_there(text))),
    ]


def _refuse(sheet: Sheet, fields: list[str], memos: list[_Memo], refusals: Refusals) -> None:
    """Refuse every wrong value of a record."""
    for memo in memos:
        raw = fields[sheet.columns[memo.column]]
        try:
            memo[raw]
        except Wrong as wrong:
            refusals.value(sheet.file, sheet.line, memo.column, raw.strip(), wrong)


def _refuse_month(sheet: Sheet, side: Side, month: date, refusals: Refusals) -> None:
    answers = CUSTOMER_ANSWERS if side is Side.CUSTOMER else EMPLOYEE_ANSWERS
    why = _(
        "is also in %(file)s for the %(side)s side; leave it out of one of the two files",
        file=answers.file,
        side=side.value,
    )
    refusals.value(sheet.file, sheet.line, "month", written(month), Wrong(why))


def _there(text: str) -> str:
    if not text:
        raise Wrong(_("is missing; no row may leave it empty"))
    return text


def _month(text: str) -> int:
    return between(EPOCH, values.month(_there(text))) << MONTH


def _day(text: str) -> int:
    return between(EPOCH, values.month_of_day(_there(text))) << MONTH


def _score(text: str) -> int:
    score = values.score(_there(text))
    return _packed(1, score, score * score)


def _count(text: str) -> int:
    return values.count(text) if text else 1


def _numbered(codes: Codes, numbers: dict[str, int], shift: int, refusals: Refusals) -> Callable[[str], int]:
    """A parser that numbers the codes of a column as they come."""

    def number(text: str) -> int:
        code = values.code(_there(text))
        codes.check(code, words=not refusals.full)
        return numbers.setdefault(code, len(numbers)) << shift

    return number
