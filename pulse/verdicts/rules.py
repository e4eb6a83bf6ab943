"""The rules that turn evidence into a verdict (method.md §4.10)."""

import enum


class Outcome(enum.Enum):
    """What is concluded about a fix."""

    RESOLVED = "resolved"
    DISPLACED = "displaced"
    INEFFECTIVE = "ineffective"
    BACKFIRED = "backfired"
    UNDETERMINED = "undetermined"


class Reason(enum.Enum):
    """Why a verdict is not known yet, or what should be added to it."""

    WATCH = "watch"
    STAFF_PAY = "staff_pay"
    TOO_EARLY = "too_early"
    TOO_FEW_ANSWERS = "too_few_answers"
    NO_CONTROLS = "no_controls"
    NOT_SURVEYED = "not_surveyed"
    CEILING = "ceiling"
    CONFOUNDED = "confounded"
    COLLECTION_CHANGE = "collection_change"
