"""Plotly's script as the installed package holds it, packed once a process and known by its content."""

import gzip
import hashlib
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

STYLE_ID = re.compile(rb'getElementById\("([0-9a-f]{64})"\)\)\{var \w+=document\.createElement\("style"\)')


@cache
def digest() -> str:
    """What the script's address carries, so that a new version has a new one."""
    return hashlib.sha256(_path().read_bytes()).hexdigest()[:16]


@cache
def style_id() -> str:
    """The id of the style element the script would add for its maps, unless it finds it there already.

    No page of ours has a map, and a strict policy refuses styles that a script adds: so the element that
    fetches the script bears this id. "" where a version of the script adds no such style.
    """
    found = STYLE_ID.search(_path().read_bytes())
    return found[1].decode() if found else ""


def plain() -> bytes:
    """The script, 4.8 MB."""
    return _path().read_bytes()


@cache
def packed() -> bytes:
    """The script by gzip, 1.5 MB; packing takes about 0.2 s, once a process."""
    return gzip.compress(plain(), 6, mtime=0)


@cache
def _path() -> Path:
    # Found without importing the package, which no page needs.
    spec = find_spec("plotly")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the package plotly is not installed")
    return Path(spec.origin).parent / "package_data" / "plotly.min.js"
