"""A second grouping of the same people (by site, by country) beside the reporting tree (rule 7). Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pulse.ledger.disclosure import line


class Crossing(Exception):
    """Two groups share some people without one holding the other: shown together they could be subtracted
    in ways no single tree knows of, so the second grouping is refused."""


@dataclass(frozen=True)
class Joined:
    """One tree that holds both groupings; its nodes are numbered from 0.

    parents -- node to the node above, None at a top
    own, whole, group -- the node of a unit's own people, of a unit with all below it, of a group's people
    """

    parents: Mapping[int, int | None]
    own: Mapping[int, int]
    whole: Mapping[int, int]
    group: Mapping[str, int]


def joined(parents: Mapping[int, int | None], groups: Mapping[int, str]) -> Joined:
    """The reporting tree and a second grouping as one tree, to be released and audited together.

    parents -- unit to the unit above; groups -- unit to the group its own people belong to, if any
    Raises Crossing where the two cannot be one tree: then the second grouping may not be shown.
    """
    holds: dict[tuple[str, int | str], set[int]] = {}
    for unit in parents:
        for higher in line(parents, unit):
            holds.setdefault(("whole", higher), set()).add(unit)
        if unit in groups:
            holds.setdefault(("group", groups[unit]), set()).add(unit)
    names = sorted(holds, key=lambda name: (len(holds[name]), name[0] == "whole", str(name[1])))
    numbers = {name: number for number, name in enumerate(names, start=len(parents))}
    own = {unit: number for number, unit in enumerate(sorted(parents))}
    above: dict[int, int | None] = {}
    for unit in parents:
        chain = [name for name in names if unit in holds[name]]
        _nested([holds[name] for name in chain])
        nodes = [own[unit], *(numbers[name] for name in chain)]
        above.update(zip(nodes, [*nodes[1:], None], strict=True))
    return Joined(
        above,
        own,
        {int(unit): number for (kind, unit), number in numbers.items() if kind == "whole"},
        {str(name): number for (kind, name), number in numbers.items() if kind == "group"},
    )


def _nested(chain: Iterable[set[int]]) -> None:
    smaller: set[int] = set()
    for larger in chain:
        if not smaller <= larger:
            raise Crossing
        smaller = larger
