"""Migrations of the main database."""

from importlib import import_module

from migrations.environment import run
from pulse.db import Base

MODELS = (
    "pulse.scheduler",
    "pulse.outbox.models",
    "pulse.organisation.models",
    "pulse.people.models",
    "pulse.webhooks.models",
    "pulse.ledger.models",
    "pulse.verdicts.models",
    "pulse.heard.models",
    "pulse.dashboards.models",
    "surveys.waves.models",
    "surveys.invitations.models",
    "surveys.ballots.models",
    "surveys.responses.models",
    "surveys.cases.models",
    "surveys.starting.models",
    "surveys.proposals.models",
    "surveys.delivery.models",
    "surveys.watching.models",
)
for module in MODELS:
    import_module(module)

run(Base.metadata)
