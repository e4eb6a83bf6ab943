"""The hostile strings: of two public collections, the most hostile ones first."""

import json

from config import ROOT

HOSTILE = ROOT.parent / "shared" / "data" / "hostile"
SIGNS = (
    "script",
    "alert",
    "onerror",
    "onload",
    "http",
    "<",
    ">",
    '"',
    "'",
    "&",
    "%",
    "{",
    "$",
    "\\",
    "=",
    "+",
)
FORMULAS = (
    *("=1+1", "+1+1", "-1+1", "@SUM(1+1)", "\t=1+1", "\r=1+1", '=HYPERLINK("http://x","y")', "\uff1d1+1"),
    *('";=1+1', "\n=1+1", "'=1+1", " =1+1", "%0A=1+1", "=1+1\0"),
)


def strings(number: int) -> list[str]:
    """So many strings, the most hostile first; fewer where the collections hold fewer.

    Raises FileNotFoundError where ../shared/data is not there.
    """
    listed = json.loads((HOSTILE / "blns.json").read_text(encoding="utf-8"))
    cells = (HOSTILE / "csv_injection_payloads.txt").read_text(encoding="utf-8").splitlines()
    found = dict.fromkeys(text for text in (*FORMULAS, *cells, *sorted(listed, key=_harmlessness)) if text)
    return list(found)[:number]


def _harmlessness(text: str) -> tuple[int, int]:
    """Low for what holds code, markup, quotes or letters that are no plain ones."""
    signs = sum(sign in text.lower() for sign in SIGNS)
    strange = sum(not letter.isascii() or not letter.isprintable() for letter in text)
    return -signs - min(strange, 5), len(text)
