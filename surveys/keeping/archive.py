"""The one file of a backup: a manifest, its seal, and the members it names. Knows no database.

A tar archive, so that it can be looked into with what every machine has. The seal is an HMAC of the manifest
under the installation's secret key: what is restored is what was written, by whoever holds that key. Of the
key itself nothing is inside.
"""

import hashlib
import hmac
import io
import json
import os
import tarfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any, cast

FORMAT = 1
MANIFEST, SEAL = "manifest.json", "seal"
WHOLE, FORGOTTEN_ONLY = "whole", "forgotten"
MEMBERS = ("forgotten.gz", "urn.gz", "issued.gz", "main.sqlite.gz", "main.dump")  # in their order
LONGEST = 16 * 1024 * 1024  # bytes of a manifest: read before the seal is checked
BLOCK = 1 << 20


class NotABackup(Exception):
    """The file is no backup, or not all of it is there."""


class OtherKey(Exception):
    """The seal is not that of this installation's secret key: another key, or another hand."""


@dataclass(frozen=True)
class Member:
    """A file inside: its name, its size and the SHA-256 of its bytes."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a backup holds.

    kind -- WHOLE, or FORGOTTEN_ONLY: just the list of what must not come back
    engine -- of the main database; revisions -- of both databases
    counts -- how many rows each table of the main database had
    """

    kind: str
    made_at: datetime
    engine: str
    revisions: Mapping[str, str]
    counts: Mapping[str, int]
    members: Sequence[Member]
    format: int = FORMAT

    def written(self) -> bytes:
        """As it stands in the file."""
        return json.dumps(asdict(self) | {"made_at": self.made_at.isoformat()}, indent=1).encode()


def member(folder: Path, name: str) -> Member:
    """A file of a folder that is going to be a member."""
    digest = hashlib.sha256()
    with (folder / name).open("rb") as content:
        while block := content.read(BLOCK):
            digest.update(block)
    return Member(name, (folder / name).stat().st_size, digest.hexdigest())


def seal(manifest: bytes, secret: str) -> bytes:
    """The seal of a manifest, in hexadecimal digits."""
    return hmac.new(secret.encode(), b"a backup of Pulse\n" + manifest, hashlib.sha256).hexdigest().encode()


def write(out: IO[bytes], manifest: Manifest, folder: Path, secret: str) -> str:
    """Write the manifest, its seal and its members out of a folder; SHA-256 of all that was written."""
    said, through = manifest.written(), _Hashing(out)
    with tarfile.open(fileobj=cast(IO[bytes], through), mode="w|", format=tarfile.PAX_FORMAT) as tar:
        for name, small in ((MANIFEST, said), (SEAL, seal(said, secret))):
            tar.addfile(_entry(name, len(small)), io.BytesIO(small))
        for one in manifest.members:
            with (folder / one.name).open("rb") as content:
                tar.addfile(_entry(one.name, one.size), content)
    out.flush()
    with suppress(OSError, io.UnsupportedOperation):  # a pipe has no disk to wait for
        os.fsync(out.fileno())
    return through.digest.hexdigest()


class _Hashing(io.RawIOBase):
    """What is written goes on to a file, and into a digest."""

    def __init__(self, out: IO[bytes]) -> None:
        super().__init__()
        self._out = out
        self.digest = hashlib.sha256()

    def write(self, content: Any) -> int:
        """Write some more; how much."""
        self.digest.update(content)
        return self._out.write(content)


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    return entry


def read(
    source: IO[bytes],
    folder: Path,
    secret: str | None,
    *,
    wanted: Sequence[str] | None = None,
) -> Manifest:
    """Take the members out into a folder, each compared with its digest; what the manifest says.

    secret -- the seal is checked under it; None leaves the seal alone
    wanted -- names of members to take; None = all of them
    Raises NotABackup or OtherKey; nothing but what the manifest names is ever taken out.
    """
    try:
        with tarfile.open(fileobj=source, mode="r|") as tar:
            said = _small(tar, MANIFEST)
            sealed = _small(tar, SEAL)
            if secret is not None and not hmac.compare_digest(sealed, seal(said, secret)):
                raise OtherKey
            manifest = _parsed(said)
            _members(tar, manifest, folder, wanted)
            return manifest
    except (tarfile.TarError, EOFError) as error:
        raise NotABackup(f"it is no backup, or only a part of one ({error})") from error


def _small(tar: tarfile.TarFile, name: str) -> bytes:
    entry = tar.next()
    if entry is None or entry.name != name or not entry.isreg() or entry.size > LONGEST:
        raise NotABackup("it is no backup of Pulse")
    content = tar.extractfile(entry)
    assert content is not None
    return content.read()


def _parsed(said: bytes) -> Manifest:
    try:
        found: dict[str, Any] = json.loads(said)
        if found["format"] != FORMAT:
            raise NotABackup("it was made by another version of Pulse, in a form this one does not know")
        found["made_at"] = datetime.fromisoformat(found["made_at"])
        found["members"] = [Member(**one) for one in found["members"]]
        if any(one.name not in MEMBERS for one in found["members"]):
            raise NotABackup("it names files that no backup has")
        return Manifest(**found)
    except (ValueError, KeyError, TypeError) as error:
        raise NotABackup("its manifest cannot be read") from error


def _members(tar: tarfile.TarFile, manifest: Manifest, folder: Path, wanted: Sequence[str] | None) -> None:
    missing = [one for one in manifest.members if wanted is None or one.name in wanted]
    for one in manifest.members:
        if not missing:
            return
        entry = tar.next()
        if entry is None or entry.name != one.name or not entry.isreg() or entry.size != one.size:
            raise NotABackup("not all that its manifest names is there")
        if one not in missing:
            continue
        content = tar.extractfile(entry)
        assert content is not None
        digest = hashlib.sha256()
        with (folder / one.name).open("wb") as out:
            while block := content.read(BLOCK):
                digest.update(block)
                out.write(block)
        if digest.hexdigest() != one.sha256:
            raise NotABackup(f"{one.name} is not what was written: its digest differs")
        missing.remove(one)
