"""Whether every way out of Pulse says the same of every released cell, and nothing of a hidden one.

    python -m benchmarks.agreement [--people 6000] [--months 36] [--least 5]

The made-up company is loaded and replayed; then each released cell is read on screen (all figures, heat
maps), in CSV, XLSX and JSON, through the API and in the PDF of its month, and held against the row in the
database; and each fix's effects on the overview, in its files, through the API, in the PDF and in its mail.
Ends with 1 where one differs, is missing, or where a hidden cell is told.
"""

import argparse
import csv
import html
import io
import json
import math
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from xml.etree import ElementTree
from zipfile import ZipFile

from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import select

from benchmarks.serving import SECRET, application, databases
from pulse import db
from pulse.dashboards.month_paper import ACROSS, NOTHING
from pulse.i18n import speaking
from pulse.ledger.models import ClosedMonth, Contribution, ReleasedCell
from pulse.months import written
from pulse.organisation.models import Fix, Measure, MeasureKind, Place, PlaceKind, Side
from pulse.outbox.models import Message
from pulse.paper import MARGIN
from pulse.people import api_keys
from pulse.people import service as people
from pulse.people.models import Grant, Scope
from pulse.verdicts import news, sentences
from pulse.verdicts.models import Flag, Verdict
from pulse.verdicts.names import names_in

ANALYST, PASSWORD = "agreement@example.org", "correct horse battery staple"
WANTED = 50_000  # cells
MONTHS = [f"{date(2026, month, 1):%B}" for month in range(1, 13)]
NAMESPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
POINT, LANDSCAPE = 72 / 25.4, 297.0  # points a millimetre; millimetres across

SIDES = {PlaceKind.TEAM: "employee", PlaceKind.TOUCHPOINT: "customer"}
Key = tuple[str, str, str, str, str]  # side, place, extent, measure, month
Told = tuple[int, int | None]  # hundredths of a point, answers where they are told
Cells = dict[Key, Told]


@dataclass
class Truth:
    """What is in the database: what may be shown, what may not, and what things are called."""

    shown: Cells
    hidden: set[Key]
    months: list[str]
    places: dict[tuple[str, str], str]  # side and name: code
    measures: dict[str, str]
    indicators: set[str]


@dataclass
class Way:
    """One way out: what it told, and how that stands against the truth."""

    name: str
    cells: int = 0
    differing: int = 0
    missing: int = 0
    hidden: int = 0
    examples: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> bool:
        """Whether anything differs, is missing or should not be there."""
        return bool(self.differing or self.missing or self.hidden)


def truth() -> Truth:
    """The released cells and the addresses of all others that somebody answered for."""
    with db.reading() as session:
        places = {
            key: (code, name, kind)
            for key, code, name, kind in session.execute(
                select(Place.id, Place.code, Place.name_en, Place.kind)
            )
        }
        measures = {
            key: (code, name, kind)
            for key, code, name, kind in session.execute(
                select(Measure.id, Measure.code, Measure.label_en, Measure.kind)
            )
        }
        shown: Cells = {}
        for cell in session.scalars(select(ReleasedCell)):
            key = (
                cell.side.value,
                places[cell.place_id][0],
                cell.extent.value,
                measures[cell.measure_id][0],
                written(cell.month),
            )
            shown[key] = (cell.score, cell.n)
        answered = {
            (side.value, places[place][0], "own", measures[measure][0], written(month))
            for side, place, measure, month in session.execute(
                select(Contribution.side, Contribution.place_id, Contribution.measure_id, Contribution.month)
            )
        }
        months = sorted({written(month) for month in session.scalars(select(ClosedMonth.month))})
    return Truth(
        shown,
        answered - shown.keys(),
        months,
        {(SIDES[kind], name): code for code, name, kind in places.values()},
        {name: code for code, name, _kind in measures.values()},
        {code for code, _name, kind in measures.values() if kind is MeasureKind.INDICATOR},
    )


def held(name: str, told: Cells, known: Truth, *, wanted: Callable[[Key], bool] = lambda key: True) -> Way:
    """What a way told against the truth; wanted -- which cells it should tell."""
    way = Way(name, len(told))
    for key, (score, n) in told.items():
        if key not in known.shown:
            way.hidden += 1
            way.examples.append(f"{key} is not released")
        elif score != known.shown[key][0] or n not in (None, known.shown[key][1]):
            way.differing += 1
            way.examples.append(f"{key}: {score}, {n} instead of {known.shown[key]}")
    lacking = [key for key in known.shown if wanted(key) and key not in told]
    way.missing = len(lacking)
    way.examples += [f"{key} is missing" for key in lacking[:3]]
    return way


