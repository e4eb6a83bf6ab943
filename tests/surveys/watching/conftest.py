"""What tests of watching stand on: people who answer, and administrators."""

from tests.surveys.responses.conftest import client, company, link, moment, north, signed_in

__all__ = ["client", "company", "link", "moment", "north", "signed_in"]
