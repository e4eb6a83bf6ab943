"""Documents to hand over, as PDF: headings that are bookmarks, sentences, tables and small curves.

Letters are those of DejaVu Sans, or of Liberation Sans, embedded; where neither is installed, those every
reader of PDF has: of Western Europe alone.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fpdf import FPDF, ViewerPreferences
from fpdf.enums import MethodReturnValue, XPos, YPos
from fpdf.fonts import TTFFont

from pulse.i18n import gettext as _
from pulse.i18n import language

FONTS = (
    (
        "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
        "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf",
    ),
    (
        "/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf",
        "/usr/share/fonts/truetype/liberation/LiberationSans-Bold.ttf",
    ),
)
MARGIN = 15.0  # millimetres
TEXT, SMALL = 9.5, 7.5  # points
LINE, TIGHT = 5.0, 3.6  # millimetres a line of each takes
HEADINGS = ((17.0, 4.0), (12.5, 6.0), (10.5, 4.0))  # points, and millimetres above, by level
INK, SOFT, RULE, WASH = (21, 32, 43), (81, 96, 109), (205, 211, 217), (243, 245, 247)
COLOURS = {"customer": (0, 90, 143), "staff": (160, 64, 0)}
PAGES = "{#pages#}"  # stands for their number until it is known
STEERING = {"Cc", "Cf", "Cs"}  # kinds of letters that are not seen but turn or end what follows
UNKNOWN = "\N{WHITE SQUARE}"


@dataclass(frozen=True)
class Column:
    """A column of a table: its title, its share of the width, and whether figures stand in it."""

    title: str
    share: float
    figures: bool = False


class Paper(FPDF):
    """A document under way. Whatever was written by somebody is text, however it looks."""

    def __init__(self, title: str, source: str) -> None:
        super().__init__(format="A4")
        self.source, self.heading_of_pages = source, title
        self._letters: frozenset[int] | None = None
        self.face = self._font()
        self.set_margin(MARGIN)
        self.set_auto_page_break(True, margin=MARGIN + 5)
        self.alias_nb_pages(PAGES)
        self.set_lang(language())
        self.set_title(self.text_of(title))
        self.set_creator("Pulse")
        self.viewer_preferences = ViewerPreferences(display_doc_title=True)
        self.page_mode = "USE_OUTLINES"
        self.add_page()

    def _font(self) -> str:
        for plain, bold in FONTS:
            if Path(plain).exists() and Path(bold).exists():
                self.add_font("text", "", plain)
                self.add_font("text", "B", bold)
                faces = (self.fonts["text"], self.fonts["textB"])
                known = [frozenset(face.cmap) for face in faces if isinstance(face, TTFFont)]
                self._letters = frozenset.intersection(*known)
                return "text"
        return "Helvetica"

    def text_of(self, words: str) -> str:
        """Words as this document can print them: nothing that steers, and a sign for what has no letter."""
        said = "".join(" " if unicodedata.category(c) in STEERING else c for c in words)
        said = said.replace(PAGES, " ")
        if self._letters is None:
            return printable(said)
        kept = (c if ord(c) in self._letters else _instead(c, self._letters) for c in said)
        return "".join(kept)

    def footer(self) -> None:
        """Where it comes from, and which page of how many."""
        self.set_y(-MARGIN)
        self._ink(SMALL, colour=SOFT)
        self.cell(self.epw - 30, TIGHT, self.text_of(self.source))
        said = _("Page %(page)s of %(pages)s", page=self.page_no(), pages="\0")
        before, _nothing, after = said.partition("\0")
        self.cell(30, TIGHT, f"{self.text_of(before)}{PAGES}{self.text_of(after)}", align="R")

    def _ink(self, size: float, style: str = "", colour: tuple[int, int, int] = INK) -> None:
        self.set_font(self.face, style, size)
        self.set_text_color(*colour)

    def heading(self, words: str, level: int = 0) -> None:
        """A heading that is a bookmark as well; never the last line of a page."""
        size, above = HEADINGS[level]
        if self.get_y() + above + 30 > self.h - MARGIN:
            self.add_page(same=True)
        self.ln(above)
        self.start_section(self.text_of(words), level=level, strict=False)
        self._ink(size, "B")
        self._written(words, size * 0.5)
        self.ln(1.5)

    def said(self, words: str, *, bold: bool = False, soft: bool = False) -> None:
        """A paragraph."""
        self._ink(SMALL if soft else TEXT, "B" if bold else "", SOFT if soft else INK)
        self._written(words, TIGHT if soft else LINE)
        self.ln(1.5)

    def _written(self, words: str, line: float) -> None:
        self.multi_cell(0, line, self.text_of(words), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def table(  # type: ignore[override]
        self, columns: Sequence[Column], rows: Sequence[Sequence[str]], *, size: float = 8.5
    ) -> None:
        """A table whose head is repeated on each page; a row is never parted."""
        whole = sum(column.share for column in columns)
        widths = [self.epw * column.share / whole for column in columns]
        self._row([column.title for column in columns], columns, widths, size - 1.3, head=True)
        for row in rows:
            if self.get_y() + self._height(row, widths, size) > self.h - MARGIN - 6:
                self.add_page(same=True)
                self._row([column.title for column in columns], columns, widths, size - 1.3, head=True)
            self._row(row, columns, widths, size)
        self.ln(3)

    def _height(self, row: Sequence[str], widths: Sequence[float], size: float) -> float:
        self._ink(size)
        return (
            max(len(self._lines(text, width, size)) for text, width in zip(row, widths, strict=True))
            * (size * 0.45)
            + 1.6
        )

    def _lines(self, text: str, width: float, size: float) -> list[str]:
        said = self.text_of(text)
        if self.get_string_width(said) <= width - 2.2 and "\n" not in said:
            return [said]
        return self.multi_cell(  # type: ignore[return-value]
            width, size * 0.45, said, align="L", dry_run=True, output=MethodReturnValue.LINES
        )

    def _row(
        self,
        row: Sequence[str],
        columns: Sequence[Column],
        widths: Sequence[float],
        size: float,
        *,
        head: bool = False,
    ) -> None:
        self._ink(size, "B" if head else "", SOFT if head else INK)
        line, top = size * 0.45, self.get_y()
        cells = [self._lines(text, width, size) for text, width in zip(row, widths, strict=True)]
        height = max(len(lines) for lines in cells) * line + 1.6
        if head:
            self.set_fill_color(*WASH)
            self.rect(self.l_margin, top, sum(widths), height, style="F")
        left = self.l_margin
        for lines, column, width in zip(cells, columns, widths, strict=True):
            for at, text in enumerate(lines):
                self.set_xy(left, top + 0.8 + at * line)
                self.cell(width, line, text, align="R" if column.figures else "L")
            left += width
        self.set_draw_color(*RULE)
        self.set_line_width(0.15)
        self.line(self.l_margin, top + height, self.l_margin + sum(widths), top + height)
        self.set_xy(self.l_margin, top + height)

    def landscape(self) -> None:
        """Go on on a page laid crosswise."""
        self.add_page(orientation="L")

    def upright(self) -> None:
        """Go on on a page that stands."""
        self.add_page(orientation="P")


def _instead(letter: str, letters: frozenset[int]) -> str:
    """What stands for a letter the font has not: its bare form where it has that, else an empty square."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", letter) if ord(c) in letters)
    return bare or (UNKNOWN if ord(UNKNOWN) in letters else "?")


def printable(words: str) -> str:
    """Words in the letters every PDF reader has without a font: those of Western Europe (Latin-1).

    Others lose their accents, or become question marks: names of groups may be in any script.
    """
    swapped = words.translate(
        {0x202F: "\xa0", 0x2019: "'", 0x2018: "'", 0x201C: '"', 0x201D: '"', 0x2013: "-", 0x2014: "-"}
        | {0x2026: "...", 0x0153: "oe", 0x0152: "OE", 0x2212: "-"}
    )
    return "".join(_letter(letter) for letter in swapped)


def _letter(letter: str) -> str:
    if ord(letter) < 0x100:
        return letter
    bare = unicodedata.normalize("NFKD", letter).encode("latin-1", "ignore").decode("latin-1")
    return bare or "?"