def points(text: str) -> int:
    """Hundredths of a point as a page writes them."""
    return round(float(text.replace("≈", "").replace("*", "").replace("−", "-").strip()) * 100)


def rows_of(found: list[Mapping[str, object]]) -> Cells:
    """Cells of a file's rows."""
    return {
        (
            str(row["side"]),
            str(row["place"]),
            str(row["extent"]),
            str(row["irritant"]),
            str(row["month"])[:7],
        ): (round(float(str(row["score"])) * 100), int(float(str(row["n"]))))
        for row in found
    }


def in_csv(client: FlaskClient) -> Cells:
    """All figures as CSV."""
    body = client.get("/figures?as=csv&lang=en").data.decode("utf-8-sig")
    return rows_of(list(csv.DictReader(io.StringIO(body, newline=""))))


def in_json(client: FlaskClient) -> Cells:
    """All figures as JSON."""
    return rows_of(json.loads(client.get("/figures?as=json&lang=fr").data)["sheets"]["figures"])


def in_xlsx(client: FlaskClient) -> Cells:
    """All figures as a workbook, its first sheet read as a spreadsheet reads it."""
    with ZipFile(io.BytesIO(client.get("/figures?as=xlsx&lang=en").data)) as parts:
        shared = []
        if "xl/sharedStrings.xml" in parts.namelist():
            strings = ElementTree.fromstring(parts.read("xl/sharedStrings.xml"))
            shared = ["".join(one.itertext()) for one in strings]
        sheet = ElementTree.fromstring(parts.read("xl/worksheets/sheet1.xml"))
    codes = ["side", "month", "place", "", "extent", "irritant", "", "score", "", "", "n", ""]
    found: list[Mapping[str, object]] = []
    for row in list(sheet.iter(f"{NAMESPACE}row"))[1:]:
        values = [_value(cell, shared) for cell in row]
        said = dict(zip(codes, values, strict=True))
        day = date(1899, 12, 30).toordinal() + int(float(said["month"]))
        found.append(said | {"month": date.fromordinal(day).isoformat()})
    return rows_of(found)


def _value(cell: ElementTree.Element, shared: list[str]) -> str:
    text = "".join(cell.itertext())
    return shared[int(text)] if cell.get("t") == "s" else text


def on_screen(client: FlaskClient) -> Cells:
    """All figures, leafed through page by page."""
    told: Cells = {}
    page, pages = 1, 1
    while page <= pages:
        said = client.get(f"/figures?page={page}&lang=en").text
        if found := re.search(r"Page [\d,]+ of ([\d,]+)", said):
            pages = int(found[1].replace(",", ""))
        for row in re.findall(r'<td role="cell" class="when">(.*?)</tr>', said, re.S):
            month, place, measure, score, n = re.split(r"</t[dh]>\s*<t[dh][^>]*>", row)
            side = "customer" if "Customers:" in place else "employee"
            extent = "whole" if "(as a whole)" in place else "own"
            key = (side, _under(place), extent, _under(measure), _month(month))
            told[key] = (
                points(re.findall(r"<b>(.*?)</b>", score)[0]),
                int(_plain(n.split("</span>")[-1]).replace(",", "")),
            )
        page += 1
    return told


def _under(cell: str) -> str:
    return html.unescape(re.findall(r'class="under">(.*?)</span>', cell)[0])


def _month(text: str) -> str:
    name, year = text.split()
    return f"{year}-{MONTHS.index(name) + 1:02d}"


def through_api(client: FlaskClient, key: str) -> Cells:
    """All figures as another program reads them."""
    told: Cells = {}
    for side in Side:
        after = ""
        while True:
            asked = f"/api/v1/cells?side={side.value}{after}"
            said = client.get(asked, headers={"Authorization": f"Bearer {key}"}).json
            assert said is not None
            for cell in said["cells"]:
                address = (side.value, cell["place"], cell["extent"], cell["irritant"], cell["month"][:7])
                told[address] = (round(cell["score"] * 100), cell["n"])
            if not (following := said.get("next")):
                break
            after = f"&cursor={following}"
    return told


def on_heat_maps(client: FlaskClient, known: Truth) -> Cells:
    """Both heat maps of every month, all rows; a figure of an earlier month counts for its own map."""
    told: Cells = {}
    for month in known.months:
        for which, side in (("teams", "employee"), ("touchpoints", "customer")):
            page, pages = 1, 1
            while page <= pages:
                said = client.get(f"/heat?map={which}&month={month}&every=1&page={page}&lang=en").text
                if found := re.search(r"Page (\d+) of (\d+)", said):
                    pages = int(found[2])
                told |= _heat_page(said, side, month, known)
                page += 1
    return told


