"""How customers of the small railway are asked, and shorthands for what happens to them."""

from datetime import UTC, datetime
from itertools import count

import pytest

from config import Settings
from surveys.invitations.interactions import Seen
from surveys.invitations.models import TouchpointSurvey, Way
from tests.conftest import SECRET

NOON = datetime(2026, 11, 9, 11, tzinfo=UTC)  # a Monday, noon in Paris
NUMBERS = count()


def settings(**changed: object) -> Settings:
    """The settings of the railway."""
    values = {"secret_key": SECRET, "site_url": "https://pulse.example.org", "organisation": "Chemins de fer"}
    return Settings(**{**values, **changed})


@pytest.fixture
def known() -> Settings:
    """The same, as they come."""
    return settings()


def seen(
    code: str | None = None, touchpoint: str = "station", happened_at: datetime = NOON, **rest: str
) -> Seen:
    """An interaction; with no word on its customer, of somebody new who has an address."""
    number = next(NUMBERS)
    customer = rest or {"email": f"somebody{number}@example.org"}
    return Seen(code or f"call-{number}", touchpoint, happened_at, **customer)


def asks(session, railway, at: str = "station", **how: object) -> None:
    """Let a touchpoint ask otherwise than by default."""
    values = {"share": 100, "target": None, "way": Way.EMAIL, "origins": []} | how
    session.add(TouchpointSurvey(touchpoint_id=railway.touchpoints[at].id, **values))
    session.flush()
