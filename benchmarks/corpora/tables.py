"""Tables made to hurt whoever reads them: each under the header that its reader asks for.

Sizes are of a full run; a smaller share makes the same tables with fewer rows.
"""

import codecs
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from config import ROOT
from surveys.imports.records import LONGEST_RECORD

SHARED = ROOT.parent / "shared" / "data"
MARK = codecs.BOM_UTF8
BLOCK = 10_000  # rows written at once

Pieces = Iterator[bytes]


@dataclass(frozen=True)
class Table:
    """The columns a reader knows, and a row it takes."""

    columns: Sequence[str]
    row: Sequence[str]

    @property
    def header(self) -> bytes:
        """The header, as the first line."""
        return ",".join(self.columns).encode() + b"\n"

    def line(self, number: int = 0, **changed: str) -> bytes:
        """The row as a line; changed -- by column; "{}" in a value becomes the number."""
        values = [changed.get(column, value) for column, value in zip(self.columns, self.row, strict=True)]
        return ",".join(values).replace("{}", str(number)).encode("utf-8", "surrogatepass") + b"\n"


@dataclass(frozen=True)
class Bad:
    """A table of ill will: its name, and what writes it for a reader, at a share of its full size."""

    name: str
    write: Callable[[Table, float], Pieces]


def given() -> list[Path]:
    """The awkward files of other projects, and the HR files; raises FileNotFoundError where they are not."""
    found = sorted(
        path for room in ("hostile", "hr") for path in (SHARED / room).rglob("*") if path.is_file()
    )
    if not found:
        raise FileNotFoundError(SHARED)
    return found


def naughty() -> list[str]:
    """The strings of the collections, each once."""
    listed = json.loads((SHARED / "hostile" / "blns.json").read_text(encoding="utf-8"))
    cells = (SHARED / "hostile" / "csv_injection_payloads.txt").read_text(encoding="utf-8").splitlines()
    return list(dict.fromkeys(text for text in (*listed, *cells) if text))


def repeated(piece: bytes, times: float) -> Pieces:
    """A line so many times, in blocks."""
    whole, rest = divmod(int(times), BLOCK)
    for _ in range(whole):
        yield piece * BLOCK
    yield piece * rest


def numbered(line: Callable[[int], bytes], times: float) -> Pieces:
    """Lines by their numbers, in blocks."""
    for start in range(0, int(times), BLOCK):
        yield b"".join(map(line, range(start, min(start + BLOCK, int(times)))))


def _below(pieces: Callable[[Table, float], Pieces]) -> Callable[[Table, float], Pieces]:
    """The same, below the header."""

    def write(table: Table, share: float) -> Pieces:
        yield table.header
        yield from pieces(table, share)

    return write


def _cells(text: str) -> Callable[[Table, float], Pieces]:
    """Rows that hold a text in one column after the other."""

    def write(table: Table, share: float) -> Pieces:
        for column in table.columns:
            yield table.line(0, **{column: text})

    return _below(write)


def _in_all(text: str, times: int) -> Callable[[Table, float], Pieces]:
    """Rows that hold a text in every column."""
    return _below(
        lambda table, share: numbered(
            lambda number: table.line(number, **dict.fromkeys(table.columns, text)), times * share
        )
    )


def _encoded(encoding: str) -> Callable[[Table, float], Pieces]:
    def write(table: Table, share: float) -> Pieces:
        for piece in (table.header, *repeated(table.line(), 100_000 * share + 1)):
            yield piece.decode().encode(encoding)

    return write


def _wide(table: Table, share: float) -> Pieces:
    more = int(100_000 * share)
    yield table.header.rstrip() + b"".join(b",c%d" % number for number in range(more)) + b"\n"
    yield from repeated(table.line().rstrip() + b"," * more + b"\n", 50)


def _broken_at_the_end(table: Table, share: float) -> Pieces:
    yield table.header
    yield from numbered(table.line, 1_000_000 * share)
    yield b"\xed\xa0\x80\n"


def _lines(piece: Callable[[Table], bytes], times: int) -> Callable[[Table, float], Pieces]:
    """The same piece so many times: once at least, however small the share."""
    return lambda table, share: repeated(piece(table), max(1, times * share))


