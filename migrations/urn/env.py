"""Migrations of the urn's database."""

from migrations.environment import run
from surveys.ballots.models import UrnBase

run(UrnBase.metadata)
