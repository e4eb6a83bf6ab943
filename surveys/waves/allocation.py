"""Which irritants a ballot unit is asked about in a month: running fixes first, the rest in turn."""

from collections.abc import Collection, Sequence

USUAL = 5  # questions of a pulse: less than a minute
MOST = 6


def questions(
    asked: Collection[str], running: Collection[str], *, turn: int, usual: int = USUAL, most: int = MOST
) -> tuple[str, ...]:
    """The irritants to ask about, in the order of their codes: the same place on the page every month.

    asked -- codes of the irritants the unit may be asked about
    running -- codes of the irritants that a running fix acts on
    turn -- whose turn it is: one more every month, and another start for every unit
    usual, most -- questions where the list is long enough, and where running fixes need more

    Running fixes come first: answers per cell decide how soon their verdict is known (method.md §8). With
    more of them than `most`, they take turns. The others fill up to `usual`, each as often as the next.
    """
    first = sorted(set(asked) & set(running))
    others = sorted(set(asked) - set(running))
    chosen = in_turn(first, most, turn)
    return tuple(sorted(chosen + in_turn(others, usual - len(chosen), turn)))


def in_turn(codes: Sequence[str], places: int, turn: int) -> list[str]:
    """As many codes as there are places, going round: over len(codes) turns each comes equally often."""
    places = max(0, min(places, len(codes)))
    return [codes[(turn * places + i) % len(codes)] for i in range(places)]