def _heat_page(said: str, side: str, month: str, known: Truth) -> Cells:
    told: Cells = {}
    columns = [html.unescape(code) for code in re.findall(r'data-measure="(.*?)"', said)]
    for place, extent, row in re.findall(r'<tr data-place="(.*?)" data-extent="(.*?)"(.*?)</tr>', said, re.S):
        for code, cell in zip(columns, re.findall(r"<td.*?</td>", row, re.S), strict=True):
            score = re.search(r"<b>(.*?)</b>", cell)
            if score and "<small>" not in cell and code not in known.indicators:
                told[side, html.unescape(place), extent, code, month] = (points(score[1]), None)
    return told


def in_pdfs(client: FlaskClient, known: Truth) -> Cells:
    """The tables of every month's document, read back by where on the page each text stands."""
    told: Cells = {}
    for month in known.months:
        response = client.get(f"/months/{month}/pdf?lang=en")
        for side, across, chunks in _tables(PdfReader(io.BytesIO(response.data)), month, known):
            told |= _table(chunks, side, month, across, known)
    return told


Chunk = tuple[float, float, str, bool]  # across and up in points, text, bold


def _tables(reader: PdfReader, month: str, known: Truth) -> Iterator[tuple[str, int, list[Chunk]]]:
    """Side, number of columns of figures, and the texts of each page that holds a table of cells."""
    side = ""
    for page in reader.pages:
        if page.mediabox.width < page.mediabox.height:
            continue
        chunks: list[Chunk] = []

        def read(
            text: str, _cm: object, tm: list[float], font: Mapping[str, str] | None, _size: float
        ) -> None:
            if text.strip():
                bold = "Bold" in str((font or {}).get("/BaseFont", ""))
                chunks.append((tm[4], tm[5], text.strip(), bold))  # noqa: B023

        page.extract_text(visitor_text=read)
        words = " ".join(chunk[2] for chunk in chunks)
        if "What landed on staff" in words:
            side = "employee"
        elif "What bothered customers" in words:
            side = "customer"
        measures = len({key[3] for key in known.shown if key[0] == side and key[4] == month})
        if measures:
            yield side, math.ceil(measures / math.ceil(measures / ACROSS)), chunks


def _table(chunks: list[Chunk], side: str, month: str, across: int, known: Truth) -> Cells:
    wide = (LANDSCAPE - 2 * MARGIN) / (3.6 + across)

    def column(x: float) -> int:
        return math.floor((x / POINT - MARGIN - 3.6 * wide) / wide + 1e-6)

    told: Cells = {}
    heads: dict[int, list[str]] = defaultdict(list)
    lines: list[Line] = []
    for x, y, text, bold in sorted(chunks, key=lambda chunk: -chunk[1]):
        at = column(x)
        if bold and at >= 0:
            if lines:  # another table begins on the same page
                told |= _cells(heads, lines, side, month, known)
                heads, lines = defaultdict(list), []
            heads[at].append(text)
        elif bold or y / POINT < MARGIN:
            continue  # a title, or the foot of the page
        elif at >= 0 and lines and abs(lines[-1][0] - y) < 1:
            lines[-1][2][at] = text
        elif at >= 0:
            lines.append((y, [], {at: text}))
        elif lines and abs(lines[-1][0] - y) < 1:
            lines[-1][1].append(text)
        else:
            lines.append((y, [text], {}))
    return told | _cells(heads, lines, side, month, known)


Line = tuple[float, list[str], dict[int, str]]  # how high, words on the left, figures by column


def _cells(heads: Mapping[int, list[str]], lines: list[Line], side: str, month: str, known: Truth) -> Cells:
    told: Cells = {}
    measures = {at: known.measures.get(_joined(words, known.measures), "") for at, words in heads.items()}
    for name, figures in _rows(lines):
        extent = "whole" if name.endswith(" as a whole") else "own"
        place = known.places.get((side, name.removesuffix(" as a whole")))
        for at, text in figures.items():
            if text != NOTHING and place and measures.get(at):
                told[side, place, extent, measures[at], month] = (points(text), None)
    return told


def _rows(lines: list[Line]) -> Iterator[tuple[str, dict[int, str]]]:
    """Names, over as many lines as they take, with their figures."""
    name: list[str] = []
    figures: dict[int, str] = {}
    for _y, words, some in lines:
        if some and figures:
            yield " ".join(name), figures
            name, figures = [], {}
        name += words
        figures |= some
    if figures:
        yield " ".join(name), figures


