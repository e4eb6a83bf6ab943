"""Every kind of page, as everybody who may enter it: axe in both languages and both themes, keyboard, shifts.

    python -m benchmarks.looks [--roles ROLE ...] [--pictures FOLDER]

One page of each kind and role, found by going from page to page of a company that has something on each of
them. Each is visited in Chromium on a phone and at a desk, in French and English, by day and by night, with
all of axe's rules; what shifts while it loads is added up (layout-shift entries); at a desk the Tab key must
come to everything that can be used, and out again. Ends with 1 where anything is wrong.
"""

import argparse
import logging
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser

from benchmarks.hostility import forms
from benchmarks.hostility.stage import ROLES, Browsers, staged
from benchmarks.serving import application, databases
from config import settings
from tests.browser.visitor import DESKTOP, PHONE, Visitor, chromium, served

WORDS = ("Ana", "Where is my refund?", "The train was late again")  # what people have said, here
LANGUAGES, SIZES = ("fr", "en"), {"phone": PHONE, "desktop": DESKTOP}
SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => list.getEntries().forEach((entry) => {
  if (!entry.hadRecentInput) window.shifted += entry.value;
})).observe({ type: "layout-shift", buffered: true });
"""
# Everything on view that the keyboard is to come to, numbered; of radio buttons any one of a group.
USED = """() => {
  const taken = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
  const all = [...document.querySelectorAll(taken)].filter((one) =>
    one.checkVisibility({ visibilityProperty: true }) && !one.disabled && one.tabIndex >= 0);
  const group = (one) => all.filter((other) => other.name === one.name && other.form === one.form);
  const chosen = (one) => group(one).find((other) => other.checked) || group(one)[0];
  window.used = all.filter((one) => one.type !== "radio" || chosen(one) === one);
  return window.used.length;
}"""
AT = """() => {
  const at = document.activeElement, around = at.closest(".choice") || at;
  const drawn = [...at.children].some((one) => parseFloat(getComputedStyle(one).strokeWidth) > 3);
  const shown = drawn || [at, around].some((one) => getComputedStyle(one).outlineStyle !== "none");
  return [window.used.indexOf(at), shown];
}"""
NAMED = "(number) => window.used[number].outerHTML.slice(0, 160)"


@dataclass
class Report:
    """What was looked at, and what is wrong, in words."""

    kinds: int = 0
    visits: int = 0
    keys: int = 0
    most_shifted: float = 0.0
    wrong: list[str] = field(default_factory=list)


def looked(browser: Browser, *, roles: Sequence[str] = tuple(ROLES), pictures: Path | None = None) -> Report:
    """Look at one page of each kind as each of these roles."""
    report = Report()
    with databases("sqlite") as urls, application(urls) as app:
        stage, browsers = staged(WORDS, datetime.now(UTC)), Browsers(app)
        found = {
            role: forms.explored(app, browsers, stage.paths if role == "customer" else (), role, 1).pages
            for role in roles
        }
        pages = _once(found)
        report.kinds = len({kind for kinds in pages.values() for kind in kinds})
        with served(app) as address:
            for role, language, size in product(pages, LANGUAGES, SIZES):
                _visit(report, browser, browsers, address, role, pages[role], language, size, pictures)
    return report


def _once(found: Mapping[str, Mapping[str, Sequence[str]]]) -> dict[str, dict[str, str]]:
    """One address of each kind of page, by who sees most of it: pages that several see are looked at once."""
    seen: set[str] = set()
    chosen: dict[str, dict[str, str]] = {}
    for role in reversed(list(found)):
        pages = {kind: paths[0] for kind, paths in found[role].items() if "(" not in kind}
        few = {"manager", "council"} & {role}  # who see some pages otherwise than others do
        chosen[role] = {kind: path for kind, path in pages.items() if few or kind not in seen}
        seen |= pages.keys()
    return chosen


def _visit(
    report: Report,
    browser: Browser,
    browsers: Browsers,
    address: str,
    role: str,
    pages: Mapping[str, str],
    language: str,
    size: str,
    pictures: Path | None,
) -> None:
    visitor = Visitor.at(browser, address, size=SIZES[size], language=language)
    visitor.page.add_init_script(SHIFTS)
    if ROLES[role] is not None:
        cookie = browsers.of(role).get_cookie("pulse", urlsplit(settings().site_url).hostname or "")
        assert cookie is not None
        visitor.page.context.add_cookies([{"name": "pulse", "value": cookie.value, "url": address}])
    for kind, path in pages.items():
        visitor.page.emulate_media(color_scheme="light", reduced_motion="reduce")
        visitor.visit(f"{path}{'&' if '?' in path else '?'}lang={language}")
        where = f"{role} {path} {language} {size}"
        wrong = visitor.looks()
        shifted = float(visitor.page.evaluate("window.shifted"))
        report.most_shifted = max(report.most_shifted, shifted)
        wrong += [f"shifts by {shifted:.3f}"] if shifted > 0.001 else []
        _picture(visitor, pictures, role, kind, language, size, "light")
        if size == "desktop" and language == "fr":
            wrong += _by_keyboard(report, visitor)
        wrong += [f"by night: {words}" for words in visitor.turns(SIZES[size], dark=True)]
        _picture(visitor, pictures, role, kind, language, size, "dark")
        report.visits += 1
        report.wrong += [f"{where}: {words}" for words in wrong]
    visitor.close()


def _picture(visitor: Visitor, folder: Path | None, *names: str) -> None:
    if folder is not None:
        visitor.page.screenshot(path=folder / f"{'-'.join(names)}.png", full_page=True)


def _by_keyboard(report: Report, visitor: Visitor) -> list[str]:
    """What the Tab key does not come to, or comes to without showing it."""
    page = visitor.page
    page.evaluate("document.activeElement.blur(), window.getSelection().removeAllRanges()")
    number = page.evaluate(USED)
    met: Counter[int] = Counter()
    wrong = []
    dates = page.locator("input[type=date], input[type=month]").count()  # of which each part is a stop
    for _ in range(number + 3 * dates + 2):
        page.keyboard.press("Tab")
        report.keys += 1
        at, shown = page.evaluate(AT)
        met[at] += 1
        if at >= 0 and met[at] == 1 and not shown:
            wrong.append(f"the focus does not show on {page.evaluate(NAMED, at)}")
    page.evaluate("document.activeElement.blur()")
    missed = [at for at in range(number) if not met[at]]
    return wrong + [f"the keyboard does not come to {page.evaluate(NAMED, at)}" for at in missed]


def main() -> int:
    """Look, print, and tell whether all is well."""
    words = argparse.ArgumentParser()
    words.add_argument("--roles", nargs="+", default=list(ROLES), choices=list(ROLES))
    words.add_argument("--pictures", type=Path)
    asked = words.parse_args()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    if asked.pictures:
        asked.pictures.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        report = looked(browser, roles=asked.roles, pictures=asked.pictures)
    print(
        f"{report.kinds} kinds of pages, {report.visits} visits each by day and by night; {report.keys} keys"
        f" pressed; most that a page shifts: {report.most_shifted:.4f}; faults: {len(report.wrong)}"
    )
    for line in report.wrong[:200]:
        print(line)
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
