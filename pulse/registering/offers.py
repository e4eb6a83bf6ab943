"""Which places a form shows to be ticked: all of a few; of many, those that matter and those searched for."""

import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from pulse.organisation.models import Place

ALL = 24  # so many are shown without a search
FOUND = 30  # of what a search finds, so many are shown


@dataclass(frozen=True)
class Offer:
    """The places shown, those ticked first.

    searched -- whether there are so many that a search is of use
    more -- how many there are beside those shown; found -- by the search, None = nothing was searched for
    """

    shown: tuple[Place, ...]
    ticked: frozenset[int]
    searched: bool
    more: int
    found: int | None


def offered(
    places: Sequence[Place],
    *,
    ticked: Collection[int],
    likely: Collection[int],
    words: str,
    language: str,
) -> Offer:
    """What to show of some places. Pure.

    ticked -- ids: always shown, first; likely -- ids: shown where nothing is searched for
    words -- what is searched for in names and codes, in any order, accents and case aside
    """
    mine = frozenset(ticked) & {place.id for place in places}
    first = [place for place in places if place.id in mine]
    rest = [place for place in places if place.id not in mine]
    if len(places) <= ALL:
        return Offer((*first, *rest), mine, False, 0, None)
    wanted = [_plain(word) for word in words.split()]
    if wanted:
        hits = [
            place
            for place in rest
            if all(word in _plain(f"{place.name(language)} {place.code}") for word in wanted)
        ]
        shown, found = hits[:FOUND], len(hits)
        return Offer((*first, *shown), mine, True, len(rest) - len(shown), found)
    near = [place for place in rest if place.id in set(likely)][:FOUND]
    return Offer((*first, *near), mine, True, len(rest) - len(near), None)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
