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

Row = dict[int, int | Fraction]


def reduced(figures: Iterable[Iterable[int]]) -> list[Row]:
    """The figures' reduced row echelon form, sparse, without rows of nothing.

    The smallest figures come first: then a row is short whenever it is taken from another, and figures that
    lie within one another cost as many steps as they hold atoms.
    """
    rows: dict[int, Row] = {}
    holders: dict[int, set[int]] = defaultdict(set)  # the pivots of the rows in which an atom stands
    for figure in sorted(map(frozenset, figures), key=len):
        row: Row = dict.fromkeys(figure, 1)
        _clear(row, rows)
        if row:
            pivot = min(row)
            _scale(row, row[pivot])
            for other in list(holders[pivot]):
                before = set(rows[other])
                _take(rows[other], row, rows[other][pivot])
                _held(holders, other, before, set(rows[other]))
            _held(holders, pivot, set(), set(row))
            rows[pivot] = row
    return list(rows.values())


def _held(holders: dict[int, set[int]], pivot: int, before: set[int], after: set[int]) -> None:
    for atom in before - after:
        holders[atom].discard(pivot)
    for atom in after - before:
        holders[atom].add(pivot)


def _scale(row: Row, by: int | Fraction) -> None:
    if by != 1:
        for atom, value in row.items():
            row[atom] = Fraction(value) / by


def _clear(row: Row, rows: Mapping[int, Row]) -> None:
    """Take reduced rows from a row until it holds none of their pivots."""
    for pivot in [atom for atom in row if atom in rows]:
        _take(row, rows[pivot], row[pivot])


def _take(row: Row, other: Row, times: int | Fraction) -> None:
    """Take a row, so many times, from another, in place."""
    for atom, value in other.items():
        left = row.get(atom, 0) - times * value
        if left:
            row[atom] = left
        else:
            row.pop(atom, None)


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
        if _in_span(subset, pivots)
    ]


def _in_span(subset: Iterable[int], pivots: Mapping[int, Row]) -> bool:
    row: Row = dict.fromkeys(subset, 1)
    _clear(row, pivots)
    return not row
