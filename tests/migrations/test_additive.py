"""The code of yesterday runs on the schema of today: each migration adds only, or stands here with why not.

While a new version is rolled out, machines with the old code still write. So a table or a column that the old
code knows stays as it is, and what is added to a table is filled in by itself.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Inspector, inspect

from config import ROOT
from pulse import migrations
from pulse.db import Database

FIRST = {"main": "0050", "urn": "0002"}
# What had to be changed, and so takes a moment in which no old code runs; written before anybody ran Pulse.
NOT_ADDITIVE = {
    ("main", "0050"): "interactions became what invitations come from: answers were moved to them",
    ("main", "0051"): "messages tell apart what was logged, left and sent, and in which mailing",
    ("urn", "0002"): "ballots are sealed: the table was written anew",
}

Told = dict[
    str, dict[str, tuple[str, bool, bool]]
]  # by table and column: type, nullable, filled in by itself
Unique = dict[str, set[tuple[str, ...]]]


def revisions(name: str) -> list[str]:
    """The revisions of a database, oldest first."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations" / name))
    config.set_main_option("path_separator", "os")
    script = ScriptDirectory.from_config(config)
    return [revision.revision for revision in script.walk_revisions()][::-1]


def columns(inspector: Inspector) -> Told:
    """Every column as the database has it."""
    return {
        table: {
            column["name"]: (str(column["type"]), column["nullable"], column["default"] is not None)
            for column in inspector.get_columns(table)
        }
        for table in inspector.get_table_names()
    }


def only_once(inspector: Inspector) -> Unique:
    """What no two rows may have in common."""
    return {
        table: {tuple(one["column_names"]) for one in inspector.get_unique_constraints(table)}
        | {tuple(map(str, one["column_names"])) for one in inspector.get_indexes(table) if one["unique"]}
        for table in inspector.get_table_names()
    }


def broken(before: Told, after: Told) -> Iterator[str]:
    """What the old code would trip over."""
    for table, known in before.items():
        there = after.get(table, {})
        for column, (kind, nullable, _filled) in known.items():
            if column not in there:
                yield f"{table}.{column} is gone"
            elif there[column][0] != kind or (nullable and not there[column][1]):
                yield f"{table}.{column} is another"
        for column in there.keys() - known.keys():
            if there and not there[column][1] and not there[column][2]:
                yield f"{table}.{column} is new and not filled in by itself"


@pytest.mark.parametrize("name", list(FIRST))
def test_each_migration_adds_only_or_says_why_not(tmp_path: Path, name: str) -> None:
    database = Database()
    database.connect(f"sqlite:///{tmp_path / name}.sqlite", keeps_log=False)
    listed = revisions(name)
    start = listed.index(FIRST[name])
    migrations.upgrade(database, ROOT / "migrations" / name, listed[start - 1])
    found: dict[tuple[str, str], list[str]] = {}
    for revision in listed[start:]:
        before = inspect(database.engine)
        told, once = columns(before), only_once(before)
        migrations.upgrade(database, ROOT / "migrations" / name, revision)
        after = inspect(database.engine)
        wrong = list(broken(told, columns(after)))
        wrong += [
            f"{table}: {', '.join(pair)} may be there only once"
            for table, pairs in only_once(after).items()
            for pair in pairs - once.get(table, pairs)
            if set(pair) <= told[table].keys()
        ]
        if wrong:
            found[name, revision] = wrong
    database.close()
    assert found.keys() == {key for key in NOT_ADDITIVE if key[0] == name}, found
