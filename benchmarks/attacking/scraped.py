"""Everything that all roles together can see of an organisation, and what is known of it anyway: who
belongs where, who works with whom, who was away and so did not answer."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from benchmarks.attacking.keeping import sums
from benchmarks.attacking.made_up import Month
from pulse.db import Database
from pulse.ledger.disclosure import Extent, line
from pulse.ledger.figures import Figure, figures
from pulse.ledger.readers import EVERYTHING, Reader
from pulse.organisation.models import Side

Key = tuple[int, Extent]


@dataclass
class Seen:
    """One measure in one wave, as an attacker has it before him.

    people -- how many people of each ballot unit answered: the attacker knows even that
    totals -- what they said, in hundredths: what he is after
    shown -- the figures scraped, by place and extent
    """

    month: Month
    measure: int
    people: dict[int, int]
    totals: dict[int, int]
    shown: dict[Key, Figure] = field(default_factory=dict)

    @cached_property
    def under(self) -> dict[int, frozenset[int]]:
        """The units that answered at or below each unit."""
        found: dict[int, set[int]] = defaultdict(set)
        for unit in self.people:
            for above in line(self.month.parents, unit):
                found[above].add(unit)
        return {unit: frozenset(atoms) for unit, atoms in found.items()}

    def atoms(self, key: Key) -> frozenset[int]:
        """The ballot units whose answers a figure adds up."""
        place, extent = key
        return frozenset({place}) if extent is Extent.OWN else self.under.get(place, frozenset())

    def size(self, atoms: frozenset[int]) -> int:
        """People who answered in some units."""
        return sum(self.people[atom] for atom in atoms)

    @cached_property
    def fresh(self) -> dict[Key, frozenset[int]]:
        """The figures that tell of this wave, and whose answers each adds up."""
        return {key: self.atoms(key) for key, figure in self.shown.items() if figure.fresh}

    @cached_property
    def inside(self) -> dict[int, list[tuple[Key, frozenset[int]]]]:
        """The figures that tell of this wave at or below each unit, those of most units first."""
        found: dict[int, list[tuple[Key, frozenset[int]]]] = defaultdict(list)
        for key, atoms in sorted(self.fresh.items(), key=lambda item: -len(item[1])):
            for above in line(self.month.parents, key[0]):
                found[above].append((key, atoms))
        return found

    def less(self, whole: Key) -> tuple[frozenset[int], list[Key]]:
        """The units left of a figure when figures within it are taken away, and which ones were."""
        atoms = left = self.fresh[whole]
        taken: list[Key] = []
        for key, part in self.inside[whole[0]]:
            if part < atoms and part <= left:
                left, taken = left - part, [*taken, key]
        return left, taken


def scraped(database: Database, months: tuple[Month, ...], reader: Reader = EVERYTHING) -> list[Seen]:
    """What a reader gets out of the door of every wave, measure by measure."""
    found: dict[tuple[date, int], Seen] = {}
    for month in months:
        for cell in sums(month):
            at = found.setdefault((month.month, cell.measure_id), Seen(month, cell.measure_id, {}, {}))
            at.people[cell.place_id], at.totals[cell.place_id] = cell.n, cell.total
    with database.reading() as session:
        for month in months:
            for figure in figures(session, reader, Side.EMPLOYEE, first=month.month, last=month.month):
                seen = found[figure.month, figure.measure_id]
                seen.shown[figure.place_id, figure.extent] = figure
    return list(found.values())
