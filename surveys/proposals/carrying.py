"""Groups are found anew every night; proposals stay who they are from night to night. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

FEWEST = 3  # answers that a proposal holds: fewer are one customer's story, and would show it
# Of a group that a proposal must hold to be the same; else half of what it holds. The latter not where it was
# decided about: a small one that was dismissed would swallow a large group that it is a part of.
LEAST = 1 / 3


@dataclass(frozen=True)
class Carried:
    """A group of this night as a proposal.

    group -- its place among the groups; members -- those that are free to belong to it
    proposal -- the id of the one it goes on as, None = a new one
    """

    group: int
    proposal: int | None
    members: tuple[int, ...]


def carried(
    groups: Sequence[Sequence[int]], known: Mapping[int, Collection[int]], decided: Collection[int]
) -> list[Carried]:
    """What this night's groups are: the proposals there are, going on, and new ones.

    groups -- members of each, the most typical first; no answer is in two of them
    known -- members of each proposal so far; decided -- ids of those that somebody decided about

    Each group goes on as the proposal it shares most members with, and of several groups that would go on
    as the same open one, the one that shares most. What somebody decided about keeps all it holds, takes in
    what is grouped with it from now on, and lets none of it come up as a new proposal. Open proposals that
    no group goes on as are not among the result: nothing holds them together any more.
    """
    bound = {member: proposal for proposal in decided for member in known.get(proposal, ())}
    taken: set[int] = set()
    found: dict[int, Carried] = {}
    for proposal, at in _by_overlap(groups, known, decided):
        free = tuple(member for member in groups[at] if member not in bound)
        if at in found or proposal in taken:
            continue
        if proposal in decided:
            found[at] = Carried(at, proposal, free)
        elif len(free) >= FEWEST:
            found[at] = Carried(at, proposal, free)
            taken.add(proposal)
    for at, group in enumerate(groups):
        free = tuple(member for member in group if member not in bound)
        if at not in found and len(free) >= FEWEST:
            found[at] = Carried(at, None, free)
    return [found[at] for at in sorted(found)]


def _by_overlap(
    groups: Sequence[Sequence[int]], known: Mapping[int, Collection[int]], decided: Collection[int]
) -> list[tuple[int, int]]:
    """Which groups may go on as which proposals: (proposal id, place of the group), most shared first."""
    home = {member: proposal for proposal, members in known.items() for member in members}
    shared: dict[tuple[int, int], int] = {}
    for at, group in enumerate(groups):
        for member in group:
            if member in home:
                pair = home[member], at
                shared[pair] = shared.get(pair, 0) + 1
    same = {
        (proposal, at): number
        for (proposal, at), number in shared.items()
        if number >= LEAST * len(groups[at])
        or (proposal not in decided and 2 * number >= len(known[proposal]))
    }
    return sorted(same, key=lambda pair: (-same[pair], pair))
