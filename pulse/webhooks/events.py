"""What other programs can be told of."""

import enum


class Event(enum.Enum):
    """A kind of news; its value is what a receiver reads, and never changes its meaning."""

    FLAG_RAISED = "flag.raised"
    FLAG_CHANGED = "flag.changed"
    VERDICT_CHANGED = "verdict.changed"
    SUCCESS = "fix.succeeded"
    SUCCESS_WITHDRAWN = "fix.success_withdrawn"
    PING = "ping"


WANTED = tuple(event for event in Event if event is not Event.PING)  # what may be chosen; a ping is asked for
