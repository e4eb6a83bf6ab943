"""The told company and a signed-in analyst, as the dashboards' tests have them."""

from tests.pulse.dashboards.conftest import analyst, told

__all__ = ["analyst", "told"]
