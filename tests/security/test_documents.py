"""docs/security.md says what the code does: numbers, tables, keys and ways in are held against it."""

import re
import sys

import pytest

import wsgi
from config import ROOT, Settings
from pulse.db import Base
from pulse.people import api_keys, attempts, factors, links, passwords
from pulse.people.models import Grant, Scope
from surveys.api import errors
from surveys.ballots.models import UrnBase
from surveys.imports import layouts
from surveys.imports import views as people_file
from surveys.invitations import interactions, origins
from surveys.responses import ballots
from surveys.starting import uploads
from tests.architecture.test_who_may_enter import OPEN

TEXT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
MEGABYTE = 1024 * 1024
CRYPTOGRAPHY = {"hashlib", "hmac", "secrets", "cryptography", "argon2", "itsdangerous", "ssl", "authlib"}


def section(title: str) -> str:
    """What stands under a heading."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL)
    assert found is not None, title
    return " ".join(found[1].split())


def rows(title: str) -> list[list[str]]:
    """The rows of the table under a heading, without its head."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL)
    assert found is not None, title
    lines = [line for line in found[1].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_the_limits_of_signing_in_are_those_of_the_code() -> None:
    said = section("Signing in")
    minutes = int(attempts.WITHIN.total_seconds()) // 60
    assert int(links.GOOD_FOR.total_seconds()) // 60 == minutes
    for words in (
        f"{passwords.SHORTEST} characters or more, none of the first 10^{passwords.GUESSES} guesses",
        f"{attempts.PASSWORDS} attempts within {minutes} minutes",
        f"{attempts.LINKS} links within {minutes} minutes an address; good once, for {minutes} minutes",
        f"codes of {factors.DIGITS} digits every {factors.STEP} seconds, each good once",
        f"{factors.TRIES} tries within {minutes} minutes; {factors.CODES} recovery codes",
        f"{api_keys.WRONG} wrong ones within {minutes} minutes",
        f"nobody is locked out for longer than {minutes} minutes",
    ):
        assert words in said


def test_words_that_may_be_no_password_are_listed() -> None:
    assert ", ".join(passwords.OURS) in section("Signing in")


def test_every_way_to_sign_in_is_described() -> None:
    """Every address that is open to all and has to do with signing in, and no other, is in the table."""
    from tests.conftest import SECRET

    app = wsgi.create_app(Settings(database_url="sqlite://", urn_url="sqlite://", secret_key=SECRET))
    ways = {
        re.sub(r"<\w+:", "<", rule.rule)
        for rule in app.url_map.iter_rules()
        if rule.endpoint in OPEN and rule.rule.startswith("/sign-in")
    }
    assert set(re.findall(r"`(/sign-in[^`]*)`", section("Signing in"))) == ways


def test_the_limits_of_visits_are_those_of_the_settings() -> None:
    said, known = section("Signing in"), Settings.model_fields
    assert (
        f"{known['visit_idle_minutes'].default} minutes without a page (`PULSE_VISIT_IDLE_MINUTES`)" in said
    )
    assert f"{known['visit_hours'].default} hours whatever happens (`PULSE_VISIT_HOURS`)" in said
    assert "signed in on several browsers at once, without a limit" in said
    assert "Signing out here ends nothing at the organisation's service" in said


def test_every_grant_and_what_it_may_is_described() -> None:
    assert {row[0] for row in rows("Who may what")} - {"(everybody signed in)"} == {
        one.value for one in Grant
    }
    assert all(row[1] for row in rows("Who may what"))
    assert {f"`{one.value}`" for one in Scope} <= set(re.findall(r"`\w+`", section("Who may what")))


def test_limits_of_what_is_taken_are_those_of_the_code(app: object) -> None:
    from flask import Flask

    assert isinstance(app, Flask)
    limits = {row[0]: row[1] for row in rows("Limits of what is taken")}
    assert limits["a form"] == f"{app.config['MAX_CONTENT_LENGTH'] // MEGABYTE} MB"
    assert limits["a ballot"] == f"{ballots.LARGEST // 1024} kB"
    calls = f"{errors.MEGABYTES} MB, {interactions.MOST:,} interactions"
    assert limits["a call of the API"] == calls
    zipped, whole = uploads.LARGEST_ZIP // uploads.MEGABYTE, uploads.LARGEST // uploads.MEGABYTE
    assert limits["a company folder on screen"].startswith(f"{zipped} MB as ZIP, {whole} MB unpacked")
    assert limits["an HR file"].startswith(f"{people_file.LARGEST // MEGABYTE} MB")
    assert limits["sites a touchpoint's frame is shown on"] == str(origins.MOST)
    assert f"once in {Settings.model_fields['rest_days'].default} days" in limits["customers asked"]


def test_what_takes_long_is_named() -> None:
    """Every job of the clock is work that no page waits for; what a page itself may cost is said."""
    said = section("Limits of what is taken")
    for words in (
        "counting",
        "correlating",
        "sending",
        "making keys",
        "webhooks",
        "backups",
        "an upload",
        "a PDF",
    ):
        assert words in said
    assert "two at once a process" in said


def test_the_columns_of_every_file_are_written_down() -> None:
    """docs/folder.md: every file, its columns, which are required, and how many rows it may have."""
    folder = (ROOT / "docs" / "folder.md").read_text(encoding="utf-8")
    lines = [re.split(r"\s*\|\s*", line.strip("| ")) for line in folder.splitlines() if ".csv" in line[:30]]
    told = {cells[0].strip("*"): cells for cells in lines}
    files = (*layouts.STRUCTURE, layouts.CUSTOMER_ANSWERS, layouts.EMPLOYEE_ANSWERS, layouts.CELLS)
    assert set(told) == {layout.file for layout in files}
    for layout in files:
        words = re.sub(r"\([^)]*\)", "", told[layout.file][1])
        required = set(re.findall(r"\*\*(\w+)\*\*", words))
        assert set(re.findall(r"\w+", words)) - {"or"} == layout.columns, layout.file
        assert required == layout.columns - set(layout.optional), layout.file
        most = told[layout.file][2] if len(told[layout.file]) > 2 else ""
        assert most == (f"{layout.most:,}" if layout.most < sys.maxsize else ""), layout.file


def test_what_has_to_fit_together_is_written_down() -> None:
    folder = (ROOT / "docs" / "folder.md").read_text(encoding="utf-8").partition("## What has to fit")[2]
    for words in ("there twice", "No circle", "within its fix's scope", "those of real scores", "frozen"):
        assert words in folder


def test_every_table_has_a_level_of_protection() -> None:
    listed = [name for row in rows("Data") for name in row[1].split(", ")]
    there = {*Base.metadata.tables, *UrnBase.metadata.tables}
    assert sorted(listed) == sorted(set(listed)), "a table is in one level alone"
    assert there - set(listed) == set(), "say in docs/security.md how these are protected"
    assert set(listed) - there == set()


def test_every_level_of_protection_has_its_rules() -> None:
    for level, _, rules in rows("Data"):
        assert len(rules.split(";")) >= 2, level
    assert {row[0] for row in rows("Data")} >= {"ballots", "people", "secrets", "exact sums"}
    never = {row[0] for row in rows("Data") if "never logged" in row[2]}
    assert never == {"ballots", "answers of customers", "people", "secrets"}


def test_everything_that_signs_hashes_or_encrypts_is_in_the_inventory() -> None:
    """Each module that imports what computes digests, signatures or ciphers, and no other."""
    listed = {name for row in rows("Keys, and what computes with them") for name in row[2].split(", ")}
    using = set()
    for package in ("pulse", "surveys"):
        for path in (ROOT / package).rglob("*.py"):
            names = re.findall(r"^\s*(?:import|from) (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
            if set(names) & CRYPTOGRAPHY:
                using.add(".".join(path.relative_to(ROOT).with_suffix("").parts))
    assert using - listed == set(), "say in docs/security.md what these compute"
    assert listed - using == set()


def test_the_life_of_every_secret_is_written_down() -> None:
    """Every setting that is a secret or holds one, and every secret that Pulse draws."""
    said = section("Keys, and what computes with them")
    for name, field in Settings.model_fields.items():
        if "SecretStr" in str(field.annotation) or name == "smtp_url":
            assert f"`PULSE_{name.upper()}`" in said, name
    for words in ("Ballot keys", "Keys of programs", "secrets of webhooks", "four database roles"):
        assert words in said
    assert said.count("drawn") >= 4


def test_everything_that_is_spoken_to_is_named() -> None:
    said = section("What Pulse speaks to")
    ours = ("_url", "_issuer", "_inwards")
    for name in Settings.model_fields:
        if name.endswith(ours):
            assert f"`PULSE_{name.upper()}`" in said, name


def test_how_soon_flaws_are_mended_is_written_down() -> None:
    said = section("Libraries")
    for words in ("within 7 days", "within 30", "every quarter", "scripts/sbom", "weekly"):
        assert words in said


@pytest.mark.parametrize(
    "log",
    ["standard error of web, clock and commands", "audit", "refusals by the hour", "nginx", "PostgreSQL"],
)
def test_every_log_is_in_the_inventory(log: str) -> None:
    assert any(row[0].startswith(log) and row[1] for row in rows("Logs"))


def test_handlers_of_logs_write_to_standard_error_alone() -> None:
    for package in ("pulse", "surveys"):
        for path in (ROOT / package).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            assert not re.search(
                r"\b(FileHandler|SysLogHandler|HTTPHandler|SMTPHandler|SocketHandler)\b", text
            ), path
