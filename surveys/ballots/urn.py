"""The urn: employees' ballots, in a database of their own."""

from pulse.db import Database

urn = Database()
