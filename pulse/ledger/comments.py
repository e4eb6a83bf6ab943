"""Whose comments may be shown, and together with whose (privacy.md §2, §3 rule 1). Pure."""

from collections.abc import Mapping

from pulse.ledger.disclosure import COMMENTS, released, rests


class TooFew(Exception):
    """A threshold for comments below the smallest one there is: it is only ever raised."""


def shown_together(
    parents: Mapping[int, int | None], comments: Mapping[int, int], k: int = COMMENTS
) -> dict[int, tuple[int, ...]]:
    """Under which unit's name which units' comments are shown; a comment left out is shown nowhere.

    comments -- how many comments each ballot unit gave in a wave
    k -- the fewest comments shown together; raises TooFew below COMMENTS

    Every comment stands under one unit only, in a list of at least k: no list can be held against another.
    The caller shuffles each list and shows neither dates nor scores beside it.
    """
    if k < COMMENTS:
        raise TooFew(k)
    figures = released(parents, comments, k)
    apart = {unit: (unit,) for unit in figures.own}
    together = rests(parents, comments, figures)
    return {
        unit: tuple(sorted({*apart.get(unit, ()), *together.get(unit, ())}))
        for unit in sorted(apart.keys() | together.keys())
    }
