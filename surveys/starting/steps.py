"""The five steps of the first run, and where each stands: pure.

A first run is begun by a button, on screen. Until its last step is confirmed the clock opens no wave, so that
nobody is asked by surprise while people are being brought in. Where nobody pressed that button (an
organisation set up by commands, the made-up company), or where a wave has opened before, nothing is held.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

BEGUN = "begun"  # the button was pressed: waves wait
LOOKED, SENT, READY = "looked", "sent", "ready"  # what is confirmed by somebody; the rest is in the data


class Step(enum.Enum):
    """A step, in the order they are shown; any order will do."""

    FOLDER = "folder"
    LOOK = "look"
    PEOPLE = "people"
    SENDING = "sending"
    WAVE = "wave"


class State(enum.Enum):
    """Where a step stands: waiting = an earlier one has to come first."""

    DONE = "done"
    OPEN = "open"
    WAITING = "waiting"


@dataclass(frozen=True)
class Facts:
    """What the database says.

    teams, irritants, people -- how many there are; people: who belong to a team
    said -- what was confirmed, and when (READY: from when on)
    opened -- whether any wave has ever opened
    """

    teams: int
    irritants: int
    people: int
    said: Mapping[str, datetime]
    opened: bool

    @property
    def begun(self) -> bool:
        """Whether somebody began a first run on screen."""
        return BEGUN in self.said

    @property
    def empty(self) -> bool:
        """Whether there is nothing here yet."""
        return not (self.teams or self.irritants or self.people or self.opened)

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to be led through."""
        return READY in self.said or self.opened


def holds(said: Mapping[str, datetime], now: datetime, *, opened: bool) -> bool:
    """Whether waves have to wait: a first run was begun, and nobody has said yet that it is time.

    opened -- whether any wave has ever opened: then this is no first run
    """
    return BEGUN in said and not opened and not (READY in said and said[READY] <= now)


def states(facts: Facts) -> dict[Step, State]:
    """Where each step stands."""
    loaded = bool(facts.teams and facts.irritants)
    done = {
        Step.FOLDER: loaded,
        Step.LOOK: loaded and LOOKED in facts.said,
        Step.PEOPLE: facts.people > 0,
        Step.SENDING: SENT in facts.said,
        Step.WAVE: facts.finished,
    }
    needs = {
        Step.LOOK: loaded,
        Step.PEOPLE: loaded,
        Step.WAVE: loaded and facts.people > 0,
    }

    def state(step: Step) -> State:
        if done[step]:
            return State.DONE
        return State.OPEN if needs.get(step, True) else State.WAITING

    return {step: state(step) for step in Step}


def following(found: Mapping[Step, State]) -> Step | None:
    """The step to go on with: the first that is open; None where all are done."""
    return next((step for step, state in found.items() if state is State.OPEN), None)
