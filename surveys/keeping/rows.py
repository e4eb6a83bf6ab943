"""Rows of tables as lines of text, in the order of their keys: what was written first cannot be seen.

One line names a table and its columns, each further line is a row. Nothing of an engine is in it: no row
numbers, no transactions, no freed pages.
"""

import gzip
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    Date,
    Integer,
    LargeBinary,
    String,
    Table,
    column,
    insert,
    select,
    table,
)
from sqlalchemy.types import TypeEngine

TYPES: Mapping[str, type[TypeEngine[Any]]] = {
    "bytes": LargeBinary,
    "date": Date,
    "json": JSON,
    "number": Integer,
    "text": String,
}
BATCH = 5000
FAST = 3  # of gzip's nine: half the time of the default, for files hardly larger


class NotRows(Exception):
    """A file does not hold rows as they are written here."""


def write(connection: Connection, file: Path, chosen: Mapping[Table, ColumnElement[bool]]) -> None:
    """Write these rows of tables into a file, each table in the order of its keys."""
    with gzip.open(file, "wt", compresslevel=FAST, encoding="utf-8") as lines:
        for place, which in chosen.items():
            kinds = [[one.name, kind(one.type)] for one in place.columns]
            lines.write(json.dumps({"table": place.name, "columns": kinds}) + "\n")
            found = select(place).where(which).order_by(*place.primary_key)
            for row in connection.execute(found.execution_options(yield_per=BATCH)):
                lines.write(json.dumps([_out(value) for value in row], ensure_ascii=False) + "\n")


def kind(of: TypeEngine[Any]) -> str:
    """What a column holds, in the words of such a file."""
    return next(name for name, one in TYPES.items() if isinstance(of, one))


def read(connection: Connection, file: Path) -> None:
    """Put the rows of a file into the tables they came from; raises NotRows."""
    for name, kinds, rows in _tables(file):
        into = table(name, *(column(one, TYPES[of]) for one, of in kinds))
        names = [one for one, _ in kinds]
        batch: list[dict[str, object]] = []
        for row in rows:
            batch.append(dict(zip(names, row, strict=True)))
            if len(batch) == BATCH:
                connection.execute(insert(into), batch)
                batch = []
        if batch:
            connection.execute(insert(into), batch)


def listed(file: Path) -> dict[str, list[list[Any]]]:
    """All rows of a small file, by the table they came from; raises NotRows."""
    return {name: list(rows) for name, _, rows in _tables(file)}


def _tables(file: Path) -> Iterator[tuple[str, list[tuple[str, str]], Iterable[list[Any]]]]:
    try:
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            line = next(lines, "")
            while line:
                head = json.loads(line)
                kinds = [(str(name), str(of)) for name, of in head["columns"]]
                told: list[str] = []
                yield str(head["table"]), kinds, _rows(lines, [of for _, of in kinds], told)
                line = told[0] if told else ""
    except (ValueError, KeyError, TypeError, OSError, EOFError) as error:
        raise NotRows(f"{file.name} cannot be read: {type(error).__name__}") from error


def _rows(lines: Iterator[str], kinds: Sequence[str], told: list[str]) -> Iterator[list[Any]]:
    """Rows until the line that names the next table, which is put into told."""
    for line in lines:
        found = json.loads(line)
        if isinstance(found, dict):
            told.append(line)
            return
        yield [_in(value, of) for value, of in zip(found, kinds, strict=True)]


def _out(value: object) -> object:
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return value.isoformat() if isinstance(value, date) else value


def _in(value: Any, of: str) -> Any:
    if value is None or of in ("json", "number", "text"):
        return value
    return bytes.fromhex(value) if of == "bytes" else date.fromisoformat(value)
