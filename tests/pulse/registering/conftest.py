"""The told company, and an analyst who has signed in."""

from tests.pulse.dashboards.conftest import analyst, told

__all__ = ["analyst", "told"]
