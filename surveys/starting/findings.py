"""What a step of the first run finds worth saying: a fact, what to do about it, and of what it is true."""

from collections.abc import Sequence
from dataclasses import dataclass

SHOWN = 12  # names told of a finding; of the others the number


@dataclass(frozen=True)
class Finding:
    """Something found.

    title -- the fact; advice -- what to do, or what it means; names -- of what it is true, the first few
    more -- how many besides; well -- True where all is as it should be
    """

    title: str
    advice: str = ""
    names: tuple[str, ...] = ()
    more: int = 0
    well: bool = False


def found(title: str, advice: str, names: Sequence[str]) -> Finding:
    """A finding that is true of these."""
    return Finding(title, advice, tuple(names[:SHOWN]), max(len(names) - SHOWN, 0))