def _joined(words: list[str], known: Mapping[str, str]) -> str:
    """A title again, whether a line broke between words or within one."""
    bare = "".join("".join(words).split())
    return next((name for name in known if "".join(name.split()) == bare), "")


@dataclass
class Effects:
    """How the effects of all fixes stand against the newest verdict, by the way they are told."""

    fixes: int = 0
    figures: Counter[str] = field(default_factory=Counter)
    differing: list[str] = field(default_factory=list)


def effects(client: FlaskClient, key: str) -> Effects:
    """Each fix's sentences and figures on its page, on the overview, in files, by API, PDF and mail."""
    found = Effects()
    listed = {
        row["fix"]: row for row in csv.DictReader(io.StringIO(_text(client, "/fixes?as=csv"), newline=""))
    }
    as_json = {row["fix"]: row for row in json.loads(client.get("/fixes?as=json").data)["sheets"]["fixes"]}
    overview = _plain(client.get("/dashboard?lang=en").text)
    with db.reading() as session:
        fixes = session.scalars(select(Fix)).all()
        for fix in fixes:
            verdicts = session.scalars(
                select(Verdict)
                .where(Verdict.fix_id == fix.id)
                .order_by(Verdict.as_of.desc(), Verdict.revision.desc())
            ).all()
            if not verdicts:
                continue
            found.fixes += 1
            verdict, names = verdicts[0], names_in(session, verdicts)
            page = _plain(client.get(f"/fixes/{fix.code}?lang=en").text)
            paper = _squeezed(_pdf_text(client.get(f"/fixes/{fix.code}/pdf?lang=en").data))
            told = client.get(f"/api/v1/fixes/{fix.code}", headers={"Authorization": f"Bearer {key}"}).text
            for column in (
                "customer_effect",
                "customer_low",
                "staff_effect",
                "landing_effect",
                "landing_high",
            ):
                value = getattr(verdict, column)
                said = "" if value is None else str(value)
                _same(found, "CSV", f"{fix.code} {column}", listed[fix.code][column], said)
                _same(found, "JSON", f"{fix.code} {column}", as_json[fix.code][column], value)
                if value is not None:
                    _holds(found, "API", f"{fix.code} {column}", told, json.dumps(value))
            for span in (sentences.customers(verdict), sentences.burden(verdict)):
                if span:
                    words = f"{_signed(span.value)} {_signed(span.low)} to {_signed(span.high)}"
                    _holds(found, "overview", fix.code, overview, words)
            with speaking("en"):  # each request leaves its own language behind
                story = sentences.story(verdict, names)
            for sentence in story:
                if "It takes about" not in sentence:  # what would shorten that is added on the page
                    _holds(found, "page", fix.code, page, " ".join(sentence.split()))
                    _holds(found, "PDF", fix.code, paper, _squeezed(sentence))
    return found


def mails(client: FlaskClient, found: Effects) -> None:
    """The figures in the mail of each flag, as it would be queued, against the flag's page."""
    with db.writing() as session:
        for flag in session.scalars(select(Flag)).all():
            news.raised(session, flag, datetime.now(UTC), withdrawn=False)
    with db.reading() as session:
        languages = {flag.id: flag for flag in session.scalars(select(Flag))}
        for message in session.scalars(select(Message).where(Message.key.startswith("flag:"))):
            flag = languages[int(message.key.split(":")[1])]
            told = _plain(client.get(f"/flags/{flag.id}?lang={_language(message.text)}").text)
            for figure in re.findall(r"[−+]?\d+(?:[.,]\d)?", re.sub(r"https?://\S+", "", message.text)):
                _holds(found, "mail", f"flag {flag.id}", told, figure)


def _language(text: str) -> str:
    return "fr" if text.startswith("Bonjour") else "en"


def _same(found: Effects, way: str, what: str, said: object, true: object) -> None:
    found.figures[way] += 1
    if said != true:
        found.differing.append(f"{way}, {what}: {said} instead of {true}")


def _holds(found: Effects, way: str, what: str, text: str, words: str) -> None:
    found.figures[way] += 1
    if words not in text:
        found.differing.append(f"{way}, {what}: says nothing of {words!r}")


def _signed(value: float) -> str:
    shown = f"{abs(value):.1f}"
    return shown if float(shown) == 0 else ("+" if value > 0 else "−") + shown


def _plain(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def _text(client: FlaskClient, address: str) -> str:
    return client.get(address).data.decode("utf-8-sig")


def _pdf_text(body: bytes) -> str:
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages)


def _squeezed(text: str) -> str:
    """Without any blanks: a line may be broken anywhere on paper."""
    return "".join(text.split())