def _blank(table: Table, blank: bytes) -> bytes:
    return b",".join([blank] * len(table.row)) + b"\n"


def _late(table: Table, share: float) -> Pieces:
    yield from repeated(b"\n", 10 * MILLION * share)
    yield table.header


def _unclosed(table: Table, share: float) -> Pieces:
    yield b'"'
    yield from repeated(b"x" * 99 + b"\n", FIFTY * share)


def _naughty(table: Table, share: float) -> Pieces:
    yield table.header
    for number, text in enumerate(naughty()):
        quoted = '"' + text.replace('"', '""') + '"'
        yield table.line(number, **dict.fromkeys(table.columns, quoted))


MILLION = 1_000_000
FIFTY = 500_000  # times a hundred bytes: 50 MB
LONG = "x" * (LONGEST_RECORD - 2000)
MARKS = "a" + "\u0301\u0316" * 100_000  # marks that have to be put in order
BAD = [
    Bad("10 million empty lines", _below(_lines(lambda table: b"\n", 10 * MILLION))),
    Bad("10 million empty rows", _below(_lines(lambda table: _blank(table, b""), 10 * MILLION))),
    Bad("3 million rows of blanks", _below(_lines(lambda table: _blank(table, b" "), 3 * MILLION))),
    Bad("10 million carriage returns", _lines(lambda table: b"\r", 10 * MILLION)),
    Bad("10 million empty lines before the header", _late),
    Bad("a million times the same row", _below(_lines(Table.line, MILLION))),
    Bad("a million rows of another width", _below(_lines(lambda table: b"x," + table.line(), MILLION))),
    Bad("a million rows of unknown codes", _in_all("unknown{}", MILLION)),
    Bad("a million rows with a stray quote", _below(_lines(lambda table: b'"a"b' + table.line(), MILLION))),
    Bad("a million rows that open a quote", _below(_lines(lambda table: b'"' + table.line(), MILLION))),
    Bad("a million rows of zero bytes", _in_all("\0", MILLION)),
    Bad("a million rows of formulas", _in_all('"=HYPERLINK(""http://x"",""{}"")"', MILLION)),
    Bad("cells of a megabyte", _cells(LONG)),
    Bad("cells of more than a megabyte", _cells(LONG * 2)),
    Bad("200 rows of a megabyte each", _below(_lines(lambda table: LONG.encode() + table.line(), 200))),
    Bad("marks without end", _cells(MARKS)),
    Bad("numbers of 100,000 digits", _cells("9" * 100_000)),
    Bad("numbers with exponents", _cells("1e99")),
    Bad("e-mail addresses of 500,000 signs", _cells("a@" + "a." * 250_000)),
    Bad("100,000 columns", _wide),
    Bad("100,000 columns of one name", _lines(lambda table: table.columns[0].encode() + b",", 100_000)),
    Bad("a header of 50 MB", _lines(lambda table: b"x" * 100, FIFTY)),
    Bad("a row of 50 MB", _below(_lines(lambda table: b"x" * 100, FIFTY))),
    Bad("a quote never closed, 50 MB", _below(_unclosed)),
    Bad("nothing but quotes, 50 MB", _below(_lines(lambda table: b'"' * 100, FIFTY))),
    Bad("nothing but zero bytes, 50 MB", _lines(lambda table: bytes(100), FIFTY)),
    Bad("UTF-16 with its mark", _encoded("utf-16")),
    Bad("UTF-16 without a mark", _encoded("utf-16-be")),
    Bad("UTF-32", _encoded("utf-32")),
    Bad("UTF-7", _encoded("utf-7")),
    Bad("a lone surrogate in each column", _cells("\ud800")),
    Bad("a lone surrogate after a million rows", _broken_at_the_end),
    Bad("ten byte order marks", lambda table, share: iter((MARK * 10, table.header, table.line()))),
    Bad("naughty strings in every column", _naughty),
]


def written(path: Path, pieces: Pieces) -> Path:
    """A file of these pieces."""
    with path.open("wb") as file:
        file.writelines(pieces)
    return path
