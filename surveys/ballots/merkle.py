"""The tree of hashes over a wave's public keys: one root stands for all of them. Pure.

As RFC 6962 §2.1 builds it, with SHA-256. Whoever knows the root (it stands in the mail) can check with a few
hashes that a key is one of those everybody sees, so that nobody can be given a key of their own.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

EMPTY = hashlib.sha256().digest()


@dataclass(frozen=True)
class Step:
    """A neighbour on the way from a leaf to the root: its hash, and on which side of us it stands."""

    left: bool
    hash: bytes


Proof = tuple[Step, ...]


def leaf(data: bytes) -> bytes:
    """The hash of what stands at a leaf."""
    return hashlib.sha256(b"\0" + data).digest()


def node(left: bytes, right: bytes) -> bytes:
    """The hash of two hashes side by side."""
    return hashlib.sha256(b"\1" + left + right).digest()


def grown(leaves: Sequence[bytes]) -> tuple[bytes, list[Proof]]:
    """The root over these leaves, and for each of them the way to it; half a second for 23,000.

    Without any leaf the root is the hash of nothing, as the RFC says.
    """
    if not leaves:
        return EMPTY, []
    if len(leaves) == 1:
        return leaf(leaves[0]), [()]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    left, ways_left = grown(leaves[:half])
    right, ways_right = grown(leaves[half:])
    ways = [(*way, Step(False, right)) for way in ways_left]
    ways += [(*way, Step(True, left)) for way in ways_right]
    return node(left, right), ways


def climbed(data: bytes, way: Iterable[Step]) -> bytes:
    """The root that a leaf leads to by its proof: the true one where both are right."""
    found = leaf(data)
    for step in way:
        found = node(step.hash, found) if step.left else node(found, step.hash)
    return found
