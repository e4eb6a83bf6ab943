"""The records of a CSV file as spreadsheets and programs really write them, in bounded memory."""

import codecs
import csv
import io
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from pulse.i18n import gettext as _
from pulse.i18n import ngettext
from surveys.imports.layouts import Layout
from surveys.imports.refusals import Refusals, quoted

LONGEST_RECORD = 1 << 20  # characters: "at most 1 MB a record"
BLOCK = 1 << 20  # bytes read at a time
DELIMITERS = (",", ";")

Progress = Callable[[str, int], None]  # the file's name, and how many more bytes of it were read


class Unreadable(Exception):
    """A file of which nothing more can be read; says on which line and what would be right."""

    def __init__(self, line: int | None, reason: str) -> None:
        super().__init__(reason)
        self.line = line


class ColumnMissing(Unreadable):
    """A column that must be there is not."""


class _Watched(io.FileIO):
    """A file that tells how much of it has been read."""

    def __init__(self, path: Path, progress: Progress | None) -> None:
        super().__init__(path)
        self._progress = progress
        self._file = path.name

    def readinto(self, buffer: bytearray | memoryview) -> int | None:  # type: ignore[override]
        """Read on, and tell."""
        size = super().readinto(buffer)
        if size and self._progress is not None:
            self._progress(self._file, size)
        return size


class _Lines:
    """The physical lines of a file (ended by LF, CR or CRLF), refusing a record that is too long.

    Whoever takes a record off them sets `size` back to 0; `start` is the line the record begins on.
    """

    def __init__(self, path: Path, progress: Progress | None) -> None:
        raw = io.BufferedReader(_Watched(path, progress), BLOCK)
        self._stream = io.TextIOWrapper(raw, encoding="utf-8-sig", newline="")
        self.line = 0
        self.size = 0
        self.start = 1

    def __iter__(self) -> Iterator[str]:
        readline = self._stream.readline
        most = LONGEST_RECORD + 1
        while line := readline(most):
            self.line += 1
            if not self.size:
                self.start = self.line
            self.size += len(line)
            if self.size > LONGEST_RECORD:
                raise Unreadable(
                    self.start, _("the record is longer than 1 MB; check for a quote that is never closed")
                )
            yield line

    def close(self) -> None:
        """Let go of the file."""
        self._stream.close()


class Sheet:
    """One file of a folder, opened at its header: iterating gives its records as lists of fields.

    columns -- where each known column is
    ignored -- names of the columns nobody knows
    rows -- records read so far (when iterated to the end: all of them)
    line -- the line on which the record at hand begins

    A record that is no record (a stray quote, a wrong number of fields) is refused and left out; `whole`
    is then False. Raises Unreadable where the file cannot be read, or not read on.
    """

    def __init__(
        self, path: Path, layout: Layout, refusals: Refusals, progress: Progress | None = None
    ) -> None:
        self.file = layout.file
        self.rows = 0
        self.whole = True
        self._path = path
        self._refusals = refusals
        self._progress = progress
        self._delimiter, line, header = _header(path, layout)
        self._width = len(header)
        self._most = layout.most
        self.columns = _columns(line, header, layout)
        self.ignored = tuple(
            name.strip() or _("(column %(place)s has no name)", place=place)
            for place, name in enumerate(header, start=1)
            if _known(name) not in self.columns
        )

    @property
    def line(self) -> int:
        """The line on which the record at hand begins."""
        return self._lines.start

    def __iter__(self) -> Iterator[list[str]]:
        with _readable(self._path), closing(_Lines(self._path, self._progress)) as self._lines:
            self._reader = _reader(self._lines, self._delimiter)
            self._skip_header()
            yield from self._records()

    def _skip_header(self) -> None:
        while not _filled(next(self._reader)):
            self._lines.size = 0
        self._lines.size = 0

    def _records(self) -> Iterator[list[str]]:
        lines, width, most = self._lines, self._width, self._most
        while True:
            try:
                for fields in self._reader:
                    if len(fields) == width and (fields[0] or _filled(fields)):
                        self.rows += 1
                        if self.rows > most:
                            raise Unreadable(
                                lines.start, _("is one row more than %(n)s; is this the right file?", n=most)
                            )
                        yield fields
                    elif _filled(fields):
                        self.rows += 1
                        self._refuse(_of_another_width(len(fields), width))
                    lines.size = 0
                return
            except csv.Error as error:
                self.rows += 1
                self._refuse(_quoting(error))
                lines.size = 0

    def _refuse(self, reason: str) -> None:
        self.whole = False
        self._refusals.add(self.file, self.line, "", reason)


