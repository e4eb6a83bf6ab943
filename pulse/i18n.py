"""Language: the sentences people read, and how numbers and dates are written, in each language."""

import gettext as catalogues
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, lru_cache
from io import BytesIO

from babel.core import negotiate_locale
from babel.dates import format_date
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from markupsafe import Markup, escape

from config import ROOT

SOURCE = "en"  # the language the sentences in the code are written in
NAMES = {"fr": "Français", "en": "English"}
MINUS = "\N{MINUS SIGN}"

_language: ContextVar[str] = ContextVar("language", default=SOURCE)


def language() -> str:
    """The code of the language being spoken."""
    return _language.get()


def speak(code: str) -> None:
    """Speak this language from now on in this thread or task."""
    _language.set(code)


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Speak a language for the length of a with block: a mail is written in its reader's."""
    before = _language.set(code)
    try:
        yield
    finally:
        _language.reset(before)


def preferred(header: str | None, offered: Sequence[str]) -> str:
    """The offered language a browser asks for (Accept-Language); the first one where it asks for none."""
    wanted = sorted((_wish(part) for part in (header or "").split(",")), key=lambda wish: -wish[1])
    found = negotiate_locale([code for code, weight in wanted if code and weight > 0], offered, sep="-")
    return found or offered[0]


def _wish(part: str) -> tuple[str, float]:
    code, _, weight = part.partition(";q=")
    try:
        return code.strip(), float(weight or 1)
    except ValueError:
        return code.strip(), 0.0


@cache
def _catalogue(code: str) -> catalogues.NullTranslations:
    # Read from the text the translators edit, once a process: no compiled file can then be out of date.
    path = ROOT / "translations" / code / "LC_MESSAGES" / "messages.po"
    if code == SOURCE or not path.exists():
        return catalogues.NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=code))
    compiled.seek(0)
    return catalogues.GNUTranslations(compiled)


def gettext(message: str, **values: object) -> str:
    """A sentence in the language being spoken, with its %(name)s filled in."""
    said = _catalogue(language()).gettext(message)
    return said % values if values else said


def ngettext(one: str, many: str, count: int, **values: object) -> str:
    """The sentence for one thing or for so many; %(n)s is their number as the language writes it."""
    return plural(one, many, count) % {"n": number(count, 0), **values}


def plural(one: str, many: str, n: int) -> str:
    """Which of two sentences goes with n things, with its %(name)s not filled in yet."""
    return _catalogue(language()).ngettext(one, many, n)


class Lazy:
    """A sentence that is put into words when it is shown: what stands in a class body has no language yet."""

    def __init__(self, message: str, **values: object) -> None:
        self._message, self._values = message, values

    def __str__(self) -> str:
        return gettext(self._message, **self._values)

    def __html__(self) -> Markup:
        return escape(str(self))

    def __mod__(self, values: object) -> str:
        return str(self) % values

    def __repr__(self) -> str:
        return f"Lazy({self._message!r})"


def lazy(message: str, **values: object) -> Lazy:
    """A sentence to be translated when it is shown."""
    return Lazy(message, **values)


def _rounded(value: float, decimals: int) -> Decimal:
    # Through the shortest decimal that means the same: 0.25 is rounded as one reads it, not as it is stored.
    # Adding nothing takes the sign off what rounds to nothing.
    return Decimal(repr(value)).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP) + 0


def number(value: float, decimals: int = 1) -> str:
    """A number as the language writes it: 1,234.5 or 1 234,5."""
    return _written(_rounded(value, decimals), decimals, language())


@lru_cache(maxsize=4096)  # a page of figures says the same few hundred numbers again and again
def _written(value: Decimal, decimals: int, code: str) -> str:
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return format_decimal(value, format=pattern, locale=code).replace("-", MINUS)


def signed(value: float, decimals: int = 1) -> str:
    """A change: with + or minus, and without either where it rounds to nothing."""
    return ("+" if _rounded(value, decimals) > 0 else "") + number(value, decimals)


def points(value: float) -> str:
    """An amount on the 0..10 scale with its unit: 1.8 points, 1,8 point (French counts from 2 on)."""
    few = language() == "fr" and abs(_rounded(value, 1)) < 2
    return ngettext("%(n)s point", "%(n)s points", 1 if few else 2, n=number(value))


def percent(share: float) -> str:
    """A share of 0..1 as a percentage without decimals; 0 and 100 only where it is exactly so."""
    whole = _rounded(share * 100, 0)
    kept = min(max(whole, Decimal(1)), Decimal(99)) if 0 < share < 1 else whole
    return f"{kept}\N{NO-BREAK SPACE}%" if language() == "fr" else f"{kept}%"


def listed(things: Sequence[str]) -> str:
    """Things in a row: A, B and C."""
    return format_list(list(things), locale=language())


def day(value: date) -> str:
    """A day in words: 3 March 2025, 3 mars 2025."""
    first = "1'er'" if language() == "fr" and value.day == 1 else "d"  # French counts from the first
    return format_date(value, f"{first} MMMM y", locale=language())


def month(value: date) -> str:
    """The month of a day in words: March 2025, mars 2025."""
    return format_date(value, "MMMM y", locale=language())


def short_month(value: date) -> str:
    """The month of a day, short: Mar 2025, mars 2025."""
    return format_date(value, "MMM y", locale=language())


def month_name(value: date) -> str:
    """The name of a month without its year, short: Jul, juil."""
    return format_date(value, "LLL", locale=language())
