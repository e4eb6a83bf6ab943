"""A company folder brought in on screen: taken out of its ZIP with every care, and kept until looked at.

Nothing that a ZIP says is believed: files are written under the names of the contract alone, so that no name
in it leads anywhere else, and what comes out is counted while it comes out, whatever size was promised.
"""

import json
import os
import re
import shutil
import stat
import tempfile
import time
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO

from pulse.i18n import gettext as _
from surveys.imports import layouts

MEGABYTE = 1_000_000
LARGEST = 100 * MEGABYTE  # bytes of all files together, unpacked: some four million rows
LARGEST_ZIP = 20 * MEGABYTE
MOST_FILES = 1000
MOST_WAITING = 5
KEPT = 24 * 60 * 60  # seconds that a folder waits to be taken over
BLOCK = 1 << 20
IGNORED, MOST_TOLD, LONGEST_NAME = "left-aside.json", 50, 120
PREFIX = "pulse-folder-"
NAME = re.compile(r"[a-z0-9_]{8}\Z")
FILES = frozenset(layout.file for layout in (*layouts.STRUCTURE, *layouts.SCORES)) | {layouts.TRUTH}
ENTRY = b"PK\x01\x02"  # how each entry of a ZIP's directory begins
LEFT_BEHIND = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")  # by the systems ZIPs are made on


class CannotBeTaken(Exception):
    """What was brought in cannot be taken; says why and what to do, in the language being spoken."""


@dataclass
class Unpacked:
    """What came of unpacking: names of the files taken, and of those left aside."""

    taken: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    size: int = 0


@dataclass(frozen=True)
class Waiting:
    """A folder that waits to be taken over; name -- the last part of its address."""

    name: str
    since: float  # seconds since 1970


def bring(sent: Sequence[tuple[str, IO[bytes]]]) -> tuple[str, Unpacked]:
    """Put files, or the ZIP of a folder, down to be looked at; the name of what waits, and what came of it.

    sent -- file names as the browser said them, and contents that can be read from any place

    Raises CannotBeTaken, and nothing is kept.
    """
    forget_old()
    for one in waiting()[MOST_WAITING - 1 :]:
        drop(one.name)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))  # for the eyes of this account alone
    try:
        found = unpack(sent, folder)
    except BaseException:
        shutil.rmtree(folder)
        raise
    return folder.name.removeprefix(PREFIX), found


def unpack(sent: Sequence[tuple[str, IO[bytes]]], folder: Path) -> Unpacked:
    """Write the files of a company folder into an empty one, and nothing else; raises CannotBeTaken."""
    found = Unpacked()
    for name, content in sent:
        if _is_zip(name, content):
            _unzip(content, folder, found)
        else:
            _take(name, content, folder, found)
    if not set(found.taken) - {layouts.TRUTH}:
        raise CannotBeTaken(_nothing(found))
    return found


def _nothing(found: Unpacked) -> str:
    if any(name.casefold().endswith(".zip") for name in found.ignored):
        return _("There is another ZIP in the ZIP. Unpack it first, and pack the CSV files alone")
    return _(
        "None of the files is one of a company folder: they are called teams.csv, irritants.csv and so on"
    )


def _is_zip(name: str, content: IO[bytes]) -> bool:
    content.seek(0)
    begins = content.read(4)
    content.seek(0)
    return begins == b"PK\x03\x04" or begins == b"PK\x05\x06" or name.casefold().endswith(".zip")


def _unzip(content: IO[bytes], folder: Path, found: Unpacked) -> None:
    packed = content.read(LARGEST_ZIP + 1)
    if len(packed) > LARGEST_ZIP:
        raise CannotBeTaken(too_large())
    if packed.count(ENTRY) > MOST_FILES:  # before it is opened: each entry takes memory
        raise CannotBeTaken(_("The ZIP holds too many files. Pack the CSV files of the folder alone"))
    content.seek(0)
    try:
        with zipfile.ZipFile(content) as archive:
            for entry in archive.infolist():
                _take_entry(archive, entry, folder, found)
    except CannotBeTaken:
        raise
    except Exception as error:  # a ZIP of bad will makes its reader raise whatever it likes
        raise CannotBeTaken(_("The ZIP is damaged. Pack the folder again and bring it in again")) from error


