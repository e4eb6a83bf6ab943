"""docs/asvs.csv: each requirement of OWASP ASVS 5.0.0, levels 1 and 2, with tests that show it or a reason.

Requirements are named by their numbers; the words beside them are ours.
"""

import ast
import csv
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache

from config import ROOT

# Levels of the requirements of each section, in their order: 1.2 has ten, 1.2.1 to 1.2.5 of level 1.
LEVELS = {
    "1.1": "22", "1.2": "1111122223", "1.3": "112222222223", "1.4": "222", "1.5": "123",
    "2.1": "122", "2.2": "112", "2.3": "12223", "2.4": "23",
    "3.1": "3", "3.2": "113", "3.3": "12223", "3.4": "11222233", "3.5": "11122333", "3.6": "3",
    "3.7": "22333",
    "4.1": "12233", "4.2": "23333", "4.3": "22", "4.4": "1222",
    "5.1": "2", "5.2": "112333", "5.3": "113", "5.4": "222",
    "6.1": "122", "6.2": "111111112222", "6.3": "11223333", "6.4": "112233", "6.5": "22222333", "6.6": "2223",
    "6.7": "33", "6.8": "2222",
    "7.1": "222", "7.2": "1111", "7.3": "22", "7.4": "11222", "7.5": "223", "7.6": "22",
    "8.1": "1233", "8.2": "1123", "8.3": "133", "8.4": "23",
    "9.1": "111", "9.2": "1222",
    "10.1": "22", "10.2": "223", "10.3": "22223", "10.4": "1111122222233333", "10.5": "22222", "10.6": "22",
    "10.7": "222",
    "11.1": "2233", "11.2": "22233", "11.3": "11233", "11.4": "1222", "11.5": "23", "11.6": "23",
    "11.7": "33",
    "12.1": "12233", "12.2": "11", "12.3": "22223",
    "13.1": "2333", "13.2": "222223", "13.3": "2233", "13.4": "1222233",
    "14.1": "22", "14.2": "12223333", "14.3": "122",
    "15.1": "12233", "15.2": "12233", "15.3": "1222222", "15.4": "3333",
    "16.1": "2", "16.2": "22222", "16.3": "2222", "16.4": "222", "16.5": "2223",
    "17.1": "23", "17.2": "22223333", "17.3": "22",
}  # fmt: skip
WANTED = {
    f"{section}.{number}": level
    for section, levels in LEVELS.items()
    for number, level in enumerate(levels, 1)
    if level in "12"
}
NODE = re.compile(r"tests/[\w/]+\.py::\w+")
PARTLY = "Partly"


def table() -> list[dict[str, str]]:
    """The rows of the table."""
    with (ROOT / "docs" / "asvs.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


ROWS = table()
STATUSES = Counter(row["status"] for row in ROWS)


@cache
def collected(file: str) -> frozenset[str]:
    """The tests of a file that run: functions by a name pytest collects, and that nobody skips."""
    path = ROOT / file
    if not path.name.startswith("test_") or not path.is_file():
        return frozenset()
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            marks = " ".join(ast.unparse(mark) for mark in node.decorator_list)
            if not re.search(r"mark\.(skip(?!if)|xfail)", marks):
                found.add(node.name)
    return frozenset(found)


def test_the_numbers_are_those_of_the_standard() -> None:
    assert sum(map(len, LEVELS.values())) == 345
    assert Counter(WANTED.values()) == {"1": 70, "2": 183}


def test_every_requirement_of_levels_1_and_2_stands_there_once() -> None:
    assert list(ROWS[0]) == ["id", "level", "chapter", "status", "evidence"]
    assert [row["id"] for row in ROWS] == list(WANTED)
    assert {row["id"]: row["level"] for row in ROWS} == WANTED


def faults(row: dict[str, str]) -> Iterator[str]:
    """What is wrong with a row."""
    named = NODE.findall(row["evidence"])
    for node in named:
        file, _, name = node.partition("::")
        if name not in collected(file):
            yield f"{node} is not collected"
    if not row["chapter"].strip() or not row["evidence"].strip():
        yield "something is blank"
    if row["status"] == "tested":
        if named != row["evidence"].split("|") or len(named) != len(set(named)):
            yield "the evidence of a test is its node, once"
    elif row["status"] not in ("reviewed", "not applicable"):
        yield f"{row['status']} is no status"
    elif len(row["evidence"].split()) < 4:
        yield "a reason is a sentence"


def test_each_is_shown_by_tests_that_run_or_has_a_reason() -> None:
    assert [f"{row['id']}: {fault}" for row in ROWS for fault in faults(row)] == []


def test_what_is_only_partly_so_is_said_to_be_reviewed() -> None:
    assert {row["status"] for row in ROWS if PARTLY in row["evidence"]} == {"reviewed"}
    documents = re.compile(r"docs/[\w-]+\.(?:md|csv)|deploy/[\w./-]+|scripts/\w+")
    for row in ROWS:
        for path in documents.findall(NODE.sub("", row["evidence"])):
            assert (ROOT / path.rstrip(".")).exists(), f"{row['id']}: {path}"


def test_seven_in_ten_are_shown_by_tests() -> None:
    assert STATUSES["tested"] / len(ROWS) >= 0.7
    assert STATUSES["tested"] / (len(ROWS) - STATUSES["not applicable"]) >= 0.7


def test_the_shares_are_those_that_are_told() -> None:
    """docs/security.md says how many there are of each."""
    told = " ".join((ROOT / "docs" / "security.md").read_text(encoding="utf-8").split())
    partly = sum(PARTLY in row["evidence"] for row in ROWS)
    tested, reviewed, away = STATUSES["tested"], STATUSES["reviewed"], STATUSES["not applicable"]
    assert f"Of {len(ROWS)} requirements {tested} are shown by tests" in told
    assert f"{reviewed} are reviewed ({partly} of them met in part)" in told
    assert f"{away} do not apply" in told
