"""Company folders and ZIPs made to hurt: sound file by file, or promising what they do not hold."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.corpora.tables import Pieces, Table, numbered, repeated, written
from surveys.imports.layouts import SCORES, STRUCTURE
from tests.surveys.imports.conftest import COMPANY

CELLS = "side,month,place,irritant,n,total,squares\ncustomer,2025-01,DESK,WAIT,5,20,90\n"
TABLES = {
    layout.file: Table(*(line.split(",") for line in COMPANY.get(layout.file, CELLS).splitlines()[:2]))
    for layout in (*STRUCTURE, *SCORES)
}
NAMED = "TOP,\nSALES,\nPHONE,\nSTOCK,\n"


@dataclass(frozen=True)
class Folder:
    """A company folder of ill will: its files that are not as they should be, at a share of full size."""

    name: str
    files: Callable[[float], Mapping[str, Pieces]]


def _teams(columns: bytes, line: Callable[[int], bytes], times: float) -> Mapping[str, Pieces]:
    def pieces() -> Pieces:
        yield b"team," + columns + b"\n" + NAMED.encode()
        yield from numbered(line, times)

    return {"teams.csv": pieces()}


def _many(file: str, line: Callable[[int], bytes], times: float) -> Mapping[str, Pieces]:
    def pieces() -> Pieces:
        yield TABLES[file].header
        yield from numbered(line, times)

    return {file: pieces()}


def _circle(share: float) -> Mapping[str, Pieces]:
    last = int(200_000 * share)
    return _teams(b"parent", lambda n: b"t%d,t%d\n" % (n, (n + 1) % last), last)


def _near(share: float) -> Mapping[str, Pieces]:
    """Codes that are long and alike, and rows that name nearly each of them."""
    teams = _teams(b"name", lambda n: b"%s%06d,\n" % (b"team" * 45, n), 50_000 * share)
    lines = (b"%s%06dx,CUSTOMERS\n" % (b"team" * 45, n) for n in range(1000))
    return {**teams, "value_chain.csv": iter((b"supplier,customer\n", *lines))}


def _one_touchpoint(share: float) -> Mapping[str, Pieces]:
    times = 90_000 * share
    table = TABLES["touchpoints.csv"]
    touchpoints = (
        table.header,
        b"DESK,,SALES\nCALL,,PHONE\n",
        *numbered(lambda n: b"DESK,,t%d\n" % n, times),
    )
    return {**_teams(b"name", lambda n: b"t%d,\n" % n, times), "touchpoints.csv": iter(touchpoints)}


def _lists(share: float) -> Mapping[str, Pieces]:
    table, several = TABLES["irritants.csv"], "|".join(f"p{n}" for n in range(100_000))
    lines = (table.line(irritant=f"i{n}", touchpoints=several) for n in range(1 + int(50 * share)))
    return {"irritants.csv": _joined(table.header, lines)}


def _sums(share: float) -> Mapping[str, Pieces]:
    """As many sums as a folder of this size can name."""
    months = [
        b"%d-%02d" % (year, month) for year in range(1970, 2100) if year != 2025 for month in range(1, 13)
    ]
    places, irritants = max(1, int(40 * share)), max(1, int(64 * share))
    lines = (
        b"%s,p%d,i%d,5,1\n" % (month, place, irritant)
        for month in months
        for place in range(places)
        for irritant in range(irritants)
    )
    answers = TABLES["customer_answers.csv"]
    served = (b"p%d,SALES\n" % n for n in range(places))
    return {
        "touchpoints.csv": _joined(b"touchpoint,team\nDESK,SALES\nCALL,PHONE\n", served),
        "irritants.csv": _joined(b"irritant\nWAIT\nFORM\n", (b"i%d\n" % n for n in range(irritants))),
        "customer_answers.csv": _joined(answers.header, lines),
    }


def _joined(header: bytes, lines: Pieces) -> Pieces:
    yield header
    yield from lines


def _chain(share: float) -> Mapping[str, Pieces]:
    return _teams(b"parent", lambda n: b"t%d,%s\n" % (n, b"t%d" % (n - 1) if n else b""), 200_000 * share)


def _asked(number: int) -> bytes:
    return b"SALES,WAIT,%d-%02d,\n" % (1970 + number % 1500 // 12, 1 + number % 12)


MILLION = 1_000_000
FOLDERS = [
    Folder("a million teams", lambda s: _teams(b"name", lambda n: b"t%d,x\n" % n, MILLION * s)),
    Folder("200,000 teams, each below the one before", _chain),
    Folder("200,000 teams in a circle", _circle),
    Folder("50,000 long codes, and a thousand nearly right", _near),
    Folder("90,000 teams at one touchpoint", _one_touchpoint),
    Folder("50 lists of 100,000 touchpoints", _lists),
    Folder(
        "a million links of the value chain",
        lambda s: _many("value_chain.csv", lambda n: b"SALES,t%d\n" % n, MILLION * s),
    ),
    Folder("a million lists of questions", lambda s: _many("asked.csv", _asked, MILLION * s)),
    Folder(
        "a million fixes",
        lambda s: _many("fixes.csv", lambda n: b"f%d,,WAIT,2025-01,,,,,,\n" % n, MILLION * s),
    ),
    Folder(
        "a million breaks",
        lambda s: _many("breaks.csv", lambda n: b"customer,2025-02,DESK,WAIT,x%d\n" % n, MILLION * s),
    ),
    Folder("4 million sums", _sums),
]


def company(folder: Path, files: Mapping[str, Pieces]) -> Path:
    """The small company that loads, with these files in place of its own."""
    folder.mkdir(exist_ok=True)
    for name, text in COMPANY.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "cells.csv").unlink(missing_ok=True)
    for name, pieces in files.items():
        written(folder / name, pieces)
    return folder


def zips(share: float) -> Mapping[str, bytes]:
    """Archives of ill will, by what they are."""
    zeros = int(2_000_000_000 * share)
    return {
        "2 GB of zero bytes in 2 MB": _packed({"teams.csv": zeros}),
        "eleven files of 95 MB each": _packed(dict.fromkeys(TABLES, int(95_000_000 * share))),
        "20 MB of empty entries": _entries(200_000 * share),
        "an archive in an archive": _stored({"a/b.zip": _packed({"teams.csv": 1000})}),
        "files that lie over one another": _overlapping(),
        "a size that is promised and not held": _promising(),
        "a directory without end": b"PK\x03\x04" + b"PK\x01\x02" * int(3_000_000 * share),
        "nothing but an end": b"PK\x05\x06" + b"\xff" * 18,
        "a comment of 64 KB": _stored({"teams.csv": b"team\nx\n"})[:-2] + b"\xff\xff" + b"x" * 65_535,
        "names of 60,000 signs": _stored({f"{'x' * 60_000}{n}/teams.csv": b"" for n in range(100)}),
    }


def _packed(sizes: Mapping[str, int]) -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, size in sizes.items():
            with archive.open(name, "w", force_zip64=True) as entry:
                for piece in repeated(bytes(1000), size / 1000):
                    entry.write(piece)
    return into.getvalue()


def _stored(files: Mapping[str, bytes]) -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as archive:
        for name, body in files.items():
            archive.writestr(zipfile.ZipInfo(name), body)
    return into.getvalue()


def _entries(times: float) -> bytes:
    entry = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 0, 0, 33, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0)
    directory = (entry + b"teams.csv") * max(2000, int(times))
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 65_535, 65_535, len(directory), 0, 0)
    return directory + end


def _overlapping() -> bytes:
    """Every entry names the same packed bytes: little that would come out a hundred times over."""
    body, plain = zlib.compress(bytes(90_000_000), 9)[2:-4], bytes(90_000_000)
    known = (0, 33, zlib.crc32(plain), len(body), len(plain))
    local = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 8, *known, 9, 0) + b"teams.csv" + body
    names = [name.encode() for name in TABLES]
    directory = b"".join(
        struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 8, *known, len(name), 0, 0, 0, 0, 0, 0) + name
        for name in names
    )
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, len(names), len(names), len(directory), len(local), 0)
    return local + directory + end


def _promising() -> bytes:
    honest = _packed({"teams.csv": 100_000})
    return honest.replace(struct.pack("<L", 100_000), struct.pack("<L", 2**32 - 2))