def _take_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path, found: Unpacked) -> None:
    path = entry.filename.replace("\\", "/")
    if path.endswith("/") or any(part in LEFT_BEHIND for part in path.split("/")):
        return
    if not _is_plain(path) or stat.S_ISLNK(entry.external_attr >> 16):
        found.ignored.append(entry.filename)
        return
    name = _known(path)
    if name is None:
        found.ignored.append(entry.filename)
        return
    if entry.flag_bits & 0x1:
        raise CannotBeTaken(_("The ZIP is encrypted. Pack the folder again, without a password"))
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise CannotBeTaken(_("The ZIP is packed in a way that is not read here. Pack it as an ordinary ZIP"))
    with archive.open(entry) as content:
        _take(name, content, folder, found)


def _is_plain(path: str) -> bool:
    """Whether a path leads down from where it stands, as those of a packed folder do."""
    return not path.startswith("/") and ".." not in path.split("/") and ":" not in path and "\0" not in path


def _known(path: str) -> str | None:
    """The file of a company folder that a path names; None where it names none."""
    name = PurePosixPath(path.replace("\\", "/")).name.casefold()
    return name if name in FILES else None


def _take(path: str, content: IO[bytes], folder: Path, found: Unpacked) -> None:
    name = _known(path)
    if name is None:
        found.ignored.append(path)
        return
    if name in found.taken:
        raise CannotBeTaken(
            _("There are two files called %(name)s. Bring in one folder at a time", name=name)
        )
    found.taken.append(name)
    with (folder / name).open("xb") as file:
        for block in _blocks(content):
            found.size += len(block)
            if found.size > LARGEST:
                raise CannotBeTaken(too_large())
            file.write(block)


def _blocks(content: IO[bytes]) -> Iterator[bytes]:
    while block := content.read(BLOCK):
        yield block


def too_large() -> str:
    """What to do with what is too large for a page."""
    return _(
        "This is too large to be brought in on screen. On the server, “flask load FOLDER” takes any size:"
        " 50 million rows are no trouble"
    )


def note_ignored(name: str, files: Sequence[str]) -> None:
    """Remember which files of what was brought in were left aside, as long as the folder waits."""
    path = folder(name)
    if path is not None:
        (path / IGNORED).write_text(json.dumps([one[:LONGEST_NAME] for one in files[:MOST_TOLD]]), "utf-8")


def ignored(name: str) -> list[str]:
    """Which files were left aside, the first of them."""
    path = folder(name)
    if path is None or not (path / IGNORED).exists():
        return []
    return [str(one) for one in json.loads((path / IGNORED).read_text("utf-8"))]


def waiting() -> list[Waiting]:
    """The folders that wait, the newest first."""
    found = [
        Waiting(path.name.removeprefix(PREFIX), path.lstat().st_mtime)
        for path in _root().glob(f"{PREFIX}*")
        if _is_ours(path)
    ]
    return sorted(found, key=lambda one: (-one.since, one.name))


def folder(name: str) -> Path | None:
    """Where a folder that waits is; None where there is none of this name (any more)."""
    path = _root() / f"{PREFIX}{name}"
    return path if NAME.match(name) and _is_ours(path) else None


def drop(name: str) -> None:
    """Forget a folder that waits."""
    path = folder(name)
    if path is not None:
        shutil.rmtree(path, ignore_errors=True)


def forget_old() -> int:
    """Forget the folders that waited for a day: there may be answers in them. How many."""
    old = [one for one in waiting() if one.since < time.time() - KEPT]
    for one in old:
        drop(one.name)
    return len(old)


def _root() -> Path:
    return Path(tempfile.gettempdir())


def _is_ours(path: Path) -> bool:
    """Whether a folder was made by this account and is open to no other: others may write next to it."""
    try:
        found = path.lstat()
    except OSError:
        return False
    return (
        NAME.match(path.name.removeprefix(PREFIX)) is not None
        and stat.S_ISDIR(found.st_mode)
        and found.st_uid == os.getuid()
        and not found.st_mode & 0o077
    )
