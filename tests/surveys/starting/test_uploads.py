"""What is taken out of a ZIP: nothing outside its folder, nothing without end, never a traceback."""

import io
import os
import struct
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st

from pulse.i18n import speaking
from surveys.starting import example, uploads
from surveys.starting.uploads import FILES, CannotBeTaken, Unpacked
from tests.surveys.starting.conftest import STRUCTURE, TODAY, bring, example_files, press, waiting_path

TEAMS = b"team\nwest\n"


def packed(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", method) as archive:
        for name, body in files.items():
            archive.writestr(zipfile.ZipInfo(name), body, method)
    return into.getvalue()


def unpacked(folder: Path, *sent: tuple[str, bytes]) -> Unpacked:
    return uploads.unpack([(name, io.BytesIO(body)) for name, body in sent], folder)


def refused(folder: Path, *sent: tuple[str, bytes]) -> str:
    with pytest.raises(CannotBeTaken) as refusal:
        unpacked(folder, *sent)
    return str(refusal.value)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder, beside which nothing may appear."""
    (tmp_path / "inside").mkdir()
    return tmp_path / "inside"


def test_a_packed_folder_and_its_files_alone_come_to_the_same(folder: Path, tmp_path: Path) -> None:
    files = {name: body for name, body in example_files()}
    unpacked(folder, ("my company.zip", packed({f"my company/{name}": body for name, body in files.items()})))
    beside = tmp_path / "beside"
    beside.mkdir()
    unpacked(beside, *files.items())
    for name, body in files.items():
        assert (folder / name).read_bytes() == (beside / name).read_bytes() == body


def test_only_names_of_the_contract_are_taken_and_the_others_told(folder: Path) -> None:
    files = {"Teams.CSV": TEAMS, "notes.docx": b"x", "old/readme.txt": b"y", "__MACOSX/._teams.csv": b"z"}
    found = unpacked(folder, ("folder.zip", packed(files)))
    assert (found.taken, found.ignored) == (["teams.csv"], ["notes.docx", "old/readme.txt"])
    assert os.listdir(folder) == ["teams.csv"]


@pytest.mark.parametrize(
    "name",
    [
        "../teams.csv",
        "/etc/teams.csv",
        "a/../../teams.csv",
        "..\\..\\teams.csv",
        "C:\\teams.csv",
        "C:teams.csv",
    ],
)
def test_a_path_that_leads_elsewhere_is_left_aside(folder: Path, tmp_path: Path, name: str) -> None:
    found = unpacked(folder, ("folder.zip", packed({name: TEAMS, "irritants.csv": b"irritant\nx\n"})))
    assert found.taken == ["irritants.csv"]
    assert [path.name for path in tmp_path.rglob("*")] == ["inside", "irritants.csv"]


def test_a_link_in_a_zip_is_no_file(folder: Path) -> None:
    link = zipfile.ZipInfo("teams.csv")
    link.external_attr = 0o120777 << 16
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as archive:
        archive.writestr(link, "/etc/passwd")
        archive.writestr("irritants.csv", "irritant\nx\n")
    found = unpacked(folder, ("folder.zip", into.getvalue()))
    assert (found.taken, found.ignored) == (["irritants.csv"], ["teams.csv"])


def test_a_bomb_is_stopped_while_it_goes_off(folder: Path) -> None:
    bomb = packed({"teams.csv": bytes(uploads.LARGEST + 1)})
    assert len(bomb) < 200_000
    assert "too large" in refused(folder, ("folder.zip", bomb))
    assert (folder / "teams.csv").stat().st_size <= uploads.LARGEST


def test_a_size_that_was_promised_is_not_believed(folder: Path) -> None:
    honest = packed({"teams.csv": bytes(1000), "irritants.csv": b"irritant\nx\n"})
    lying = honest.replace(struct.pack("<L", 1000), struct.pack("<L", 10))
    said = refused(folder, ("folder.zip", lying))
    assert "damaged" in said


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ([("f.zip", b"PK\x03\x04 and then nothing")], "damaged"),
        ([("f.zip", b"")], "damaged"),
        ([("f.zip", packed({"inner.zip": packed({"teams.csv": TEAMS})}))], "another ZIP in the ZIP"),
        ([("f.zip", packed({}))], "None of the files"),
        ([("photo.jpg", b"\xff\xd8")], "None of the files"),
        ([("f.zip", packed({"teams.csv": TEAMS}, zipfile.ZIP_LZMA))], "packed in a way"),
        ([("f.zip", packed({"a/teams.csv": TEAMS, "b/teams.csv": TEAMS}))], "two files called teams.csv"),
        ([("teams.csv", TEAMS), ("TEAMS.csv", TEAMS)], "two files called teams.csv"),
        ([("f.zip", packed({f"{n}.txt": b"" for n in range(1001)}))], "too many files"),
        ([("f.zip", b"PK\x03\x04" + bytes(uploads.LARGEST_ZIP))], "too large"),
    ],
)
def test_what_cannot_be_taken_is_refused_in_plain_words(
    folder: Path, sent: list[tuple[str, bytes]], words: str
) -> None:
    assert words in refused(folder, *sent)
    with speaking("fr"):
        for path in folder.iterdir():
            path.unlink()
        assert words not in refused(folder, *sent) or words == "damaged"


def test_an_encrypted_zip_is_refused_in_plain_words(folder: Path) -> None:
    body = bytearray(packed({"teams.csv": TEAMS}))
    body[6] |= 1  # the flag in the file's own header, and in the directory
    body[body.index(b"PK\x01\x02") + 8] |= 1
    assert "without a password" in refused(folder, ("folder.zip", bytes(body)))


names = st.one_of(
    st.sampled_from(
        [*sorted(FILES), "Teams.csv", "../teams.csv", "/teams.csv", "x/teams.csv", "inner.zip", "."]
    ),
    st.text(max_size=12),
)


@trying(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    files=st.dictionaries(names, st.binary(max_size=80), max_size=5),
    cut=st.floats(0, 1),
    flips=st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), max_size=4),
)
def test_whatever_is_in_a_zip_nothing_is_written_elsewhere_and_nothing_crashes(
    tmp_path: Path, files: dict[str, bytes], cut: float, flips: list[tuple[float, int]]
) -> None:
    try:
        body = bytearray(packed(files))
    except (ValueError, UnicodeError):
        return  # no ZIP can hold such a name
    for at, value in flips:
        body[int(at * len(body))] = value
    body = body[: int(len(body) * (0.5 + cut))]
    inside = tmp_path / f"inside{time.monotonic_ns()}"
    inside.mkdir()
    before = {path for path in tmp_path.rglob("*") if inside not in path.parents}
    try:
        found = unpacked(inside, ("folder.zip", bytes(body)))
        assert set(found.taken) <= FILES
    except CannotBeTaken:
        pass
    assert {path for path in tmp_path.rglob("*") if inside not in path.parents} == before
    assert {path.name for path in inside.iterdir()} <= FILES
    assert all(path.is_file() and not path.is_symlink() for path in inside.iterdir())


def test_hostile_zips_get_a_page_each(admin: FlaskClient) -> None:
    press(admin, "/start")
    for body in (b"PK\x03\x04", packed({"inner.zip": b""}), packed({"teams.csv": bytes(50)}), b""):
        reply = bring(admin, ("folder.zip", body))
        if reply.status_code == 303:
            reply = admin.get(waiting_path(reply))
        assert reply.status_code in (200, 422)
        assert 'role="alert"' in reply.text
    french = bring(admin, ("folder.zip", b"PK\x03\x04"), query="?lang=fr")
    assert "Le ZIP est abîmé" in french.text
    assert press(admin, "/start/folder").status_code == 422


def test_what_is_larger_than_a_form_takes_is_told_the_command(admin: FlaskClient, monkeypatch) -> None:
    press(admin, "/start")
    monkeypatch.setattr(uploads, "LARGEST", 5000)
    monkeypatch.setattr("surveys.starting.views.ENVELOPE", 1000)
    reply = bring(admin, ("teams.csv", b"team\n" + b"x\n" * 9000))
    assert reply.status_code == 413
    assert "“flask load FOLDER” takes any size" in reply.text


def test_a_folder_waits_for_a_day_for_its_administrator_alone(admin: FlaskClient) -> None:
    press(admin, "/start")
    path = waiting_path(bring(admin, *STRUCTURE))
    assert "waits to be looked at" in admin.get("/start/folder").text
    name = path.rpartition("/")[2]
    waits = uploads.folder(name)
    assert waits is not None
    assert waits.stat().st_mode & 0o777 == 0o700
    for wrong in ("../inside", "zzzzzzzz", name + "x", name.upper()):
        assert admin.get(f"/start/folder/{wrong}").status_code == 404
    old = time.time() - uploads.KEPT - 1
    os.utime(waits, (old, old))
    assert uploads.forget_old() == 1
    assert admin.get(path).status_code == 404


def test_a_folder_of_another_account_or_open_to_others_is_none_of_ours(tmp_path: Path) -> None:
    planted = tmp_path / f"{uploads.PREFIX}abcdefgh"
    planted.mkdir()
    planted.chmod(0o755)
    assert uploads.folder("abcdefgh") is None
    planted.chmod(0o700)
    assert uploads.folder("abcdefgh") == planted
    (tmp_path / f"{uploads.PREFIX}ijklmnop").symlink_to(planted)
    assert uploads.folder("ijklmnop") is None


def test_a_folder_put_aside_leaves_nothing(admin: FlaskClient) -> None:
    press(admin, "/start")
    path = waiting_path(bring(admin, ("example.zip", example.packed(TODAY))))
    assert press(admin, path, aside="1").headers["Location"] == "/start/folder"
    assert uploads.waiting() == []
    assert admin.get(path).status_code == 404
