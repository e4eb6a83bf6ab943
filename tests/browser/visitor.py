"""A person's browser: real Chromium against the running application, looking each page over as it goes."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

CHROMIUM = "/usr/bin/chromium"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE, DESKTOP = (390, 844), (1280, 900)
RULES: dict[str, Any] = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
SEEN: dict[str, Any] = {"runOnly": {"type": "rule", "values": ["color-contrast", "target-size"]}}
AXE = Axe()


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The application behind a real port of this machine; its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def chromium() -> Iterator[Browser]:
    """A started Chromium without any connection of its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        try:
            yield browser
        finally:
            browser.close()


def until(page: Page, condition: str) -> None:
    """Wait until a condition in JavaScript holds on a page; fails where it does not within 15 seconds.

    Not by wait_for_function, which evaluates a text again at each look: the pages' policy forbids that.
    """
    page.evaluate(
        f"""() => new Promise((done, fail) => {{
              setTimeout(() => fail(new Error("this never came true")), 15000);
              const look = () => {condition} ? done() : setTimeout(look, 20);
              look();
            }})"""
    )


@dataclass
class Visitor:
    """Somebody at a browser; whatever the browser complains about is kept."""

    page: Page
    address: str
    scripts: bool = True
    complaints: list[str] = field(default_factory=list)

    @classmethod
    def at(
        cls,
        browser: Browser,
        address: str,
        *,
        size: tuple[int, int] = DESKTOP,
        dark: bool = False,
        scripts: bool = True,
        language: str = "en",
    ) -> "Visitor":
        """Somebody new, with a screen of this size, by day or night, with or without scripts."""
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
            locale=language,
            reduced_motion="reduce",
        )
        context.set_default_timeout(15_000)
        visitor = cls(context.new_page(), address, scripts)
        visitor.page.on("console", visitor._console)
        visitor.page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
        return visitor

    def _console(self, message: Any) -> None:
        # A refused form is answered with 422, an absent page with 404: the browser calls both an error.
        if message.type == "error" and "the server responded with a status of" not in message.text:
            self.complaints.append(message.text)

    def visit(self, path: str) -> "Visitor":
        """Go to a page and wait until its figures are drawn."""
        self.page.goto(self.address + path)
        return self._drawn()

    def _drawn(self) -> "Visitor":
        if self.scripts:
            until(
                self.page,
                "[...document.querySelectorAll('script[data-figure]')].every(data =>"
                " document.getElementById(data.dataset.figure).querySelector('.main-svg'))",
            )
        return self

    def press(self, selector: str) -> "Visitor":
        """Click what leads to another page, or to a place on this one, and wait until it is there.

        A click alone returns while the old page is still on view: what is read next may be of either.
        """
        with self.page.expect_navigation():
            self.page.click(selector)
        return self._drawn()

    def sign_in(self, email: str, password: str) -> "Visitor":
        """Through the door, by its form."""
        self.visit("/sign-in")
        self.page.fill("#email", email)
        self.page.fill("#password", password)
        self.press("button.go")
        assert not self.page.url.endswith("/sign-in")
        return self

    def looks(self) -> list[str]:
        """All that is wrong with the page on view, in words; nothing when it is as it should be."""
        said, self.complaints[:] = list(self.complaints), []
        return [*said, *self._structure(), *self._overflow(), *self._axe(RULES)]

    def turns(self, size: tuple[int, int], *, dark: bool) -> list[str]:
        """All that is wrong with the same page once the screen has another size and the day has turned."""
        self.page.set_viewport_size({"width": size[0], "height": size[1]})
        self.page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")
        return [*self._overflow(), *self._axe(SEEN)]

    def _structure(self) -> Iterator[str]:
        page = self.page
        if (count := page.locator("h1").count()) != 1:
            yield f"{count} headings of the first rank"
        if page.locator("html").get_attribute("lang") not in ("fr", "en"):
            yield "no language on the page"
        if not page.title().strip():
            yield "no title"
        ids = page.locator("[id]").evaluate_all("all => all.map(one => one.id)")
        yield from (f"the id {one} twice" for one in sorted(set(ids)) if ids.count(one) > 1)
        yield from (
            f"inline {what}"
            for what in ("style", "onclick")
            if page.locator(f"main [{what}]:not(.plot *, .plot)").count()
        )

    def _overflow(self) -> Iterator[str]:
        over = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if over > 0:
            yield f"{over} px wider than the screen"

    def _axe(self, rules: dict[str, Any]) -> Iterator[str]:
        found = AXE.run(self.page, options=rules)
        for violation in found.response["violations"]:
            nodes = "; ".join(node["html"][:160] for node in violation["nodes"][:3])
            yield f"{violation['id']}: {violation['help']}: {nodes}"

    def close(self) -> None:
        """Leave."""
        self.page.context.close()
