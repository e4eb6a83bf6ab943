"""What was wrong with a company folder, what was read of it, and how both are said in one line each."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from pulse.organisation.models import Side

MOST_SHOWN = 200  # refused rows that are kept word for word; the rest are counted
LONGEST_VALUE = 60


class Wrong(ValueError):
    """A value cannot be; the message says why and what would be right, to be put after the value."""


@dataclass(frozen=True)
class Refusal:
    """One thing that was refused: in which file, on which line, which value, and what would be right."""

    file: str
    line: int | None
    value: str
    reason: str

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}, line {self.line}"
        return f"{where}: {self.reason}"


@dataclass(frozen=True, order=True)
class Loaded:
    """A month of one side."""

    month: date
    side: Side = field(compare=False)


@dataclass(frozen=True)
class Report:
    """What a folder held and what came of it.

    rows -- rows read, by file
    ignored_columns -- columns nobody knows, by file
    ignored_files -- CSV files nobody knows
    refused -- the first refused rows; refused_in_all counts every one
    changes -- teams, names, fixes, lists and the like that were added, changed or taken away
    added, unchanged, replaced -- the months of either side
    """

    rows: dict[str, int]
    ignored_columns: dict[str, tuple[str, ...]]
    ignored_files: tuple[str, ...]
    refused: tuple[Refusal, ...] = ()
    refused_in_all: int = 0
    changes: int = 0
    added: tuple[Loaded, ...] = ()
    unchanged: tuple[Loaded, ...] = ()
    replaced: tuple[Loaded, ...] = ()


class Refused(Exception):
    """Something in the folder was refused, so nothing of it may be kept: the caller rolls back."""

    def __init__(self, report: Report) -> None:
        super().__init__(f"{report.refused_in_all} refused")
        self.report = report


class Refusals:
    """Collects what is refused: the first ones word for word, all of them as a number."""

    def __init__(self) -> None:
        self.first: list[Refusal] = []
        self.count = 0

    def add(self, file: str, line: int | None, value: str, reason: str) -> None:
        """Refuse something."""
        self.count += 1
        if not self.full:
            self.first.append(Refusal(file, line, value, reason))

    @property
    def full(self) -> bool:
        """Whether further refusals are only counted: then nobody need look for words."""
        return len(self.first) >= MOST_SHOWN

    def value(self, file: str, line: int, column: str, value: str, why: Exception) -> None:
        """Refuse a value of a column."""
        words = "" if self.full else f"{column} {quoted(value)} {why}"  # which nobody would read
        self.add(file, line, value, words)

    def many(self, refusals: Iterable[Refusal]) -> None:
        """Refuse several things."""
        for refusal in refusals:
            self.add(refusal.file, refusal.line, refusal.value, refusal.reason)


def quoted(value: str) -> str:
    """A value of a file as it may be printed: on one line, without control characters, cut where long."""
    cut = value if len(value) <= LONGEST_VALUE else value[: LONGEST_VALUE - 1] + "…"
    return '"' + "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in cut) + '"'
