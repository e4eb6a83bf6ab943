"""Passwords that were stolen elsewhere: a file of their digests, sorted, that is searched and never loaded.

The file is the one Have I Been Pwned offers to everybody: a line a password, 40 hexadecimal digits of its
SHA-1 and how often it was seen (`0018A45C4D1DEF81644B54AB7F969B88D65:21`), in order. Some 40 GB; a part of it
in the same order does as well.
"""

import hashlib
import os
from pathlib import Path
from typing import BinaryIO

DIGITS = 40


def holds(path: Path, password: str) -> bool:
    """Whether the file lists a password: some forty looks into it, whatever its size. Raises OSError."""
    # The list's own digest, and no protection of anything.
    wanted = (
        hashlib.sha1(password.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest().upper()
    )
    with path.open("rb") as file:
        low, high = 0, file.seek(0, os.SEEK_END)
        while low < high:
            middle = (low + high) // 2
            start, line = _line_at(file, middle)
            if line < wanted:
                low = max(start + 1, middle + 1)
            else:
                high = middle
        return _line_at(file, low)[1] == wanted


def _line_at(file: BinaryIO, position: int) -> tuple[int, str]:
    """The first line that begins at a position or after it: where, and its digest ("~" after the last)."""
    file.seek(max(position - 1, 0))
    if position > 0:
        file.readline()
    start = file.tell()
    return start, file.readline()[:DIGITS].decode("ascii", "replace").upper() or "~"
