"""The file of a backup: what is read is what was written, by whoever holds the key, and nothing else."""

import io
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from surveys.keeping import archive
from surveys.keeping.archive import Manifest, NotABackup, OtherKey

KEY = "a key for these tests, long enough to be taken"
WHEN = datetime(2026, 11, 22, 3, tzinfo=UTC)


@pytest.fixture
def written(tmp_path: Path) -> bytes:
    """A backup of two members."""
    (tmp_path / "forgotten.gz").write_bytes(b"nothing")
    (tmp_path / "urn.gz").write_bytes(b"ballots" * 1000)
    members = [archive.member(tmp_path, name) for name in ("forgotten.gz", "urn.gz")]
    manifest = Manifest(archive.WHOLE, WHEN, "sqlite", {"main": "1", "urn": "2"}, {"wave": 3}, members)
    out = io.BytesIO()
    archive.write(out, manifest, tmp_path, KEY)
    return out.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where members are taken out to."""
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def test_what_was_written_is_read(written, folder):
    manifest = archive.read(io.BytesIO(written), folder, KEY)
    assert (manifest.made_at, manifest.counts, manifest.engine) == (WHEN, {"wave": 3}, "sqlite")
    assert (folder / "urn.gz").read_bytes() == b"ballots" * 1000


def test_any_tar_looks_into_it_and_the_key_is_nowhere_inside(written):
    with tarfile.open(fileobj=io.BytesIO(written)) as tar:
        assert tar.getnames() == ["manifest.json", "seal", "forgotten.gz", "urn.gz"]
    assert KEY.encode() not in written


def test_some_of_it_can_be_read_alone(written, folder):
    archive.read(io.BytesIO(written), folder, KEY, wanted=["forgotten.gz"])
    assert [file.name for file in folder.iterdir()] == ["forgotten.gz"]


def test_another_key_is_refused_unless_the_seal_is_left_alone(written, folder):
    with pytest.raises(OtherKey):
        archive.read(io.BytesIO(written), folder, "another key")
    assert archive.read(io.BytesIO(written), folder, None).kind == archive.WHOLE


def test_a_changed_manifest_is_refused(written, folder):
    with pytest.raises(OtherKey):
        archive.read(io.BytesIO(written.replace(b'"wave": 3', b'"wave": 4')), folder, KEY)


def test_a_changed_member_is_refused(written, folder):
    with pytest.raises(NotABackup, match="digest"):
        archive.read(io.BytesIO(written.replace(b"ballotsballots", b"ballotsballotz", 1)), folder, KEY)


@pytest.mark.parametrize("length", [0, 1, 511, 1000, 3000, 9000])
def test_a_part_of_one_is_refused(written, folder, length):
    with pytest.raises(NotABackup):
        archive.read(io.BytesIO(written[:length]), folder, KEY)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\0" * 4096, b"SQLite format 3\0" * 100])
def test_anything_else_is_refused(content, folder):
    with pytest.raises(NotABackup):
        archive.read(io.BytesIO(content), folder, KEY)


def test_a_name_that_leads_out_of_the_folder_is_refused(folder, tmp_path):
    """Even where the seal is left alone."""
    manifest = Manifest(archive.WHOLE, WHEN, "sqlite", {}, {}, [archive.Member("../evil", 4, "0" * 64)])
    (tmp_path / "x").mkdir()
    (tmp_path / "evil").write_bytes(b"evil")
    out = io.BytesIO()
    archive.write(out, manifest, tmp_path / "x", KEY)
    with pytest.raises(NotABackup, match="names"):
        archive.read(io.BytesIO(out.getvalue()), folder, None)
