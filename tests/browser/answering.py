"""A site with a ballot host of its own name, where people of the small railway answer."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread

import pytest
from flask import Flask
from playwright.sync_api import Page, Request
from werkzeug.serving import make_server

import config
from tests.conftest import Addresses, made

BALLOT_HOST = "localhost"  # beside 127.0.0.1, as on one's own machine: another name, so no cookie travels


@dataclass
class Site:
    """Where people answer; whatever reaches the ballot host is noted."""

    app: Flask
    address: str
    ballots: str
    posts: list[dict[str, str]] = field(default_factory=list)


def free_port() -> int:
    """A port nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def site(addresses: Addresses, patch: pytest.MonkeyPatch) -> Iterator[Site]:
    """The application behind a port, under the names of the site and of the ballot host."""
    port = free_port()
    found = {"site_url": f"http://127.0.0.1:{port}", "ballot_url": f"http://{BALLOT_HOST}:{port}"}
    for name, value in found.items():
        patch.setenv(f"PULSE_{name.upper()}", value)
    config.settings.cache_clear()
    app = made(addresses, **found)
    here = Site(app, found["site_url"], found["ballot_url"])
    app.wsgi_app = _noting(app.wsgi_app, here)  # type: ignore[method-assign]
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield here
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        patch.undo()
        config.settings.cache_clear()


def _noting(application, site):  # type: ignore[no-untyped-def]
    """Note the headers of what is cast, as the server gets them."""

    def noted(environ, start):  # type: ignore[no-untyped-def]
        if environ["REQUEST_METHOD"] == "POST" and environ["PATH_INFO"].startswith("/b"):
            site.posts.append(
                {name: str(value) for name, value in environ.items() if name.startswith("HTTP_")}
            )
        return application(environ, start)

    return noted