def _reader(lines: _Lines, delimiter: str) -> Iterator[list[str]]:
    csv.field_size_limit(2 * LONGEST_RECORD)  # never the limit that is met: _Lines refuses first
    return csv.reader(iter(lines), delimiter=delimiter, strict=True, skipinitialspace=True)


def _header(path: Path, layout: Layout) -> tuple[str, int, list[str]]:
    """The delimiter under which the header names most known columns, the header's line and the header."""
    found = [(delimiter, *_first_record(path, delimiter)) for delimiter in DELIMITERS]
    best = max(found, key=lambda split: len(layout.columns & {_known(name) for name in split[2]}))
    line, header = best[1:]
    if any("\0" in name for name in header):
        raise Unreadable(line, _not_utf8())  # UTF-16 without a mark reads as UTF-8 full of zeros
    return best


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Where bytes or the disk fail, say so as an Unreadable file."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise Unreadable(_undecodable_line(path), _not_utf8()) from error
    except OSError as error:
        raise Unreadable(None, _("cannot be read: %(reason)s", reason=error.strerror)) from error


def _first_record(path: Path, delimiter: str) -> tuple[int, list[str]]:
    """The header's line, and its fields; none where its quotes make no sense under this delimiter."""
    with _readable(path), closing(_Lines(path, None)) as lines:
        try:
            for fields in _reader(lines, delimiter):
                if _filled(fields):
                    return lines.start, fields
                lines.size = 0
        except csv.Error:
            return lines.start, []
    raise Unreadable(None, _("is empty; write a header row and the rows below it"))


def _columns(line: int, header: list[str], layout: Layout) -> dict[str, int]:
    """Where each column to be read is; raises Unreadable where one is missing or there twice."""
    names = [_known(name) for name in header]
    for required in layout.required:
        choices = required if isinstance(required, tuple) else (required,)
        if not set(choices) & set(names):
            wanted = _(" or ").join(f'"{name}"' for name in choices)
            there = ", ".join(quoted(name.strip()) for name in header[:12]) or _("a stray quote")
            raise ColumnMissing(
                line, _("column %(name)s is missing; the header has %(there)s", name=wanted, there=there)
            )
    for name in layout.columns:
        if names.count(name) > 1:
            raise Unreadable(line, _('column "%(name)s" is there twice; keep one', name=name))
    found = {name: place for place, name in enumerate(names) if name in layout.columns}
    for first, *others in (pair for pair in layout.required if isinstance(pair, tuple)):
        if first in found:
            found = {name: place for name, place in found.items() if name not in others}
    return found


def _known(name: str) -> str:
    return name.strip().casefold()


def _filled(fields: list[str]) -> bool:
    """Whether a record holds anything: spreadsheets leave rows of nothing behind."""
    return any(field.strip() for field in fields)


def _of_another_width(fields: int, header: int) -> str:
    return ngettext(
        "has %(fields)s field where the header has %(header)s",
        "has %(fields)s fields where the header has %(header)s",
        fields,
        fields=fields,
        header=header,
    )


def _quoting(error: csv.Error) -> str:
    if "unexpected end" in str(error):
        return _("opens a quote that is never closed")
    return _('has text after a closing quote; write a quote inside a quoted field twice ("")')


def _not_utf8() -> str:
    return _("is not UTF-8 text; save the file as UTF-8")


def _undecodable_line(path: Path) -> int:
    """The line of the first byte that is no UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    line, last = 1, ""
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            try:
                text = decoder.decode(block)
            except UnicodeDecodeError as error:
                return line + _breaks(last + error.object[: error.start].decode()) - _breaks(last)
            line += _breaks(last + text) - _breaks(last)
            last = text[-1:]
    return line


def _breaks(text: str) -> int:
    """How many lines end in a text, by LF, CR or CRLF."""
    return text.count("\n") + text.count("\r") - text.count("\r\n")
