"""Migrations of a database: up, down, what is pending, and whether they match the models."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from config import ROOT
from pulse.db import Database

Step = Callable[[Database, Path, str], None]
FOLDERS = {"main": ROOT / "migrations" / "main", "urn": ROOT / "migrations" / "urn"}


class MigrationsDiffer(Exception):
    """The models say something the migrations do not make."""


class UnknownRevision(Exception):
    """There is no such revision to go to."""


def _config(folder: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def upgrade(database: Database, folder: Path, revision: str = "head") -> None:
    """Bring a database up to a revision in one transaction; raises UnknownRevision."""
    _move(database, folder, command.upgrade, revision)


def downgrade(database: Database, folder: Path, revision: str) -> None:
    """Bring a database down to a revision (base = empty) in one transaction; raises UnknownRevision."""
    _move(database, folder, command.downgrade, revision)


def pending(database: Database, folder: Path) -> list[str]:
    """The revisions a database still lacks, oldest first."""
    at, all_of_them = current(database), revisions(folder)
    return list(all_of_them[all_of_them.index(at) + 1 :] if at in all_of_them else all_of_them)


def current(database: Database) -> str | None:
    """The revision a database is at; None for an empty one."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


@cache
def revisions(folder: Path) -> tuple[str, ...]:
    """Every revision this code knows, oldest first; read once a process."""
    script = ScriptDirectory.from_config(_config(folder))
    return tuple(revision.revision for revision in script.walk_revisions())[::-1]


def check(database: Database, folder: Path) -> None:
    """Raises MigrationsDiffer where the models say something that the migrations do not make."""
    with database.engine.connect() as connection:
        config = _config(folder)
        config.attributes["connection"] = connection
        try:
            command.check(config)
        except CommandError as error:
            raise MigrationsDiffer(str(error)) from error


def _move(database: Database, folder: Path, step: Callable[[Config, str], Any], revision: str) -> None:
    config = _config(folder)
    with database.engine.execution_options(writes=True).begin() as connection:
        config.attributes["connection"] = connection
        try:
            step(config, revision)
        except CommandError as error:
            raise UnknownRevision(str(error)) from error
