"""The told company and a signed-in analyst."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from pulse import db
from tests.pulse.dashboards.told import ANALYST, tell
from tests.pulse.test_web import sign_in


@pytest.fixture
def told(app: Flask) -> Flask:
    """The application over the told company."""
    with db.writing() as session:
        tell(session)
    return app


@pytest.fixture
def analyst(told: Flask) -> FlaskClient:
    """The browser of somebody who may read everything that is concluded."""
    client = told.test_client()
    sign_in(client, ANALYST)
    return client


def text_of(page: str) -> str:
    """What a page says, without its marks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
