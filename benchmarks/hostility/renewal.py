"""What sending a form takes away, put back: flags are open, fixes run, proposals wait for a decision."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from sqlalchemy import update

from pulse import db
from pulse.organisation.models import Fix
from pulse.verdicts.models import Flag, FlagState
from surveys.proposals.models import Proposal, ProposalState


def _flags(state: FlagState) -> None:
    """Let all flags be in one state: forms stand in this or that one alone."""
    with db.writing() as session:
        session.execute(update(Flag).values(state=state))


def _proposals() -> None:
    """Let all proposals wait for a decision."""
    undone = {"irritant_id": None, "decided_at": None, "decided_by_id": None, "note": ""}
    with db.writing() as session:
        session.execute(update(Proposal).values(state=ProposalState.OPEN, **undone))


def _fixes() -> None:
    """Let fixes run that were stopped."""
    with db.writing() as session:
        session.execute(update(Fix).where(Fix.stopped >= Fix.started).values(stopped=None))


# By endpoint: what brings its forms back, one of it after another until there is one again.
RENEWALS: Mapping[str, Sequence[Callable[[], None]]] = {
    "pulse.dashboards.follow": [
        partial(_flags, state) for state in (FlagState.OPEN, FlagState.ACKNOWLEDGED, FlagState.ACTED_ON)
    ],
    "pulse.registering.roll_out": [_fixes],
    "pulse.registering.stop": [_fixes],
    "surveys.proposals.accept": [_proposals],
    "surveys.proposals.merge": [_proposals],
    "surveys.proposals.dismiss": [_proposals],
}
