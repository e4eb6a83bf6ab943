"""Values as they are written in a company folder: each function takes trimmed text, or raises Wrong."""

import re
import sys
import unicodedata
from collections.abc import Collection
from datetime import date
from decimal import Decimal
from difflib import get_close_matches

from pulse.i18n import gettext as _
from pulse.months import month_of, parsed
from pulse.organisation.models import Side
from surveys.imports.refusals import Wrong, quoted

EARLIEST, LATEST = 1970, 2100
LONGEST_CODE, LONGEST_TEXT = 200, 2000
LONGEST_GUESSED, MOST_GUESSED = 40, 100_000  # signs of a code that may have been meant, and of all codes
MOST_PEOPLE = 10_000_000
MOST_ANSWERS = 2**31 - 1  # what a cell's n can hold
LARGEST_SUM = Decimal(10) ** 14
JOIN = "|"

DECIMAL = re.compile(r"[0-9]{1,18}(?:[.,][0-9]{1,18})?\Z")
ROUNDED = re.compile(r"[0-9]{1,18}(?:[.,][0-9]{1,40})?(?:[eE][+-]?[0-9]{1,2})?\Z")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
WHOLE = re.compile(r"[0-9]{1,12}\Z")


def code(text: str) -> str:
    """A code, in the one spelling of its accents, and the same object however often it is written."""
    if len(text) > LONGEST_CODE:
        raise Wrong(_("is too long for a code; use at most %(n)s characters", n=LONGEST_CODE))
    if JOIN in text or not text.isprintable():
        raise Wrong(_('cannot be a code; use letters and digits on one line, without "|"'))
    return sys.intern(unicodedata.normalize("NFC", text))


def codes(text: str) -> tuple[str, ...]:
    """Codes joined by |, each once, in the order written."""
    return tuple(dict.fromkeys(code(part.strip()) for part in text.split(JOIN) if part.strip()))


def words(text: str) -> str:
    """A name or a sentence."""
    if len(text) > LONGEST_TEXT:
        raise Wrong(_("is too long; use at most %(n)s characters", n=LONGEST_TEXT))
    if "\0" in text:
        raise Wrong(_("holds a zero byte; save the file as UTF-8"))
    return text


def side(text: str) -> Side:
    """Who answered."""
    try:
        return Side(text.casefold())
    except ValueError:
        raise Wrong(_("is no side; write customer or employee")) from None


def month(text: str) -> date:
    """A month written YYYY-MM."""
    try:
        return _in_range(parsed(text) if text.isascii() else None)
    except ValueError:
        raise Wrong(_("is no month; write YYYY-MM, such as 2025-03")) from None


def day(text: str) -> date:
    """A day written YYYY-MM-DD."""
    try:
        return _in_range(date.fromisoformat(text) if DAY.match(text) else None)
    except ValueError:
        raise Wrong(_("is no day; write YYYY-MM-DD, such as 2025-03-31")) from None


def day_or_month(text: str) -> date:
    """A day written YYYY-MM-DD, or the first of a month written YYYY-MM."""
    for read in (day, month):
        try:
            return read(text)
        except Wrong:
            continue
    raise Wrong(_("is no date; write YYYY-MM-DD or YYYY-MM, such as 2025-03-31"))


def month_or_day(text: str) -> date:
    """The month written YYYY-MM, or the one that contains a day written YYYY-MM-DD."""
    return month_of(day_or_month(text))


def month_of_day(text: str) -> date:
    """The month that contains a day written YYYY-MM-DD."""
    return month_of(day(text))


def _in_range(found: date | None) -> date:
    if found is None or not EARLIEST <= found.year <= LATEST:
        raise ValueError
    return found


def score(text: str) -> int:
    """A score from 0 to 10 in hundredths; a third decimal would have to be rounded and is refused."""
    number = _decimal(text, _("is no score; write a number from 0 to 10, such as 7.5"))
    if number > 10:
        raise Wrong(_("is outside the scale; write a number from 0 to 10"))
    return _hundredths(number)


def points(text: str) -> int:
    """An expected change from -10 to 10 points, in hundredths."""
    sign, unsigned = (-1, text[1:]) if text[:1] in ("-", "−") else (1, text.removeprefix("+"))
    number = _decimal(unsigned, _("is no number of points; write a number from -10 to 10, such as -1.5"))
    if number > 10:
        raise Wrong(_("is outside the scale; write a number from -10 to 10"))
    return sign * _hundredths(number)


def _decimal(text: str, otherwise: str) -> Decimal:
    if not DECIMAL.match(text):
        raise Wrong(otherwise)
    return Decimal(text.replace(",", "."))


def _hundredths(number: Decimal) -> int:
    if number * 100 % 1:
        raise Wrong(_("has more than 2 decimals; round it to 2"))
    return int(number * 100)


def count(text: str) -> int:
    """How many answers a row stands for."""
    return _whole(text, 1, MOST_ANSWERS)


def people(text: str) -> int:
    """How many people are in a team."""
    return _whole(text, 0, MOST_PEOPLE)


def _whole(text: str, least: int, most: int) -> int:
    if not WHOLE.match(text) or not least <= int(text) <= most:
        raise Wrong(
            _("is no such number; write a whole number from %(least)s to %(most)s", least=least, most=most)
        )
    return int(text)


def total(text: str) -> int:
    """A sum of scores, rounded to hundredths."""
    return _rounded(text, 100)


def squares(text: str) -> int:
    """A sum of squared scores, rounded to ten-thousandths."""
    return _rounded(text, 10_000)


def _rounded(text: str, parts: int) -> int:
    number = Decimal(text.replace(",", ".")) if ROUNDED.match(text) else Decimal(-1)
    if not 0 <= number <= LARGEST_SUM:
        raise Wrong(_("is no such sum; write a number from 0 on, such as 123.45"))
    return int((number * parts).to_integral_value())


def nearest(name: str, known: Collection[str]) -> str:
    """A half-sentence naming the code that may have been meant, or nothing.

    Comparing takes time by the signs of both: of long or many codes none is looked for.
    """
    if len(name) > LONGEST_GUESSED or sum(map(len, known)) > MOST_GUESSED:
        return ""
    close = get_close_matches(name, [code for code in known if len(code) <= LONGEST_GUESSED], n=1, cutoff=0.6)
    return _(" (did you mean %(code)s?)", code=quoted(close[0])) if close else ""
