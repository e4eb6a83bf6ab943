"""Sheets of printed codes: one strip a person, to be cut apart and drawn by hand. Both languages on each."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import segno
from fpdf import FPDF

from pulse.i18n import day, gettext, language, month, speaking
from pulse.paper import printable
from surveys.ballots.codes import Batch
from surveys.waves.service import CASTING

WIDTH, HEIGHT, MARGIN = 210.0, 297.0, 14.0  # of an A4 sheet, in millimetres
A_PAGE = 4  # strips
STRIP = (HEIGHT - 2 * MARGIN) / A_PAGE
QR = 30.0
TEXT, SMALL, LINE = 9.5, 8.0, 4.3


def pdf(batch: Batch, address: str, *, languages: tuple[str, ...], zone: ZoneInfo) -> bytes:
    """The sheets of a batch: a page that says what to do with them, then a strip for each code.

    address -- where a code is typed in; the QR code of a strip leads there with its code filled in
    """
    made = FPDF(format="A4")
    made.set_auto_page_break(False)
    made.set_creation_date(datetime(2000, 1, 1, tzinfo=UTC))  # the file need not tell when it was made
    made.set_title("Pulse")
    _instructions(made, batch, languages)
    for at, code in enumerate(batch.codes):
        if at % A_PAGE == 0:
            made.add_page()
        _strip(made, batch, code, address, MARGIN + at % A_PAGE * STRIP, languages, zone)
    return bytes(made.output())


def _instructions(made: FPDF, batch: Batch, languages: tuple[str, ...]) -> None:
    made.add_page()
    made.set_xy(MARGIN, MARGIN)
    for code in languages:
        with speaking(code):
            words = {"unit": batch.unit.name(language()), "month": month(batch.month)}
            _said(made, gettext("Printed codes: %(unit)s, %(month)s", **words), "B", 16, 8)
            for step in _steps(len(batch.codes)):
                _said(made, step, "", 11, 5.6)
            made.ln(8)


def _steps(number: int) -> tuple[str, ...]:
    return (
        gettext(
            "1. Print the following pages once, with a witness if you can, and delete the file. Whoever has"
            " it could answer in place of others."
        ),
        gettext(
            "2. Cut the strips apart: there are %(n)s. Fold each once and put them into a bag.", n=number
        ),
        gettext(
            "3. Everybody of the group who answers by code draws one strip. Nobody writes down who drew"
            " which."
        ),
        gettext("4. Destroy the strips that were not drawn, with the same witness."),
    )


def _said(made: FPDF, words: str, style: str, size: float, line: float) -> None:
    made.set_font("Helvetica", style, size)
    made.set_x(MARGIN)
    made.multi_cell(WIDTH - 2 * MARGIN, line, printable(words), align="L")
    made.ln(1.5)


def _strip(
    made: FPDF, batch: Batch, code: str, address: str, top: float, languages: tuple[str, ...], zone: ZoneInfo
) -> None:
    """One strip: its code in large letters, a QR code beside it, what it is and where to type it."""
    _cut_lines(made, top)
    square(made, f"{address}?code={code}", MARGIN + 2, top + 6, QR)
    made.set_font("Courier", "B", 21)
    made.set_xy(MARGIN + QR + 8, top + 6)
    made.cell(0, 9, code)
    made.set_font("Helvetica", "B", TEXT)
    made.set_xy(MARGIN + QR + 8, top + 16)
    made.cell(0, LINE, printable(address))
    last = (batch.closes + CASTING).astimezone(zone).date()
    made.set_y(top + 23)
    for tongue in languages:
        with speaking(tongue):
            name = batch.unit.name(language())
            words = gettext(
                "Pulse of %(month)s, group “%(unit)s”. This code answers once, before %(day)s, on any device."
                " Draw it by hand and show it to nobody: then nobody can tell that it is yours. Type it at"
                " the address above, or scan the square.",
                month=month(batch.month),
                unit=name,
                day=day(last),
            )
        made.set_font("Helvetica", "", SMALL)
        made.set_x(MARGIN + QR + 8)
        made.multi_cell(WIDTH - 2 * MARGIN - QR - 10, LINE - 0.4, printable(words), align="L")
        made.ln(1.5)


def _cut_lines(made: FPDF, top: float) -> None:
    made.set_draw_color(120)
    made.set_line_width(0.2)
    made.set_dash_pattern(dash=2, gap=2)
    for height in (top, top + STRIP):
        made.line(0, height, WIDTH, height)
    made.set_dash_pattern()


def square(made: FPDF, content: str, left: float, top: float, width: float) -> None:
    """A QR code drawn as filled squares: sharp at any size, and no picture to be embedded."""
    rows = list(segno.make(content, error="m", micro=False).matrix)
    side = width / len(rows)
    made.set_fill_color(0)
    for down, row in enumerate(rows):
        for across, dark in enumerate(row):
            if dark:
                made.rect(left + across * side, top + down * side, side, side, style="F")
