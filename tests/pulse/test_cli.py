"""What an operator reads where settings or a database are wrong: one line, without a traceback."""

import pytest

from tests.conftest import Addresses, made


def complaint(addresses: Addresses, *arguments: str) -> str:
    """The one line on standard error of a command that fails with exit code 1."""
    result = made(addresses).test_cli_runner().invoke(args=arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.stderr


COMMANDS = [
    ("load", "."),
    ("verdicts",),
    ("flags",),
    ("changes",),
    ("correlate",),
    ("invite", "BF"),
    ("users", "add", "ana@example.org"),
]


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_a_database_that_is_not_migrated_is_told_with_what_to_do(tmp_path, arguments: tuple[str, ...]):
    empty = Addresses(f"sqlite:///{tmp_path / 'main.sqlite'}", f"sqlite:///{tmp_path / 'urn.sqlite'}")
    said = complaint(empty, *arguments)
    assert said.startswith("Error: a database is not up to date (no such table: ")
    assert said.endswith("): run `flask db upgrade`\n")
    assert said.count("\n") == 1


@pytest.mark.parametrize("arguments", [("verdicts",), ("db", "upgrade")], ids=" ".join)
def test_a_database_that_is_not_there_is_told_with_the_settings_to_check(arguments: tuple[str, ...]):
    away = "postgresql://pulse:secret@127.0.0.1:1/pulse"
    said = complaint(Addresses(away, away), *arguments)
    assert said.startswith("Error: a database cannot be reached (")
    assert said.endswith("): check PULSE_DATABASE_URL and PULSE_URN_URL\n")
    assert said.count("\n") == 1
    assert "secret" not in said


def test_a_file_that_cannot_be_written_is_named(sqlite_addresses: Addresses, tmp_path):
    (tmp_path / "file").touch()
    out = str(tmp_path / "file" / "company")
    assert complaint(sqlite_addresses, "demo", "--people", "60", "--months", "6", "--out", out) == (
        f"Error: {out}: Not a directory\n"
    )
