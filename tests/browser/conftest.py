"""One Chromium for all looks at pages, and the told company behind a real port."""

from collections.abc import Iterator

import pytest
from flask import Flask

from pulse.db import main
from tests.browser.visitor import served
from tests.pulse.dashboards.told import tell


@pytest.fixture
def told(app: Flask) -> Flask:
    """The application over the told company."""
    with main.writing() as session:
        tell(session)
    return app


@pytest.fixture
def address(told: Flask) -> Iterator[str]:
    """Where the told company's pages are served."""
    with served(told) as found:
        yield found


@pytest.fixture
def empty_address(app: Flask) -> Iterator[str]:
    """Where the pages of an empty database are served."""
    with served(app) as found:
        yield found
