"""The sheet to be put up at a touchpoint: what is asked, the square to scan, the address to type."""

from datetime import UTC, datetime

from fpdf import FPDF

from pulse.i18n import gettext, speaking
from surveys.responses.sheets import HEIGHT, WIDTH, printable, square

MARGIN = 20.0  # millimetres, as all lengths here
BAND = 96.0  # the coloured part on top
QR, FRAME = 106.0, 8.0
BLUE = (0, 90, 143)  # as the pages' customers
TITLE, PLACE, LEAD, ADDRESS, SMALL = 48, 20, 16, 22, 11  # points
LINE = 18.5  # of the title
SMALLEST = 11


def pdf(name: str, address: str, *, language: str) -> bytes:
    """An A4 sheet in one language.

    name -- of the touchpoint, in that language; address -- of its open link
    """
    made = FPDF(format="A4")
    made.set_auto_page_break(False)
    made.set_margins(MARGIN, MARGIN)
    made.set_creation_date(datetime(2000, 1, 1, tzinfo=UTC))  # the same sheet is the same file
    made.set_lang(language)
    with speaking(language):
        made.set_title(printable(gettext("Survey: %(place)s", place=name)))
        made.add_page()
        _band(made, name)
        _square(made, address)
        _how(made, address)
        _promise(made)
    return bytes(made.output())


def _band(made: FPDF, name: str) -> None:
    made.set_fill_color(*BLUE)
    made.rect(0, 0, WIDTH, BAND, style="F")
    made.set_text_color(255)
    made.set_xy(MARGIN, MARGIN)
    _fitted(made, printable(name), "", PLACE, 9)
    made.set_font("Helvetica", "B", TITLE)
    lines = _even(made, printable(gettext("What bothered you?")))
    made.set_y(MARGIN + 12 + (2 - len(lines)) * LINE / 2)
    for line in lines:
        made.set_x(MARGIN)
        made.cell(0, LINE, line, new_x="LMARGIN", new_y="NEXT")


def _even(made: FPDF, words: str) -> list[str]:
    """A title in one line, or in two that are as long as each other."""
    if made.get_string_width(words) <= WIDTH - 2 * MARGIN:
        return [words]
    parts = words.split(" ")
    breaks = [(" ".join(parts[:at]), " ".join(parts[at:])) for at in range(1, len(parts))]
    return list(min(breaks, key=lambda two: max(map(made.get_string_width, two))))


def _fitted(made: FPDF, words: str, style: str, size: float, line: float) -> None:
    """One line of words, in smaller letters where it is long, and cut where it is longer still."""
    room = WIDTH - 2 * MARGIN
    made.set_font("Helvetica", style, size)
    while size > SMALLEST and made.get_string_width(words) > room:
        size -= 0.5
        made.set_font_size(size)
    while len(words) > 1 and made.get_string_width(words) > room:
        words = words[:-4].rstrip() + "..."
    made.cell(room, line, words, align="L")


def _square(made: FPDF, address: str) -> None:
    """The QR code on a white card that reaches out of the band."""
    left, top = (WIDTH - QR) / 2, BAND - 14
    made.set_fill_color(255)
    made.set_draw_color(205)
    made.set_line_width(0.3)
    card = {"w": QR + 2 * FRAME, "h": QR + 2 * FRAME, "style": "DF", "round_corners": True}
    made.rect(left - FRAME, top - FRAME, corner_radius=5, **card)  # type: ignore[arg-type]
    square(made, address, left, top, QR)


def _how(made: FPDF, address: str) -> None:
    made.set_text_color(21, 32, 43)
    made.set_xy(MARGIN, BAND - 14 + QR + FRAME + 10)
    made.set_font("Helvetica", "", LEAD)
    words = gettext("Scan the square with your phone, or type this address:")
    made.multi_cell(WIDTH - 2 * MARGIN, 7, printable(words), align="C")
    made.ln(2.5)
    made.set_x(MARGIN)
    made.set_text_color(*BLUE)
    _typed(made, address.partition("://")[2])


def _typed(made: FPDF, address: str) -> None:
    """The address in letters of one width, which nobody mistakes for each other."""
    size, room = float(ADDRESS), WIDTH - 2 * MARGIN
    made.set_font("Courier", "B", size)
    while size > SMALLEST and made.get_string_width(address) > room:
        size -= 0.5
        made.set_font_size(size)
    made.multi_cell(room, 8, printable(address), align="C")


def _promise(made: FPDF) -> None:
    made.set_text_color(81, 96, 109)
    made.set_font("Helvetica", "", SMALL)
    words = gettext(
        "Half a minute, no account, no name. Your answers are counted together with those of other customers,"
        " to find out what to improve."
    )
    made.set_xy(MARGIN, HEIGHT - MARGIN - 14)
    made.multi_cell(WIDTH - 2 * MARGIN, 5.2, printable(words), align="C")
