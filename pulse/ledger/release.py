"""From the cells of a month to the figures that are shown of it (privacy.md §3). Pure."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, Protocol

from pulse.ledger import disclosure, steadiness
from pulse.ledger.disclosure import Extent, Released
from pulse.ledger.rounding import Shown, shown
from pulse.ledger.steadiness import Moves

Telling = Callable[[int, int, int, int], bool]


class Counted(Protocol):
    """The answers of one place about one measure, in hundredths of a point."""

    @property
    def measure_id(self) -> int: ...
    @property
    def place_id(self) -> int: ...
    @property
    def n(self) -> int: ...
    @property
    def total(self) -> int: ...


class Address(NamedTuple):
    """Whom a figure is about, and what."""

    measure_id: int
    place_id: int
    extent: Extent


@dataclass(frozen=True)
class Last:
    """The last figure of an address that was made from the answers of its own month."""

    month: date
    figure: Shown


@dataclass(frozen=True)
class Release:
    """A figure to be shown; fresh = made from this month's answers, else the last one stands (rule 5)."""

    address: Address
    figure: Shown
    fresh: bool


@dataclass(frozen=True)
class Ground:
    """What a month's figures are released on.

    parents -- the tree frozen for the month
    k -- the smallest group shown
    moves -- joiners and leavers since recent waves, by their months
    last -- the last fresh figures of recent waves
    """

    parents: Mapping[int, int | None]
    k: int
    moves: Mapping[date, Moves]
    last: Mapping[Address, Last]


def releases(cells: Iterable[Counted], ground: Ground) -> Iterator[Release]:
    """The figures of a month, measure by measure: no two measures have the same respondents."""
    by_measure: dict[int, dict[int, Counted]] = defaultdict(dict)
    for cell in cells:
        by_measure[cell.measure_id][cell.place_id] = cell
    for measure_id in sorted(by_measure):
        yield from _Measure(measure_id, by_measure[measure_id], ground).releases()


class _Measure:
    """The figures of one measure in one month."""

    def __init__(self, measure_id: int, cells: Mapping[int, Counted], ground: Ground) -> None:
        self.measure_id, self.cells, self.ground = measure_id, cells, ground
        self.answers = {place: cell.n for place, cell in cells.items()}

    def releases(self) -> Iterator[Release]:
        ground = self.ground
        figures = disclosure.released(ground.parents, self.answers, ground.k)
        sums = self._wholes(figures.whole)
        stand = {
            address: last.figure
            for address, n in self._sizes(figures, sums)
            if (last := ground.last.get(address)) is not None
            and steadiness.stands(n, self._moved(address, last.month), ground.k)
        }
        figures, stand, coarse = self._guarded(figures, stand, sums)
        for place in sorted(figures.own):
            cell = self.cells[place]
            yield self._release(self._address(place, Extent.OWN), stand, cell.n, cell.total)
        for place in sorted(figures.whole):
            address = self._address(place, Extent.WHOLE)
            yield self._release(address, stand, *sums[place], coarse=place in coarse)

    def _address(self, place: int, extent: Extent) -> Address:
        return Address(self.measure_id, place, extent)

    def _sizes(self, figures: Released, sums: Mapping[int, tuple[int, int]]) -> Iterator[tuple[Address, int]]:
        yield from ((self._address(place, Extent.OWN), self.answers[place]) for place in figures.own)
        yield from ((self._address(place, Extent.WHOLE), sums[place][0]) for place in figures.whole)

    def _release(
        self, address: Address, stand: Mapping[Address, Shown], n: int, total: int, *, coarse: bool = False
    ) -> Release:
        if address in stand:
            return Release(address, stand[address], fresh=False)
        return Release(address, shown(n, total, coarse=coarse), fresh=True)

    def _moved(self, address: Address, since: date) -> int:
        moves = self.ground.moves.get(since, Moves())
        of_extent = moves.own if address.extent is Extent.OWN else moves.whole
        return of_extent.get(address.place_id, 0)

    def _guarded(
        self, figures: Released, stand: Mapping[Address, Shown], sums: Mapping[int, tuple[int, int]]
    ) -> tuple[Released, dict[Address, Shown], set[int]]:
        """The same without units from whose figure one could subtract what stands still below them.

        Such a unit's last figure stands as well, if it has a recent one; what it holds counts for the next
        unit above, which is looked at again. Also returned: the large units that are shown as a band.
        """
        whole, held = figures.whole, dict(stand)
        while self.ground.moves:
            rests = self._rests(figures.own, whole, held)
            few = {unit for unit, rest in rests if self._any(steadiness.withheld, sums[unit][0], rest)}
            if not few:
                coarse = {unit for unit, rest in rests if self._any(steadiness.blurred, sums[unit][0], rest)}
                return Released(figures.own, whole), held, coarse
            for unit in few:
                address = self._address(unit, Extent.WHOLE)
                if address in self.ground.last:
                    held[address] = self.ground.last[address].figure
                else:
                    whole -= {unit}
        return figures, held, set()

    def _rests(
        self, own: Iterable[int], whole: Iterable[int], held: Mapping[Address, Shown]
    ) -> list[tuple[int, list[int]]]:
        """Each unit that gets a new figure, and the teams whose answers no new figure below it holds."""
        fresh = Released(
            frozenset(p for p in own if self._address(p, Extent.OWN) not in held),
            frozenset(p for p in whole if self._address(p, Extent.WHOLE) not in held),
        )
        return list(disclosure.rests(self.ground.parents, self.answers, fresh).items())

    def _any(self, telling: Telling, n: int, teams: Collection[int]) -> bool:
        """Whether a unit's rest tells of joiners or leavers since any of the recent waves."""
        rest = sum(self.answers[team] for team in teams)
        return any(
            telling(n, rest, sum(moves.own.get(team, 0) for team in teams), self.ground.k)
            for moves in self.ground.moves.values()
        )

    def _wholes(self, units: Iterable[int]) -> dict[int, tuple[int, int]]:
        """Answers and total of each unit with everything below it."""
        sums = dict.fromkeys(units, (0, 0))
        for place, cell in self.cells.items():
            for unit in disclosure.line(self.ground.parents, place):
                if unit in sums:
                    n, total = sums[unit]
                    sums[unit] = n + cell.n, total + cell.total
        return sums
