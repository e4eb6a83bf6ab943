"""Which sums a set of figures determines, exactly: linear algebra over the rationals, nothing about trees.

A figure is the set of atoms (ballot units) whose answers it adds up. What an attacker can work out by adding
and subtracting is the row space of the figures' 0/1 vectors; a set of atoms is given away when its own
vector lies in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import combinations

Row = dict[int, Fraction]


def reduced(figures: Iterable[Iterable[int]]) -> list[Row]:
    """The figures' reduced row echelon form, sparse, without rows of nothing."""
    rows: dict[int, Row] = {}
    holders: dict[int, set[int]] = defaultdict(set)  # the pivots of the rows in which an atom stands
    for figure in figures:
        row = _without(dict.fromkeys(figure, Fraction(1)), rows)
        if row:
            pivot = min(row)
            row = {atom: value / row[pivot] for atom, value in row.items()}
            for other in list(holders[pivot]):
                changed = _minus(rows[other], row, rows[other][pivot])
                _held(holders, other, rows[other], changed)
                rows[other] = changed
            _held(holders, pivot, {}, row)
            rows[pivot] = row
    return list(rows.values())


def _held(holders: dict[int, set[int]], pivot: int, before: Row, after: Row) -> None:
    for atom in before.keys() - after.keys():
        holders[atom].discard(pivot)
    for atom in after.keys() - before.keys():
        holders[atom].add(pivot)


def _without(row: Row, rows: Mapping[int, Row]) -> Row:
    for pivot in [atom for atom in row if atom in rows]:
        row = _minus(row, rows[pivot], row[pivot])
    return row


def _minus(row: Row, other: Row, times: Fraction) -> Row:
    left = {atom: row.get(atom, Fraction(0)) - times * other.get(atom, 0) for atom in row.keys() | other}
    return {atom: value for atom, value in left.items() if value}


def smallest_given_away(figures: Iterable[Iterable[int]], people: Mapping[int, int]) -> int | None:
    """People of the smallest non-empty set of atoms whose sum the figures determine; None without any.

    people -- how many people answered, by atom; atoms without any are no secret and are left out

    Where the reduced rows do not overlap and hold ones alone, each set given away is a union of them, so
    the smallest row is the answer; otherwise every subset is tried.
    """
    rows = reduced([atom for atom in figure if people.get(atom, 0)] for figure in figures)
    if not rows:
        return None
    held = [atom for row in rows for atom in row]
    if len(held) == len(set(held)) and all(value == 1 for row in rows for value in row.values()):
        return min(sum(people[atom] for atom in row) for row in rows)
    return min(sum(people[atom] for atom in subset) for subset in given_away(rows))


def given_away(rows: list[Row]) -> list[tuple[int, ...]]:
    """Every non-empty set of atoms in the span of reduced rows, by trying all: for a few atoms."""
    atoms = sorted({atom for row in rows for atom in row})
    pivots = {min(row): row for row in rows}
    return [
        subset
        for size in range(1, len(atoms) + 1)
        for subset in combinations(atoms, size)
        if not _without(dict.fromkeys(subset, Fraction(1)), pivots)
    ]