def signed_in(app: Flask) -> tuple[FlaskClient, str]:
    """An analyst's browser, and a key of the API."""
    with db.writing() as session:
        person = people.add(session, ANALYST, name="Ana", language="en", password=PASSWORD)
        people.grant(session, person, Grant.ANALYST)
        now = datetime.now(UTC)
        key = api_keys.make(session, "agreement", {Scope.RESULTS}, expires=None, secret_key=SECRET, now=now)
    client = app.test_client()
    client.post("/sign-in", data={"csrf_token": _token(client), "email": ANALYST, "password": PASSWORD})
    return client, key.text


def _token(client: FlaskClient) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]*)"', client.get("/sign-in").text)
    assert found is not None
    return found[1]


@dataclass
class Report:
    """What was found."""

    released: int
    hidden: int
    ways: list[Way]
    effects: Effects
    seconds: dict[str, float]

    @property
    def wrong(self) -> bool:
        """Whether anything does not agree."""
        return any(way.wrong for way in self.ways) or bool(self.effects.differing)


def measured(
    size: int, months: int, *, least: int = 5, progress: Callable[[str], None] = lambda _: None
) -> Report:
    """The made-up company of so many people read every way out, over fresh databases.

    least -- the smallest group shown: the larger it is, the more is hidden
    """
    with databases("sqlite") as urls, application(urls, PULSE_MIN_RESPONDENTS=str(least)) as app:
        progress(f"the made-up company of {size} people over {months} months")
        made = app.test_cli_runner().invoke(args=["demo", "--people", str(size), "--months", str(months)])
        if made.exit_code:
            raise SystemExit(made.output)
        client, key = signed_in(app)
        known, ways, seconds = truth(), [], {}
        for name, read in WAYS.items():
            progress(name)
            begun = time.perf_counter()
            told = read(client, key, known)
            seconds[name] = time.perf_counter() - begun
            ways.append(held(name, told, known, wanted=_wanted(name, known)))
            progress(line(ways[-1], seconds[name]))
        progress("effects of fixes")
        told_of = effects(client, key)
        mails(client, told_of)
        return Report(len(known.shown), len(known.hidden), ways, told_of, seconds)


HEAT = "screen, heat maps"
WAYS: Mapping[str, Callable[[FlaskClient, str, Truth], Cells]] = {
    "screen, all figures": lambda client, key, known: on_screen(client),
    "CSV": lambda client, key, known: in_csv(client),
    "XLSX": lambda client, key, known: in_xlsx(client),
    "JSON": lambda client, key, known: in_json(client),
    "API": lambda client, key, known: through_api(client, key),
    HEAT: lambda client, key, known: on_heat_maps(client, known),
    "PDF of the month": lambda client, key, known: in_pdfs(client, known),
}


def _wanted(name: str, known: Truth) -> Callable[[Key], bool]:
    """Heat maps tell indicators on scales of their own; all else tells everything."""
    return lambda key: name != HEAT or key[3] not in known.indicators


def line(way: Way, seconds: float) -> str:
    """A row of the table."""
    return f"{way.name:22}{way.cells:8}{way.differing:11}{way.missing:9}{way.hidden:13}{seconds:9.1f}"


def lines(report: Report) -> Iterator[str]:
    """The report, as a table."""
    yield f"{report.released} released cells, {report.hidden} addresses answered for and not released"
    yield f"{'way out':22}{'cells':>8}{'differing':>11}{'missing':>9}{'hidden told':>13}{'seconds':>9}"
    for way in report.ways:
        yield line(way, report.seconds[way.name])
        yield from (f"  {example}" for example in way.examples[:5])
    said = ", ".join(f"{way} {count}" for way, count in report.effects.figures.items())
    wrong = report.effects.differing
    yield f"effects and sentences of {report.effects.fixes} fixes: {said}; differing: {len(wrong)}"
    yield from (f"  {words}" for words in wrong[:10])


def main() -> int:
    """Measure, print, and tell whether everything agrees."""
    words = argparse.ArgumentParser()
    words.add_argument("--people", type=int, default=6000)
    words.add_argument("--months", type=int, default=36)
    words.add_argument("--least", type=int, default=5, help="the smallest group shown")
    asked = words.parse_args()
    report = measured(
        asked.people, asked.months, least=asked.least, progress=lambda said: print(f"... {said}", flush=True)
    )
    print("\n".join(lines(report)))
    if report.released < WANTED:
        print(f"fewer than {WANTED} cells: ask for more people or months")
    return 1 if report.wrong or report.released < WANTED else 0


if __name__ == "__main__":
    sys.exit(main())
