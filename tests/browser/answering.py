"""A site with a ballot host of its own name, where people of the small railway answer."""

import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Condition, Thread
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page
from sqlalchemy import select
from werkzeug.serving import make_server

import config
from pulse import db
from pulse.people import login
from pulse.people.models import Person
from surveys.ballots.models import Ballot
from surveys.ballots.urn import urn
from tests.browser.visitor import Visitor
from tests.conftest import SECRET, Addresses, made

BALLOT_HOST = "localhost"  # beside 127.0.0.1, as on one's own machine: another name, so no cookie travels
Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


@dataclass
class Site:
    """Where people answer.

    cast -- the headers of whatever reached the ballot host
    down -- whether the ballot host is out of order
    """

    app: Flask
    address: str
    ballots: str
    cast: list[dict[str, str]] = field(default_factory=list)
    down: bool = False
    done: int = 0
    arrivals: Condition = field(default_factory=Condition)

    def noting(self, application: Application) -> Application:
        """The same application, with what is posted to the ballot host's addresses noted."""

        def noted(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
            if environ["REQUEST_METHOD"] != "POST" or not environ["PATH_INFO"].startswith("/b"):
                return application(environ, start)
            if self.down:
                start("503 Service Unavailable", [])
                return [b""]
            self.cast.append({name: str(value) for name, value in environ.items() if name[:5] == "HTTP_"})
            try:
                return application(environ, start)
            finally:
                with self.arrivals:
                    self.done += 1
                    self.arrivals.notify_all()

        return noted

    def arrived(self, ballots: int = 0) -> list[dict[str, int]]:
        """The scores in the urn, once something has been cast and so many ballots at least have arrived."""
        with self.arrivals:
            assert self.arrivals.wait_for(lambda: self.done > 0 and len(counted()) >= ballots, timeout=30)
        return counted()

    def enter(self, visitor: Visitor, email: str) -> Visitor:
        """Let somebody be signed in without the door, which is slow on purpose."""
        with db.reading() as session:
            key = login.key_of(session.query(Person).filter_by(email=email).one())
        client = self.app.test_client()
        with client.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = key, True
        found = client.get_cookie("pulse")
        assert found is not None
        visitor.page.context.add_cookies([{"name": "pulse", "value": found.value, "url": self.address}])
        return visitor


def free_port() -> int:
    """A port nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def site(addresses: Addresses, patch: pytest.MonkeyPatch, **more: str) -> Iterator[Site]:
    """The application behind a port, under the names of the site and of the ballot host.

    more -- further settings
    """
    port = free_port()
    urls = more | {"site_url": f"http://127.0.0.1:{port}", "ballot_url": f"http://{BALLOT_HOST}:{port}"}
    for name, value in (urls | {"secret_key": SECRET}).items():
        patch.setenv(f"PULSE_{name.upper()}", value)
    config.settings.cache_clear()
    here = Site(made(addresses, **urls), urls["site_url"], urls["ballot_url"])
    server = make_server("127.0.0.1", port, here.noting(here.app.wsgi_app), threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield here
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        with here.arrivals:  # a ballot on its way must not come into the next test's urn
            here.arrivals.wait_for(lambda: here.done == len(here.cast), timeout=30)
        patch.undo()
        config.settings.cache_clear()


def counted() -> list[dict[str, int]]:
    """The scores in the urn."""
    with urn.reading() as session:
        return list(session.scalars(select(Ballot.scores)))


def ready(page: Page) -> Locator:
    """The form with the questions, once the script has shown it."""
    form = page.locator("#answers")
    form.wait_for(state="visible")
    return form


def choose(page: Page, answer: int = 0, *, but: int = 0) -> None:
    """Choose the same answer (counted from 0) to each question but the first so many."""
    groups = ready(page).locator("fieldset")
    for number in range(but, groups.count()):
        groups.nth(number).locator("label").nth(answer).click()


def send(page: Page) -> None:
    """Press the button under the questions."""
    page.locator("#answers button.go").click()


def thanked(page: Page) -> None:
    """Wait until the page says thank you."""
    page.locator("h1", has_text="Thank you").or_(page.locator("h1", has_text="Merci")).wait_for()
